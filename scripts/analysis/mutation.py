"""Mutation testing of contracts: make small changes, and list those that no test detects.

`python -m scripts.analysis.mutation limits` tries one group of mutation.toml; without a name, all.
It works in copies and never changes the checkout. Killed mutants are stored in .cache/mutation, so
an interrupted run resumes; `--anew` deletes them. The exit status is 1 if a mutant survives that
docs/evidence/mutation.md does not explain.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

import click
from pydantic import BaseModel, TypeAdapter
from rich.console import Console
from rich.progress import Progress

from scripts.analysis.explained import DOCUMENT, explained, row
from scripts.analysis.forge_copy import ROOT, BrokenTreeError, ForgeCopy, Outcome, forge_copy
from scripts.analysis.imports import closure
from scripts.analysis.killed import Killed
from scripts.analysis.mutants import Mutant, mutants_of

M = TypeVar("M")
TARGETS = Path(__file__).with_name("mutation.toml")
#: Time limit of a mutant: this multiple of the unchanged tests' duration, plus this many seconds.
PATIENCE, ADDED_PATIENCE = 5.0, 30.0


class Group(BaseModel):
    """Contracts to mutate, the tests that should detect it, and slow tests for the survivors.

    With `by_name`, tests deploy the contracts by name; no other contract inherits or creates them.
    """

    contracts: list[str]
    tests: list[str]
    slow: list[str]
    by_name: bool = False

    def files(self, patterns: Sequence[str]) -> set[Path]:
        """Return the files that the matching tests require; none if no test matches."""
        tests = [path.relative_to(ROOT) for pattern in patterns for path in ROOT.glob(pattern)]
        return closure(ROOT, [*map(Path, self.contracts), *tests]) if tests else set()


@dataclass(frozen=True)
class Verdict:
    """Outcome of a mutant, and the first test that detected it."""

    mutant: Mutant
    outcome: Outcome
    by: str


@dataclass(frozen=True)
class Trial:
    """Number of parallel jobs, progress display, and stored results."""

    jobs: int
    progress: Progress
    killed: Killed
    by_name: Sequence[str]


def try_mutant(copy: ForgeCopy, mutant: Mutant, limit: float) -> Verdict:
    """Apply one mutant, run the tests, and revert it."""
    file = copy.folder / mutant.source
    content = file.read_bytes()
    try:
        file.write_bytes(mutant.applied(content))
        outcome, by = copy.test(limit)
    finally:
        file.write_bytes(content)
    return Verdict(mutant, outcome, by)


def within(mutants: Sequence[Mutant], functions: Sequence[str]) -> list[Mutant]:
    """Return the mutants inside the named functions; all of them if none is named."""
    return [mutant for mutant in mutants if not functions or mutant.function in functions]


def chosen(mutants: Sequence[M], sample: int | None, seed: int) -> list[M]:
    """Return all mutants, or a sample determined by the seed, in the order of the files."""
    if sample is None or sample >= len(mutants):
        return list(mutants)
    kept = set(random.Random(seed).sample(range(len(mutants)), sample))  # noqa: S311
    return [mutant for index, mutant in enumerate(mutants) if index in kept]


def verdicts_of(
    mutants: Sequence[Mutant], files: Iterable[Path], trial: Trial, name: str
) -> list[Verdict]:
    """Try mutants in parallel, each in a separate copy."""
    progress = trial.progress
    free: SimpleQueue[ForgeCopy] = SimpleQueue()
    task = progress.add_task(name, total=len(mutants))
    with ExitStack() as stack:
        for _ in range(trial.jobs):
            free.put(stack.enter_context(forge_copy(files, trial.by_name)))
        limit = patience(free, name)

        def one(mutant: Mutant) -> Verdict:
            copy = free.get()
            try:
                verdict = try_mutant(copy, mutant, limit)
            finally:
                free.put(copy)
            progress.advance(task)
            if verdict.outcome is Outcome.KILLED:
                trial.killed.remember(mutant, verdict.by)
            if verdict.outcome is Outcome.SURVIVED:
                progress.console.out(survivor(verdict), highlight=False)
            return verdict

        with ThreadPoolExecutor(trial.jobs) as pool:
            return list(pool.map(one, mutants))


def patience(free: SimpleQueue[ForgeCopy], name: str) -> float:
    """Return the time limit of a mutant; the unchanged tests must pass."""
    copy = free.get()
    started = time.monotonic()
    outcome, why = copy.test(None)
    free.put(copy)
    if outcome is not Outcome.SURVIVED:
        raise BrokenTreeError(f"{name}: the tests fail without any change:\n{why}")
    return ADDED_PATIENCE + PATIENCE * (time.monotonic() - started)


def mutants_in(group: Group) -> list[Mutant]:
    """Return all mutants of a group's contracts."""
    missing = [name for name in group.contracts if not (ROOT / name).is_file()]
    if missing:
        raise BrokenTreeError(f"no such file: {', '.join(missing)}")
    with forge_copy(closure(ROOT, map(Path, group.contracts))) as copy:
        return [m for name in group.contracts for m in mutants_of(name, copy.tree_of(name))]


