"""The set-up in docs/how-to/signing.md, done as documented."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from eth_account import Account

from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.errors.signing import SignerUnreachableError
from keepers.signing.https import Endpoint, Identity
from keepers.signing.local import LocalSigner
from keepers.signing.remote import RemoteSealingSigner
from keepers.signing.validator import RemoteValidator
from tests.integration.support.service import running

# The second account of the well-known test mnemonic.
KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
LOCAL = LocalSigner.from_private_key(KEY, "KEY")
DOCUMENT = (Path(__file__).parents[3] / "docs" / "how-to" / "signing.md").read_text(
    encoding="utf-8"
)
SET_UP = DOCUMENT[DOCUMENT.index("### Set them up") : DOCUMENT.index("### Protection by set-up")]
FULFIL = Unsigned(
    chain_id=1,
    nonce=0,
    call=ContractCall(
        "0x00000000000000000000000000000000DeaDBeef", "0xdd76ce17" + "00" * 31 + "05"
    ),
    gas_limit=1_000_000,
    fees=Fees(2 * 10**11, 1),
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SET_UP, re.DOTALL)


def local(text: str) -> str:
    """Return the example with a free port of this machine."""
    return re.sub(r'host = ".*"', 'host = "127.0.0.1"', re.sub(r"port = \d+", "port = 0", text))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (script,) = blocks("sh")
    for name in ("signer", "validator"):
        script = script.replace(f"DNS:{name}.example", "IP:127.0.0.1")
    subprocess.run(["bash", "-eu", "-c", script], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "validator.key").rename(tmp_path / "validator.key.pem")
    command = [sys.executable, "-m", "keepers.cli", "validator", "keygen"]
    public = subprocess.run(
        [*command, str(tmp_path / "validator.key")], check=True, capture_output=True, text=True
    ).stdout.strip()
    content = Account.encrypt(bytes.fromhex(KEY[2:]), "secret", kdf="pbkdf2", iterations=1)
    (tmp_path / "keeper.json").write_text(json.dumps(content))
    validator, signer, _ = blocks("toml")
    (tmp_path / "validator.toml").write_text(local(validator))
    (tmp_path / "signer.toml").write_text(local(signer).replace("PUBLIC", public))
    return tmp_path


def test_set_up__as_documented__signs_seals_and_opens(folder: Path) -> None:
    environment = {**os.environ, "BALLAST_SIGNER_SERVICE_PASSWORD": "secret"}
    with (
        running("signer", folder / "signer.toml", environment) as signer,
        running("validator", folder / "validator.toml", environment) as validator,
    ):

        def endpoint(url: str, name: str, path: str = "") -> Endpoint:
            identity = Identity(certificate=folder / f"{name}.pem", key=folder / f"{name}.key")
            authority = folder / "authority.pem"
            return Endpoint(url=url, seconds=20, authority=authority, identity=identity, path=path)

        remote = RemoteSealingSigner(endpoint(signer.url, "keeper"), LOCAL.address)
        opener = RemoteValidator(endpoint(validator.url, "keeper", "/open"))
        assert opener.open(remote.sign(FULFIL), FULFIL, LOCAL.address) == LOCAL.sign(FULFIL)
        server = RemoteSealingSigner(endpoint(signer.url, "signer"), LOCAL.address)
        with pytest.raises(SignerUnreachableError):  # a server's certificate is refused for clients
            server.sign(FULFIL)
