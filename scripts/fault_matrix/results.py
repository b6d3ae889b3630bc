"""Results of the tests of each row: read from pytest's report, stored in `results.json`."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

KEPT = Path(__file__).with_name("results.json")
DATABASES = ("sqlite", "postgres")
NO_DATABASE = "none"
TEST = re.compile(r"test_fault_(\d\d)_\w+(?:\[(.*)\])?")

Results = dict[str, dict[str, dict[str, int]]]
"""Number of tests that passed and that did not, by row and database."""


def read_reports(files: Iterable[Path]) -> Results:
    """Return the results in reports written by `pytest --junitxml`."""
    counts: Counter[tuple[int, str, str]] = Counter()
    for file in files:
        for case in ET.parse(file).iter("testcase"):  # noqa: S314 - pytest has written it
            found = TEST.fullmatch(case.get("name", ""))
            if found is not None:
                counts[int(found[1]), _database(found[2] or ""), _outcome(case)] += 1
    results: Results = {}
    for (number, database, outcome), count in sorted(counts.items()):
        results.setdefault(str(number), {}).setdefault(database, {})[outcome] = count
    return results


def keep(results: Results) -> None:
    """Store results for the page."""
    KEPT.write_text(f"{json.dumps(results, indent=1)}\n", encoding="utf-8")


def kept() -> Results:
    """Return the stored results of the last run."""
    return json.loads(KEPT.read_text(encoding="utf-8"))


def _database(parameters: str) -> str:
    return next((each for each in DATABASES if each in parameters.split("-")), NO_DATABASE)


def _outcome(case: ET.Element) -> str:
    """Return the outcome of a test; a skipped test proves nothing, so it counts as failed."""
    bad = any(case.find(tag) is not None for tag in ("failure", "error", "skipped"))
    return "failed" if bad else "passed"
