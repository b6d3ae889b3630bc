"""Signer and validator as processes over mutual TLS, with all failures of that connection."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from keepers.audit.http import HttpAuditor
from keepers.config import load_settings
from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.errors.signing import (
    AuditRefusedError,
    AuditUnavailableError,
    SignerRefusedError,
    SignerUnreachableError,
)
from keepers.runtime.process.signers import make_signing, make_validator
from keepers.runtime.services import generate_key
from keepers.signing.https import Endpoint, Identity
from keepers.signing.local import LocalSigner
from keepers.signing.payload import digest_of, to_fields
from keepers.signing.remote import RemoteSealingSigner, RemoteSigner, rpc_request
from keepers.signing.validator import RemoteValidator
from tests.integration.support.pki import Authority, Pair
from tests.integration.support.server import always, serving
from tests.integration.support.service import Running, running

# The second account of the well-known test mnemonic.
KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
LOCAL = LocalSigner.from_private_key(KEY, "KEY")
TARGET = "0x00000000000000000000000000000000DeaDBeef"
ASKED = Unsigned(
    chain_id=5,
    nonce=3,
    call=ContractCall(TARGET, "0x" + "4fd9efc4" + "00" * 31 + "05"),
    gas_limit=100_000,
    fees=Fees(30, 2),
    access_list=((TARGET, ("0x" + "00" * 32,)),),
)
FORBIDDEN = replace(ASKED, call=ContractCall(TARGET, "0x" + "4fd9efc4" + "00" * 31 + "06"))
SECONDS = 20.0

POLICY = f"""
[policy]
chain_ids = [5]
senders = ["{LOCAL.address}"]
maximum_gas_limit = 100000
maximum_fee_per_gas_wei = 30
maximum_total_cost_wei = 3000000
access_list = ["{TARGET}"]

[[policy.rules]]
name = "little"
target = "{TARGET}"
function = "FUNCTION"
arguments = [{{ argument = "amount", at_most = 5 }}]
""".replace("FUNCTION", "take(uint256 amount)")


@dataclass(frozen=True)
class World:
    """Certificates and the two services; one signer returns plain bytes, one encrypts them."""

    authority: Authority
    keeper: Pair
    stranger: Pair
    open: Running
    sealing: Running
    validator: Running

    def endpoint(self, service: Running, pair: Pair | None = None, path: str = "") -> Endpoint:
        shown = pair or self.keeper
        return Endpoint(
            url=service.url,
            path=path,
            seconds=SECONDS,
            authority=self.authority.certificate,
            identity=Identity(certificate=shown.certificate, key=shown.key),
        )

    def raw_connection(self, service: Running) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.load_cert_chain(self.keeper.certificate, self.keeper.key)
        plain = socket.create_connection(("127.0.0.1", service.port), timeout=SECONDS)
        return context.wrap_socket(plain, server_hostname="127.0.0.1")


def listen(authority: Authority, server: Pair) -> str:
    return f"""
[listen]
port = 0
certificate_file = "{server.certificate}"
key_file = "{server.key}"
authority_file = "{authority.certificate}"
clients = ["keeper"]
"""


def signer_file(folder: Path, authority: Authority, server: Pair, public: str | None) -> Path:
    file = folder / ("sealing.toml" if public else "open.toml")
    sealed = f'validator_public_key = "{public}"\n' if public else ""
    key = '[signer]\nkind = "private_key_env"\nvariable = "SERVICE_KEY"\n'
    file.write_text(sealed + listen(authority, server) + key + POLICY)
    return file


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    folder = tmp_path_factory.mktemp("services")
    authority = Authority(folder, "authority")
    server = authority.issue("server")
    public = generate_key(folder / "validator.key")
    validator = folder / "validator.toml"
    validator.write_text(
        'private_key_file = "validator.key"\n' + listen(authority, server) + POLICY
    )
    environment = {"SERVICE_KEY": KEY}
    with ExitStack() as stack:
        commands = (
            ("signer", signer_file(folder, authority, server, None)),
            ("signer", signer_file(folder, authority, server, public)),
            ("validator", validator),
        )
        started = [stack.enter_context(running(*each, environment)) for each in commands]
        yield World(authority, authority.issue("keeper"), authority.issue("stranger"), *started)


def test_sign__through_the_service__is_what_the_key_gives(world: World) -> None:
    signer = RemoteSigner(world.endpoint(world.open), LOCAL.address)
    assert signer.sign(ASKED) == LOCAL.sign(ASKED)


def test_sealed_flow__end_to_end__is_what_the_key_gives(world: World) -> None:
    sealed = RemoteSealingSigner(world.endpoint(world.sealing), LOCAL.address).sign(ASKED)
    validator = RemoteValidator(world.endpoint(world.validator, path="/open"))
    assert sealed.digest == digest_of(ASKED)
    assert validator.open(sealed, ASKED, LOCAL.address) == LOCAL.sign(ASKED)


def test_sealed_flow__as_the_keepers_settings_have_it__works(world: World, tmp_path: Path) -> None:
    file = tmp_path / "ballast.toml"
    identity = f"""authority_file = "{world.authority.certificate}"
