"""Branch coverage of contracts/: the share per file, and the lines of branches not taken.

The exit status is 1 if coverage is below the minimum. Property tests run briefly. Gas tests are
excluded, because the compiler does not optimise here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
LEAST_PERCENT = 99
ENVIRONMENT = {
    "FOUNDRY_FUZZ_RUNS": "32",
    "FOUNDRY_INVARIANT_RUNS": "8",
    "FOUNDRY_INVARIANT_DEPTH": "32",
}
#: Line of each branch, and the number of times it was taken.
Branches = list[tuple[int, int]]


def measure(report: Path) -> None:
    """Run the tests, and write forge's report in the lcov format."""
    command = ("coverage", "--report", "lcov", "--report-file", str(report), "--exclude-tests")
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "forge", *command, "--no-match-test", "test_gas"],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT, "HOME": str(ROOT / ".cache" / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise click.ClickException(done.stdout[-2000:])


def branches(report: str) -> dict[str, Branches]:
    """Return the branches by file, for files under contracts/."""
    found: defaultdict[str, Branches] = defaultdict(list)
    file = ""
    for line in report.splitlines():
        kind, _, value = line.partition(":")
        if kind == "SF":
            file = value
        elif kind == "BRDA" and file.startswith("contracts/"):
            number, _, _, taken = value.split(",")
            found[file].append((int(number), 0 if taken == "-" else int(taken)))
    return dict(found)


def table(found: Mapping[str, Branches]) -> str:
    """Return one line per file."""
    lines: list[str] = []
    for file, each in sorted(found.items()):
        missed = sorted({line for line, taken in each if not taken})
        hit = sum(1 for _, taken in each if taken)
        where = f", not taken in lines {', '.join(map(str, missed))}" if missed else ""
        lines.append(f"{file:<44} {hit:>3} of {len(each):>3} branches{where}")
    return "\n".join(lines)


def percent(found: Mapping[str, Branches]) -> float:
    """Return the percentage of branches taken, over all files."""
    every = [taken for each in found.values() for _, taken in each]
    return 100 * sum(1 for taken in every if taken) / len(every) if every else 0.0


@click.command(help=__doc__)
def main() -> None:
    """Run the command line."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "lcov.info"
        measure(report)
        found = branches(report.read_text())
    click.echo(table(found))
    click.echo(f"{percent(found):.1f} % of the branches; at least {LEAST_PERCENT} % are required")
    sys.exit(0 if percent(found) >= LEAST_PERCENT else 1)


if __name__ == "__main__":
    main()
