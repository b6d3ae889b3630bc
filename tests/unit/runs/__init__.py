"""The rebalance engine on a market in memory."""
