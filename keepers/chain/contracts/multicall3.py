"""Multicall3: many reads in one request."""

from keepers.chain.codec import Call, Contract


class Multicall3(Contract):
    """The contract that is at the same address on nearly every chain."""

    def aggregate3(self, calls: list[tuple[str, bool, bytes]]) -> Call[list[tuple[bool, bytes]]]:
        """Calls as (target, may fail, data), answers as (succeeded, data)."""
        return self._call("aggregate3", calls, convert=lambda values: list(values[0]))

    def balance(self, account: str) -> Call[int]:
        """An account's wei."""
        return self._call("getEthBalance", account)
