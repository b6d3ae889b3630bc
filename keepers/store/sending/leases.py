"""Leases: who may write about a sender or an account, by the database's time."""

from datetime import timedelta

from sqlalchemy import select, update

from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.model.transactions.records import LeaseGrant
from keepers.model.transactions.states import EntityType, LeaseState
from keepers.model.transactions.transitions import Transition
from keepers.store.sending.transact import Writing
from keepers.store.sending.transitions import begin, move
from keepers.store.tables import leases


def acquire_lease(writing: Writing, scope: str, holder: str, seconds: int) -> LeaseGrant:
    """Get a lease that nobody holds, or that has expired; whoever had it is fenced off.

    A holder's own lease may be taken over too, as after a restart under the same name.

    Raises:
        LeaseHeldError: Somebody else holds it.
    """
    query = select(leases).where(leases.c.scope == scope)
    row = writing.connection.execute(query).mappings().first()
    epoch = 1 if row is None else row["epoch"] + 1
    grant = LeaseGrant(
        scope=scope, holder=holder, epoch=epoch, expires_at=writing.now + timedelta(seconds=seconds)
    )
    terms = {"holder": holder, "epoch": epoch, "expires_at": grant.expires_at}
    if row is None:
        begin(writing, EntityType.LEASE, LeaseState.HELD, Transition.ACQUIRE, scope=scope, **terms)
    elif row["state"] == LeaseState.FREE:
        move(writing, EntityType.LEASE, scope, LeaseState.HELD, Transition.ACQUIRE, **terms)
    elif row["holder"] == holder or row["expires_at"] <= writing.now:
        move(writing, EntityType.LEASE, scope, LeaseState.HELD, Transition.TAKE_OVER, **terms)
    else:
        raise LeaseHeldError(scope, row["holder"])
    return grant


def renew_lease(writing: Writing, seconds: int) -> LeaseGrant:
    """Hold the lease of this transaction for longer, from now on. It may not have expired."""
    held = _held(writing)
    until = writing.now + timedelta(seconds=seconds)
    move(writing, EntityType.LEASE, held.scope, LeaseState.HELD, Transition.RENEW, expires_at=until)
    return LeaseGrant(scope=held.scope, holder=held.holder, epoch=held.epoch, expires_at=until)


def prolong_lease(writing: Writing, seconds: int) -> LeaseGrant:
    """Hold the lease of this transaction for longer, as a heartbeat does: without an event.

    A heartbeat comes every few seconds for as long as a keeper runs, and changes no state.
    """
    held = _held(writing)
    until = writing.now + timedelta(seconds=seconds)
    mine = leases.c.scope == held.scope
    writing.connection.execute(update(leases).where(mine).values(expires_at=until))
    return LeaseGrant(scope=held.scope, holder=held.holder, epoch=held.epoch, expires_at=until)


def release_lease(writing: Writing) -> None:
    """Give the lease of this transaction back."""
    scope = _held(writing).scope
    terms = {"holder": None, "expires_at": None}
    move(writing, EntityType.LEASE, scope, LeaseState.FREE, Transition.RELEASE, **terms)


def _held(writing: Writing) -> LeaseGrant:
    if writing.lease is None:
        raise StaleLeaseError("nothing", 0)
    return writing.lease
