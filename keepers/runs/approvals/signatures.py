"""From what people gave to the signatures that the contract takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from keepers.model.approval import GivenApproval, Signature


def combined(
    approvals: Iterable[GivenApproval], thresholds: Mapping[str, int]
) -> tuple[Signature, ...]:
    """One signature per signer, in the order of signers.

    An account's signature is its own. Of a contract whose owners sign, as many as it wants are put
    one after the other, in the order of owners; with fewer there is none yet.

    Args:
        approvals: What was given.
        thresholds: How many owners each contract wants.
    """
    by_signer: dict[str, list[GivenApproval]] = defaultdict(list)
    for each in approvals:
        by_signer[each.signer].append(each)
    found = (
        _of_signer(signer, given, thresholds.get(signer, 1)) for signer, given in by_signer.items()
    )
    return tuple(sorted(filter(None, found), key=lambda each: int(each.signer, 16)))


def _of_signer(signer: str, given: list[GivenApproval], threshold: int) -> Signature | None:
    own = [each for each in given if each.owner == signer]
    if own:
        return Signature(signer, own[0].signature)
    if len(given) < threshold:
        return None
    ordered = sorted(given, key=lambda each: int(each.owner, 16))[:threshold]
    return Signature(signer, "0x" + "".join(each.signature[2:] for each in ordered))
