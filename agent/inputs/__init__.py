"""What comes in beside words, and pictures of pages: recordings, pictures to be read, evidence to be shown."""
