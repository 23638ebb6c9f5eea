"""From lines with boxes to blocks in reading order, the same for text layers and for OCR."""
