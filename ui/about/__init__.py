"""What this page can do, and with what: a dialog."""
