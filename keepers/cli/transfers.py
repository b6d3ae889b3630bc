"""`ballast transfers`: list transfers between treasuries, and resolve stuck ones."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from keepers.cli.files import print_json
from keepers.cli.options import config_option, confirmed, json_option, reason_option, yes_option
from keepers.cli.txs import ListByDefault
from keepers.config import load_settings
from keepers.model.errors import InputError
from keepers.model.errors.transfers import AmbiguousTransferError
from keepers.model.json_document import Json
from keepers.model.transfer_record import OperatorRequest, OperatorRequestKind, TransferRecord
from keepers.reports.terminal import terminal_width
from keepers.reports.transfer_document import transfer_brief, transfer_document
from keepers.reports.transfer_text import render_transfer, render_transfers
from keepers.runtime.process.database import opened
from keepers.runtime.treasury.setup import labels_of
from keepers.store.transfers import TransferRepository
from keepers.transfers.machine.operator_requests import possible, require_possible

id_argument = click.argument("transfer_id", metavar="ID")
KINDS = {
    "crossed": OperatorRequestKind.CROSSED,
    "again": OperatorRequestKind.AGAIN,
    "give_up": OperatorRequestKind.GIVE_UP,
    "call_off": OperatorRequestKind.CALL_OFF,
}


@click.group(cls=ListByDefault)
def transfers() -> None:
    """List and show transfers between treasuries; resume or resolve stuck ones."""


@transfers.command("list", short_help="List transfers; the default.")
@config_option
@click.option("--stuck", is_flag=True, help="Only stuck transfers.")
@click.option(
    "--all", "everything", is_flag=True, help="Include finished transfers, up to --limit."
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Maximum number of rows.",
)
@json_option
def list_(*, config: Path | None, stuck: bool, everything: bool, limit: int, as_json: bool) -> None:
    """List transfers, newest first: unfinished ones, or all."""
    settings = load_settings(config)
    with opened(settings) as database:
        store = TransferRepository(database)
        found = store.transfers(None)
        now = store.now()
    shown = [each for each in found if everything or not each.has_ended]
    chosen = [each for each in shown if not stuck or each.trouble is not None][:limit]
    if as_json:
        print_json({"transfers": list[Json]([transfer_brief(each) for each in chosen])})
    else:
        ended = 0 if stuck else len(found) - len(shown)
        text = render_transfers(chosen, labels_of(settings), now, terminal_width(), ended=ended)
        click.echo(text, nl=False)


@transfers.command(short_help="Show one transfer with its timeline.")
@id_argument
@config_option
@json_option
def show(config: Path | None, transfer_id: str, *, as_json: bool) -> None:
    """Show one transfer in full; a prefix of its id is enough."""
    settings = load_settings(config)
    with opened(settings) as database:
        store = TransferRepository(database)
        record = look_up(store, transfer_id)
        events, intents = store.timeline(record.transfer_id), store.intents(record.new.run_id)
    can = possible(record)
    if as_json:
        print_json(transfer_document(record, events, intents, can))
    else:
        labels = labels_of(settings)
        click.echo(
            render_transfer(record, events, intents, labels, can, width=terminal_width()), nl=False
        )


@transfers.command(short_help="Retry a stuck transfer from its current state.")
@id_argument
@reason_option("checked by an operator")
@config_option
@json_option
def resume(config: Path | None, transfer_id: str, reason: str, *, as_json: bool) -> None:
    """Ask the keeper to retry a stuck transfer from its current state.

    Nothing is sent twice: the bridge recognises the earlier request, and the chain accepts each
    leg once.
    """
    _record_request(
        config, transfer_id, OperatorRequestKind.RESUME, reason, as_json=as_json, yes=True
    )


@transfers.command(short_help="Decide how a stuck transfer ends.")
@id_argument
@click.option("--crossed", is_flag=True, help="The proof was found; needs --proof and --amount.")
@click.option("--again", is_flag=True, help="Request the bridge again, under the same key.")
@click.option("--give-up", is_flag=True, help="Mark it as completed by hand.")
@click.option("--call-off", is_flag=True, help="Cancel it; nothing was requested yet.")
@click.option("--proof", metavar="HEX", default="", help="Proof for receiveFromBridge.")
@click.option(
    "--amount", type=click.IntRange(min=0), default=0, help="Amount that arrives, in base units."
)
@reason_option()
@yes_option
@config_option
@json_option
def resolve(
    *,
    config: Path | None,
    transfer_id: str,
    proof: str,
    amount: int,
    reason: str,
    yes: bool,
    as_json: bool,
    **wanted: bool,
) -> None:
    """Decide how a stuck transfer ends; the keeper executes the decision and records it."""
    kinds = [KINDS[name] for name, given in wanted.items() if given]
    if len(kinds) != 1:
        raise click.UsageError("give one of --crossed, --again, --give-up and --call-off")
    if (kinds[0] is OperatorRequestKind.CROSSED) != bool(proof and amount):
        raise click.UsageError(
            "--crossed needs --proof and --amount; the other options do not take them"
        )
    found = _bytes(proof)
    _record_request(
        config, transfer_id, kinds[0], reason, proof=found, amount=amount, as_json=as_json, yes=yes
    )


def look_up(store: TransferRepository, text: str) -> TransferRecord:
    """Return the transfer whose id starts with a prefix.

    Raises:
        InputError: No transfer matches.
        AmbiguousTransferError: Several transfers match.
    """
    found = store.beginning(text)
    count = len(found)
    if count == 0:
        raise InputError("ID", f"there is no transfer {text!a}; `ballast transfers` lists them")
    if count > 1:
        raise AmbiguousTransferError(text, [each.transfer_id for each in found])
    return found[0]


def _record_request(
    config: Path | None,
    transfer_id: str,
    kind: OperatorRequestKind,
    reason: str,
    *,
    proof: bytes = b"",
    amount: int = 0,
    as_json: bool,
    yes: bool,
) -> None:
    settings = load_settings(config)
    with opened(settings) as database:
        store = TransferRepository(database)
        record = look_up(store, transfer_id)
        request = OperatorRequest(
            kind=kind, by=getpass.getuser(), reason=reason, proof=proof, amount=amount
        )
        require_possible(record, request)
        confirmed(
            f"Resolve transfer {record.transfer_id} with --{kind.lower().replace('_', '-')}?",
            yes=yes,
        )
        store.record_request(record.transfer_id, request)
        after = store.transfer(record.transfer_id)
    if as_json:
        print_json({"transfer": transfer_brief(after), "asked_for": kind.lower().replace("_", "-")})
    else:
        click.echo(f"transfer {record.transfer_id}: requested; an armed keeper executes it")


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raise click.UsageError("--proof is not hexadecimal") from None
