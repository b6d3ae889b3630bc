"""Alert rules, their tests and the dashboard, made from the registry of metrics."""
