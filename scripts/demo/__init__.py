"""The demo: a vault on a local chain goes out of balance and a keeper brings it back."""
