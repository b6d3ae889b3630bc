"""A signer over TLS: its certificate is trusted, and none of its answers is."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.errors.signing import (
    AlteredTransactionError,
    BadSignatureError,
    KeyUnusableError,
    SignerRefusedError,
    SignerUnreachableError,
    SigningError,
    WrongSignerError,
)
from keepers.signing.checked import decode
from keepers.signing.curve import ORDER
from keepers.signing.https import Endpoint, Identity
from keepers.signing.local import LocalSigner
from keepers.signing.payload import with_signature
from keepers.signing.remote import RemoteSigner
from tests.integration.support.pki import Authority, Pair
from tests.integration.support.server import Answer, always, serving

# The second and third account of the well-known test mnemonic.
KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
OTHER_KEY = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"
LOCAL = LocalSigner.from_private_key(KEY, "KEY")
ASKED = Unsigned(
    chain_id=5,
    nonce=3,
    call=ContractCall("0x00000000000000000000000000000000DeaDBeef", "0xabcd"),
    gas_limit=100_000,
    fees=Fees(30, 2),
    value=7,
    access_list=(("0x" + "11" * 20, ("0x" + "00" * 32,)),),
)
SECONDS = 5.0


def read(body: bytes) -> Unsigned:
    """Decode the transaction of a request."""
    (asked,) = json.loads(body)["params"]
    return Unsigned(
        chain_id=int(asked["chainId"], 16),
        nonce=int(asked["nonce"], 16),
        call=ContractCall(asked["to"], asked["input"]),
        gas_limit=int(asked["gas"], 16),
        fees=Fees(int(asked["maxFeePerGas"], 16), int(asked["maxPriorityFeePerGas"], 16)),
        value=int(asked["value"], 16),
        access_list=tuple(
            (each["address"], tuple(each["storageKeys"])) for each in asked["accessList"]
        ),
    )


def says(result: object) -> tuple[int, bytes]:
    return 200, json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode()


def honest(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    del headers
    return says(LOCAL.sign(read(body)).raw)


def altering(**changed: Any) -> Answer:
    """Return a signer that signs a changed transaction with the right key."""
    return lambda body, _: says(LOCAL.sign(replace(read(body), **changed)).raw)


def high_s(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    del headers
    found = decode(bytes.fromhex(LOCAL.sign(read(body)).raw[2:]))
    twin = with_signature(read(body), parity=1 - found.parity, r=found.r, s=ORDER - found.s)
    return says(twin.to_0x_hex())


def wrong_parity(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    del headers
    found = decode(bytes.fromhex(LOCAL.sign(read(body)).raw[2:]))
    turned = with_signature(read(body), parity=1 - found.parity, r=found.r, s=found.s)
    return says(turned.to_0x_hex())


def slow(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    time.sleep(1)
    return honest(body, headers)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki"), "authority")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture(scope="module")
def server(authority: Authority) -> Pair:
    return authority.issue("server")


@pytest.fixture
def listen(authority: Authority, server: Pair) -> Generator[Callable[..., RemoteSigner]]:
    """Start a server with an answer, and return the signer that uses it."""
    running: list[Any] = []

    def start(answer: Answer, *, mutual: bool = False, **endpoint: Any) -> RemoteSigner:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server.certificate, server.key)
        if mutual:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(authority.certificate)
        running.append(serving(answer, context))
        url = running[-1].__enter__()
        usual: dict[str, Any] = {"url": url, "seconds": SECONDS, "authority": authority.certificate}
        return RemoteSigner(Endpoint(**(usual | endpoint)), LOCAL.address)

    yield start
    for each in running:
        each.__exit__(None, None, None)


Listen = Callable[..., RemoteSigner]


def test_sign__honest_signer__gives_what_the_key_itself_gives(listen: Listen) -> None:
    assert listen(honest).sign(ASKED) == LOCAL.sign(ASKED)


def test_sign__client_certificate_asked_for_and_shown__signs(
    listen: Listen, authority: Authority
) -> None:
    pair = authority.issue("keeper", password="open sesame")
    identity = Identity(certificate=pair.certificate, key=pair.key, password="open sesame")
    assert listen(honest, mutual=True, identity=identity).sign(ASKED) == LOCAL.sign(ASKED)


def test_sign__client_certificate_asked_for_and_not_shown__is_unreachable(listen: Listen) -> None:
    with pytest.raises(SignerUnreachableError):
        listen(honest, mutual=True).sign(ASKED)


def test_sign__client_certificate_of_another_authority__is_unreachable(
    listen: Listen, stranger: Authority
) -> None:
    pair = stranger.issue("keeper")
    identity = Identity(certificate=pair.certificate, key=pair.key)
    with pytest.raises(SignerUnreachableError):
        listen(honest, mutual=True, identity=identity).sign(ASKED)


def test_sign__client_key_with_another_password__is_said_without_asking(
    listen: Listen, authority: Authority
) -> None:
    pair = authority.issue("locked", password="open sesame")
    for password in ("", "please"):
        identity = Identity(certificate=pair.certificate, key=pair.key, password=password)
        with pytest.raises(KeyUnusableError, match=r"locked\.key"):
            listen(honest, mutual=True, identity=identity).sign(ASKED)


def test_sign__server_of_another_authority__is_unreachable(
    listen: Listen, stranger: Authority
) -> None:
    for authority in (stranger.certificate, None):  # None trusts the system's authorities
        with pytest.raises(SignerUnreachableError, match="Certificate"):
            listen(honest, authority=authority).sign(ASKED)


def test_sign__server_renews_its_certificate__new_authority_is_read(
    listen: Listen, authority: Authority, stranger: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "authority.pem"
    file.write_bytes(stranger.certificate.read_bytes())
    signer = listen(honest, authority=file)
    with pytest.raises(SignerUnreachableError):
        signer.sign(ASKED)
    file.write_bytes(authority.certificate.read_bytes())
    assert signer.sign(ASKED) == LOCAL.sign(ASKED)


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (altering(value=8), "value"),
        (altering(nonce=4), "nonce"),
        (altering(chain_id=1), "chain id"),
        (altering(call=ContractCall("0x" + "11" * 20, "0xabcd")), "target"),
        (altering(fees=Fees(300, 2)), "maximum fee"),
        (altering(access_list=()), "access list"),
    ],
)
def test_fault_52_sign__signer_changes_a_field__is_found_out(
    listen: Listen, answer: Answer, field: str
) -> None:
    with pytest.raises(AlteredTransactionError) as raised:
        listen(answer).sign(ASKED)
    assert raised.value.field == field


def test_fault_52_sign__signer_uses_another_key__is_found_out(listen: Listen) -> None:
    other = LocalSigner.from_private_key(OTHER_KEY, "KEY")

    def answer(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        del headers
        return says(other.sign(read(body)).raw)

    with pytest.raises(WrongSignerError):
        listen(answer).sign(ASKED)


@pytest.mark.parametrize("answer", [high_s, wrong_parity])
def test_fault_53_sign__high_s_or_wrong_parity__is_written_as_chains_take_it(
    listen: Listen, answer: Answer
) -> None:
    assert listen(answer).sign(ASKED) == LOCAL.sign(ASKED)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, b"<html>"), BadSignatureError),
        ((200, b""), BadSignatureError),
        ((200, b'{"result": "0x02c0"}'), BadSignatureError),
        ((200, b"{" * (2 << 20)), BadSignatureError),
        ((200, b'{"error": {"code": -32000, "message": "denied"}}'), SignerRefusedError),
        ((400, b'{"error": {"code": -32602, "message": "no such key"}}'), SignerRefusedError),
        ((401, b"who are you"), SignerRefusedError),
        ((403, b"{}"), SignerRefusedError),
        ((302, b""), SignerUnreachableError),
        ((502, b"<html>"), SignerUnreachableError),
    ],
)
def test_sign__answer_that_is_none__is_a_typed_error(
    listen: Listen, answer: tuple[int, bytes], error: type[SigningError]
) -> None:
    with pytest.raises(error):
        listen(always(*answer)).sign(ASKED)


def test_fault_51_sign__slow_signer__is_given_up_in_time(listen: Listen) -> None:
    began = time.monotonic()
    with pytest.raises(SignerUnreachableError, match="in time"):
        listen(slow, seconds=0.2).sign(ASKED)
    assert time.monotonic() - began < 0.9


def test_sign__nobody_listens__is_unreachable_without_showing_the_token() -> None:
    endpoint = Endpoint(url="https://127.0.0.1:1/token-1234567", seconds=SECONDS)
    with pytest.raises(SignerUnreachableError) as raised:
        RemoteSigner(endpoint, LOCAL.address).sign(ASKED)
    assert "token-1234567" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
