"""Approvals of plans: who is asked, how it stands, and when a plan may run."""
