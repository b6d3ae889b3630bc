"""Tests of the lock: one keeper per vault and per key, while its process lives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from keepers.model.errors.run import StoreUnavailableError
from keepers.runtime.process.database import KeeperAlreadyRunningError, lock_file, only_keeper


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


def test_lock_file__database__is_beside_it() -> None:
    found = lock_file("sqlite:////data/ballast.sqlite", "vault main")
    assert found == Path("/data/ballast.sqlite.vault-main.lock")


@pytest.mark.parametrize("name", ["no-such-folder/x.sqlite", "x" * 300])
def test_only_keeper__no_place_for_the_database__says_so(tmp_path: Path, name: str) -> None:
    lock = only_keeper(f"sqlite:///{tmp_path / name}", "vault main")
    with pytest.raises(StoreUnavailableError, match="cannot open"), lock:
        pass
