"""Where documents come from by themselves: a folder that is watched, pages of the web."""
