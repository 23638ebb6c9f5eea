"""Programs over the cells of a table: enumerated, executed, told in words."""
