"""Limits on chain: their keys, and their differences from the configuration.

Limits that are too high are reduced by functions of the guardian's role, which can only tighten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from eth_utils.address import to_checksum_address

from scripts.deployment.config import Limit
from scripts.deployment.deployment import AnyContracts, Difference
from scripts.deployment.permissions import REMOVED_KEEPER, events

KINDS = (
    "None", "Auto", "Derisk", "Asset", "LossAdd", "LossReduce", "SingleApproved", "LossOverdue",
)  # fmt: skip
"""Kinds of limits, in the contract's order."""

FIXED_UNIT = "the unit of a limit is fixed once it is set: another unit requires a new contract"
Show = Callable[[int], str]


@dataclass(frozen=True)
class Bucket:
    """Intended limit; `cap` is in base units, a multiple of ten to the `exponent`."""

    cap: int
    period: int
    exponent: int


@dataclass(frozen=True)
class Known:
    """Text of a limit: its title, and the format of its amounts."""

    title: str
    show: Show

    def text(self, bucket: Bucket) -> str:
        """Return cap and period as text."""
        if bucket.period == 0:
            return "not set"
        return f"{self.show(bucket.cap)} in {bucket.period} s"


def bucket(limit: Limit, units: int, exponent: int) -> Bucket:
    """Return the bucket of a limit with a cap of `units`, rounded down to the counted unit."""
    unit = 10**exponent
    return Bucket(units // unit * unit, limit.period_seconds, exponent)


def limit_key(kind: str, subject: str | None = None) -> bytes:
    """Return the key of a limit: the kind in the highest byte, the subject in the lowest twenty."""
    address = bytes(20) if subject is None else bytes.fromhex(subject[2:])
    return bytes([KINDS.index(kind)]) + bytes(11) + address


def kind_of(key: bytes) -> str:
    """Return the kind of limit in a key."""
    return KINDS[key[0]]


def subject_of(key: bytes) -> str:
    """Return the subject in a key; the zero address if there is none."""
    return to_checksum_address(key[12:])


def bucket_differences(
    deployment: AnyContracts,
    name: str,
    intended: Mapping[bytes, Bucket],
    known: Callable[[bytes], Known],
    withheld: set[str],
) -> Iterator[Difference]:
    """Yield limits of a contract that differ from the intended ones, and limits to remove.

    Limits of keepers that are `withheld` stay closed.
    """
    for key, wanted in intended.items():
        is_keepers = kind_of(key) in {"Auto", "Derisk", "LossReduce"}
        is_withheld = is_keepers and subject_of(key) in withheld
        yield from _changed(deployment, name, key, wanted, known(key), withheld=is_withheld)
    named = {bytes(entry["key"]) for entry in events(deployment, name, "LimitSet")}
    for key in sorted(named - intended.keys()):
        cap, _, _, period, exponent = deployment.read(name, "bucketOf", key)
        arguments, of = ("lowerLimit", key, 0, period), known(key)
        for plain in deployment.compare(name, of.title, 0, cap, *arguments):
            yield replace(plain, expected=of.show(0), actual=of.show(cap * 10**exponent))


def _changed(
    deployment: AnyContracts, name: str, key: bytes, wanted: Bucket, of: Known, *, withheld: bool
) -> Iterator[Difference]:
    units, _, _, period, exponent = deployment.read(name, "bucketOf", key)
    if period != 0 and exponent != wanted.exponent:
        unit = f"unit of {of.title}"
        yield from deployment.report(name, unit, wanted.exponent, exponent, FIXED_UNIT)
        return
    present = Bucket(units * 10**exponent, period, wanted.exponent)
    arguments = ("raiseLimit", key, wanted.cap, wanted.period, wanted.exponent)
    for plain in deployment.compare(name, of.title, wanted, present, *arguments):
        difference = replace(plain, expected=of.text(wanted), actual=of.text(present))
        if withheld and units == 0:
            yield replace(difference, target=None, data=None, hint=REMOVED_KEEPER)
        else:
            yield difference
