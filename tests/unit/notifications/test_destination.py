"""Tests of destination addresses: no part of an address is shown."""

from __future__ import annotations

import pytest

from keepers.notifications.destination import (
    destinations_of,
    mask_address,
    mask_error,
    name_of,
)

URL = "slack://T0kenA-hunter2/T%20okenB/C0123?secret=hunter3&to=%23alerts"


def test_mask_address__keeps_the_kind_alone() -> None:
    assert mask_address(URL) == "slack://***"
    assert mask_address("hunter2") == "***"


@pytest.mark.parametrize(
    "said",
    ["T0kenA-hunter2", "okenB", "T okenB", "hunter3", "slack.com/T0kenA-hunter2/T%20okenB"],
)
def test_mask_error__hides_every_part(said: str) -> None:
    shown = mask_error(f"cannot post to {said} now", URL)
    for secret in ("T0kenA", "hunter", "okenB"):
        assert secret not in shown
    assert shown.startswith("cannot post to ")


def test_mask_error__is_one_short_line() -> None:
    shown = mask_error("x\n" * 1_000, URL)
    assert len(shown) == 301
    assert "\n" not in shown


def test_name__does_not_tell_the_address() -> None:
    assert name_of(URL) != name_of(URL + "x")
    assert "hunter" not in name_of(URL)


def test_destinations__twice_the_same__is_one() -> None:
    assert len(destinations_of(["json://host", "json://host", "json://other"])) == 2
