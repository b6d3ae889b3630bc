"""Tests of the long-running keeper's tables, from file and environment."""

import pytest

from tests.unit.config.conftest import MINIMAL, Load, Problems, only


def test_schedule__from_the_file_and_a_variable__the_variable_wins(loaded: Load) -> None:
    text = f'{MINIMAL}\n[schedule]\ndaily = "0 6 * * *"\nthreshold = "30 * * * *"\n'
    settings = loaded(text, BALLAST_SCHEDULE__DAILY="0 7 * * *").settings
    assert (settings.schedule.daily, settings.schedule.threshold) == ("0 7 * * *", "30 * * * *")
    assert settings.schedule.weekly == "0 0 * * 1"


def test_service__numbers_from_variables__are_numbers(loaded: Load) -> None:
    service = loaded(
        BALLAST_SERVICE__STOP_SECONDS="5", BALLAST_SERVICE__LOOK_SECONDS="0.5"
    ).settings.service
    assert (service.stop_seconds, str(service.look_seconds)) == (5, "0.5")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('[schedule]\ndaily = "0 0 30 2 *"', "is not a schedule: no such day exists"),
        ('[schedule]\ndayly = "0 0 * * *"', "is unknown"),
        ('[service]\nlisten = "9464"', 'must be an address and a port, as in "127.0.0.1:9464"'),
        ("[service]\nstop_seconds = 0", "must be above 0"),
    ],
)
def test_problem__is_named_with_its_line(problems: Problems, line: str, problem: str) -> None:
    found = only(problems(f"{MINIMAL}{line}\n"))
    assert (found.problem, found.line) == (problem, MINIMAL.count("\n") + 2)


def test_misspelt_key__the_right_one_is_proposed(problems: Problems) -> None:
    found = only(problems(f'{MINIMAL}[schedule]\ndayly = "0 0 * * *"\n'))
    assert found.advice == "did you mean daily?"


def test_variable_of_no_such_key__is_refused(problems: Problems) -> None:
    assert problems(BALLAST_SCHEDULE__MAIN__DAILY="0 0 * * *")
