"""`ballast txs`: list transactions and request changes to them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import click

from keepers.cli.files import print_json
from keepers.cli.lazy import SuggestingGroup
from keepers.cli.options import config_option, json_option, vault_option, verbose_option
from keepers.cli.txs_requests import bump, cancel, resync, retry
from keepers.config import load_settings
from keepers.model.json_document import Json
from keepers.model.transaction_details import TransactionDetails
from keepers.model.transaction_states import ENDED_INTENTS, IntentState
from keepers.reports.terminal import terminal_width
from keepers.reports.transaction_document import transaction_brief, transaction_document
from keepers.reports.transaction_text import render_transaction, render_transactions
from keepers.runtime.process.database import opened
from keepers.runtime.transactions.operator_requests import look_up
from keepers.store.database import Database
from keepers.store.transaction_queries import TransactionFilter, browse, history_of

FEW = 5
"""So many of those that have ended are shown beside the live ones."""


def listed(
    database: Database, wanted: TransactionFilter, *, few_ended: bool
) -> tuple[TransactionDetails, ...]:
    """Return transactions, newest first; with `few_ended` live ones and the last finished ones."""
    now = database.now()
    if not few_ended:
        return database.read(lambda connection: browse(connection, wanted, now))
    live = replace(wanted, live=True)
    ended = replace(wanted, states=ENDED_INTENTS, limit=min(FEW, wanted.limit or FEW))
    both = database.read(lambda c: (*browse(c, live, now), *browse(c, ended, now)))
    newest = sorted(both, key=lambda each: -each.record.intent_id)
    return tuple(newest[: wanted.limit])


STATES = tuple(state.value.lower() for state in IntentState)


class ListByDefault(SuggestingGroup):
    """A group that lists if no command is given: `txs --all` is `txs list --all`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the name of the default command if none is given."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=ListByDefault)
def txs() -> None:
    """List and show transactions; raise their fees or cancel them."""


@txs.command("list", short_help="List transactions; the default.")
@config_option
@vault_option
@click.option("--sender", metavar="ADDRESS", help="Only transactions of this account.")
@click.option(
    "--state",
    "states",
    type=click.Choice(STATES),
    multiple=True,
    help="Only transactions in these states.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Include finished transactions, up to --limit."
)
@click.option("--live", is_flag=True, help="Only live transactions.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Maximum number of rows.",
)
@json_option
def list_(
    *,
    config: Path | None,
    vault: str | None,
    sender: str | None,
    states: tuple[str, ...],
    everything: bool,
    live: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List transactions, newest first: live ones and the last finished ones."""
    if everything and live:
        raise click.UsageError("--all and --live exclude each other")
    wanted = TransactionFilter(
        vault=vault,
        sender=sender,
        states=frozenset(IntentState(each.upper()) for each in states),
        live=live,
        limit=limit,
    )
    with opened(load_settings(config)) as database:
        found = listed(database, wanted, few_ended=not (everything or live or states))
    if as_json:
        print_json({"transactions": list[Json]([transaction_brief(each) for each in found])})
    else:
        click.echo(render_transactions(found, terminal_width()), nl=False)


@txs.command(short_help="Show one transaction in full.")
@click.argument("intent_id", type=click.IntRange(min=1), metavar="ID")
@click.option(
    "--check",
    is_flag=True,
    help="Also read nonces, receipts and pending transactions from the nodes.",
)
@config_option
@json_option
@verbose_option
def show(config: Path | None, intent_id: int, *, check: bool, as_json: bool) -> None:
    """Show one transaction in full, from the database; with --check also from the nodes."""
    settings = load_settings(config)
    with opened(settings) as database:
        overview = look_up(database, intent_id)
        happened = database.read(lambda connection: history_of(connection, overview))
        checked: dict[str, Json] | None = None
        if check:
            from keepers.runtime.transactions.engine_pass import ask_nodes  # noqa: PLC0415 - nodes

            checked = asyncio.run(ask_nodes(settings, database, overview))
    if as_json:
        nodes: dict[str, Json] = {} if checked is None else {"nodes": checked}
        print_json(transaction_document(overview, happened) | nodes)
        return
    click.echo(render_transaction(overview, happened, terminal_width()), nl=False)
    if checked is not None:
        click.echo(_checked(checked))


def _checked(checked: dict[str, Json]) -> str:
    nonces = f"nonce {checked['nonce']}, including pending transactions {checked['pending_nonce']}"
    lines = [f"\nNodes: block {checked['block']}, {nonces}"]
    attempts = checked["attempts"]
    assert isinstance(attempts, list)  # noqa: S101 - it is made so
    for each in attempts:
        assert isinstance(each, dict)  # noqa: S101
        lines.append(f"  {each['transaction']}: {each['found']}")
    return "\n".join(lines)


for command in (bump, cancel, retry, resync):
    txs.add_command(command)
