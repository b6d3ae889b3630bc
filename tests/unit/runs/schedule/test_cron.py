"""Tests of cron expressions: standard meaning, and the newest due time in any gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.cron import Cron
from keepers.model.errors.run import CronError

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
CRONS = ("*/5 * * * *", "0 * * * *", "0 0 * * *", "0 0 * * 1", "30 6 1 * *", "0 0 29 2 *")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("0 0 * * 1", datetime(2026, 3, 9, tzinfo=UTC)),
        ("0 0 * * 0", datetime(2026, 3, 8, tzinfo=UTC)),
        ("0 0 * * 7", datetime(2026, 3, 8, tzinfo=UTC)),
        ("0 0 * * sun", datetime(2026, 3, 8, tzinfo=UTC)),
        ("0 0 * * 5-7", datetime(2026, 3, 6, tzinfo=UTC)),
        ("0 0 * * 6,0", datetime(2026, 3, 7, tzinfo=UTC)),
        ("0 0 * * */3", datetime(2026, 3, 4, tzinfo=UTC)),
        ("*/5 * * * *", datetime(2026, 3, 2, 0, 5, tzinfo=UTC)),
        ("0 * * * *", datetime(2026, 3, 2, 1, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_first__after_monday__is_what_cron_says(text: str, first: datetime) -> None:
    assert Cron(text).first_from(MONDAY + timedelta(microseconds=1)) == first


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0 0 * * 1/2", [2, 4, 6, 9]),
        ("0 0 * * 2/2", [3, 5, 7, 10]),
        ("0 0 * * 5-0", [6, 7, 8, 13]),
        ("0 0 * * 6-7", [7, 8, 14, 15]),
        ("0 0 * * 0-1", [2, 8, 9, 15]),
    ],
)
def test_first__ranges_of_weekdays__are_the_days_that_cron_says(text: str, days: list[int]) -> None:
    found, at = list[int](), MONDAY
    while len(found) < len(days):
        at = Cron(text).first_from(at)
        found.append(at.day)
        at += timedelta(hours=1)
    assert found == days


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "* * * * * *",
        "61 * * * *",
        "0 0 30 2 *",
        "0 0 1 * 1",
        "0 0 * * 8",
        "0 0 * * 1-5/0",
        "0 0 * * 5-3",
        "a * * * *",
    ],
)
def test_cron__that_is_none__says_what_is_wrong(text: str) -> None:
    with pytest.raises(CronError) as caught:
        Cron(text)
    assert caught.value.text == text
    assert caught.value.problem


@given(
    st.sampled_from(CRONS),
    st.integers(0, 40_000_000),
    st.integers(-1_000, 40_000_000),
)
def test_newest__any_gap__is_due_in_it_and_nothing_is_newer(
    text: str, start: int, seconds: int
) -> None:
    cron, after = Cron(text), MONDAY + timedelta(seconds=start)
    until = after + timedelta(seconds=seconds)
    found = cron.newest(after, until)
    assert cron.fires(after, until) == (found is not None)
    if found is None:
        following = cron.first_from(after + timedelta(microseconds=1))
        assert following is None or following > until
    else:
        assert after < found <= until
        assert cron.first_from(found) == found
        following = cron.first_from(found + timedelta(microseconds=1))
        assert following is None or following > until


def test_newest__of_all_time__is_the_one_before() -> None:
    assert Cron("0 0 29 2 *").newest(None, MONDAY) == datetime(2024, 2, 29, tzinfo=UTC)
    assert Cron("0 0 * * *").newest(None, MONDAY) == MONDAY
