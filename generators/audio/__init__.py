"""Speech, music and transcripts."""
