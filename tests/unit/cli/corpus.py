"""Recorded corpus of command results: output, errors and exit statuses, compared byte for byte.

After an intended change of an interface, run `python -m tests.unit.cli.corpus` to record it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import click
from click.testing import CliRunner

from keepers.cli.config import template
from keepers.cli.main import cli
from keepers.model.transaction_states import RequestedAction
from keepers.reports.report import build_report
from keepers.reports.report_html import page
from keepers.reports.report_text import render_text
from keepers.reports.run_document import report_document
from keepers.store.connection import connect
from keepers.store.database import Database, open_database
from tests.unit.config.conftest import MINIMAL
from tests.unit.config.test_cli_config import uncommented
from tests.unit.config.test_treasury import TREASURY
from tests.unit.reports.story import RUNS, SAMPLES
from tests.unit.runtime.txs.conftest import CONFIGURATION, DEPLOYMENT
from tests.unit.store.ledger.samples import StillClock
from tests.unit.transactions.paper_engine import EngineOnPaper
from tests.unit.transfers.test_cli import SETTINGS
from tests.unit.transfers.transfer_rig import TransferRig
from tests.unit.vectors import VECTORS

CORPUS = VECTORS / "interface.json"
ROOT = VECTORS.parents[1]
MANUAL = next((ROOT / "docs").rglob("planning-format.md"))
GENERATED = datetime(2026, 3, 3, 8, tzinfo=UTC)

MASKS = (
    (re.compile(r'"age_seconds": \d+'), '"age_seconds": 0'),
    (re.compile(r"UTC, [0-9a-z ]+ ago"), "UTC, 0 s ago"),
    (re.compile(r"docs/[\w/-]+\.md"), "docs/PAGE.md"),
)
"""Replacements for ages and for paths of documentation pages."""

TEMPLATE = template()
CONFIGURATIONS: Mapping[str, str] = {
    "minimal": MINIMAL,
    "template": TEMPLATE,
    "template uncommented": uncommented(TEMPLATE),
    "treasury": TREASURY,
    "two vaults": MINIMAL + '[vaults.second]\nchain = "ethereum-local"\nsigner = "keeper"\n',
    "server": f'database = "postgresql+psycopg://k:hunter2@db/ballast"\n{MINIMAL}',
    "wrong types": MINIMAL.replace("= 1000001", '= "1"').replace("= 1000\n", "= true\n"),
    "unknown keys": MINIMAL.replace("chain_id", "chainid") + "[x]\n[y]\n",
    "missing keys": MINIMAL.replace("chain_id = 1000001\n", "").replace("kind", "kin"),
    "dangling": MINIMAL.replace('signer = "keeper"', 'signer = "me"\npolicy = "none"'),
    "targets": MINIMAL.replace("= 1000\n", "= 1500\nL2_MAX_RATIO = 1\n"),
    "not toml": MINIMAL.replace("chain_id = 1000001", "chain_id ="),
    "not toml in a list": MINIMAL.replace('8545"]', '8545"'),
    "given twice": MINIMAL.replace("chain_id", "chain_id = 1\nchain_id"),
    "dotted": MINIMAL.replace("[vaults.main.tiers]\nL1", "[vaults]\nmain.tiers.L1"),
    "inline": 'chains = { a = { chain_id = 0 } }\nsigners.b = { kind = "ape" }\n',
    "quoted": '[chains . "a.b"]\n"chain_id" = """\n1"""\n[[chains.c]]\nx = [\n1,\n"[d]"\n]\n',
    "empty": "",
}
ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "types": {
        "BALLAST_ARMED": "true",
        "BALLAST_CHAINS__ETHEREUM_LOCAL__RPC_URLS": "http://a, https://b",
        "BALLAST_CHAINS__ETHEREUM_LOCAL__POLL_INTERVAL_SECONDS": "0.05",
        "BALLAST_CHAINS__ETHEREUM_LOCAL__CONFIRMATIONS": "3",
        "BALLAST_VAULTS__MAIN__TIERS__L1_LOW_RATIO": "700",
        "BALLAST_SCHEDULE__TIERS": "0 1 * * *",
        "BALLAST_NOTIFICATIONS__URLS": '["mailto://a:b@c"]',
        "BALLAST_CHAINS__BASE__CHAIN_ID": "8453",
        "BALLAST_CHAINS__BASE__RPC_URLS": "http://base",
        "BALLAST_UNRELATED": "1",
    },
    "engine names": {"L1_TARGET_RATIO": "1000", "REBALANCE_GAS_LIMIT": "900000", "ARMED": "true"},
    "contradiction": {"L1_TARGET_RATIO": "1500"},
    "no number": {"REBALANCE_GAS_LIMIT": "plenty", "BALLAST_ARMED": "perhaps"},
    "lists": {"BALLAST_CHAINS__ETHEREUM_LOCAL__RPC_URLS": "["},
    "no section": {"BALLAST_VAULT__MAIN__SIGNER": "x", "BALLAST_ARMED__X": "x"},
    "no key": {"BALLAST_CHAINS__ETHEREUM_LOCAL": "x", "BALLAST_SERVICE__A__B": "x"},
    "unknown key": {"BALLAST_CHAINS__ETHEREUM_LOCAL__CHAINID": "1", "BALLAST_SCHEDULE__X": "1"},
    "odd names": {"BALLAST_": "1", "BALLAST_CHAINS__": "1", "BALLAST_CHAINS____CHAIN_ID": "1"},
    "lower case": {"ballast_armed": "true", "BALLAST_armed": "true"},
}
TREASURY_ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "depth": {
        "BALLAST_TREASURY__TRIGGER_PERCENTAGE": "0.25",
        "BALLAST_TREASURY__AUDITORS": "",
        "BALLAST_TREASURY__CHAINS__ETHEREUM_LOCAL__BASE__USDC": "12.5",
        "BALLAST_TREASURY__CHAINS__ETHEREUM_LOCAL__BASE__DAI": "3",
        "BALLAST_TREASURY__BRIDGES__CCTP__FAST": "false",
        "BALLAST_TREASURY__BRIDGES__CUSTODIAN__URL": "https://custodian.example",
    },
    "tables": {"BALLAST_TREASURY__CHAINS": "1", "BALLAST_TREASURY__BRIDGES__CCTP": "1"},
    "unknown": {"BALLAST_TREASURY__NOTHING": "1", "BALLAST_TREASURY__BRIDGES__CCTP__NO": "1"},
}
UNUSABLE = ("", "\x00", "[" * 50, "[]", "{}", '{"a":1,"a":2}', '{"tiers":{"L1":"x"}}', "NaN")
USAGE: Sequence[Sequence[str]] = (
    ("plna",),
    ("plan", "tier"),
    ("plan", "tiers", "--inputs"),
    ("plan", "tiers", "--input", "missing.json"),
    ("plan", "weights"),
    ("report", "--limit", "0"),
    ("report", "--vault", "none"),
    ("report", "--batch", "none"),
    ("report", "--batch", "none", "--format", "html"),
    ("rebalance", "--weights", "L3", "--rollback", "r1"),
    ("status", "--vault", "none"),
    ("txs", "--all", "--live"),
    ("txs", "show", "x"),
    ("transfers", "show", "x"),
    ("instructions",),
    ("instructions", "show", "x"),
    ("instruct", "missing.json"),
    ("recurring", "list", "--config", "nowhere.toml"),
    ("signer", "--check"),
    ("validator", "run", "--check"),
    ("config", "init", "--path", "no/such/file.toml"),
    ("config", "check", "--config", "nowhere.toml"),
    ("config", "show", "--config", "."),
    ("pause", "--chain", "none"),
    ("approve", "none"),
    ("check", "--config", "nowhere.toml"),
)


def record() -> dict[str, Any]:
    """Return the result of every case under its name."""
    with tempfile.TemporaryDirectory() as name, _process(Path(name).resolve()) as folder:
        return dict(_cases(folder))


@contextmanager
def _process(folder: Path) -> Generator[Path, None, None]:
    """Run in a temporary folder with a minimal environment and a terminal of 80 columns."""
    bare = {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "80"}
    before = Path.cwd()
    with mock.patch.dict(os.environ, bare, clear=True):
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)


def _cases(folder: Path) -> Iterator[tuple[str, Any]]:
    yield from _help(cli, ())
    yield from _plans()
    yield from _configurations(folder)
    yield from _transactions(folder)
    yield from _transfers(folder)
    yield from _reports()


def run(
    *arguments: str, standard_input: str = "", environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run one command; replace paths of the folder by `FOLDER`."""
    runner = CliRunner(mix_stderr=False, env=environment)
    done = runner.invoke(cli, arguments, input=standard_input, prog_name="ballast")
    return {
        "status": done.exit_code,
        "out": _masked(done.stdout),
        "err": _masked(done.stderr),
    }


