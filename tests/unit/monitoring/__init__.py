"""Rules, their tests and the dashboard."""
