"""A treasury's plan for those who sign it.

Where a transfer goes is not in the plan but in its id, which is the hash of all its terms. The
terms are the database's, and are shown only if they hash to the very id that is signed.
"""

from __future__ import annotations

from keepers.model.errors.run import AlteredPlanError
from keepers.model.inventory_state import state_machine_id
from keepers.model.json_document import Json
from keepers.model.numerals import format_units
from keepers.model.transfer import TransferTerms
from keepers.model.treasury import TreasuryAction, TreasuryVerb
from keepers.runtime.approvals.requests import Request
from keepers.runtime.treasury.setup import TreasuryChainSetup
from keepers.store.database import Ledger
from keepers.store.transfers import SqlTransfers


def treasury_plan_lines(ledger: Ledger, request: Request, setup: TreasuryChainSetup) -> list[str]:
    """Why, and each action.

    Raises:
        AlteredPlanError: A transfer in the database is not the one that is signed.
    """
    batch = SqlTransfers(ledger).batch_of_run(request.run_id)
    why = str(batch.detail.get("plan", "")).splitlines()
    actions = request.record.ticket.treasury_plan.actions
    return [
        f"batch {batch.batch_id} ({batch.origin.lower()})",
        *(f"why: {each}" for each in why if each.strip()),
        *(
            f"{index + 1}. {_line(ledger, request, setup, each)}"
            for index, each in enumerate(actions)
        ),
    ]


def actions_of(ledger: Ledger, request: Request, setup: TreasuryChainSetup) -> list[Json]:
    """Each action for scripts; raises as `treasury_plan_lines`."""
    return [
        _document(ledger, request, setup, each)
        for each in request.record.ticket.treasury_plan.actions
    ]


def _line(
    ledger: Ledger, request: Request, setup: TreasuryChainSetup, action: TreasuryAction
) -> str:
    asset, decimals = _asset(setup, action)
    amount = f"{format_units(action.amount, decimals)} {asset}"
    needs = "".join(f", after action {index + 1}" for index in action.depends_on)
    match action.verb:
        case TreasuryVerb.SEND:
            terms = _terms(ledger, request, action)
            return (
                f"send {amount} to {state_machine_id(terms.destination_chain)}, treasury "
                f"{terms.destination_treasury}, by {terms.route}; at least {action.bound} units "
                f"must arrive{needs}"
            )
        case TreasuryVerb.INVEST:
            return f"put {amount} into {action.asset} for at least {action.bound} shares{needs}"
        case TreasuryVerb.DIVEST:
            return f"take {amount} out of {action.asset} for at most {action.bound} shares{needs}"


def _document(
    ledger: Ledger, request: Request, setup: TreasuryChainSetup, action: TreasuryAction
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
        terms = _terms(ledger, request, action)
        document["destination"] = state_machine_id(terms.destination_chain)
        document["route"] = terms.route
    return document


def _terms(ledger: Ledger, request: Request, action: TreasuryAction) -> TransferTerms:
    terms = SqlTransfers(ledger).transfer(action.transfer_id).terms
    if terms.transfer_id != action.transfer_id:
        raise AlteredPlanError(request.run_id, action.transfer_id, terms.transfer_id)
    return terms


def _asset(setup: TreasuryChainSetup, action: TreasuryAction) -> tuple[str, int]:
    """Name and decimals of what an action moves: of its token, or of its venue's."""
    deployment = setup.deployment
    for name, token in deployment.assets.items():
        if action.asset in {token.address, *deployment.venues.get(name, ())}:
            return name, token.decimals
    return action.asset, 0
