"""Guards switched off one by one: which rows of the isolation matrix then fail."""
