"""The kill switch: which accounts are keepers nowhere."""

from keepers.chain.codec import Call, Contract


class KillSwitch(Contract):
    """What ends the power of keepers everywhere."""

    def is_removed(self, keeper: str) -> Call[bool]:
        """Whether the guardian has removed an account."""
        return self._call("isRemoved", keeper)
