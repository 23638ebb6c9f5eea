"""PDF: its text layer, figures and annotations, and what it does not say."""
