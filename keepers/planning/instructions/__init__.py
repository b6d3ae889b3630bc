"""Instructions: target balances and transfers requested by operators and programs."""
