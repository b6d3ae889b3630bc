"""Tests that the page of the database schema matches the tables."""

from keepers.store.tables import metadata
from scripts.schema_diagram import GROUPS, PAGE, page


def test_page__is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m scripts.schema_diagram`"


def test_page__every_table__is_in_one_group() -> None:
    grouped = [name for _, names in GROUPS.values() for name in names]

    assert sorted(grouped) == sorted(metadata.tables)
