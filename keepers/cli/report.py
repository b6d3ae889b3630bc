"""`ballast report`: report runs and the tiers over time, from the journal alone."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from keepers.cli.files import write_text
from keepers.cli.options import config_option, json_option, vault_option
from keepers.config import Settings, load_settings
from keepers.model.errors import InputError
from keepers.model.json_document import readable_json
from keepers.reports.batch_document import BatchStory, batch_document
from keepers.reports.batch_text import render_batch
from keepers.reports.report import Report, build_report
from keepers.reports.report_html import page
from keepers.reports.report_text import render_text
from keepers.reports.run_document import report_document
from keepers.runtime.process.database import opened
from keepers.runtime.treasury.setup import labels_of
from keepers.runtime.vault.setup import VAULT_VARIABLE
from keepers.store.database import Database
from keepers.store.runs import ReportRunRepository, open_report_runs
from keepers.store.tickets import TicketRepository
from keepers.store.transfers import TransferRepository


def story_of(database: Database, text: str) -> BatchStory:
    """Return the batch whose id starts with a prefix.

    Raises:
        InputError: No batch matches, or several do.
    """
    store, tickets = TransferRepository(database), TicketRepository(database)
    found = [each for each in store.batches(None) if each.batch_id.startswith(text)]
    if len(found) != 1:
        problem = f"{len(found)} batches have ids that begin with {text!a}; enter more of the id"
        raise InputError("--batch", problem if found else f"there is no batch {text!a}")
    batch = found[0]
    transfers, placements = store.of_batch(batch.batch_id), store.placements_of(batch.batch_id)
    runs = [each.new.run_id for each in (*transfers, *placements)]
    runs += [each.run_id for each in batch.plans]
    asked = (tickets.ticket(each.run_id) for each in batch.plans)
    return BatchStory(
        batch=batch,
        transfers=transfers,
        timelines={each.transfer_id: store.timeline(each.transfer_id) for each in transfers},
        placements=placements,
        tickets=[each for each in asked if each is not None],
        intents={run_id: store.intents(run_id) for run_id in runs},
    )


FORMATS = ("text", "json", "html")


@click.command()
@config_option
@vault_option
@click.option("--run", "run_id", metavar="ID", help="Only this run.")
@click.option("--batch", "batch_id", metavar="ID", help="Only this batch of transfers.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Maximum number of runs.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@json_option
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write instead of standard output.",
)
def report(
    *,
    config: Path | None,
    vault: str | None,
    run_id: str | None,
    batch_id: str | None,
    limit: int,
    form: str,
    output: Path | None,
    as_json: bool,
) -> None:
    """Report runs and the tiers over time, from the journal; no chain is read.

    With --batch, report the plan of a batch of transfers and its outcome.
    """
    settings = load_settings(config)
    if batch_id is not None:
        _print(_of_batch(settings, batch_id, "json" if as_json else form), output)
        return
    store = open_report_runs(settings.database)
    try:
        wanted = vault or os.environ.get(VAULT_VARIABLE)
        made = _report(store, tuple(settings.vaults), wanted, run_id, limit)
    finally:
        store.close()
    _print(_rendered(made, "json" if as_json else form), output)


def _of_batch(settings: Settings, batch_id: str, form: str) -> str:
    if form == "html":
        raise InputError("--format", "of a batch is text or json")
    with opened(settings) as database:
        story = story_of(database, batch_id)
    document = batch_document(story, labels_of(settings))
    return render_batch(document) if form == "text" else f"{readable_json(document)}\n"


def _print(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text("--output", output, text)


def _report(
    store: ReportRunRepository,
    vaults: tuple[str, ...],
    vault: str | None,
    run_id: str | None,
    limit: int,
) -> Report:
    if run_id is not None:
        record = store.run(run_id)
        runs, name = (record,), record.run.vault
    else:
        name = _chosen(vaults, vault)
        runs = store.runs(name, limit=limit)
    samples = store.samples(name)
    return build_report(name, runs, samples, generated_at=datetime.now(UTC))


def _chosen(vaults: tuple[str, ...], vault: str | None) -> str:
    if vault is None and len(vaults) == 1:
        return vaults[0]
    if not vaults:
        problem = "no vault has runs yet; `--batch ID` reports a batch of the treasuries"
        raise InputError("--vault", problem)
    if vault not in vaults:
        raise InputError("--vault", f"must be one of {', '.join(vaults)}")
    return vault


def _rendered(made: Report, form: str) -> str:
    match form:
        case "json":
            return f"{readable_json(report_document(made))}\n"
        case "html":
            return page(made)
        case _:
            return render_text(made)
