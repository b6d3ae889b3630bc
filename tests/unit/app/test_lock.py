"""One keeper per vault and per key, as long as its process lives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keepers.app.lock import KeeperAlreadyRunningError, lock_file, only_keeper


def test_only_keeper__second__is_refused_and_says_where(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'ballast.sqlite'}"
    with only_keeper(database, "vault main"):
        second = only_keeper(database, "vault main")
        with pytest.raises(KeeperAlreadyRunningError) as raised, second:
            pass
        assert str(lock_file(database, "vault main")) in str(raised.value)
    with only_keeper(database, "vault main"):
        pass


def test_only_keeper__other_vault__goes_on(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'ballast.sqlite'}"
    with only_keeper(database, "vault main"), only_keeper(database, "vault other"):
        pass


def test_only_keeper__killed_process__leaves_no_lock(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'ballast.sqlite'}"
    child = os.fork()
    if child == 0:
        with only_keeper(database, "vault main"):
            os._exit(0)
    os.waitpid(child, 0)
    with only_keeper(database, "vault main"):
        pass


@pytest.mark.parametrize(
    ("database", "file"),
    [
        ("sqlite:////data/ballast.sqlite", "/data/ballast.sqlite.vault-main.lock"),
        ("sqlite:////data/b.sqlite?mode=rwc", "/data/b.sqlite.vault-main.lock"),
        ("postgresql://host/ballast", "ballast.vault-main.lock"),
    ],
)
def test_lock_file__database__is_beside_it(database: str, file: str) -> None:
    assert lock_file(database, "vault main") == Path(file)