def _masked(text: str) -> list[str]:
    text = text.replace(str(Path.cwd()), "FOLDER")
    for pattern, replacement in MASKS:
        text = pattern.sub(replacement, text)
    return text.split("\n")


def _help(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    yield " ".join(("help", *path)), run(*path, "--help")
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _help(inner, (*path, name))


def _plans() -> Iterator[tuple[str, Any]]:
    questions = dict(_questions())
    for name, text in questions.items():
        planner = name.split(" ", 1)[0]
        forms = (("--json",), ()) if planner == "weights" else (("--json",), (), ("--explain",))
        for form in forms:
            arguments = ("plan", planner, "--input", "-", *form)
            case = f"plan {name} {' '.join(form)}".rstrip()
            yield case, run(*arguments, standard_input=text)
    for planner in ("tiers", "weights", "inventory"):
        for number, text in enumerate(UNUSABLE):
            for form in ("--json",), ():
                arguments = ("plan", planner, "--input", "-", *form)
                case = f"plan {planner} unusable {number} {' '.join(form)}".rstrip()
                yield case, run(*arguments, standard_input=text)


def _questions() -> Iterator[tuple[str, str]]:
    """Yield the planner inputs of the manual and of the vectors."""
    sections = re.split(r"^## ", MANUAL.read_text(), flags=re.MULTILINE)
    for section in sections:
        planner = section.split("\n", 1)[0].lower()
        if planner in {"tiers", "weights", "inventory"}:
            for number, text in enumerate(re.findall(r"```json\n(.*?)```", section, re.DOTALL)):
                if '"plan_id"' not in text:
                    yield f"{planner} manual {number}", text
    for file in sorted((VECTORS / "tiers").glob("*.json")):
        yield f"tiers {file.stem}", json.dumps(json.loads(file.read_text())["input"])
    for case in json.loads((VECTORS / "weights.json").read_text()):
        yield f"weights {case['name']}", json.dumps(case["input"])


def _configurations(folder: Path) -> Iterator[tuple[str, Any]]:
    yield "config init", run("config", "init", "--config", "new.toml")
    yield "config init again", run("config", "init", "--config", "new.toml")
    yield "config init written", _masked((folder / "new.toml").read_text())
    for name, text in CONFIGURATIONS.items():
        Path("ballast.toml").write_text(text)
        yield from _shown(f"config {name}", {})
    Path("ballast.toml").write_text(MINIMAL)
    for name, environment in ENVIRONMENTS.items():
        yield from _shown(f"environment {name}", environment)
    Path("ballast.toml").write_text(TREASURY)
    for name, environment in TREASURY_ENVIRONMENTS.items():
        yield from _shown(f"treasury environment {name}", environment)
    Path("ballast.toml").write_text(MINIMAL)
    for arguments in USAGE:
        for form in ((), ("--json",)):
            yield " ".join(("usage", *arguments, *form)), run(*arguments, *form)


def _shown(name: str, environment: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for form in (("check",), ("check", "--json"), ("show",), ("show", "--json")):
        yield f"{name}: {' '.join(form)}", run("config", *form, environment=environment)


def _transactions(folder: Path) -> Iterator[tuple[str, Any]]:
    file = _database(folder / "ledger.sqlite")
    Path("ballast.toml").write_text(CONFIGURATION)
    Path("deployments.json").write_text(json.dumps(DEPLOYMENT))
    ledger = Database(connect(f"sqlite:///{file}"), clock=StillClock())
    rig = EngineOnPaper(ledger)
    yield "txs, none", run("txs")
    ended = rig.submit()
    rig.run()
    rig.mine(6)
    bumped = rig.submit()
    rig.run()
    rig.context.store.want(bumped, RequestedAction.BUMP)
    rig.run()
    queued = rig.submit()
    yield "txs list --json", run("txs", "list", "--all", "--json")
    for number in (ended, bumped, queued):
        yield f"txs show {number}", run("txs", "show", str(number))
        yield f"txs show {number} --json", run("txs", "show", str(number), "--json")
    yield "txs bump", run("txs", "bump", str(bumped), "--reason", "slow", "--yes")
    yield "txs cancel ended", run("txs", "cancel", str(ended), "--reason", "x", "--yes")
    ledger.close()


def _transfers(folder: Path) -> Iterator[tuple[str, Any]]:
    paper = TransferRig(_database(folder / "transfers.sqlite"))
    Path("ballast.toml").write_text(SETTINGS.format(database=paper.file))
    yield "transfers, none", run("transfers")
    (done,) = paper.begin(invest=100)
    paper.run()
    paper.custodial.stuck = "the key has no right"
    (stuck,) = paper.begin("EXCHANGE", nonce=1)
    for _ in range(12):
        paper.turn()
    yield "transfers list --json", run("transfers", "list", "--all", "--json")
    yield "transfers list --stuck --json", run("transfers", "list", "--stuck", "--json")
    for name, key in (("done", done), ("stuck", stuck)):
        yield f"transfers show {name}", run("transfers", "show", key)
        yield f"transfers show {name} --json", run("transfers", "show", key, "--json")
    for number in (0, 1):
        yield f"report batch {number}", run("report", "--batch", f"batch-{number}")
        yield f"report batch {number} --json", run("report", "--batch", f"batch-{number}", "--json")
    yield "transfers resolve", run("transfers", "resolve", stuck, "--reason", "x")
    yield "transfers resolve unfit", run("transfers", "resolve", done, "--again", "--reason", "x")
    paper.database.close()


def _database(file: Path) -> Path:
    empty = file.with_suffix(".empty")
    open_database(f"sqlite:///{empty}").close()
    return Path(shutil.copy(empty, file))


def _reports() -> Iterator[tuple[str, Any]]:
    for name, runs, samples in (
        ("story", RUNS, SAMPLES),
        ("one run", RUNS[1:2], ()),
        ("nothing", (), ()),
    ):
        made = build_report("main", runs, samples, generated_at=GENERATED)
        text = json.dumps(report_document(made), ensure_ascii=False, indent=2)
        yield f"report {name}: json", _masked(text)
        yield f"report {name}: text", _masked(render_text(made))
        yield f"report {name}: html", _masked(page(made))


def main() -> None:
    """Write the corpus."""
    text = json.dumps(record(), ensure_ascii=False, indent=1, sort_keys=True)
    CORPUS.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
