"""Errors of chains, nodes and contracts."""

from __future__ import annotations

from datetime import timedelta

from keepers.model.errors import BallastError, InputError, message


class ChainError(BallastError):
    """Reading from or writing to a chain failed."""


@message("node {url} does not respond: {problem}; check chains.*.rpc_urls")
class ChainUnreachableError(ChainError):
    """The node does not respond."""

    url: str
    problem: str


class PayloadTooLargeError(ChainUnreachableError):
    """The node rejects requests of this size (HTTP 413); a smaller one may succeed."""


@message(
    "EVM-{chain_id} is no longer in the settings; work in progress there waits until the chain "
    "is added again"
)
class ChainGoneError(ChainError):
    """Work is in progress on a chain that the settings no longer include."""

    chain_id: int


@message("node {url} serves chain {actual}, not {expected}; check rpc_urls and chain_id")
class WrongChainError(ChainError):
    """The node serves another chain."""

    url: str
    expected: int
    actual: int


@message("node refused {method}: {message} ({code})")
class NodeRefusedError(ChainError):
    """The node returned an error that is not a revert."""

    method: str
    code: int
    message: str


@message("node responded to {method} with {problem}; check rpc_urls, or use another node")
class BadAnswerError(ChainError):
    """The node's response violates the protocol."""

    method: str
    problem: str


@message("node does not support {method}: {problem}; use another node")
class UnsupportedNodeError(ChainError):
    """The node lacks a feature that a keeper requires, so nothing may be sent."""

    method: str
    problem: str


@message("{name} is not deployed at {address}; check the deployments file")
class ContractMissingError(ChainError):
    """There is no code at an address from the deployments file."""

    name: str
    address: str


@message(
    "the vault holds {address}, which the deployments file does not list; update the file with "
    "the configure script"
)
class UnlistedTokenError(ChainError):
    """The vault holds a token that the deployments file does not list."""

    address: str


class OtherQueueError(ChainError):
    """The vault's redemption queue is not the one in the deployments file."""

    def __init__(self, actual: str, listed: str | None) -> None:
        super().__init__(
            f"the vault's redemption queue is {actual}, but the deployments file lists "
            f"{listed or 'none'}; run the verify script, then the configure script"
        )
        self.actual = actual
        self.listed = listed


class CallRevertedError(ChainError):
    """A call reverted."""

    def __init__(
        self, error: str, arguments: tuple[object, ...] = (), message: str | None = None
    ) -> None:
        shown = ", ".join(map(str, arguments))
        super().__init__(message or f"contract refused: {error}({shown})")
        self.error = error
        self.arguments = arguments


class UnexplainedRevertError(CallRevertedError):
    """A call reverted without a reason, as calls to a wrong contract do."""

    def __init__(self, contract: str, function: str, address: str) -> None:
        message = (
            f"{contract}.{function} at {address} reverted without a reason; the contract may not "
            "be deployed there: check the deployments file"
        )
        super().__init__("no reason given", (), message)
        self.contract = contract
        self.function = function
        self.address = address


class StalePriceError(CallRevertedError):
    """A price feed has not been updated for longer than its heartbeat."""

    def __init__(self, token: str, age: timedelta, heartbeat: timedelta) -> None:
        message = (
            f"price of {token} is stale: it is {age} old, and the heartbeat of its feed is "
            f"{heartbeat}; {token} cannot be valued until the feed is updated"
        )
        super().__init__("PriceOracle_StalePrice", (token,), message)
        self.token = token
        self.age = age
        self.heartbeat = heartbeat


class BadPriceError(CallRevertedError):
    """A price is missing, not positive, or outside its bounds."""

    def __init__(self, token: str, error: str, problem: str) -> None:
        message = f"price of {token} cannot be used: {problem}; check its feed"
        super().__init__(error, (token,), message)
        self.token = token
        self.problem = problem


class SequencerNotReadyError(CallRevertedError):
    """The rollup's sequencer is down, or its grace period has not passed."""

    def __init__(self, error: str, problem: str) -> None:
        message = f"{problem}; prices cannot be trusted until its grace period is over"
        super().__init__(error, (), message)


