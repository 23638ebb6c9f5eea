"""Training and measuring the reader of answers (`agent.answering.reader`); see `docs/reader.md`."""
