"""The keeper of the treasuries, as settings and deployments have it."""
