"""`/v1/chat/completions`: what is asked, how it is answered, and in which shapes."""