certificate_file = "{world.keeper.certificate}"
key_file = "{world.keeper.key}"
"""
    file.write_text(
        f"""[chains.local]
chain_id = 5
rpc_urls = ["http://127.0.0.1:1"]
[vaults.main]
chain = "local"
signer = "remote"
validator = "main"
[signers.remote]
kind = "json_rpc"
url = "{world.sealing.url}"
address = "{LOCAL.address}"
sealed = true
{identity}
[validators.main]
url = "{world.validator.url}"
{identity}"""
    )
    settings = load_settings(file)
    signer, validator = make_signing(settings, "remote"), make_validator(settings, "main")
    sealed = signer.sign(ASKED)
    assert not hasattr(sealed, "raw")
    opened = validator.open(sealed, ASKED, signer.address)  # pyright: ignore[reportArgumentType]
    assert opened == LOCAL.sign(ASKED)


def test_sign__openly_at_a_signer_that_seals__is_refused(world: World) -> None:
    with pytest.raises(SignerRefusedError, match="this signer seals"):
        RemoteSigner(world.endpoint(world.sealing), LOCAL.address).sign(ASKED)


def test_fault_55_sign__policy_refuses__says_rule_and_values(world: World) -> None:
    for service, kind in ((world.open, RemoteSigner), (world.sealing, RemoteSealingSigner)):
        signer = kind(world.endpoint(service), LOCAL.address)
        with pytest.raises(SignerRefusedError, match=r"argument amount is 6, above 5.*rule little"):
            signer.sign(FORBIDDEN)
        assert service.event("refused")["digest"] == f"0x{digest_of(FORBIDDEN).hex()}"


def test_fault_55_open__validator_has_a_policy_of_its_own(world: World) -> None:
    """A compromised signer can encrypt anything; the validator does not open it."""
    sealed = RemoteSealingSigner(world.endpoint(world.sealing), LOCAL.address).sign(ASKED)
    validator = RemoteValidator(world.endpoint(world.validator, path="/open"))
    with pytest.raises(SignerRefusedError, match="argument amount is 6"):
        validator.open(sealed, FORBIDDEN, LOCAL.address)


def test_open__altered_box_or_other_transaction__stays_shut(world: World) -> None:
    sealed = RemoteSealingSigner(world.endpoint(world.sealing), LOCAL.address).sign(ASKED)
    validator = RemoteValidator(world.endpoint(world.validator, path="/open"))
    altered = replace(
        sealed, ciphertext=bytes([*sealed.ciphertext[:-1], sealed.ciphertext[-1] ^ 1])
    )
    with pytest.raises(SignerRefusedError, match="another key or transaction, or it is corrupted"):
        validator.open(altered, ASKED, LOCAL.address)
    with pytest.raises(SignerRefusedError, match="not for the transaction"):
        validator.open(sealed, replace(ASKED, nonce=4), LOCAL.address)


def test_connect__name_that_is_not_configured__is_refused(world: World) -> None:
    for service in (world.open, world.sealing, world.validator):
        endpoint = world.endpoint(service, world.stranger)
        with pytest.raises(SignerRefusedError, match="403"):
            RemoteSigner(endpoint, LOCAL.address).sign(ASKED)
        service.event("unknown_client")


def test_connect__certificate_of_another_authority_or_none__is_unreachable(
    world: World, tmp_path: Path
) -> None:
    pair = Authority(tmp_path, "other").issue("keeper")
    for identity in (Identity(certificate=pair.certificate, key=pair.key), None):
        endpoint = replace(world.endpoint(world.open), identity=identity)
        with pytest.raises(SignerUnreachableError):
            RemoteSigner(endpoint, LOCAL.address).sign(ASKED)
        world.open.event("connection_failed")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_connect__older_tls__is_not_spoken(world: World) -> None:
    context = ssl.create_default_context(cafile=world.authority.certificate)
    context.load_cert_chain(world.keeper.certificate, world.keeper.key)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", world.open.port), timeout=SECONDS) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(plain, server_hostname="127.0.0.1")
    world.open.event("connection_failed")


def test_connect__without_tls__is_not_answered(world: World) -> None:
    answer = b""
    with (
        socket.create_connection(("127.0.0.1", world.open.port), timeout=SECONDS) as plain,
        suppress(ConnectionError),
    ):
        plain.sendall(b"POST / HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
        answer = plain.recv(1000)
    assert b"HTTP" not in answer
    assert world.open.event("connection_failed")["problem"] == "SSLError"


def exchanged(world: World, request: bytes) -> bytes:
    """Return the first line of the response to a request."""
    with world.raw_connection(world.open) as connection:
        connection.sendall(request)
        return connection.recv(1000).split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST / HTTP/1.0\r\n\r\n", b"411"),
        (b"POST / HTTP/1.0\r\nContent-Length: -5\r\n\r\n", b"411"),
        (b"POST / HTTP/1.0\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"PUT / HTTP/1.0\r\n\r\n", b"501"),
        (b"GET / HTTP/1.0\r\n\r\n", b"404"),
        (b"GET /health HTTP/1.0\r\n\r\n", b"200"),
    ],
)
def test_http__request_of_another_form__has_its_status(
    world: World, request_bytes: bytes, status: bytes
) -> None:
    assert exchanged(world, request_bytes).split()[1] == status


def test_logs__have_no_key_and_no_signed_bytes(world: World) -> None:
    signer = RemoteSigner(world.endpoint(world.open), LOCAL.address)
    raw = signer.sign(ASKED).raw
    signed = world.open.event("signed")
    assert (signed["sender"], signed["nonce"], signed["client"]) == (LOCAL.address, 3, "keeper")
    text = "".join(world.open.seen)
    assert KEY[2:] not in text
    assert raw[-100:] not in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop__during_a_request__answers_it_first(
    world: World, tmp_path: Path, number: signal.Signals
) -> None:
    file = signer_file(tmp_path, world.authority, world.authority.issue("server"), None)
    body = rpc_request("eth_signTransaction", to_fields(ASKED, LOCAL.address))
    head = f"POST / HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with running("signer", file, {"SERVICE_KEY": KEY}) as service:
        with world.raw_connection(service) as connection:
            connection.sendall(head + body[:10])
            service.stop(number)
            service.event("stopping")
            connection.sendall(body[10:])
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        service.event("stopped")
        assert service.ended() == 0
    assert json.loads(answer.split(b"\r\n\r\n")[1])["result"] == LOCAL.sign(ASKED).raw


def ballast(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "keepers.cli", *map(str, arguments)],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS * 3,
    )


def test_check__says_what_is_wrong_and_serves_nothing(world: World, tmp_path: Path) -> None:
    file = signer_file(tmp_path, world.authority, world.authority.issue("server"), None)
    good = ballast("signer", "--config", file, "--check", SERVICE_KEY=KEY)
    assert (good.returncode, "no problems found" in good.stdout) == (0, True)
    assert ballast("signer", "--config", file, "--check").returncode != 0  # no key
    file.write_text(file.read_text().replace("take(uint256", "take(uint257"))
    bad = ballast("signer", "--config", file, "--check", SERVICE_KEY=KEY)
    assert (bad.returncode, "uint257 is not a type" in bad.stderr) == (2, True)
    assert KEY[2:] not in bad.stderr


def test_keygen__writes_a_key_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "validator.key"
    made = ballast("validator", "keygen", file)
    assert made.returncode == 0
    assert len(bytes.fromhex(made.stdout.strip())) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    private = file.read_text()
    assert private.strip() not in made.stdout + made.stderr
    again = ballast("validator", "keygen", file)
    assert (again.returncode, file.read_text()) == (2, private)


def test_audit__service_over_mutual_tls__is_asked(world: World) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server = world.authority.issue("audit")
    context.load_cert_chain(server.certificate, server.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(world.authority.certificate)
    for body, error in (
        (b'{"allowed": true, "reason": ""}', None),
        (b'{"allowed": false, "reason": "not today"}', AuditRefusedError),
        (b"yes", AuditUnavailableError),
    ):
        with serving(always(200, body), context) as url:
            endpoint = replace(world.endpoint(world.open), url=url)
            auditor = HttpAuditor("desk", endpoint)
            if error is None:
                auditor.audit(ASKED, LOCAL.address)
            else:
                with pytest.raises(error):
                    auditor.audit(ASKED, LOCAL.address)
    with pytest.raises(AuditUnavailableError):
        auditor.audit(ASKED, LOCAL.address)  # the service has stopped
