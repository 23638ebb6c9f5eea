"""`/v1/files` and `/v1/vector_stores`: documents uploaded, read into corpora, searched and removed."""
