"""Quality figures anyone can make again: scripts that read a data set from a folder and print a table."""
