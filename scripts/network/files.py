"""Files of a prepared network, in a folder named by the key of its inputs."""

import hashlib
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path

from scripts.network.addresses import Addresses
from scripts.network.paths import CONTRACTS, PACKAGE, ROOT

# Settings of foundry.toml that affect the bytecode.
_COMPILER_SETTINGS = (
    "solc",
    "evm_version",
    "optimizer",
    "optimizer_runs",
    "via_ir",
    "bytecode_hash",
    "cbor_metadata",
    "remappings",
)


def prepared_key(root: Path = ROOT) -> str:
    """Return the key of the current inputs: builder, contracts, compiler settings, packages."""
    settings = tomllib.loads((root / "foundry.toml").read_text())["profile"]["default"]
    chosen = json.dumps({name: settings.get(name) for name in _COMPILER_SETTINGS})
    return key_of([*_inputs(root), ("foundry.toml", chosen.encode())])


def key_of(inputs: Iterable[tuple[str, bytes]]) -> str:
    """Return the SHA-256 over names and contents, shortened to 16 digits."""
    digest = hashlib.sha256()
    for name, content in sorted(inputs):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def state_file(folder: Path, chain: str) -> Path:
    """Return the path of the state of `chain`."""
    return folder / f"{chain}.state.json"


def addresses_file(folder: Path, chain: str) -> Path:
    """Return the path of the addresses on `chain`."""
    return folder / f"{chain}.addresses.json"


def read_addresses(folder: Path, chain: str) -> Addresses:
    """Return the addresses deployed on `chain`."""
    return Addresses.model_validate_json(addresses_file(folder, chain).read_bytes())


def _inputs(root: Path) -> list[tuple[str, bytes]]:
    package, contracts = (root / path.relative_to(ROOT) for path in (PACKAGE, CONTRACTS))
    shared = (
        *("accounts", "addresses", "artifacts", "files", "node", "pools", "prepared", "specs"),
    )
    files = [
        root / "package-lock.json",
        *(package / "build").glob("*.py"),
        *(package / f"{name}.py" for name in shared),
        *contracts.glob("*.sol"),
    ]
    return [(str(file.relative_to(root)), file.read_bytes()) for file in files]