def run_group(
    group: Group, mutants: Sequence[Mutant], jobs: int, name: str, killed: Killed
) -> list[Verdict]:
    """Try the mutants of a group, then the survivors with the slow tests."""
    before = [
        Verdict(mutant, Outcome.KILLED, by) for mutant in mutants if (by := killed.by(mutant))
    ]
    new = [mutant for mutant in mutants if not killed.by(mutant)]
    if not new:
        return before
    with Progress(console=Console(stderr=True)) as progress:
        trial = Trial(jobs, progress, killed, group.contracts if group.by_name else ())
        found = verdicts_of(new, group.files(group.tests), trial, name)
        left = [v.mutant for v in found if v.outcome is Outcome.SURVIVED]
        slow = group.files(group.slow)
        if not left or not slow:
            return [*before, *found]
        again = verdicts_of(left, slow, trial, f"{name}, slow tests")
        later = {verdict.mutant.key: verdict for verdict in again}
        return [*before, *(later.get(verdict.mutant.key, verdict) for verdict in found)]


def killed_of(group: Group, *, anew: bool) -> Killed:
    """Return the stored results for a group's contracts."""
    killed = Killed(ROOT, closure(ROOT, map(Path, group.contracts)))
    if anew:
        killed.forget()
    return killed


def survivor(verdict: Verdict) -> str:
    """Return the mutant as a row for docs/evidence/mutation.md, without its reason."""
    return f"survived, line {verdict.mutant.line}: {row(verdict.mutant, '?')}"


def as_json(verdicts: Iterable[Verdict]) -> str:
    """Return all verdicts as JSON."""
    return json.dumps(
        [
            {
                "file": verdict.mutant.source,
                "line": verdict.mutant.line,
                "function": verdict.mutant.function,
                "operator": verdict.mutant.operator,
                "before": verdict.mutant.before,
                "after": verdict.mutant.after,
                "nth": verdict.mutant.nth,
                "outcome": verdict.outcome,
                "by": verdict.by if verdict.outcome is Outcome.KILLED else "",
            }
            for verdict in verdicts
        ],
        indent=2,
    )


def summary(name: str, verdicts: Sequence[Verdict], unexplained: int) -> str:
    """Return one line of figures."""
    count = Counter(verdict.outcome for verdict in verdicts)
    killed = count[Outcome.KILLED] + count[Outcome.TIMEOUT]
    valid = len(verdicts) - count[Outcome.INVALID]
    return (
        f"{name}: {len(verdicts)} mutants, {count[Outcome.INVALID]} do not compile, "
        f"{killed} of {valid} killed ({count[Outcome.TIMEOUT]} by time), "
        f"{count[Outcome.SURVIVED]} survived, {unexplained} of them unexplained"
    )


@click.command(help=__doc__)
@click.argument("names", nargs=-1)
@click.option(
    "--sample", type=click.IntRange(min=1), help="Try only this number of mutants of each group."
)
@click.option("--function", "functions", multiple=True, help="Try only mutants of this function.")
@click.option("--seed", default=1, show_default=True, help="Seed of the sample.")
@click.option("--jobs", default=os.cpu_count() or 1, show_default=True, help="Number of jobs.")
@click.option("--anew", is_flag=True, help="Delete the stored results first.")
@click.option("--json", "to_json", is_flag=True, help="Print every mutant and outcome as JSON.")
def main(
    names: tuple[str, ...],
    functions: tuple[str, ...],
    sample: int | None,
    seed: int,
    jobs: int,
    *,
    anew: bool,
    to_json: bool,
) -> None:
    """Run the command line."""
    groups = TypeAdapter(dict[str, Group]).validate_python(tomllib.loads(TARGETS.read_text()))
    unknown = set(names) - set(groups)
    if unknown:
        raise click.UsageError(
            f"no such group: {', '.join(sorted(unknown))}; the groups are: {', '.join(groups)}"
        )
    known = explained(DOCUMENT.read_text())
    verdicts: list[Verdict] = []
    left: list[Verdict] = []
    for name in names or groups:
        try:
            mutants = chosen(within(mutants_in(groups[name]), functions), sample, seed)
            killed = killed_of(groups[name], anew=anew)
            found = run_group(groups[name], mutants, jobs, name, killed)
        except BrokenTreeError as problem:
            raise click.ClickException(str(problem)) from problem
        survivors = [
            v for v in found if v.outcome is Outcome.SURVIVED and v.mutant.key not in known
        ]
        click.echo(summary(name, found, len(survivors)), err=to_json)
        verdicts, left = [*verdicts, *found], [*left, *survivors]
    if to_json:
        click.echo(as_json(verdicts))
    for verdict in left:
        click.echo(survivor(verdict), err=to_json)
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
