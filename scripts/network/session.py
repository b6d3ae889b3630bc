"""HTTP to this machine."""

import requests


def direct_session() -> requests.Session:
    """A session that ignores proxies of the environment: they cannot reach our loopback."""
    session = requests.Session()
    session.trust_env = False
    return session
