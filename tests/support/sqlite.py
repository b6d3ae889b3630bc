"""SQLite files with all tables and no rows; migrations run once in a process, and are copied."""

import shutil
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from keepers.store.runs import open_runs

NAME = "empty.sqlite"


def new_database(file: Path) -> str:
    """Create an empty database at a free path, and return its URL."""
    return f"sqlite:///{shutil.copy(Path(_migrated().name) / NAME, file)}"


@contextmanager
def locked(url: str) -> Generator[None]:
    """Hold the writers' lock of a file, as another process would."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


@cache
def _migrated() -> TemporaryDirectory[str]:
    """Return the folder of the original, which is removed with the process."""
    folder = TemporaryDirectory(prefix="ballast-sqlite-")
    open_runs(f"sqlite:///{Path(folder.name) / NAME}").close()
    return folder
