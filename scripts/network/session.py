"""HTTP to this machine."""

import requests


def direct_session() -> requests.Session:
    """Return a session without the environment's proxies, which cannot reach our loopback."""
    session = requests.Session()
    session.trust_env = False
    return session
