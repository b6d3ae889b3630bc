"""The team's treasury of a chain: state, calls and events."""
