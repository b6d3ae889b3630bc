"""Gas of whole transactions: measure it, and compare it with the snapshot in tests/vectors/gas.

`python -m scripts.analysis.gas` writes the snapshot and the table in docs/evidence/gas.md; with
`--check` it compares instead. The exit status is 1 if a transaction costs more than the snapshot,
or so much less that the snapshot is outdated.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from eth_abi.abi import decode
from eth_utils.crypto import keccak
from pydantic import BaseModel, TypeAdapter

ROOT = Path(__file__).resolve().parents[2]
FORGE = ROOT / ".venv" / "bin" / "forge"
#: Tests that emit `GasMeasured`; in isolation mode each call of a test is a transaction.
TESTS = "{tests/solidity/gas/*,tests/solidity/**/*.gas.t.sol}"
SNAPSHOT = ROOT / "tests" / "vectors" / "gas" / "transactions.json"
DOCUMENT = ROOT / "docs" / "evidence" / "gas.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end -->\n"
#: Output folders of `make test-solidity`, so that nothing is compiled twice.
COMPILED = (
    "--out",
    str(ROOT / ".cache" / "forge-tests" / "out"),
    "--cache-path",
    str(ROOT / ".cache" / "forge-tests" / "cache"),
)
#: Gas varies by less than this share with the bytes of calldata and addresses.
TOLERANCE = 0.005
EVENT = "0x" + keccak(text="GasMeasured(string,uint256,uint256)").hex()


class Measured(BaseModel):
    """Gas of one transaction, and its ceiling, if there is one."""

    gas: int
    ceiling: int | None


class _Log(BaseModel):
    topics: list[str]
    data: str


class _Test(BaseModel):
    status: str
    reason: str | None
    logs: list[_Log]


class _Suite(BaseModel):
    test_results: dict[str, _Test]


Snapshot = dict[str, Measured]
SNAPSHOTS = TypeAdapter(Snapshot)


class GasError(Exception):
    """The measurement failed, or a transaction exceeds its ceiling."""


def measure() -> Snapshot:
    """Run the gas tests, and return their measurements."""
    done = subprocess.run(
        [FORGE, "test", "--isolate", "--match-path", TESTS, "--json", "-vv", *COMPILED],
        cwd=ROOT,
        env={**os.environ, "HOME": str(ROOT / ".cache" / "home")},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    suites = TypeAdapter(dict[str, _Suite]).validate_json(done.stdout)
    results = {name: test for s in suites.values() for name, test in s.test_results.items()}
    failed = [
        f"{name}: {test.reason}" for name, test in results.items() if test.status != "Success"
    ]
    if failed or not results:
        raise GasError("\n".join(failed) or f"no tests in {TESTS}")
    return dict(sorted(told for test in results.values() for told in _told(test)))


def _told(test: _Test) -> Iterator[tuple[str, Measured]]:
    for log in test.logs:
        if log.topics[:1] == [EVENT]:
            raw = bytes.fromhex(log.data.removeprefix("0x"))
            what, gas, ceiling = decode(["string", "uint256", "uint256"], raw)
            yield str(what), Measured(gas=int(gas), ceiling=int(ceiling) or None)


def differences(measured: Mapping[str, Measured], snapshot: Mapping[str, Measured]) -> list[str]:
    """Return a line for each difference from the snapshot."""
    found = [f"{name}: no longer measured" for name in snapshot if name not in measured]
    for name, now in measured.items():
        then = snapshot.get(name)
        if then is None:
            found.append(f"{name}: not in the snapshot")
        elif abs(now.gas - then.gas) > TOLERANCE * then.gas:
            kind = "more" if now.gas > then.gas else "less"
            found.append(f"{name}: {now.gas:,}, {kind} than {then.gas:,}")
        elif now.ceiling != then.ceiling:
            found.append(f"{name}: the ceiling has changed")
    return found


def load() -> Snapshot:
    """Return the committed snapshot."""
    return SNAPSHOTS.validate_json(SNAPSHOT.read_bytes())


def table(snapshot: Mapping[str, Measured]) -> str:
    """Return the snapshot as the table of docs/evidence/gas.md."""
    rows = [f"| {name} | {row.gas:,} | {_ceiling(row)} |" for name, row in snapshot.items()]
    return "\n".join(["| transaction | gas | ceiling |", "| --- | ---: | ---: |", *rows]) + "\n"


def with_table(document: str, snapshot: Mapping[str, Measured]) -> str:
    """Return the document with the table replaced."""
    before, rest = document.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + table(snapshot) + END + after


def _ceiling(row: Measured) -> str:
    if row.ceiling is None:
        return ""
    return f"{row.ceiling:,}" + ("" if row.gas <= row.ceiling else ", missed")


@click.command(help=__doc__)
@click.option("--check", is_flag=True, help="Compare with the snapshot, and write nothing.")
def main(*, check: bool) -> None:
    """Run the command line."""
    try:
        measured = measure()
    except GasError as problem:
        raise click.ClickException(str(problem)) from problem
    if check:
        found = differences(measured, load())
        click.echo("\n".join(found) if found else table(measured))
        sys.exit(1 if found else 0)
    SNAPSHOT.parent.mkdir(parents=True, exist_ok=True)
    SNAPSHOT.write_bytes(SNAPSHOTS.dump_json(measured, indent=2) + b"\n")
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(), measured))
    click.echo(table(measured))


if __name__ == "__main__":
    main()
