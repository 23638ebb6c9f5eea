"""What the sample corpus is made from: one module of facts, one module per kind of file."""
