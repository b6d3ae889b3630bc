"""Fixtures: a small valid configuration, and changes to it."""

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
    """Function that loads a text as the configuration, with only the given variables."""

    def read(text: str = MINIMAL, **environment: str) -> Loaded:
        file = tmp_path / "ballast.toml"
        file.write_text(text)
        return load(file, environment)

    return read


@pytest.fixture
def problems(loaded: Load) -> Problems:
    """Function that returns the problems of a text."""

    def read(text: str = MINIMAL, **environment: str) -> tuple[Problem, ...]:
        with pytest.raises(ConfigError) as caught:
            loaded(text, **environment)
        return caught.value.problems

    return read


def changed(old: str, new: str, text: str = MINIMAL) -> str:
    """Return the configuration with one part replaced; the part must occur in it."""
    assert old in text
    return text.replace(old, new, 1)


def only(found: tuple[Problem, ...]) -> Problem:
    """Return the only problem."""
    (problem,) = found
    return problem
