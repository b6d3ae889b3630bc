"""Tests of the alert rules, of their rule tests and of the dashboard."""
