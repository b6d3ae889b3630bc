"""How the demo fails."""


class DemoError(Exception):
    """What was shown is not what the demo promises; the message says which."""
