"""Requests for approval: listing, signing and rejecting."""
