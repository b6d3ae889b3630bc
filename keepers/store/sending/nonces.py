"""Which nonces of a sender are held or consumed, as far as is known."""

from itertools import count

from sqlalchemy import ColumnElement, Connection, func, select

from keepers.model.transactions.states import SlotState
from keepers.store.tables import nonce_slots


def of_sender(chain_id: int, sender: str) -> ColumnElement[bool]:
    """The condition that a slot is a sender's."""
    return (nonce_slots.c.chain_id == chain_id) & (nonce_slots.c.sender == sender.lower())


def first_unknown_nonce(connection: Connection, chain_id: int, sender: str) -> int | None:
    """From which nonce on nothing is known; None where no nonce of the sender ever was.

    That is the one above all that are held or consumed. Where every one was given back, it is the
    lowest of those: before it the sender had none that the ledger had a hand in.
    """
    whose = of_sender(chain_id, sender)
    held = whose & (nonce_slots.c.state != SlotState.VOID)
    highest = connection.scalar(select(func.max(nonce_slots.c.nonce)).where(held))
    if highest is not None:
        return highest + 1
    return connection.scalar(select(func.min(nonce_slots.c.nonce)).where(whose))


def next_nonce(connection: Connection, chain_id: int, sender: str, chain_nonce: int) -> int:
    """The lowest nonce from the chain's own count on that nothing holds."""
    held = of_sender(chain_id, sender) & (nonce_slots.c.state != SlotState.VOID)
    above = select(nonce_slots.c.nonce).where(held, nonce_slots.c.nonce >= chain_nonce)
    taken = set(connection.scalars(above))
    return next(each for each in count(chain_nonce) if each not in taken)
