"""Checks of the inventory across chains, and the batches that follow from them."""
