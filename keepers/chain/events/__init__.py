"""What a vault's events are read from: logs, prices, and what can be claimed."""
