"""SoftHSM2, a hardware module in software, as Debian packages it (`apt-get install softhsm2`)."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pkcs11
from pkcs11 import Attribute, KeyType
from pkcs11.util.ec import encode_named_curve_parameters

PREFIX = Path(os.environ.get("BALLAST_SOFTHSM2", "/usr"))
"""Where it is installed; the package can also be unpacked anywhere, without being root."""

LIBRARY = PREFIX / "lib" / "softhsm" / "libsofthsm2.so"
TOOL = PREFIX / "bin" / "softhsm2-util"
SECP256K1 = "1.3.132.0.10"
PIN = "123456"
TOKEN = "ballast"


def installed() -> bool:
    """Whether tests can use it."""
    return LIBRARY.exists() and shutil.which(TOOL) is not None


@dataclass(frozen=True)
class Module:
    """An initialised token."""

    library: Path = LIBRARY
    token: str = TOKEN
    pin: str = PIN

    def generate(self, label: str, curve: str = SECP256K1) -> None:
        """Make a key pair inside the token; the private half can never leave it."""
        library = cast("Any", pkcs11).lib(str(self.library))
        with library.get_token(token_label=self.token).open(rw=True, user_pin=self.pin) as session:
            named = {Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
            parameters = session.create_domain_parameters(KeyType.EC, named, local=True)
            parameters.generate_keypair(store=True, label=label)


def make_token(folder: Path) -> Module:
    """A token in a folder; the library reads its configuration once in a process."""
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    made = ("--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "87654321")
    command = [str(TOOL), "--module", str(LIBRARY), *made]
    subprocess.run(command, check=True, capture_output=True)
    return Module()
