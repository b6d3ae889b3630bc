"""What can go wrong when people approve plans."""

from keepers.model.errors import BallastError


class NoTicket(BallastError):  # noqa: N818 - says what is
    """Nobody was asked to approve a plan of this run."""

    def __init__(self, run_id: str) -> None:
        super().__init__(
            f"run {run_id} asks for no approval; `ballast approve` alone lists those that do"
        )
        self.run_id = run_id


class TicketClosed(BallastError):  # noqa: N818
    """The request has been decided already."""

    def __init__(self, run_id: str, state: str, reason: str | None) -> None:
        why = f": {reason}" if reason else ""
        super().__init__(
            f"the request of run {run_id} is {state.lower()}{why}; nothing was changed"
        )
        self.run_id = run_id
        self.state = state


class NotAnApprover(BallastError):  # noqa: N818
    """The chain gives the account's signature no weight."""

    def __init__(self, signer: str, ledger: str) -> None:
        super().__init__(
            f"{signer} is no approver of plan ledger {ledger}; a configurator can make it one"
        )
        self.signer = signer


class WrongSignature(BallastError):  # noqa: N818
    """A signature is not of this plan, or not by this account."""

    def __init__(self, signer: str, reason: str) -> None:
        super().__init__(f"the signature of {signer} does not hold: {reason}; nothing was stored")
        self.signer = signer


class AlteredPlan(BallastError):  # noqa: N818
    """What the database says was asked is not what the hash stands for."""

    def __init__(self, run_id: str, stored: str, computed: str) -> None:
        super().__init__(
            f"the plan of run {run_id} in the database hashes to {computed}, but {stored} was "
            "asked for; somebody changed it: do not sign, and look into the database"
        )
        self.run_id = run_id
