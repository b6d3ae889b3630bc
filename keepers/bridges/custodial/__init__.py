"""A custodian that carries for us, asked over HTTP."""
