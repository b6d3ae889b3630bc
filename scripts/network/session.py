"""HTTP to this machine."""

import requests


def direct_session() -> requests.Session:
    """Return a session without proxies of the environment, which cannot reach our loopback."""
    session = requests.Session()
    session.trust_env = False
    return session
