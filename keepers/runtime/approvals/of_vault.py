"""A vault's plan for those who sign it."""

from __future__ import annotations

from keepers.chain.addresses import Token
from keepers.model.approval import ApprovedAction, Verb
from keepers.model.json_document import Json
from keepers.model.numerals import format_units
from keepers.model.run import JsonObject, RunRecord, Stage
from keepers.model.tier_config import Tier
from keepers.runs.results import detail_of
from keepers.runtime.approvals.requests import Request
from keepers.runtime.vault.setup import VaultSetup


def vault_plan_lines(request: Request, setup: VaultSetup) -> list[str]:
    """Why, the risks, the state that it was made from, and each action."""
    plan, token = request.record.ticket.vault_plan, _settlement(request)
    values = ", ".join(
        f"{tier.name} {format_units(value, token.decimals)}"
        for tier, value in zip(Tier, plan.state, strict=True)
    )
    return [
        *(f"why: {each}" for each in _causes(request.vault_run)),
        *(f"risk: {each}" for each in _warnings(request.vault_run)),
        f"state it was made from: {values} {token.symbol}",
        *(
            f"{index + 1}. {_action_line(request, setup, each)}"
            for index, each in enumerate(plan.actions)
        ),
    ]


def actions_of(request: Request, setup: VaultSetup) -> list[Json]:
    """Each action for scripts."""
    return [_action_document(setup, each) for each in request.record.ticket.vault_plan.actions]


def _settlement(request: Request) -> Token:
    return Token(**_plan(request.vault_run)["settlement"])


def _plan(run: RunRecord) -> JsonObject:
    return detail_of(run, Stage.PLAN) or {}


def _causes(run: RunRecord) -> list[str]:
    return [each["reason"] for each in _plan(run)["plan"]["triggers"]]


def _warnings(run: RunRecord) -> list[str]:
    return (detail_of(run, Stage.RISK) or {"warnings": []})["warnings"]


def _action_line(request: Request, setup: VaultSetup, action: ApprovedAction) -> str:
    token = setup.addresses.token(action.asset)
    money = _settlement(request)
    needs = "".join(f", after action {index + 1}" for index in action.depends_on)
    if action.verb is Verb.PURCHASE:
        spent, got = (action.amount, money), (action.minimum_out, token)
        verb = "buy"
    else:
        spent, got = (action.amount, token), (action.minimum_out, money)
        verb = "sell"
    given = f"{format_units(spent[0], spent[1].decimals)} {spent[1].symbol}"
    least = f"{format_units(got[0], got[1].decimals)} {got[1].symbol}"
    return f"{verb} {token.symbol}: give {given} for at least {least}{needs}"


def _action_document(setup: VaultSetup, action: ApprovedAction) -> Json:
    return {
        "verb": action.verb.name,
        "asset": action.asset,
        "symbol": setup.addresses.token(action.asset).symbol,
        "amount": str(action.amount),
        "minimum_out": str(action.minimum_out),
        "depends_on": list(action.depends_on),
    }
