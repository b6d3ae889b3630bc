"""The treasuries: with which keys, on which chains, by which bridges."""
