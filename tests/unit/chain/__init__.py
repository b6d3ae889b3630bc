"""Tests of requests to nodes and of their answers, without a node."""
