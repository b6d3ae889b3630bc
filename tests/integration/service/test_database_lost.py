"""C4: the database's file is deleted, replaced or restored to an older state under a keeper."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.integration.service.conftest import Service


def moved_into_its_place(file: Path, older: Path) -> None:
    """Replace a file as `mv` does."""
    copied = older.with_suffix(".new")
    shutil.copy(older, copied)
    copied.replace(file)


def deleted(file: Path, older: Path) -> None:
    """Delete a file as `rm` does."""
    del older
    file.unlink()


@pytest.mark.parametrize("service", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (deleted, "its file was deleted"),
        (moved_into_its_place, "its file was replaced"),
    ],
    ids=["D-DATABASE-DELETED", "D-DATABASE-REPLACED"],
)
def test_file_is_lost__keeper_stops_and_names_it_and_the_way_out(
    service: Service, change: Callable[[Path, Path], None], said: str
) -> None:
    file = Path(service.database.removeprefix("sqlite:///"))
    older = file.with_name("older.sqlite")
    shutil.copy(file, older)
    with service.start() as child:
        child.wait_for('"ready"')
        change(file, older)
        line = child.wait_for("database_lost")
        assert said in line
        assert str(file) in line
        assert "ballast txs resync" in line
        assert child.wait() == 1
    assert file.exists() == (change is not deleted), "it is not made anew"


OLDER = (
    "CREATE TEMPORARY TABLE kept AS SELECT * FROM events ORDER BY event_id LIMIT 1",
    "TRUNCATE events",
    "INSERT INTO events SELECT * FROM kept",
)
"""Statements that restore an older content."""


@pytest.mark.parametrize("service", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("statements", "said"),
    [(("TRUNCATE events",), "it is not the database"), (OLDER, "it is an older copy")],
    ids=["D-DATABASE-EMPTIED", "D-DATABASE-OLDER"],
)
def test_server_is_put_back_to_an_older_state__keeper_stops(
    service: Service, statements: tuple[str, ...], said: str
) -> None:
    service.missed("liquidity")
    with service.start() as child:
        child.wait_for("check_done")
        child.wait_for('"ready"')
        administrator = create_engine(service.database)
        with administrator.begin() as connection:
            for each in statements:
                connection.execute(text(each))
        administrator.dispose()
        line = child.wait_for("database_lost")
        assert said in line
        assert "ballast txs resync" in line
        assert child.wait() == 1
