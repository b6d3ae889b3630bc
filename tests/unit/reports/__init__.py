"""Reports made from the journal."""
