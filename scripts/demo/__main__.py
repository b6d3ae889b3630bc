"""`make demo`: set up the chain, run the chapters, check the results, write the report."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from scripts.demo import inventory, recurring
from scripts.demo.chapters import APPROVERS, CHAPTERS, Chapter
from scripts.demo.errors import DemoError
from scripts.demo.programs import ROOT
from scripts.demo.protocols import protocol_events
from scripts.demo.stage import Stage
from scripts.demo.tables import console, print_limits, print_tiers, print_transactions
from scripts.demo.treasuries import Treasuries
from scripts.network import start_network
from scripts.network.accounts import test_account
from scripts.network.bridging.local import open_bridges

APPROVED_BY = [test_account(each).address for each in APPROVERS]
REPORT = ROOT / "reports" / "demo.html"


def tell(stage: Stage, number: int, chapter: Chapter) -> list[str]:
    """Run a chapter: disturb, show, let the keeper run, show again; return its transactions.

    Raises:
        DemoError: The keeper did nothing, or a tier ended outside its band.
    """
    console.rule(f"[bold]{number}. {chapter.title}", align="left")
    console.print(chapter.story)
    chapter.disturb(stage)
    before = stage.ballast("status")
    run = stage.ballast("run", "--once", "--arm")
    if chapter.asks:
        run = _approved(stage, chapter, run)
    after = stage.ballast("status")
    print_tiers(before, after)
    print_transactions(stage.chain, run)
    print_limits(before, after)
    _check(chapter, before, run, after)
    return [attempt["transaction_hash"] for step in run["steps"] for attempt in step["attempts"]]


def _approved(stage: Stage, chapter: Chapter, run: dict[str, Any]) -> dict[str, Any]:
    """Approve the plan of a run, and return the run afterwards.

    Raises:
        DemoError: The run did not wait for approval, or its report does not name the approvers.
    """
    if run["status"] != "OPEN":
        raise DemoError(f"{chapter.title}: the plan did not wait for approval: {run['status']}")
    console.print(
        f"The plan waits for approval; nothing was sent. Approvers that sign it: "
        f"{' and '.join(APPROVED_BY)}."
    )
    for index in APPROVERS:
        stage.approve(run["run_id"], index)
    done = stage.ballast("run", "--once", "--arm")
    (told,) = stage.ballast("report", "--run", done["run_id"])["runs"]
    if sorted(told["approval"]["approved_by"]) != sorted(APPROVED_BY):
        raise DemoError(f"{chapter.title}: the report does not name its approvers")
    return done


def _check(
    chapter: Chapter, before: dict[str, Any], run: dict[str, Any], after: dict[str, Any]
) -> None:
    if all(layer["within_bounds"] for layer in before["layers"]) and not run["steps"]:
        raise DemoError(f"{chapter.title}: the disturbance did not unbalance the vault")
    if run["status"] != "DONE":
        raise DemoError(f"{chapter.title}: the run ended as {run['status']}: {run['reason']}")
    outside = [layer["tier"] for layer in after["layers"] if not layer["within_bounds"]]
    if outside:
        raise DemoError(f"{chapter.title}: outside its band: {', '.join(outside)}")


def perform(stage: Stage, treasuries: Treasuries, deployed: Future[None]) -> None:
    """Run all chapters, prove the use of real protocols, and write the report.

    `deployed` is done when the treasuries are deployed.
    """
    console.print(
        "Deploying with ape: deploy, configure, verify. Treasuries of three chains, for the last "
        "chapter, are deployed in parallel."
    )
    stage.set_up()
    console.print("The keeper may move up to 950,000 USDT per plan without approval.")
    console.print("Limits on chain start empty; after a week of chain time they are full.")
    sent = [
        hashed
        for number, chapter in enumerate(CHAPTERS, start=1)
        for hashed in tell(stage, number, chapter)
    ]
    console.rule(f"[bold]{len(CHAPTERS) + 1}. {recurring.TITLE}", align="left")
    console.print(recurring.STORY)
    recurring.play(stage)
    console.rule(f"[bold]{len(CHAPTERS) + 2}. {inventory.TITLE}", align="left")
    console.print(inventory.STORY)
    deployed.result()
    inventory.play(treasuries)
    console.rule("[bold]Protocol events of the vault's chapters", align="left")
    counted = protocol_events(stage.chain, sent)
    for name, times in sorted(counted.items()):
        console.print(f"{name}: {times}")
    if not (counted["Uniswap V3 swaps"] and counted["Aave V3 deposits"]):
        raise DemoError("the transactions include no swap or no money-market deposit")
    REPORT.parent.mkdir(exist_ok=True)
    stage.write_report(REPORT)
    console.print(f"Every tier is inside its band. Report: {REPORT.relative_to(Path.cwd())}")


def _remove_leftovers() -> None:
    """Remove the folders of demos that were killed."""
    for folder in (ROOT / ".cache").glob("demo-*-*"):
        if not Path("/proc", folder.name.split("-")[1]).exists():
            shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run the demo; the exit status is 0 if every check passed."""
    started = time.monotonic()
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=f"demo-{os.getpid()}-", dir=ROOT / ".cache"))
    try:
        with (
            start_network() as network,
            open_bridges(network.chains) as bridges,
            ThreadPoolExecutor(1) as beside,
        ):
            names = ", ".join(f"{chain.name} at {chain.url}" for chain in network.chains.values())
            console.print(f"Local network: {names}")
            treasuries = Treasuries(network.chains, bridges, folder / "treasuries")
            deployed = beside.submit(treasuries.set_up)
            perform(Stage(network.chains["ethereum-local"], folder), treasuries, deployed)
    except DemoError as failure:
        print(f"demo failed: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    console.print(f"Done in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
