"""Tolerant reading of stage details, so that a report does not fail on an old run."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

from keepers.model.run import RunRecord, Stage
from keepers.model.vault import TierBand

Bands = tuple[TierBand, TierBand, TierBand]
Values = tuple[int, int, int]
DECIMAL = re.compile(r"-?\d{1,40}(\.\d{1,40})?")


class Detail:
    """A JSON value with tolerant accessors; missing values are None."""

    def __init__(self, value: Any) -> None:  # noqa: ANN401 - JSON
        self._value = value

    @classmethod
    def of(cls, record: RunRecord, stage: Stage) -> "Detail":
        """Return the detail of a run's stage; empty if the stage was not reached."""
        return cls(next((each.detail for each in record.stages if each.stage is stage), None))

    def __getitem__(self, key: str) -> "Detail":
        value = self._value
        return Detail(cast("Mapping[str, Any]", value).get(key) if _is(value, Mapping) else None)

    def items(self) -> list["Detail"]:
        """Return the items of a list; empty for any other value."""
        value = self._value
        if not _is(value, Sequence) or _is(value, str):
            return []
        return [Detail(item) for item in cast("Sequence[Any]", value)]

    def text(self) -> str | None:
        """Return a string or a number as text."""
        return str(self._value) if isinstance(self._value, str | int) else None

    def integer(self) -> int | None:
        """Return an integer, also if given as digits."""
        text = self.text()
        return int(text) if text is not None and text.lstrip("-").isdecimal() else None

    def ratio(self) -> Fraction | None:
        """Return a decimal number."""
        text = self.text()
        if text is None or not DECIMAL.fullmatch(text):
            return None
        return Fraction(text)

    def flag(self) -> bool:
        """Return whether the value is true."""
        return self._value is True

    def values(self) -> Values | None:
        """Return three amounts in base units, or None."""
        match [each.integer() for each in self.items()]:
            case [int(l1), int(l2), int(l3)]:
                return l1, l2, l3
            case _:
                return None

    def bands(self) -> Bands | None:
        """Return three bands, or None."""
        match [_band(each) for each in self.items()]:
            case [TierBand() as l1, TierBand() as l2, TierBand() as l3]:
                return l1, l2, l3
            case _:
                return None


def _is(value: object, kind: type) -> bool:
    """Apply `isinstance` without narrowing the type of the value."""
    return isinstance(value, kind)


def _band(detail: Detail) -> TierBand | None:
    match [detail[name].integer() for name in ("minimum_bps", "target_bps", "maximum_bps")]:
        case [int(minimum), int(target), int(maximum)]:
            return TierBand(minimum_bps=minimum, target_bps=target, maximum_bps=maximum)
        case _:
            return None
