"""Is a picture to be shown or made, and is a figure known again."""
