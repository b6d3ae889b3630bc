"""Tests of notification addresses: they are read, checked and never shown."""

from __future__ import annotations

import pytest

from keepers.config.show import as_text, effective
from keepers.model.errors.run import UnusableDestinationError
from keepers.model.notice import Severity
from keepers.runtime.process.notifications import notification_sender_of, notifier_of
from tests.unit.config.conftest import MINIMAL, Load, Problems, only

SECRET = "T0k3n-hunter2"


def with_table(lines: str) -> str:
    return f"{MINIMAL}[notifications]\n{lines}\n"


def test_notifications__nothing_said__are_sent_nowhere(loaded: Load) -> None:
    found = loaded().settings.notifications
    assert (found.urls, found.minimum_severity, found.reminder_hours) == ([], Severity.INFO, 6)


def test_notifications__table__is_read(loaded: Load) -> None:
    lines = f'urls = ["slack://{SECRET}"]\nminimum_severity = "WARNING"\nreminder_hours = 12'
    found = loaded(with_table(lines)).settings.notifications
    assert found.urls == [f"slack://{SECRET}"]
    assert (found.minimum_severity, found.reminder_hours) == (Severity.WARNING, 12)


def test_notifications__environment__wins(loaded: Load) -> None:
    found = loaded(
        with_table("reminder_hours = 12"),
        BALLAST_NOTIFICATIONS__URLS=f"json://{SECRET}/a, json://b",
        BALLAST_NOTIFICATIONS__REMINDER_HOURS="3",
        BALLAST_NOTIFICATIONS__MINIMUM_SEVERITY="CRITICAL",
    ).settings.notifications
    assert found.urls == [f"json://{SECRET}/a", "json://b"]
    assert (found.reminder_hours, found.minimum_severity) == (3, Severity.CRITICAL)


def test_show__address__is_masked_but_for_its_kind(loaded: Load) -> None:
    found = loaded(with_table(f'urls = ["slack://{SECRET}/B/C", "json://{SECRET}@host/x"]'))
    rows = {each.key: as_text(each.value) for each in effective(found)}
    assert rows["notifications.urls"] == "slack://***, json://***"
    assert rows["notifications.minimum_severity"] == "INFO"
    assert SECRET not in repr(found.settings)


@pytest.mark.parametrize(
    ("line", "key", "problem"),
    [
        (f'urls = ["{SECRET}"]', "notifications.urls.0", "must be an Apprise URL"),
        ('urls = ["json:// x"]', "notifications.urls.0", "must be an Apprise URL"),
        ('minimum_severity = "LOUD"', "notifications.minimum_severity", "must be 'INFO', 'WARN"),
        ("reminder_hours = 0", "notifications.reminder_hours", "must be above 0"),
        ("reminder_hour = 1", "notifications.reminder_hour", "is unknown"),
    ],
)
def test_notifications__wrong__says_what_without_the_secret(
    problems: Problems, line: str, key: str, problem: str
) -> None:
    found = only(problems(with_table(line)))
    assert found.key == key
    assert found.problem.startswith(problem)
    assert SECRET not in str(found)


@pytest.mark.parametrize("variable", ["BALLAST_NOTIFICATIONS__X__Y", "BALLAST_NOTIFICATIONS__"])
def test_environment__no_key_of_the_table__is_refused(problems: Problems, variable: str) -> None:
    assert only(problems(**{variable: "1"})).problem == "does not match a setting"


def test_environment__unknown_key__is_refused(problems: Problems) -> None:
    found = only(problems(BALLAST_NOTIFICATIONS__URL="x"))
    assert (found.key, found.advice) == ("notifications.url", "did you mean urls?")


def test_courier__address_that_apprise_does_not_know__is_refused_without_it(loaded: Load) -> None:
    settings = loaded(with_table(f'urls = ["json://host", "nonsense://{SECRET}"]')).settings
    ledger: object = None
    with pytest.raises(
        UnusableDestinationError, match=r"address 2 \(nonsense://\*\*\*\)"
    ) as caught:
        notification_sender_of(settings, ledger)  # pyright: ignore[reportArgumentType]
    assert SECRET not in str(caught.value)
    assert notifier_of(settings, ledger) is not None  # pyright: ignore[reportArgumentType]
