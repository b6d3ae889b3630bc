"""Error of the demo."""


class DemoError(Exception):
    """A result differs from what the demo shows; the message names it."""
