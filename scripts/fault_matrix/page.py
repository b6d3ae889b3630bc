"""Page of the documentation that shows the fault matrix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.fault_matrix.faults import Fault
from scripts.fault_matrix.results import DATABASES, NO_DATABASE, Results

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "faults.md"

INTRODUCTION = """\
# The fault matrix

<!-- `python -m scripts.fault_matrix` writes this page. -->

Faults between the request of a call and its final receipt, and the response of the transaction
engine. Each row is a set of tests that bear its number. They run the whole engine: a real key,
audit, validator, store and pool of nodes, over anvil behind a proxy. The proxy injects failures,
and accepts replacements only with 10 % more in both fees, as geth does. Rows with SIGKILL,
SIGSTOP and SIGTERM are real processes. Rows with a database run on SQLite and on PostgreSQL.

After every test of the engine, whatever the fault, these properties are checked:

- No call is executed twice.
- Every byte that reached a node was stored and validated before.
- Every row of the database, and every transition that led to it, is legal.
- Every result equals the receipt on chain.

Run the tests and write this page:

```sh
folders="tests/integration/faults tests/integration/signing tests/unit"
python -m pytest -p no:ape_test $folders -k test_fault_ --junitxml=report.xml
python -m scripts.fault_matrix report.xml
```
"""

HEADS = (
    "#",
    "Fault",
    "Injected by",
    "Response of the engine",
    "SQLite",
    "PostgreSQL",
    "No database",
)
COLUMNS = (*DATABASES, NO_DATABASE)


def page(faults: Sequence[Fault], results: Results) -> str:
    """Return the page."""
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
    yield "Rows with an unexpected response, or whose test covers less:"
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
    """Return the counts by outcome."""
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
