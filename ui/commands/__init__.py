"""What each `triptych` command does. Talks to the agent, prints through `ui.terminal`, returns the exit code."""
