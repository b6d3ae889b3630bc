"""Text explanation of an inventory plan, with arithmetic that a treasurer can verify."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from keepers.model.inventory import (
    BalanceTrigger,
    InventoryPlan,
    InventoryRequest,
    PlannedTransfer,
    Solver,
    Uncovered,
    UncoveredError,
)
from keepers.model.money import format_exact, format_units
from keepers.planning.inventory.needs import tokens

GREEDY_RULE = "The greedy rule (largest deficit from the largest surplus)"


def explain(request: InventoryRequest, plan: InventoryPlan) -> str:
    """Explain triggers, transfers, the greedy rule's transfers, and uncovered deficits."""
    lines: list[str] = []
    for asset in sorted({trigger.asset for trigger in plan.triggers}):
        lines += [asset, *(f"  {line}" for line in _asset(request, plan, asset)), ""]
    quiet = sorted(set(request.assets) - {trigger.asset for trigger in plan.triggers})
    lines += [f"{asset}: no chain is at or below its threshold." for asset in quiet]
    return "\n".join([*lines, _verdict(request, plan)])


def _asset(request: InventoryRequest, plan: InventoryPlan, asset: str) -> Iterator[str]:
    for trigger in plan.triggers:
        if trigger.asset == asset:
            yield from _trigger(request, trigger)
    yield from _surpluses(request, plan, asset)
    yield from _bystanders(request, plan, asset)
    transfers = [each for each in plan.transfers if each.asset == asset]
    if transfers:
        yield _number(transfers) + ":"
        yield from map(_transfer, transfers)
        yield from _costs(transfers)
        if request.solver is not Solver.GREEDY:
            yield from _greedy(plan, asset, transfers)
    else:
        yield "No transfers."
    for each in plan.uncovered:
        if each.asset == asset:
            yield _uncovered(each)


def _trigger(request: InventoryRequest, trigger: BalanceTrigger) -> Iterator[str]:
    decimals = trigger.decimals
    base = format_units(trigger.base, decimals)
    balance = format_units(trigger.balance, decimals)
    threshold = format_exact(trigger.threshold / 10**decimals)
    share = format_exact(request.trigger_percentage)
    yield (
        f"{trigger.chain} is triggered: {balance} is not above its threshold, "
        f"{base} x (1 - {share}) = {threshold}."
    )
    yield from _under_way(request, trigger.asset, trigger.chain, balance)
    deficit = format_units(trigger.deficit, decimals)
    yield f"  Deficit: {base} - {balance} = {deficit}."


def _under_way(request: InventoryRequest, asset: str, chain: str, effective: str) -> Iterator[str]:
    """Explain the difference between an effective balance and the current one."""
    held = request.assets[asset][chain]
    terms = [format_units(held.balance, held.decimals)]
    for flight in request.in_flight:
        if (flight.asset, flight.source) == (asset, chain) and not flight.debited:
            amount = format_units(flight.amount, held.decimals)
            terms.append(f"- {amount} to be sent to {flight.destination}")
        if (flight.asset, flight.destination) == (asset, chain) and not flight.credited:
            amount = format_units(flight.arriving, held.decimals)
            terms.append(f"+ {amount} in transit from {flight.source}")
    if len(terms) > 1:
        yield f"  Effective balance with transfers in progress: {' '.join(terms)} = {effective}."


def _surpluses(request: InventoryRequest, plan: InventoryPlan, asset: str) -> Iterator[str]:
    surpluses = [each for each in plan.surpluses if each.asset == asset]
    if not surpluses:
        yield "No other chain holds more than its base."
        return
    yield "Surpluses above base:"
    effective = request.effective_balances()
    for each in surpluses:
        base = format_units(request.assets[asset][each.chain].base, each.decimals)
        balance = format_units(effective[asset, each.chain], each.decimals)
        amount = format_units(each.amount, each.decimals)
        yield f"  {each.chain}: {balance} - {base} = {amount}"
        yield from _under_way(request, asset, each.chain, balance)
    total = sum((tokens(each.amount, each.decimals) for each in surpluses), Fraction(0))
    yield f"  total: {format_exact(total)}"


def _bystanders(request: InventoryRequest, plan: InventoryPlan, asset: str) -> Iterator[str]:
    taking_part = {each.chain for each in (*plan.triggers, *plan.surpluses) if each.asset == asset}
    others = sorted(set(request.assets[asset]) - taking_part)
    if others:
        yield f"Neither triggered nor above base, so not used: {', '.join(others)}."


def _number(transfers: Sequence[PlannedTransfer]) -> str:
    return "1 transfer" if len(transfers) == 1 else f"{len(transfers)} transfers"


def _transfer(transfer: PlannedTransfer) -> str:
    amount = format_units(transfer.amount, transfer.source_decimals)
    arrives = format_units(transfer.arrives, transfer.destination_decimals)
    fee = format_units(transfer.fee, transfer.source_decimals)
    notes = [f"{arrives} arrives"] if arrives != amount else []
    notes += [f"fee {fee}"] if transfer.fee else []
    notes += ["fallback"] if transfer.fallback else []
    behind = f" ({', '.join(notes)})" if notes else ""
    return (
        f"  {transfer.source} sends {amount} to {transfer.destination} by {transfer.route}{behind}"
    )


def _costs(transfers: Sequence[PlannedTransfer]) -> Iterator[str]:
    fees = sum((tokens(each.fee, each.source_decimals) for each in transfers), Fraction(0))
    slowest = max(each.seconds for each in transfers)
    if fees:
        yield f"  Total fees: {format_exact(fees)}."
    if slowest and slowest.denominator == 1:
        yield f"  The slowest transfer takes {slowest} seconds."


def _greedy(plan: InventoryPlan, asset: str, transfers: Sequence[PlannedTransfer]) -> Iterator[str]:
    if plan.greedy is None:
        yield f"{GREEDY_RULE} cannot cover all deficits."
        return
    greedy = [each for each in plan.greedy if each.asset == asset]
    if len(greedy) == len(transfers):
        yield f"{GREEDY_RULE} also takes {_number(greedy)}."
        return
    yield f"{GREEDY_RULE} would take {_number(greedy)}:"
    yield from map(_transfer, greedy)


def _uncovered(uncovered: Uncovered) -> str:
    deficit = format_units(uncovered.deficit, uncovered.decimals)
    available = format_exact(uncovered.available)
    if uncovered.error is UncoveredError.INSUFFICIENT_SURPLUS:
        why = f"the remaining surplus is {available}, and no deficit is covered in part"
    else:
        why = (
            f"the remaining surplus is {available}, but routes, their fees, minimums and "
            "maximums, or token units prevent a transfer"
        )
    return f"Not covered: {uncovered.chain} lacks {deficit}; {why} ({uncovered.error})."


def _verdict(request: InventoryRequest, plan: InventoryPlan) -> str:
    count = len(plan.transfers)
    if not plan.triggers:
        return "Nothing to do."
    if not count:
        return "No deficit can be covered."
    if plan.optimal and request.solver is Solver.EXACT:
        return (
            f"{_number(plan.transfers)} in total: proven that fewer are not "
            f"enough{_unless(request)}."
        )
    if plan.lower_bound == count:
        return f"{_number(plan.transfers)} in total: fewer are not enough{_unless(request)}."
    return f"{_number(plan.transfers)} in total; at least {plan.lower_bound} are needed."


def _unless(request: InventoryRequest) -> str:
    """Return the qualifier for fallbacks, which are minimized before transfers are counted."""
    fallbacks = any(route.fallback for route in request.routes or ())
    return " with as few fallbacks" if fallbacks else ""
