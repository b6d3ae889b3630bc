"""Full and short form of the benchmarks, chosen by `BALLAST_BENCH`.

`make bench` measures in full, and writes the pages of docs/evidence/benchmarks. `make test-bench`,
a part of `make test`, runs the same code over small inputs: it checks the results, its timings
have no meaning, and it writes no page.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from _pytest.capture import CaptureFixture

VARIABLE = "BALLAST_BENCH"
FORMS = ("full", "short")

T = TypeVar("T")


def is_short() -> bool:
    """Return whether the form is short.

    Raises:
        ValueError: If the variable names no form.
    """
    form = os.environ.get(VARIABLE, FORMS[0])
    if form not in FORMS:
        raise ValueError(f"{VARIABLE} is {form!r}; use one of {', '.join(FORMS)}")
    return form == "short"


def sized(full: T, short: T) -> T:
    """Return the input of the form that runs."""
    return short if is_short() else full


def publish(page: Path, text: str, capsys: CaptureFixture[str]) -> None:
    """Print a result, and write it to its page if it was measured in full."""
    with capsys.disabled():
        print(f"\n{text}")
    if not is_short():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
