"""Reports that a person can read, made from the store alone: text, JSON, HTML."""
