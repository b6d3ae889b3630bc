"""`ballast approve` and `ballast reject`: decide about plans awaiting approval."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepers.chain.contracts.ledger import typed_data
from keepers.cli.files import print_json
from keepers.cli.options import (
    config_option,
    confirmed,
    json_option,
    reason_option,
    vault_option,
    verbose_option,
    yes_option,
)
from keepers.config import load_settings
from keepers.model.approval import TicketState
from keepers.model.errors.signing import KeyUnusableError
from keepers.model.json_document import Json
from keepers.reports.amounts import one_line
from keepers.runtime.approvals.requests import (
    Request,
    find_all,
    lines_of,
    progress_of,
    request_document,
    waiting,
)
from keepers.runtime.approvals.signatures import bring, sign
from keepers.runtime.process.database import opened
from keepers.signing.local import MessageSigner, ape_keystore
from keepers.store.tickets import TicketRepository

if TYPE_CHECKING:
    from keepers.store.database import Database

PASSWORD = "BALLAST_APPROVER_PASSWORD"  # noqa: S105 - a variable's name
run_argument = click.argument("run_id", metavar="[RUN]", required=False)


@click.command()
@run_argument
@click.option("--account", metavar="ALIAS", help="Sign with this ape account.")
@click.option(
    "--keystore",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Sign with this keystore file.",
)
@click.option("--safe", metavar="ADDRESS", help="Sign as an owner of this Safe.")
@click.option("--signature", metavar="HEX", help="A signature made by another wallet; needs --by.")
@click.option("--by", metavar="ADDRESS", help="The account that made --signature.")
@click.option(
    "--typed-data", is_flag=True, help="Print the EIP-712 data for another wallet to sign."
)
@yes_option
@config_option
@vault_option
@json_option
@verbose_option
def approve(
    *,
    run_id: str | None,
    account: str | None,
    keystore: Path | None,
    safe: str | None,
    signature: str | None,
    by: str | None,
    typed_data: bool,
    yes: bool,
    config: Path | None,
    vault: str | None,
    as_json: bool,
) -> None:
    """List plans awaiting approval, show one in full, or sign it.

    RUN is the id of a run, or of a batch of transfers, which has one plan on each of its chains.
    The first four characters are enough. Without RUN, all plans awaiting approval are listed.

    With --account or --keystore the plan is signed after confirmation. The password is read from
    BALLAST_APPROVER_PASSWORD or prompted for. A signature is stored only if it is valid for this
    plan and its signer is an approver. The chain checks the deadline when the keeper opens the
    plan.
    """
    settings = load_settings(config)
    with opened(settings) as database:
        if run_id is None:
            _list(database, waiting(settings, database, vault), as_json=as_json)
            return
        requests = find_all(settings, database, run_id)
        if typed_data:
            click.echo(json.dumps(_typed(_single(requests)), indent=2))
            return
        if signature is not None:
            if by is None:
                raise click.UsageError("--signature needs --by, the account that made it")
            request = _single(requests)
            _question(database, [request], f"Store the signature of {by}?", yes=yes)
            is_new = asyncio.run(bring(database, request, by, signature, safe=safe))
            _done(database, request, by, is_new=is_new, as_json=as_json)
        elif account is not None or keystore is not None:
            signer = approver(account, keystore)
            _question(database, requests, f"Sign as {signer.address}?", yes=yes)
            for request in requests:
                is_new = asyncio.run(sign(database, request, signer, safe))
                _done(database, request, signer.address, is_new=is_new, as_json=as_json)
        else:
            for request in requests:
                _show(database, request, as_json=as_json)


@click.command()
@click.argument("run_id", metavar="RUN")
@reason_option()
@yes_option
@config_option
@json_option
def reject(*, run_id: str, reason: str, yes: bool, config: Path | None, as_json: bool) -> None:
    """Reject a plan awaiting approval. The keeper never opens it; its signatures become void.

    A guardian can also void the plan on chain, which protects against a stolen keeper key.
    """
    settings = load_settings(config)
    with opened(settings) as database:
        requests = find_all(settings, database, run_id)
        _question(database, requests, "Reject it?", yes=yes)
        who = getpass.getuser()
        for each in requests:
            TicketRepository(database).decide(each.run_id, TicketState.REJECTED, reason, by=who)
            if not as_json:
                click.echo(f"run {each.run_id}: rejected")
        if as_json:
            for each in requests:
                (now,) = find_all(settings, database, each.run_id)
                print_json(request_document(database, now))


def _single(requests: list[Request]) -> Request:
    """Return the only request; a signature covers one plan."""
    if len(requests) > 1:
        runs = ", ".join(each.run_id for each in requests)
        raise click.UsageError(f"the batch has a plan on each of several chains; name one: {runs}")
    return requests[0]


def _typed(request: Request) -> dict[str, Json]:
    return typed_data(request.record.ticket.plan)


def approver(account: str | None, keystore: Path | None) -> MessageSigner:
    """Return the approver's account; a missing file is an error before a password is asked for."""
    if account is not None and keystore is not None:
        raise click.UsageError("--account and --keystore exclude each other")
    path = keystore if account is None else ape_keystore(account, os.environ)
    assert path is not None  # noqa: S101 - one of the two was given
    if not path.is_file():
        raise KeyUnusableError(path.name, "it does not exist; `ape accounts list` shows the names")
    password = os.environ.get(PASSWORD)
    if password is None:
        password = click.prompt(f"Password of {path.name}", hide_input=True, err=True)
    return MessageSigner.from_keystore(path, password)


def _list(database: Database, requests: list[Request], *, as_json: bool) -> None:
    if as_json:
        print_json({"requests": [request_document(database, each) for each in requests]})
        return
    if not requests:
        click.echo("no approval requests")
    for each in requests:
        ticket = each.record.ticket
        given = f"{len(each.record.approvals)} signature(s), {ticket.required} needed"
        click.echo(
            f"run {each.run_id} of {each.subject.name}: {given}, before "
            f"{ticket.deadline:%Y-%m-%d %H:%M} UTC"
        )


def _show(database: Database, request: Request, *, as_json: bool) -> None:
    if as_json:
        print_json(request_document(database, request))
        return
    for line in lines_of(database, request):
        click.echo(one_line(line))


def _question(database: Database, requests: list[Request], question: str, *, yes: bool) -> None:
    for request in requests:
        for line in lines_of(database, request):
            click.echo(one_line(line), err=True)
    confirmed(question, yes=yes)


def _done(database: Database, request: Request, who: str, *, is_new: bool, as_json: bool) -> None:
    record = TicketRepository(database).ticket(request.run_id) or request.record
    if as_json:
        print_json(request_document(database, replace(request, record=record)))
        return
    what = "signed" if is_new else "had already signed"
    progress = asyncio.run(progress_of(database, request))
    click.echo(f"run {request.run_id}: {who} {what}; approvals: {progress}")
