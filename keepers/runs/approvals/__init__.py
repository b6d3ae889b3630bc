"""Approvals of plans: requests, their states, and the conditions for execution."""