class ControllerPausedError(CallRevertedError):
    """The controller is paused and rejects actions that add risk."""

    def __init__(self) -> None:
        message = (
            "the controller is paused, so purchases are rejected; a configurator has to unpause "
            "it once the cause is resolved"
        )
        super().__init__("AssetController_Paused", (), message)


class NotKeeperError(CallRevertedError):
    """The account is not a keeper of the contract: it has no limit."""

    def __init__(self, account: str) -> None:
        message = (
            f"{account} is not a keeper of this contract: it needs an automatic and a "
            "risk-reducing limit; add it to keepers in the deployment's configuration and run "
            "the configure script, with --restore-keepers if the guardian removed it"
        )
        super().__init__("RateLimits_NotSet", (account,), message)
        self.account = account


class LimitNotSetError(CallRevertedError):
    """No limit is set for the action, so nothing is allowed."""

    def __init__(self, limit: str) -> None:
        message = (
            f"{limit} is not set, so nothing is allowed; set it in the deployment's configuration "
            "and run the configure script"
        )
        super().__init__("RateLimits_NotSet", (limit,), message)
        self.limit = limit


class LimitExceededError(CallRevertedError):
    """A limit allows less now; amounts in settlement base units."""

    def __init__(self, limit: str, amount: int, left: int) -> None:
        message = (
            f"{limit} allows {left} base units now, but {amount} are required; it refills over "
            "time: wait, reduce the amount, or have a configurator raise the limit"
        )
        super().__init__("RateLimits_Exceeded", (limit, amount, left), message)
        self.limit = limit
        self.amount = amount
        self.left = left


@message("gas costs {wanted} wei, above the cap of {cap}; wait, or raise the fee cap")
class FeeAboveCapError(ChainError):
    """The gas price is above the configured maximum."""

    wanted: int
    cap: int


@message("needs {needed} gas, above the limit of {limit}; raise gas_limit")
class GasAboveLimitError(ChainError):
    """An action needs more gas than the configured maximum."""

    needed: int
    limit: int


class NoQuorumError(ChainError):
    """Too few nodes respond.

    Attributes:
        reasons: Reasons of the others, one each.
    """

    def __init__(self, what: str, needed: int, answered: int, reasons: tuple[str, ...]) -> None:
        why = f" ({'; '.join(reasons)})" if reasons else ""
        super().__init__(
            f"{answered} nodes responded for {what}, but {needed} are required{why}; `ballast "
            "check` shows the state of each node; check chains.*.rpc_urls and quorum"
        )
        self.what = what
        self.needed = needed
        self.answered = answered
        self.reasons = reasons


@message(
    "nodes do not agree on {what}: no {needed} of them return the same value and outnumber the "
    "rest; the keeper does nothing until they agree; `ballast check` shows the state of each node"
)
class NodesDisagreeError(ChainError):
    """Enough nodes respond, but no quorum of them agrees."""

    what: str
    needed: int


@message(
    "nodes agreed on block {agreed} before and agree on {offered} now, on the same chain: the "
    "responding nodes are behind; the keeper does nothing until they catch up"
)
class NodesBehindError(ChainError):
    """The responding nodes lack blocks that a quorum had, and no reorg explains it."""

    agreed: int
    offered: int


class NoRelayError(InputError):
    """A private transaction has no configured relay."""

    def __init__(self) -> None:
        super().__init__(
            "chains.*.private_relay_urls",
            "none is configured, so nothing can be sent privately; add one, or allow public "
            "sending",
        )


@message(
    "no node returns the logs of blocks {first} to {last}: {problem}; use a node that serves "
    "eth_getLogs"
)
class RangeRefusedError(ChainError):
    """No node returns the logs of a block range; a shorter range may succeed."""

    first: int
    last: int
    problem: str


@message(
    "block {number} was read before and is missing now: the nodes are behind, or the chain has "
    "become shorter; no events are processed until the block is available"
)
class BlockNotThereError(ChainError):
    """Nodes lack a block that was read before, and have no other block at its height."""

    number: int


@message(
    "the chain was reorganised below block {number} while it was read; the next tick continues "
    "from there; the number of confirmations may be too low"
)
class ChainInMotionError(ChainError):
    """The chain was reorganised repeatedly while it was read."""

    number: int
