"""From evidence to an answer: what is quoted, written, judged and cited."""
