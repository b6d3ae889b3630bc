"""What runs: the stages of a rebalance, seen through ports, and nothing of how they are done."""
