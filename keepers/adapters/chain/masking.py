"""Addresses of nodes without what must not be shown."""

from urllib.parse import urlsplit


def mask_url(url: str) -> str:
    """Scheme, host and port; names, passwords, paths and queries often are keys."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    hidden = parts.username or parts.path.strip("/") or parts.query
    return f"{parts.scheme}://{host}{port}" + ("/***" if hidden else "")
