"""Plans of a treasury, as shown to approvers.

The destination of a transfer is not in the plan but in its id, the hash of all its terms. The terms
come from the database, and are shown only if they hash to the signed id.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from keepers.chain.contracts.approved_plans import ChainPlans
from keepers.chain.node import Node
from keepers.chain.treasury.calls import LedgerTreasuryPlans
from keepers.model.approval import SignedPlan, TicketRecord
from keepers.model.errors.run import AlteredPlanError
from keepers.model.inventory_state import state_machine_id
from keepers.model.json_document import Json
from keepers.model.money import format_units
from keepers.model.transfer import TransferTerms
from keepers.model.treasury import TreasuryAction, TreasuryVerb
from keepers.runtime.process.nodes import node_of
from keepers.runtime.treasury.setup import TreasuryChainSetup
from keepers.store.database import Database
from keepers.store.transfers import TransferRepository


@dataclass(frozen=True, slots=True)
class TreasuryPlanSubject:
    """Treasury on one chain that a signed plan is about."""

    setup: TreasuryChainSetup
    consumer: str = "treasury"

    @property
    def name(self) -> str:
        """Name in messages."""
        return f"treasury on {self.setup.name}"

    def node(self) -> AbstractAsyncContextManager[Node]:
        """Open the best of the chain's nodes."""
        addresses = self.setup.addresses
        return node_of(self.setup.chain, addresses.multicall3, addresses.tokens)

    def plans(self, node: Node, plan: SignedPlan) -> ChainPlans:
        """Return the chain's plans of the same treasury."""
        return LedgerTreasuryPlans(node, plan.consumer)

    def lines(self, database: Database, record: TicketRecord) -> list[str]:
        """Describe the batch, why it was made, and each action.

        Raises:
            AlteredPlanError: A transfer in the database differs from the signed one.
        """
        batch = TransferRepository(database).batch_of_run(record.ticket.run_id)
        why = str(batch.detail.get("plan", "")).splitlines()
        actions = enumerate(record.ticket.treasury_plan.actions, 1)
        return [
            f"batch {batch.batch_id} ({batch.origin.lower()})",
            *(f"why: {each}" for each in why if each.strip()),
            *(f"{number}. {_line(database, record, self.setup, each)}" for number, each in actions),
        ]

    def actions(self, database: Database, record: TicketRecord) -> list[Json]:
        """Return each action as a document; raises as `lines`."""
        actions = record.ticket.treasury_plan.actions
        return [_document(database, record, self.setup, each) for each in actions]


def _line(
    database: Database, record: TicketRecord, setup: TreasuryChainSetup, action: TreasuryAction
) -> str:
    asset, decimals = _asset(setup, action)
    amount = f"{format_units(action.amount, decimals)} {asset}"
    needs = "".join(f", after action {index + 1}" for index in action.depends_on)
    match action.verb:
        case TreasuryVerb.SEND:
            terms = _terms(database, record, action)
            return (
                f"send {amount} to {state_machine_id(terms.destination_chain)}, treasury "
                f"{terms.destination_treasury}, by {terms.route}; at least {action.bound} units "
                f"must arrive{needs}"
            )
        case TreasuryVerb.INVEST:
            return f"invest {amount} in {action.asset} for at least {action.bound} shares{needs}"
        case TreasuryVerb.DIVEST:
            return f"divest {amount} from {action.asset} for at most {action.bound} shares{needs}"


def _document(
    database: Database, record: TicketRecord, setup: TreasuryChainSetup, action: TreasuryAction
) -> dict[str, Json]:
    asset, _ = _asset(setup, action)
    document: dict[str, Json] = {
        "verb": action.verb.name,
        "asset": action.asset,
        "symbol": asset,
        "amount": str(action.amount),
        "bound": str(action.bound),
        "transfer_id": action.transfer_id,
        "depends_on": list(action.depends_on),
    }
    if action.verb is TreasuryVerb.SEND:
        terms = _terms(database, record, action)
        document["destination"] = state_machine_id(terms.destination_chain)
        document["route"] = terms.route
    return document


def _terms(database: Database, record: TicketRecord, action: TreasuryAction) -> TransferTerms:
    terms = TransferRepository(database).transfer(action.transfer_id).terms
    if terms.transfer_id != action.transfer_id:
        raise AlteredPlanError(record.ticket.run_id, action.transfer_id, terms.transfer_id)
    return terms


def _asset(setup: TreasuryChainSetup, action: TreasuryAction) -> tuple[str, int]:
    """Return the name and decimals of the token that an action moves, or of its venue's token."""
    deployment = setup.deployment
    for name, token in deployment.assets.items():
        if action.asset in {token.address, *deployment.venues.get(name, ())}:
            return name, token.decimals
    return action.asset, 0
