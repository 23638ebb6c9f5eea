"""Files into a corpus: found, read page by page, assembled into elements, accounted for in the manifest."""
