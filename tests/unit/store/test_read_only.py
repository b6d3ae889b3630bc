"""O22, O27: a read-only database can be read; an unusable one is named in the error."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from keepers.model.errors.run import StoreUnavailableError
from keepers.store.database import open_database
from keepers.store.runs import open_runs
from tests.support.sqlite import new_database
from tests.unit.store.samples import run

NOBODY = 65_534


@contextmanager
def unprivileged() -> Generator[None]:
    """Run the block as an account without write permission, because root may write everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.fixture
def readable() -> Generator[Path]:
    """Database with a run, in a folder that others may read but not write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "ballast.sqlite"
        journal = open_runs(new_database(file))
        journal.open_run(run())
        journal.close()
        file.chmod(0o444)
        folder.chmod(0o555)
        yield file
        folder.chmod(0o755)


def test_file_that_may_only_be_read__is_read(readable: Path) -> None:
    with unprivileged():
        journal = open_runs(f"sqlite:///{readable}")
        assert [each.run.run_id for each in journal.runs("main")] == ["r1"]
        with pytest.raises(StoreUnavailableError, match=str(readable)):
            journal.open_run(run(run_id="r2", vault="other"))
        journal.close()


def test_file_that_is_no_database__is_named_with_its_setting(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no database " * 1_000)
    with pytest.raises(StoreUnavailableError) as told:
        open_database(f"sqlite:///{file}")
    assert str(file) in str(told.value)
    assert "`database`" in str(told.value)
    assert "not a database" in str(told.value)
