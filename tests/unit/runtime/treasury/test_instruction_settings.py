"""Tests of the instruction server's settings: local addresses only, and a long token."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepers.config.errors import ConfigError, SecretUnavailableError
from keepers.runtime.treasury.instructions import instruction_server
from keepers.runtime.vault.owner import VaultOwner
from tests.unit.runtime.treasury.world import settings_in


@pytest.mark.parametrize(
    "listen", ["127.0.0.1:9465", "127.8.9.1:0", "[::1]:9465", "localhost:9465"]
)
def test_listen__on_this_machine__is_taken(tmp_path: Path, listen: str) -> None:
    settings = settings_in(tmp_path, f'[treasury.http]\nlisten = "{listen}"\n')
    assert settings.treasury is not None
    assert settings.treasury.http.listen == listen


@pytest.mark.parametrize("listen", ["0.0.0.0:9465", "[::]:9465", "10.0.0.7:9465", "keeper:9465"])
def test_listen__for_others__is_refused_with_what_to_do(tmp_path: Path, listen: str) -> None:
    with pytest.raises(ConfigError, match="use a proxy with TLS in front of it"):
        settings_in(tmp_path, f'[treasury.http]\nlisten = "{listen}"\n')


@pytest.mark.parametrize(
    ("environment", "problem"),
    [({}, "set BALLAST_INSTRUCTIONS_TOKEN"), ({"BALLAST_INSTRUCTIONS_TOKEN": "short"}, "longer")],
)
def test_taking__without_a_good_token__does_not_begin(
    tmp_path: Path, environment: dict[str, str], problem: str
) -> None:
    settings = settings_in(tmp_path, '[treasury.http]\nlisten = "127.0.0.1:0"\n')
    with (
        pytest.raises(SecretUnavailableError, match=problem),
        instruction_server(settings, environment),
    ):
        pass


def test_taking__where_none_is_asked_for__does_nothing(tmp_path: Path) -> None:
    listening = settings_in(tmp_path, '[treasury.http]\nlisten = "127.0.0.1:0"\n')
    with VaultOwner(listening, "another").server():
        pass
    with instruction_server(settings_in(tmp_path), {}):
        pass
