"""The redemption queue: what depositors wait for."""

from keepers.adapters.chain.codec import Call, Contract


class RedemptionQueue(Contract):
    """Redemptions that are larger than the vault's idle cash."""

    def due_within(self, seconds: int) -> Call[int]:
        """What must be paid within some time from now, in settlement base units."""
        return self._call("dueWithin", seconds)
