"""Custodian service: transfers by the client's key, each executed once."""

from __future__ import annotations

from typing import Any

from scripts.network.bridging.server import Asked, Counterpart, Reply

SUCCESS, CREATED, CONFLICT = 200, 201, 409


class CustodianService(Counterpart):
    """Transfers by key, and the offers of lanes.

    Attributes:
        lane: Default offer of a lane.
        lanes: Deviations from the default, by asset and source.
    """

    def __init__(self) -> None:
        super().__init__()
        self.crossings: dict[str, dict[str, Any]] = {}
        self.lane: dict[str, Any] = {
            "open": True,
            "fixed": "0",
            "bps": "0",
            "minimum": "1000000",
            "maximum": "5000000000000",
            "seconds": "600",
        }
        self.lanes: dict[tuple[str, str], dict[str, Any]] = {}

    def forget(self) -> None:
        """Forget all transfers."""
        self.crossings.clear()

    def offer(self, asset: str, source: str) -> dict[str, Any]:
        """Return the offer for lanes of an asset from a chain."""
        return self.lane | self.lanes.get((asset, source), {})

    def move(self, key: str, state: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON
        """Change the state of a transfer."""
        with self.lock:
            self.crossings[key] = {**self.crossings[key], "state": state, **fields}

    def handle(self, asked: Asked) -> Reply:
        """Respond as `keepers.bridges.custodial.service` documents it."""
        match asked.method, asked.path.strip("/").split("/"):
            case "GET", ["v1", "lanes", asset, source, _]:
                return Reply(SUCCESS, self.offer(asset, source))
            case "PUT", ["v1", "crossings", key]:
                return self._create(key, asked.body)
            case "GET", ["v1", "crossings", key] if key in self.crossings:
                return Reply(SUCCESS, self.crossings[key])
            case _:
                return Reply(404, {"reason": "there is no such crossing"})

    def _create(self, key: str, terms: dict[str, str]) -> Reply:
        known = self.crossings.get(key)
        if known is None:
            number = str(len(self.crossings) + 1)
            self.crossings[key] = {"id": number, "state": "accepted", "terms": terms}
            return Reply(CREATED, self.crossings[key])
        if known["terms"] != terms:
            return Reply(CONFLICT, {"reason": "the key has other terms"})
        return Reply(SUCCESS, known)
