"""Approved plans on chain: what approvers sign, the calls that open and execute, what is known."""
