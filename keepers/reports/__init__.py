"""Reports that a person can read, made from the journal alone: text, JSON, HTML."""
