"""Errors of the local network."""

from collections.abc import Sequence
from pathlib import Path


class NetworkError(Exception):
    """Base of all errors of the local network."""


class ToolMissingError(NetworkError):
    """A program or package of the set-up is missing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} is missing: run `make setup`")


class AnvilStartError(NetworkError):
    """An anvil ended or did not respond during its start."""

    def __init__(self, chain: str, cause: str, output: Sequence[str]) -> None:
        self.chain = chain
        self.output = tuple(output)
        tail = "\n".join(f"  {line}" for line in output) or "  (no output)"
        super().__init__(f"anvil for {chain} {cause}; its last output:\n{tail}")


class AnvilDiedError(NetworkError):
    """An anvil ended while the network was in use."""

    def __init__(self, chain: str, output: Sequence[str]) -> None:
        self.chain = chain
        tail = "\n".join(f"  {line}" for line in output) or "  (no output)"
        super().__init__(f"anvil for {chain} ended unexpectedly; its last output:\n{tail}")


class AlreadyRunningError(NetworkError):
    """A network of this clone is running; a second one would overwrite its records."""

    def __init__(self, file: Path, pid: int) -> None:
        self.pid = pid
        super().__init__(
            f"a local network already runs (process {pid}, described in {file}); use it, stop "
            "it, or start this one with separate files by --running and --deployments"
        )


class NotRunningError(NetworkError):
    """No network is running."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"no local network is described in {file}: run `make network` first")


class UnknownChainError(NetworkError):
    """The local network has no such chain."""

    def __init__(self, chain: str, known: Sequence[str]) -> None:
        self.chain = chain
        super().__init__(f"no local chain is called {chain!r}; the chains are {', '.join(known)}")


class CompileError(NetworkError):
    """The local contracts do not compile."""

    def __init__(self, output: str) -> None:
        super().__init__(f"the local network's contracts do not compile:\n{output}")


class RpcError(NetworkError):
    """A node returned an error."""

    def __init__(self, method: str, code: int, message: str, data: object = None) -> None:
        self.method = method
        self.code = code
        self.data = data
        super().__init__(f"{method} failed with {code}: {message}")


class TransactionFailedError(NetworkError):
    """A transaction of the set-up or of a helper was mined and reverted."""

    def __init__(self, what: str, tx_hash: str, reason: str) -> None:
        self.tx_hash = tx_hash
        self.reason = reason
        super().__init__(f"{what} reverted ({tx_hash}): {reason}")


class PoolStuckError(NetworkError):
    """A pool did not reach the requested price."""

    def __init__(self, pool: str, reached: int, wanted: int) -> None:
        super().__init__(f"pool {pool} is at sqrtPriceX96 {reached} instead of {wanted}")
