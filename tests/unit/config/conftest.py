"""A small valid configuration, and ways to change it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from keepers.config.errors import ConfigError, Problem
from keepers.config.load import Loaded, load

MINIMAL = """\
[chains.ethereum-local]
chain_id = 1000001
rpc_urls = ["http://127.0.0.1:8545"]

[vaults.main]
chain = "ethereum-local"
signer = "keeper"

[vaults.main.tiers]
L1_TARGET_RATIO = 1000

[signers.keeper]
kind = "private_key_env"
variable = "KEEPER_KEY"
"""

Load = Callable[..., Loaded]
Problems = Callable[..., tuple[Problem, ...]]


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    """Load a text as the configuration, with these environment variables alone."""

    def read(text: str = MINIMAL, **environment: str) -> Loaded:
        file = tmp_path / "ballast.toml"
        file.write_text(text)
        return load(file, environment)

    return read


@pytest.fixture
def problems(loaded: Load) -> Problems:
    """What is wrong with a text."""

    def read(text: str = MINIMAL, **environment: str) -> tuple[Problem, ...]:
        with pytest.raises(ConfigError) as caught:
            loaded(text, **environment)
        return caught.value.problems

    return read


def changed(old: str, new: str, text: str = MINIMAL) -> str:
    """The configuration with a part of it replaced; the part must be there."""
    assert old in text
    return text.replace(old, new, 1)


def only(found: tuple[Problem, ...]) -> Problem:
    """The one problem that there is."""
    (problem,) = found
    return problem
