"""Tables as charts: what is asked for, what fits, how it is drawn."""
