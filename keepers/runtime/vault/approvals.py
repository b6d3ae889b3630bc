"""Plans of a vault, as shown to approvers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from keepers.chain.addresses import Token
from keepers.chain.contracts.approved_plans import ChainPlans, VaultPlans
from keepers.chain.node import Node
from keepers.model.approval import ApprovedAction, SignedPlan, TicketRecord, Verb
from keepers.model.json_document import Json, JsonObject
from keepers.model.money import format_units
from keepers.model.run import RunRecord, Stage
from keepers.model.tier_config import Tier
from keepers.runs.results import detail_of
from keepers.runtime.vault.setup import VaultSetup, connected
from keepers.store.database import Database
from keepers.store.runs import RunRepository


@dataclass(frozen=True, slots=True)
class VaultPlanSubject:
    """Vault that a signed plan is about."""

    setup: VaultSetup
    consumer: str = "controller"

    @property
    def name(self) -> str:
        """Name in messages."""
        return f"vault {self.setup.name}"

    @asynccontextmanager
    async def node(self) -> AsyncGenerator[Node]:
        """Open the best of the chain's nodes."""
        async with connected(self.setup, None) as chain:
            yield chain.node

    def plans(self, node: Node, plan: SignedPlan) -> ChainPlans:
        """Return the chain's plans of the same controller."""
        return VaultPlans(node, plan.consumer)

    def lines(self, database: Database, record: TicketRecord) -> list[str]:
        """Describe causes, risks, the state that the plan is based on, and each action."""
        plan, run = record.ticket.vault_plan, RunRepository(database).run(record.ticket.run_id)
        money = Token(**_plan(run)["settlement"])
        values = ", ".join(
            f"{tier.name} {format_units(value, money.decimals)}"
            for tier, value in zip(Tier, plan.state, strict=True)
        )
        actions = enumerate(plan.actions, 1)
        return [
            *(f"why: {each['reason']}" for each in _plan(run)["plan"]["triggers"]),
            *(f"risk: {each}" for each in _warnings(run)),
            f"state at planning: {values} {money.symbol}",
            *(f"{number}. {_action_line(money, self.setup, each)}" for number, each in actions),
        ]

    def actions(self, database: Database, record: TicketRecord) -> list[Json]:
        """Return each action as a document."""
        del database
        return [_action_document(self.setup, each) for each in record.ticket.vault_plan.actions]


def _plan(run: RunRecord) -> JsonObject:
    return detail_of(run, Stage.PLAN) or {}


def _warnings(run: RunRecord) -> list[str]:
    return (detail_of(run, Stage.RISK) or {"warnings": []})["warnings"]


def _action_line(money: Token, setup: VaultSetup, action: ApprovedAction) -> str:
    token = setup.addresses.token(action.asset)
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
