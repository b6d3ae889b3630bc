"""Requests to nodes and their answers, without a node."""
