"""Guards disabled one by one, and the rows of the isolation matrix that then fail."""
