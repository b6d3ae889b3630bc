"""Services that hold keys."""
