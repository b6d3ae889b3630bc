"""Simulated chains and bridges, on a copy of a database that has all tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from keepers.store.database import open_database
from tests.unit.transfers.transfer_rig import TransferRig, copies


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database with all tables and no rows."""
    file = tmp_path_factory.mktemp("transfers") / "empty.sqlite"
    open_database(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def new_file(empty: Path, tmp_path: Path) -> Callable[[], Path]:
    """Function that creates databases."""
    return copies(empty, tmp_path)


@pytest.fixture
def paper(new_file: Callable[[], Path]) -> TransferRig:
    """Two treasuries with funds, idle and invested, and two bridges."""
    return TransferRig(new_file())
