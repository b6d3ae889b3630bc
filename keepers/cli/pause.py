"""`ballast pause` and `ballast resume`: stop and restart signing and sending."""

from __future__ import annotations

from pathlib import Path

import click

from keepers.cli.files import print_json
from keepers.cli.options import (
    config_option,
    confirmed,
    json_option,
    reason_option,
    vault_option,
    yes_option,
)
from keepers.config import load_settings
from keepers.model.json_document import Json
from keepers.model.transaction_records import EVERYTHING, Pause
from keepers.reports.amounts import one_line
from keepers.reports.transaction_document import pause_document
from keepers.runtime.process.database import opened
from keepers.runtime.transactions.pauses import lift, pauses_among, put, scopes_of

everything_option = click.option(
    "--everything", is_flag=True, help="Pause all vaults in the database."
)


@click.command()
@config_option
@vault_option
@everything_option
@reason_option()
@json_option
def pause(
    config: Path | None, vault: str | None, reason: str, *, everything: bool, as_json: bool
) -> None:
    """Stop signing and sending in all running keepers; receipts are still followed."""
    settings = load_settings(config)
    with opened(settings) as database:
        scopes = scopes_of(settings, database, vault, everything=everything)
        new = put(database, scopes, reason)
        known = pauses_among(database, scopes)
    if as_json:
        print_json({"paused": list[Json](new), "pauses": _documents(known)})
        return
    for each in known:
        text = "paused" if each.scope in new else f"was already paused by {each.paused_by}"
        click.echo(one_line(f"{each.scope}: {text}: {each.reason}"))


@click.command()
@config_option
@vault_option
@everything_option
@yes_option
@json_option
def resume(
    config: Path | None, vault: str | None, *, everything: bool, yes: bool, as_json: bool
) -> None:
    """Show the reason of a pause and lift it."""
    settings = load_settings(config)
    with opened(settings) as database:
        scopes = scopes_of(settings, database, vault, everything=everything)
        known = pauses_among(database, scopes)
        if known:
            confirmed("\n".join([*map(_line, known), "Resume signing and sending?"]), yes=yes)
        # Only what was shown is lifted: a pause that came meanwhile has its own reason.
        lifted = lift(database, tuple(each.scope for each in known))
        remaining = pauses_among(database, (*scopes, EVERYTHING))
    if as_json:
        document: dict[str, Json] = {
            "resumed": list[Json](lifted),
            "pauses": list[Json](_documents(known)),
        }
        document["still_paused"] = list[Json](_documents(remaining))
        print_json(document)
        return
    for scope in scopes:
        click.echo(f"{scope}: {'resumed' if scope in lifted else 'was not paused'}")
    for each in remaining:
        click.echo(f"still paused: {_line(each)}{_remedy(each)}")


def _line(pause: Pause) -> str:
    at = f"{pause.paused_at:%Y-%m-%d %H:%M:%S}"
    return one_line(
        f"{pause.scope} has been paused since {at} UTC by {pause.paused_by}: {pause.reason}"
    )


def _remedy(pause: Pause) -> str:
    if pause.scope != EVERYTHING:
        return "; check the reason, then run resume again"
    return "; `ballast resume --everything` lifts this one"


def _documents(pauses: tuple[Pause, ...]) -> list[Json]:
    return [pause_document(each) for each in pauses]
