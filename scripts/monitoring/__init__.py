"""Alert rules, their tests and the dashboard, generated from the registry of metrics."""
