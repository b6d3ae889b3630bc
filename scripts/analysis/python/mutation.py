"""Mutation testing of the keepers: small changes of the code that no unit test detects.

`python -m scripts.analysis.python.mutation planning` tries a folder of `keepers`; without a name,
those that move money: model, planning, transactions, transfers. Each mutant is tried with the tests
that run its line. The exit status is 1 if a mutant survives that docs/evidence/mutation.md does
not explain.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import click
from rich.console import Console
from rich.progress import Progress

from scripts.analysis.explained import DOCUMENT, Key, explained
from scripts.analysis.forge_copy import BrokenTreeError
from scripts.analysis.mutation import chosen
from scripts.analysis.python.covering import Covering, measured
from scripts.analysis.python.mutants import ROOT, PythonMutant, mutants_of
from scripts.analysis.python.trial import Outcome, code_copy, run_tests, try_mutant

ROOMS = ("model", "planning", "transactions", "transfers")


@dataclass(frozen=True)
class Verdict:
    """Outcome of one mutant."""

    mutant: PythonMutant
    outcome: Outcome
    after: str
    tests: int

    @property
    def key(self) -> Key:
        """Identity of the mutant, stable while its function is unchanged."""
        mutant = self.mutant
        return mutant.source, mutant.function, mutant.before, self.after, mutant.nth

    @property
    def noticed(self) -> bool:
        """Whether a test failed or timed out."""
        return self.outcome in {Outcome.KILLED, Outcome.TIMEOUT}


def tests_of(mutant: PythonMutant, covering: Covering) -> list[str]:
    """List the tests that run the changed lines."""
    return covering.tests(mutant.source, range(mutant.line, mutant.span.end[0] + 1))


def verdicts_of(
    mutants: Sequence[PythonMutant], covering: Covering, folders: Sequence[Path], console: Console
) -> list[Verdict]:
    """Try mutants, one at a time per copy, and print each survivor."""
    free: SimpleQueue[Path] = SimpleQueue()
    for folder in folders:
        free.put(folder)
    with Progress(console=console) as progress, ThreadPoolExecutor(len(folders)) as pool:
        task = progress.add_task("mutants", total=len(mutants))

        def one(mutant: PythonMutant) -> Verdict:
            tests = tests_of(mutant, covering)
            folder = free.get()
            try:
                outcome, after = try_mutant(folder, mutant, tests)
            finally:
                free.put(folder)
            verdict = Verdict(mutant, outcome, after, len(tests))
            progress.advance(task)
            if not verdict.noticed:
                console.out(
                    f"{verdict.outcome}, line {mutant.line}: {row(verdict)}", highlight=False
                )
            return verdict

        return list(pool.map(one, mutants))


def row(verdict: Verdict, reason: str = "?") -> str:
    """Return a mutant as a row of the table of docs/evidence/mutation.md."""
    mutant = verdict.mutant
    nth = f" ({mutant.nth})" if mutant.nth > 1 else ""
    cells = [f"`{mutant.source}`", f"`{mutant.function}`"]
    cells += [_quoted(mutant.before) + nth, _quoted(verdict.after), reason]
    return "| " + " | ".join(cells) + " |"


def _quoted(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Return all verdicts as JSON."""
    return json.dumps(
        [
            {
                "file": verdict.mutant.source,
                "line": verdict.mutant.line,
                "function": verdict.mutant.function,
                "operator": verdict.mutant.change,
                "before": verdict.mutant.before,
                "after": verdict.after,
                "nth": verdict.mutant.nth,
                "outcome": verdict.outcome,
                "tests": verdict.tests,
            }
            for verdict in verdicts
        ],
        indent=2,
    )


def summary(name: str, verdicts: Sequence[Verdict], unexplained: int) -> str:
    """Return one line of figures."""
    count = Counter(verdict.outcome for verdict in verdicts)
    noticed = count[Outcome.KILLED] + count[Outcome.TIMEOUT]
    return (
        f"{name}: {noticed} of {len(verdicts)} mutants detected ({count[Outcome.TIMEOUT]} by "
        f"time), {count[Outcome.SURVIVED]} survived, {count[Outcome.UNTESTED]} run by no test, "
        f"{unexplained} unexplained"
    )


@click.command(help=__doc__)
@click.argument("names", nargs=-1)
@click.option(
    "--sample", type=click.IntRange(min=1), help="Try only this number of mutants of each folder."
)
@click.option("--file", "files", multiple=True, help="Try only mutants of this file.")
@click.option("--seed", default=1, show_default=True, help="Seed of the sample.")
@click.option("--jobs", default=os.cpu_count() or 1, show_default=True, help="Number of jobs.")
@click.option("--json", "to_json", is_flag=True, help="Print every mutant and outcome as JSON.")
def main(
    names: tuple[str, ...],
    files: tuple[str, ...],
    sample: int | None,
    seed: int,
    jobs: int,
    *,
    to_json: bool,
) -> None:
    """Run the command line."""
    missing = [name for name in names if not (ROOT / "keepers" / name).is_dir()]
    if missing:
        raise click.UsageError(f"no such folder of keepers: {', '.join(missing)}")
    known = explained(DOCUMENT.read_text())
    console = Console(stderr=True)
    verdicts: list[Verdict] = []
    left: list[Verdict] = []
    with ExitStack() as stack:
        folders = [stack.enter_context(code_copy()) for _ in range(jobs)]
        try:
            covering = _prepared(folders, console)
            for name in names or ROOMS:
                mutants = mutants_of(folders[0], [f"keepers/{name}"])
                kept = [each for each in mutants if not files or each.source in files]
                found = verdicts_of(chosen(kept, sample, seed), covering, folders, console)
                open_ones = [each for each in found if not each.noticed and each.key not in known]
                click.echo(summary(name, found, len(open_ones)), err=to_json)
                verdicts, left = [*verdicts, *found], [*left, *open_ones]
        except BrokenTreeError as problem:
            raise click.ClickException(str(problem)) from problem
    if to_json:
        click.echo(as_json(verdicts))
    for verdict in left:
        click.echo(row(verdict), err=to_json)
    sys.exit(1 if left else 0)


def _prepared(folders: Sequence[Path], console: Console) -> Covering:
    """Compile each copy once, and measure the tests that run each line."""
    for folder in folders:
        if run_tests(folder, ["tests/unit"], "--collect-only", keep=True) is not Outcome.SURVIVED:
            raise BrokenTreeError(
                "the unit tests cannot be collected in a copy of the code; run `make test-unit`, "
                "and compare COPIED in scripts/analysis/python/trial.py, the folders copied"
            )
    console.print("measuring which tests run which lines; this takes minutes after a change")
    return measured(ROOT, folders[0], jobs=len(folders))


if __name__ == "__main__":
    main()
