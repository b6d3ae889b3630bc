"""Human-readable reports from the store alone: text, JSON, HTML."""
