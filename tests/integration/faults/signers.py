"""Signer over mutual TLS with the responses of a test, and the engine's client of it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from keepers.model.chain import Unsigned
from keepers.signing.checked import decode
from keepers.signing.curve import ORDER, low_s, normalize_signature
from keepers.signing.https import Endpoint, Identity
from keepers.signing.local import LocalSigner
from keepers.signing.payload import digest_of, from_fields, with_signature
from keepers.signing.remote import RemoteSigner
from tests.integration.support.pki import Authority
from tests.integration.support.server import serving

Signing = Callable[[Unsigned], str]
"""Function from a transaction to the raw bytes of the response."""


@dataclass
class Scripted:
    """Responses of a signer: each of the given ones once, then the last one again."""

    turns: list[Signing]
    asked: list[Unsigned] = field(default_factory=list[Unsigned])
    answered: list[str] = field(default_factory=list[str])

    def answer(self, body: bytes, headers: object) -> tuple[int, bytes]:
        """Answer one request of `eth_signTransaction`."""
        del headers
        transaction, _ = from_fields(json.loads(body)["params"][0])
        self.asked.append(transaction)
        turn = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        raw = turn(transaction)
        self.answered.append(raw)
        return 200, json.dumps({"jsonrpc": "2.0", "id": 1, "result": raw}).encode()


def honest(key: str) -> Signing:
    """Return a function that signs the requested transaction."""
    return lambda asked: LocalSigner.from_private_key(key, "test").sign(asked).raw


def altering(key: str, **changed: Any) -> Signing:
    """Return a function that signs a changed transaction."""
    return lambda asked: honest(key)(replace(asked, **changed))


def mirrored(key: str, *, parity: bool, s: bool) -> Signing:
    """Return a function that signs with the opposite parity, or with the high value of s."""

    def sign(asked: Unsigned) -> str:
        found = decode(bytes.fromhex(honest(key)(asked)[2:]))
        shown = ORDER - found.s if s else found.s
        turned = found.parity ^ 1 if parity else found.parity
        return f"0x{with_signature(asked, parity=turned, r=found.r, s=shown).hex()}"

    return sign


def undetermined(key: str) -> Signing:
    """Return a function that signs with a new random number each time."""
    private = ec.derive_private_key(int(key, 16), ec.SECP256K1())
    account = LocalSigner.from_private_key(key, "test").address

    def sign(asked: Unsigned) -> str:
        digest = digest_of(asked)
        der = private.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        r, s = decode_dss_signature(der)
        parity, s = normalize_signature(digest, parity=0, r=r, s=low_s(s), account=account)
        return f"0x{with_signature(asked, parity=parity, r=r, s=s).hex()}"

    return sign


@contextmanager
def scripted(
    folder: Path, address: str, *turns: Signing, seconds: float = 20.0
) -> Generator[tuple[Scripted, RemoteSigner]]:
    """Run a scripted signer; yield it, and the engine's signer of an account that uses it."""
    authority = Authority(folder, "authority")
    server, keeper = authority.issue("signer"), authority.issue("keeper")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate, server.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.certificate)
    script = Scripted(list(turns))
    with serving(script.answer, context) as url:
        endpoint = Endpoint(
            url=url,
            seconds=seconds,
            authority=authority.certificate,
            identity=Identity(certificate=keeper.certificate, key=keeper.key),
        )
        yield script, RemoteSigner(endpoint, address)
