"""Files of text: plain and Markdown, notebooks, JSON, rich text."""
