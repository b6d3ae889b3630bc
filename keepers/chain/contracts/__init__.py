"""One class per contract: its calls, typed."""
