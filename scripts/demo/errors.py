"""Error of the demo."""


class DemoError(Exception):
    """The result is not what the demo promises; the message names it."""
