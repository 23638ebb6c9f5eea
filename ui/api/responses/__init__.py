"""`/v1/responses`: what is asked, and the events in which a response grows."""
