"""LayerZero's scan service: messages by guid and by source transaction."""

from __future__ import annotations

from typing import Any

from scripts.network.bridging.server import Asked, Counterpart, Reply

SUCCESS = 200


class ScanService(Counterpart):
    """Reported messages by guid."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[str, dict[str, Any]] = {}

    def forget(self) -> None:
        """Forget all messages."""
        self.messages.clear()

    def tell(
        self, guid: str, status: str, *, destination: str = "WAITING", transaction: str = ""
    ) -> None:
        """Set the state of a message."""
        with self.lock:
            self.messages[guid] = {
                "guid": guid,
                "pathway": {"srcEid": 30101, "dstEid": 30110},
                "source": {"status": "SUCCEEDED", "tx": {"txHash": transaction}},
                "destination": {"status": destination},
                "status": {"name": status, "message": ""},
            }

    def handle(self, asked: Asked) -> Reply:
        """Respond to both kinds of request; an unknown message is an empty list."""
        match asked.path.strip("/").split("/"):
            case ["v1", "messages", "guid", guid]:
                rows = [self.messages[guid]] if guid in self.messages else []
            case ["v1", "messages", "tx", transaction]:
                rows = [
                    each
                    for each in self.messages.values()
                    if each["source"]["tx"]["txHash"] == transaction
                ]
            case _:
                return Reply(404, {"message": "Not found"})
        return Reply(SUCCESS, {"data": rows})
