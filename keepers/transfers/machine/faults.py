"""What is wrong with one thing alone, so that everything else goes on."""

from __future__ import annotations

from keepers.model.errors.run import NoTicketError, TicketClosedError
from keepers.model.errors.transaction import IllegalMoveError, KeyReusedError, UnknownRecordError

FAULTS = (IllegalMoveError, KeyReusedError, NoTicketError, TicketClosedError, UnknownRecordError)
"""The database refuses it, or lacks what belongs to it."""

MEND = (
    "Other transfers go on. Look at its rows and at what was done to the database by hand; report "
    "it as a defect of Ballast if nothing was; then `ballast transfers resume`."
)
