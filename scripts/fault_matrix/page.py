"""The page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.fault_matrix.faults import Fault
from scripts.fault_matrix.results import DATABASES, NO_DATABASE, Results

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "faults.md"

INTRODUCTION = """\
# The fault matrix

<!-- `python -m scripts.fault_matrix` writes this page. -->

What can go wrong between a call that should be made and a receipt that is final, and what the
transaction engine does about it. Each row is a set of tests that bear its number. They run the
whole engine: a real key, audit, validator, ledger and pool of nodes, over anvil behind a proxy
that fails as it is told and takes replacements only 10 % dearer in both fees, as geth does. Rows
with SIGKILL, SIGSTOP and SIGTERM are real processes. Rows with a database run on SQLite and on
PostgreSQL.

After every test of the engine these are asked, whatever the fault was:

- No call is executed twice.
- Nothing has reached a node that was not stored and validated before.
- Every row of the database, and every move that led to it, is legal.
- What has ended has ended as the receipt on chain says.

Run them, and write this page, with

```sh
folders="tests/integration/faults tests/integration/signing tests/unit"
python -m pytest -p no:ape_test $folders -k test_fault_ --junitxml=report.xml
python -m scripts.fault_matrix report.xml
```
"""

HEADS = ("#", "Fault", "Made by", "What the engine does", "SQLite", "PostgreSQL", "No database")
COLUMNS = (*DATABASES, NO_DATABASE)


def page(faults: Sequence[Fault], results: Results) -> str:
    """The page, of rows and results."""
    return "\n".join([INTRODUCTION, *_table(faults, results), *_notes(faults), *_tests(faults)])


def _table(faults: Sequence[Fault], results: Results) -> Iterator[str]:
    yield _line(HEADS)
    yield _line(["---"] * len(HEADS))
    for fault in faults:
        found = results.get(str(fault.number), {})
        shown = [_shown(found.get(column, {})) for column in COLUMNS]
        number = f"{fault.number}{' *' if fault.note else ''}"
        yield _line([number, fault.fault, fault.injection, fault.outcome, *shown])
    yield ""


def _notes(faults: Sequence[Fault]) -> Iterator[str]:
    yield "## Notes"
    yield ""
    yield "Where the engine does something else than one might expect, or a test shows less:"
    yield ""
    yield from (f"- Row {each.number}: {each.note}" for each in faults if each.note)
    yield ""


def _tests(faults: Sequence[Fault]) -> Iterator[str]:
    yield "## Tests"
    yield ""
    for fault in faults:
        yield f"{fault.number}. {fault.fault}"
        yield from (f"   - `{each}`" for each in fault.tests)
    yield ""


def _shown(outcomes: dict[str, int]) -> str:
    """How many have passed, and how many have not."""
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
