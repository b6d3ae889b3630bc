"""Names of tables as environment variables have them."""

import re


def as_variable(name: str) -> str:
    """A name as it stands in an environment variable: `ethereum-local` is `ETHEREUM_LOCAL`."""
    return re.sub(r"[^0-9A-Za-z]", "_", name).upper()
