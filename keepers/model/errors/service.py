"""What can go wrong with the keeper as a service."""

from keepers.model.errors import BallastError


class ListenError(BallastError):
    """The address for health and metrics, or for instructions, cannot be used.

    Attributes:
        address: The address.
        problem: Why not.
    """

    def __init__(self, address: str, problem: str, section: str = "service") -> None:
        option = ", or --listen," if section == "service" else ""
        super().__init__(
            f"cannot listen at {address}: {problem}; set listen of [{section}]{option} to an "
            "address of this machine that is free"
        )
        self.address = address
        self.problem = problem
