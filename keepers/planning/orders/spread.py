"""Dividing an amount over places that want some of it and can take at most so much."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a part of an amount: `wanted` mends weights, `room` is possible."""

    wanted: int
    room: int


def spread(amount: int, slots: Sequence[Slot], minimum: int) -> list[int]:
    """Divide an amount, first by what is wanted, then by what is possible.

    No part is below the minimum. What no slot can take, or only in a part too small, is left out,
    so that the sum may be less than the amount.

    Args:
        amount: What to divide, in base units.
        slots: The places, the most wanting first.
        minimum: The smallest part worth an order.

    Returns:
        A part per slot, 0 for none.
    """
    parts = [0] * len(slots)
    rooms = [slot.room for slot in slots]
    wanted = [min(slot.wanted, slot.room) for slot in slots]
    left = _fill(parts, wanted, amount, range(len(slots)))
    in_use_first = sorted(range(len(slots)), key=lambda index: parts[index] == 0)
    _fill(parts, rooms, left, in_use_first)
    for index in reversed(range(len(slots))):
        if 0 < parts[index] < minimum:
            _remove_dust(parts, rooms, index, minimum)
    return parts


def _fill(parts: list[int], limits: Sequence[int], left: int, order: Iterable[int]) -> int:
    for index in order:
        more = min(left, max(0, limits[index] - parts[index]))
        parts[index] += more
        left -= more
    return left


def _remove_dust(parts: list[int], rooms: Sequence[int], index: int, minimum: int) -> None:
    """Merge a part that is too small into others; else raise it; else merge what can be."""
    dust, parts[index] = parts[index], 0
    in_use = [other for other, part in enumerate(parts) if part > 0]
    fits = sum(rooms[other] - parts[other] for other in in_use) >= dust
    if fits or not _raise(parts, index, rooms[index], dust, minimum):
        _fill(parts, rooms, dust, in_use)


def _raise(parts: list[int], index: int, room: int, dust: int, minimum: int) -> bool:
    """Make a part just large enough with what others have above the minimum, if that can be."""
    spare = [max(0, part - minimum) for part in parts]
    missing = minimum - dust
    if room < minimum or sum(spare) < missing:
        return False
    for other, most in enumerate(spare):
        taken = min(missing, most)
        parts[other] -= taken
        missing -= taken
    parts[index] = minimum
    return True
