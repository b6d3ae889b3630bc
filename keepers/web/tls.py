"""TLS as a service speaks it: nobody without a certificate of ours and a name that we know."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keepers.model.errors.signing import KeyUnusableError

UNREADABLE = "cannot be read, or is no PEM, or has another password"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """What a service shows, and whom it lets in.

    Attributes:
        certificate: Our certificate, with those between it and its authority.
        key: Its key.
        password: The key's password; empty if it has none.
        authority: The authority of clients' certificates.
        clients: Names that clients may have: common name, or DNS name.
    """

    certificate: Path
    key: Path
    password: str = field(default="", repr=False)
    authority: Path
    clients: frozenset[str]

    def context(self) -> ssl.SSLContext:
        """Made anew for every connection, so that renewed certificates come into use.

        Raises:
            KeyUnusableError: A file cannot be used.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(cafile=self.authority)
        except (OSError, ValueError):
            raise KeyUnusableError(str(self.authority), UNREADABLE) from None
        try:
            context.load_cert_chain(self.certificate, self.key, password=lambda: self.password)
        except (OSError, ValueError):
            raise KeyUnusableError(str(self.key), UNREADABLE) from None
        return context

    def client(self, certificate: Mapping[str, Any] | None) -> str | None:
        """The name under which a client is let in; None if it is not."""
        known = sorted(names_of(certificate or {}) & self.clients)
        return known[0] if known else None


def names_of(certificate: Mapping[str, Any]) -> frozenset[str]:
    """Common names and DNS names of a certificate that `ssl` has verified."""
    subject = (pair for part in certificate.get("subject", ()) for pair in part)
    common = {value for key, value in subject if key == "commonName"}
    others = {value for key, value in certificate.get("subjectAltName", ()) if key == "DNS"}
    return frozenset(common | others)
