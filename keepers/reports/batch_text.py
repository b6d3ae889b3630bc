"""Text report of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]
UNKNOWN_BASE = "its base is unknown"


def render_batch(document: Row) -> str:
    """Render the document of `batch_document` as text lines."""
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: Row) -> Iterator[str]:
    state = document["state"].lower().replace("_", " ")
    yield f"Batch {document['id']}: {document['origin'].lower()}, {state}"
    yield f"  created {document['created_at']}, ended {document['ended_at'] or 'not yet'}"
    if document["reason"]:
        yield f"  {document['reason']}"
    for each in document["approvals"]:
        yield from _approval(each)
    for each in document["openings"]:
        yield f"Plan of {each['chain']} opened"
        yield from _transactions(each)
    for each in document["transfers"]:
        yield from _transfer(each)
    for each in document["placements"]:
        yield (
            f"{each['chain']}: {each['verb'].lower()} {each['amount']} {each['asset']}, "
            f"venue {each['venue']}: {each['reason'] or each['state'].lower()}"
        )
        yield from _transactions(each)
    if document["verification"]:
        yield "Balances after this batch"
    for each in document["verification"]:
        went = f"from {each['before']} to {each['after']}, base {each['base']}"
        verdict = _verdict(each)
        yield f"  {each['role']} {each['chain']}, {each['asset']}: {went}: {verdict}"


def _verdict(each: Row) -> str:
    """Return a chain's distance from its base."""
    above = each["above_base"]
    if above is None:
        return UNKNOWN_BASE
    if above == "0":
        return "at its base"
    side = "BELOW" if above.startswith("-") else "above"
    return f"{above.removeprefix('-')} {side} its base"


def _approval(each: Row) -> Iterator[str]:
    given, why = each["given"], f": {each['reason']}" if each["reason"] else ""
    state = f"{each['state'].lower()}{why}"
    yield f"Approval on {each['chain']}: {len(given)} of {each['required']}, {state}"
    for one in given:
        yield f"  {one['signer']} at {one['at']}"


def _transfer(each: Row) -> Iterator[str]:
    yield (
        f"{each['source']} to {each['destination']} by {each['route']}: "
        f"{each['amount']} {each['asset']}, {each['place']}"
    )
    if each["stuck"]:
        yield f"  STUCK: {each['stuck']}"
    yield f"  arrived {each['arrived'] or 'not yet'}, at least {each['must_arrive']} must"
    yield f"  fee {each['fee_paid'] or 'not known yet'}, at most {each['fee_planned']} planned"
    took = "in transit" if each["seconds"] is None else f"took {each['seconds']} s"
    yield f"  {took}, {each['seconds_planned']} s planned"
    yield from _transactions(each)


def _transactions(each: Row) -> Iterator[str]:
    for one in each["transactions"]:
        failed = "" if one["succeeded"] else ", REVERTED"
        yield (
            f"  {one['chain']} block {one['block']}: {one['transaction']}, "
            f"gas {one['gas_fee_wei']} wei{failed}"
        )
