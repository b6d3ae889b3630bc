"""`ballast txs bump`, `cancel`, `retry` and `resync`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepers.cli.files import print_json
from keepers.cli.options import (
    config_option,
    confirmed,
    json_option,
    progress,
    reason_option,
    vault_option,
    verbose_option,
    yes_option,
)
from keepers.config import Settings, load_settings
from keepers.model.json_document import Json
from keepers.model.transaction_details import STATES
from keepers.reports.amounts import one_line
from keepers.reports.transaction_document import transaction_brief
from keepers.runtime.process.database import opened
from keepers.runtime.transactions.engine_pass import resync_vault
from keepers.runtime.transactions.operator_requests import Answer, Ask, answer_of, look_up, remember
from keepers.store.transaction_queries import holder_now

if TYPE_CHECKING:
    from keepers.model.transaction_details import TransactionDetails
    from keepers.store.database import Database

id_argument = click.argument("intent_id", type=click.IntRange(min=1), metavar="ID")
arm_option = click.option(
    "--arm", is_flag=True, help="Execute the request now, if no keeper is running."
)
BY_OPERATOR = "requested by an operator"


@click.command(short_help="Request a higher fee within the limits.")
@id_argument
@arm_option
@config_option
@json_option
@verbose_option
def bump(config: Path | None, intent_id: int, *, arm: bool, as_json: bool) -> None:
    """Request a higher fee within the limits; an armed keeper signs the replacement."""
    _ask(config, intent_id, Ask.BUMP, arm=arm, as_json=as_json)


@click.command(short_help="Request cancellation of a transaction.")
@id_argument
@reason_option(BY_OPERATOR)
@arm_option
@yes_option
@config_option
@json_option
@verbose_option
def cancel(
    config: Path | None, intent_id: int, reason: str, *, arm: bool, yes: bool, as_json: bool
) -> None:
    """Request cancellation; a sent transaction is replaced by an empty transfer, if in time."""
    question = f"Cancel transaction {intent_id}? Its step of the run fails."
    _ask(config, intent_id, Ask.CANCEL, question, reason, arm=arm, yes=yes, as_json=as_json)


@click.command(short_help="Request a retry of a held transaction.")
@id_argument
@arm_option
@yes_option
@config_option
@json_option
@verbose_option
def retry(config: Path | None, intent_id: int, *, arm: bool, yes: bool, as_json: bool) -> None:
    """Request a retry of a transaction that is held, as after a signer refused it."""
    question = f"Retry transaction {intent_id}?"
    _ask(config, intent_id, Ask.RETRY, question, arm=arm, yes=yes, as_json=as_json)


@click.command(short_help="Update receipts, reorganisations and nonces once.")
@vault_option
@config_option
@json_option
@verbose_option
def resync(config: Path | None, vault: str | None, *, as_json: bool) -> None:
    """Update receipts, reorganisations and nonces once; nothing is signed or sent."""
    settings = load_settings(config)
    with opened(settings) as database:
        result = asyncio.run(resync_vault(settings, database, vault, progress))
    if as_json:
        print_json(result.document())
        return
    for line in result.lines():
        click.echo(one_line(line))


def _ask(
    config: Path | None,
    intent_id: int,
    ask: Ask,
    question: str | None = None,
    reason: str = BY_OPERATOR,
    *,
    arm: bool,
    as_json: bool,
    yes: bool = False,
) -> None:
    settings = load_settings(config)
    with opened(settings) as database:
        before = look_up(database, intent_id)
        if question is not None:
            confirmed(f"{_situation(before)}\n{question}", yes=yes)
        remember(database, intent_id, ask, reason)
        answer = _act(settings, database, before, ask, armed=arm or settings.armed)
    if as_json:
        after: dict[str, Json] = {"transaction": transaction_brief(answer.overview)}
        print_json(after | answer.document())
    else:
        click.echo(one_line(f"transaction {intent_id}: {answer.text}"))


def _situation(overview: TransactionDetails) -> str:
    why = f": {overview.record.reason}" if overview.record.reason else ""
    return one_line(
        f"Transaction {overview.record.intent_id}: {STATES[overview.record.state]}{why}"
    )


def _act(
    settings: Settings, database: Database, before: TransactionDetails, ask: Ask, *, armed: bool
) -> Answer:
    new, passed = before.record.intent, None
    if armed:
        from keepers.runtime.transactions.engine_pass import send_now  # noqa: PLC0415 - keys and nodes

        passed = asyncio.run(send_now(settings, database, before, progress))
    now = database.now()
    holder = database.read(lambda c: holder_now(c, new.chain_id, new.sender, now))
    return answer_of(before, look_up(database, before.record.intent_id), ask, passed, holder)
