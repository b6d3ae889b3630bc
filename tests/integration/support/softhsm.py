"""Tokens of SoftHSM2, an HSM in software, which set-up has installed."""

from __future__ import annotations

import ctypes
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pkcs11
from pkcs11 import Attribute, KeyType
from pkcs11.util.ec import encode_named_curve_parameters

from scripts.setup.softhsm import find

SECP256K1 = "1.3.132.0.10"
PIN = "123456"
TOKEN = "ballast"


@dataclass(frozen=True)
class Module:
    """An initialised token."""

    library: Path
    token: str = TOKEN
    pin: str = PIN

    def generate(self, label: str, curve: str = SECP256K1) -> None:
        """Generate a key pair inside the token; the private key cannot leave it."""
        library = cast("Any", pkcs11).lib(str(self.library))
        with library.get_token(token_label=self.token).open(rw=True, user_pin=self.pin) as session:
            named = {Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
            parameters = session.create_domain_parameters(KeyType.EC, named, local=True)
            parameters.generate_keypair(store=True, label=label)


def make_token(folder: Path) -> Module:
    """Initialise a token in a folder; the library reads its configuration once per process."""
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    provided = find()
    for library in provided.needed():
        ctypes.CDLL(str(library))  # the linker then no longer searches for it
    made = ("--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "87654321")
    command = [str(provided.tool), "--module", str(provided.library), *made]
    environment = {**os.environ, **provided.environment}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return Module(provided.library)
