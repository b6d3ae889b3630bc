"""Inventory checks across chains, and the batches that they create."""
