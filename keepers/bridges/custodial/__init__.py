"""A custodian as a bridge, over HTTP."""
