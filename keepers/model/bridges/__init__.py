"""Values of bridges: quotes, and the progress of a crossing."""
