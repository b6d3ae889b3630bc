"""List of the calls to sign, shown once before the first signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

from scripts.deployment.changes import Change, SendMode, arguments_of, function_of
from scripts.deployment.deployment import AnyContracts


@dataclass(frozen=True)
class SigningList:
    """Calls as text, and the number of signatures.

    Attributes:
        lines: Purpose and arguments of each call.
        calls: Number of calls.
        transactions: Number of transactions to sign, each with many calls.
        sender: Signing account.
    """

    lines: tuple[str, ...]
    calls: int
    transactions: int
    sender: str

    @property
    def summary(self) -> str:
        """Number of calls and transactions, and their signer."""
        return (
            f"{counted(self.calls, 'call')} in {counted(self.transactions, 'transaction')}, "
            f"signed by {self.sender}: an ape account is unlocked once, a hardware wallet "
            f"asks {counted(self.transactions, 'time')}"
        )


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the right form."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


Approve: TypeAlias = Callable[[SigningList], None]
"""Ask the operator; raise if the operator refuses."""


def at_once(_: SigningList) -> None:
    """Sign without asking."""


def call_lines(deployment: AnyContracts, change: Change) -> tuple[str, str]:
    """Return a call as two lines: its purpose, then contract, function and arguments."""
    call, names = change.call, names_by_address(deployment.record.addresses)
    function = function_of(deployment, call)
    given = ", ".join(
        f"{name} = {argument_text(value, names)}"
        for name, value in arguments_of(deployment, call).items()
    )
    verb = "schedules " if change.mode is SendMode.SCHEDULE else ""
    return change.purpose, f"    {verb}{call.contract}.{function}({given})"


def names_by_address(addresses: Mapping[str, str]) -> dict[str, str]:
    """Return the names of contracts by address."""
    return {address: name for name, address in addresses.items()}


def argument_text(value: object, names: Mapping[str, str]) -> str:
    """Return an argument as text, with the names of Ballast's contracts for their addresses."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list | tuple):
        items = cast("list[object] | tuple[object, ...]", value)
        return "(" + ", ".join(argument_text(each, names) for each in items) + ")"
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        texts = (f"{key} = {argument_text(each, names)}" for key, each in fields.items())
        return "(" + ", ".join(texts) + ")"
    return names.get(str(value), str(value))
