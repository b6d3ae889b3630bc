"""Which nonces of a sender are held or consumed, as far as is known."""

from itertools import count

from sqlalchemy import ColumnElement, Connection, func, select

from keepers.adapters.store.tables import nonce_slots
from keepers.domain.transaction.states import SlotState


def of_sender(chain_id: int, sender: str) -> ColumnElement[bool]:
    """The condition that a slot is a sender's."""
    return (nonce_slots.c.chain_id == chain_id) & (nonce_slots.c.sender == sender.lower())


def highest_nonce(connection: Connection, chain_id: int, sender: str) -> int | None:
    """The highest nonce of a sender that is held or consumed as far as is known."""
    held = of_sender(chain_id, sender) & (nonce_slots.c.state != SlotState.VOID)
    return connection.scalar(select(func.max(nonce_slots.c.nonce)).where(held))


def next_nonce(connection: Connection, chain_id: int, sender: str, chain_nonce: int) -> int:
    """The lowest nonce from the chain's own count on that nothing holds."""
    held = of_sender(chain_id, sender) & (nonce_slots.c.state != SlotState.VOID)
    above = select(nonce_slots.c.nonce).where(held, nonce_slots.c.nonce >= chain_nonce)
    taken = set(connection.scalars(above))
    return next(each for each in count(chain_nonce) if each not in taken)
