"""What can go wrong between a keeper and a chain; each class carries its facts."""

from __future__ import annotations

from datetime import timedelta

from keepers.model.errors import BallastError


class ChainError(BallastError):
    """A chain cannot be read or written to as it should."""


class ChainUnreachableError(ChainError):
    """The node does not answer."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"node {url} does not answer: {problem}; check chains.*.rpc_urls")
        self.url = url
        self.problem = problem


class PayloadTooLargeError(ChainUnreachableError):
    """The node takes no request of this size (HTTP 413); a smaller one may do."""


class ChainGoneError(ChainError):
    """Something is under way on a chain that the settings do not have any more."""

    def __init__(self, chain_id: int) -> None:
        super().__init__(
            f"EVM-{chain_id} is not in the settings any more; what is under way there waits until "
            "it is again"
        )
        self.chain_id = chain_id


class WrongChainError(ChainError):
    """The node is of another chain."""

    def __init__(self, url: str, expected: int, actual: int) -> None:
        super().__init__(
            f"node {url} is of chain {actual}, not {expected}; check rpc_urls and chain_id"
        )
        self.expected = expected
        self.actual = actual


class NodeRefusedError(ChainError):
    """The node answered a request with an error that is not a revert."""

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"node refused {method}: {message} ({code})")
        self.method = method
        self.code = code
        self.message = message


class BadAnswerError(ChainError):
    """The node answered something that the protocol does not allow."""

    def __init__(self, method: str, problem: str) -> None:
        super().__init__(f"node answered {method} with {problem}; check rpc_urls, or use another")
        self.method = method
        self.problem = problem


class UnsupportedNodeError(ChainError):
    """The node lacks what a keeper needs, so that nothing may be sent."""

    def __init__(self, method: str, problem: str) -> None:
        super().__init__(f"node does not support {method}: {problem}; use another node")
        self.method = method
        self.problem = problem


class ContractMissingError(ChainError):
    """There is no code where the deployments file says."""

    def __init__(self, name: str, address: str) -> None:
        super().__init__(
            f"{name} is not at {address}: no such contract there; check the deployments file"
        )
        self.name = name
        self.address = address


class UnlistedTokenError(ChainError):
    """The vault holds a token that the deployments file does not know."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"the vault holds {address}, which the deployments file does not list; "
            "write it anew with the configure script"
        )
        self.address = address


class OtherQueueError(ChainError):
    """The vault's redemption queue is not the one that the deployments file names."""

    def __init__(self, actual: str, listed: str | None) -> None:
        super().__init__(
            f"the vault's redemption queue is {actual}, the deployments file says "
            f"{listed or 'none'}; run the verify script, then configure"
        )
        self.actual = actual
        self.listed = listed


class CallRevertedError(ChainError):
    """A contract refused a call."""

    def __init__(
        self, error: str, arguments: tuple[object, ...] = (), message: str | None = None
    ) -> None:
        shown = ", ".join(map(str, arguments))
        super().__init__(message or f"contract refused: {error}({shown})")
        self.error = error
        self.arguments = arguments


class UnexplainedRevertError(CallRevertedError):
    """A contract refused a call and gave no reason, as the wrong contract does."""

    def __init__(self, contract: str, function: str, address: str) -> None:
        message = (
            f"{contract}.{function} at {address} reverted without a reason; is that contract "
            "there? check the deployments file"
        )
        super().__init__("no reason given", (), message)
        self.contract = contract
        self.function = function
        self.address = address


class StalePriceError(CallRevertedError):
    """A price feed has not spoken for longer than its heartbeat."""

    def __init__(self, token: str, age: timedelta, heartbeat: timedelta) -> None:
        message = (
            f"price of {token} is stale: {age} old, its feed's heartbeat is {heartbeat}; "
            "it cannot be valued until the feed speaks again"
        )
        super().__init__("PriceOracle_StalePrice", (token,), message)
        self.token = token
        self.age = age
        self.heartbeat = heartbeat


class BadPriceError(CallRevertedError):
    """A price is missing, not positive or outside its bounds."""

    def __init__(self, token: str, error: str, problem: str) -> None:
        message = f"price of {token} cannot be used: {problem}; check its feed"
        super().__init__(error, (token,), message)
        self.token = token
        self.problem = problem


class SequencerNotReadyError(CallRevertedError):
    """The rollup's sequencer is down, or up for too short a time."""

    def __init__(self, error: str, problem: str) -> None:
        message = f"{problem}; prices cannot be trusted until its grace period is over"
        super().__init__(error, (), message)


class ControllerPausedError(CallRevertedError):
    """The controller refuses what adds risk."""

    def __init__(self) -> None:
        message = (
            "the controller is paused, so nothing can be bought; once the reason is gone, a "
            "configurator has to unpause it"
        )
        super().__init__("AssetController_Paused", (), message)


class NotKeeperError(CallRevertedError):
    """The account is no keeper of the contract: it lacks a limit on what it may move."""

    def __init__(self, account: str) -> None:
        message = (
            f"{account} is not a keeper there: it needs an automatic and a risk-reducing limit; "
            "add it to keepers in the deployment's configuration and run the configure script, "
            "with --restore-keepers if the guardian removed it"
        )
        super().__init__("RateLimits_NotSet", (account,), message)
        self.account = account


class LimitNotSetError(CallRevertedError):
    """There is no limit for what was to pass, so nothing may."""

    def __init__(self, limit: str) -> None:
        message = (
            f"{limit} is not set, so nothing may pass; set it in the deployment's configuration "
            "and run the configure script"
        )
        super().__init__("RateLimits_NotSet", (limit,), message)
        self.limit = limit


class LimitExceededError(CallRevertedError):
    """A limit admits less now; amounts in settlement base units."""

    def __init__(self, limit: str, amount: int, left: int) -> None:
        message = (
            f"{limit} admits {left} base units now, and {amount} were to pass; it fills with "
            "time: wait, do less, or let a configurator raise it"
        )
        super().__init__("RateLimits_Exceeded", (limit, amount, left), message)
        self.limit = limit
        self.amount = amount
        self.left = left


class FeeAboveCapError(ChainError):
    """Gas costs more than configured."""

    def __init__(self, wanted: int, cap: int) -> None:
        super().__init__(
            f"gas costs {wanted} wei, above the cap of {cap}; wait, or raise the fee cap"
        )
        self.wanted = wanted
        self.cap = cap


class GasAboveLimitError(ChainError):
    """An action needs more gas than configured."""

    def __init__(self, needed: int, limit: int) -> None:
        super().__init__(f"needs {needed} gas, above the limit of {limit}; raise gas_limit")
        self.needed = needed
        self.limit = limit
