"""`ballast report`: what was done and how the tiers went, from the journal alone."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from keepers.adapters.report.document import document
from keepers.adapters.report.html import page
from keepers.adapters.report.report import Report, build_report
from keepers.adapters.report.text import render_text
from keepers.adapters.store.journal import SqlReportJournal, open_reports
from keepers.app.settings import load_settings
from keepers.cli.files import write_text
from keepers.cli.options import config_option, json_option, vault_option
from keepers.domain.errors import InputError

FORMATS = ("text", "json", "html")
VAULT_VARIABLE = "BALLAST_VAULT"


@click.command()
@config_option
@vault_option
@click.option("--run", "run_id", metavar="ID", help="One run alone.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Runs.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@json_option
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it there instead."
)
def report(
    *,
    config: Path | None,
    vault: str | None,
    run_id: str | None,
    limit: int,
    form: str,
    output: Path | None,
    as_json: bool,
) -> None:
    """Report runs and the tiers over time; reads the journal and no chain."""
    settings = load_settings(config)
    journal = open_reports(settings.database)
    try:
        wanted = vault or os.environ.get(VAULT_VARIABLE)
        made = _report(journal, tuple(settings.vaults), wanted, run_id, limit)
    finally:
        journal.close()
    text = _rendered(made, "json" if as_json else form)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text("--output", output, text)


def _report(
    journal: SqlReportJournal,
    vaults: tuple[str, ...],
    vault: str | None,
    run_id: str | None,
    limit: int,
) -> Report:
    if run_id is not None:
        record = journal.run(run_id)
        runs, name = (record,), record.run.vault
    else:
        name = _chosen(vaults, vault)
        runs = journal.runs(name, limit=limit)
    samples = journal.samples(name)
    return build_report(name, runs, samples, generated_at=datetime.now(UTC))


def _chosen(vaults: tuple[str, ...], vault: str | None) -> str:
    if vault is None and len(vaults) == 1:
        return vaults[0]
    if vault not in vaults:
        raise InputError("--vault", f"must be one of {', '.join(vaults)}")
    return vault


def _rendered(made: Report, form: str) -> str:
    match form:
        case "json":
            return json.dumps(document(made), ensure_ascii=False, indent=2) + "\n"
        case "html":
            return page(made)
        case _:
            return render_text(made)
