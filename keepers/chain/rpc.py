"""JSON-RPC requests to one node over HTTP, without retries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, cast

import structlog
from aiohttp import (
    ClientError,
    ClientResponse,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    TCPConnector,
)
from web3 import AsyncHTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from keepers.http_client import AnswerTooLongError, read_bounded
from keepers.model.errors.chain import (
    BadAnswerError,
    ChainUnreachableError,
    NodeRefusedError,
    PayloadTooLargeError,
)
from keepers.model.redaction import mask_text, mask_url

REQUEST_SECONDS = 30
METHOD_NOT_FOUND = -32601
REVERTED = 3
PAYLOAD_TOO_LARGE = 413
LARGEST_ANSWER = 64 * 2**20
"""Bytes of a response; a larger one is not read to its end, so that it cannot exhaust memory."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class OwnSessionProvider(AsyncHTTPProvider):
    """Provider with a separate session.

    The library looks up its sessions under a process-wide lock, taken in a thread. A request that
    is cancelled in the meantime leaves the lock taken, which blocks all later requests.
    """

    _session: ClientSession | None = None

    async def _make_request(self, method: RPCEndpoint, request_data: bytes) -> bytes:
        """Send one request, without retries."""
        del method
        if self._session is None:
            # A connection that the node has closed in the meantime would look like a failed send.
            self._session = ClientSession(connector=TCPConnector(force_close=True))
        kwargs = cast("dict[str, Any]", self.get_request_kwargs())
        url = str(self.endpoint_uri)
        async with self._session.post(url, data=request_data, **kwargs) as response:
            response.raise_for_status()
            return await _read(response)

    async def disconnect(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _read(response: ClientResponse) -> bytes:
    """Read the body of a response.

    Raises:
        ClientResponseError: The body is too long; the status is that of a too large request.
    """
    try:
        return await read_bounded(response, LARGEST_ANSWER)
    except AnswerTooLongError:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        raise ClientResponseError(response.request_info, (), status=status) from None


@dataclass(frozen=True)
class RpcError(Exception):
    """Error response of a node; `data` is revert data, if any."""

    method: str
    code: int
    message: str
    data: bytes | None

    @property
    def is_revert(self) -> bool:
        """Whether a contract reverted, as opposed to a refusal by the node."""
        is_named = self.code == REVERTED or "revert" in self.message.lower()
        return self.data is not None or is_named

    def refused(self) -> NodeRefusedError:
        """Return the error as a `ChainError`."""
        return NodeRefusedError(self.method, self.code, self.message)


class Requests(Protocol):
    """JSON-RPC requests to one node, or to several with failover."""

    @property
    def shown_url(self) -> str:
        """The masked address."""
        ...

    async def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - any JSON
        """Send one request."""
        ...


class Rpc:
    """JSON-RPC requests to one node; the library's retries are off, so that a send happens once."""

    def __init__(self, url: str, *, timeout: float = REQUEST_SECONDS) -> None:
        self.shown_url = mask_url(url)
        self._url = url
        self._provider = OwnSessionProvider(
            url,
            request_kwargs={"timeout": ClientTimeout(total=timeout)},
            exception_retry_configuration=None,
        )

    async def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - any JSON
        """Send one request.

        Raises:
            ChainUnreachableError: No response, or one that is not JSON.
            PayloadTooLargeError: The request or its response is larger than the node allows.
            BadAnswerError: The response is not JSON-RPC.
            RpcError: The node returned an error.
        """
        answer = await self._request(method, params)
        if not isinstance(answer, Mapping):
            raise BadAnswerError(method, "something that is not JSON-RPC")
        fields = cast("Mapping[str, Any]", answer)
        if fields.get("error") is not None:
            raise _error(method, fields["error"], self._url)
        if "result" not in fields:
            raise BadAnswerError(method, "neither a result nor an error")
        return fields["result"]

    async def _request(self, method: str, params: tuple[object, ...]) -> object:
        _log.debug("request", method=method, node=self.shown_url)
        try:
            return await self._provider.make_request(RPCEndpoint(method), list(params))
        except RecursionError:
            raise BadAnswerError(method, "JSON that is nested too deep") from None
        except TimeoutError as error:
            raise ChainUnreachableError(self.shown_url, "no answer in time") from error
        except ClientResponseError as error:
            kind = (
                PayloadTooLargeError if error.status == PAYLOAD_TOO_LARGE else ChainUnreachableError
            )
            raise kind(self.shown_url, _reason(error)) from error
        except (ClientError, OSError, ValueError, Web3Exception) as error:
            raise ChainUnreachableError(self.shown_url, _reason(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._provider.disconnect()


def _reason(error: Exception) -> str:
    """Return the kind of failure without its text, which contains the full address."""
    status = getattr(error, "status", None)
    return f"{type(error).__name__} {status}" if status else type(error).__name__


def _error(method: str, error: object, url: str) -> RpcError:
    if not isinstance(error, Mapping):
        return RpcError(method, 0, mask_text(str(error), url), None)
    fields = cast("Mapping[str, Any]", error)
    code, message = fields.get("code"), mask_text(str(fields.get("message", "")), url)
    known = code if isinstance(code, int) else 0
    return RpcError(method, known, message, _revert_data(fields.get("data")))


def _revert_data(data: object) -> bytes | None:
    """Return revert data; some nodes wrap it in an object, or prefix it with a word."""
    if isinstance(data, Mapping):
        data = cast("Mapping[str, object]", data).get("data")
    if not isinstance(data, str):
        return None
    start = data.find("0x")
    try:
        return bytes.fromhex(data[start + 2 :]) if start >= 0 else None
    except ValueError:
        return None
