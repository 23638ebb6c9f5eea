"""What is inside a corpus or a document: two lines of it, and questions that it answers."""
