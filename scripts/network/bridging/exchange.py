"""Exchange service with Binance's wallet interface, including signatures."""

from __future__ import annotations

import hmac
from decimal import Decimal
from typing import Any

from scripts.network.bridging.server import Asked, Counterpart, Reply

PREFIX = "/sapi/v1/"
LISTING = "/local/addresses"
"""Path that adds an address to the list, in place of the exchange's console."""

SUCCESS, BAD, FORBIDDEN = 200, 400, 401
WEEK = 7 * 24 * 3600 * 1000
LOCKED, DONE = 6, 1


class ExchangeService(Counterpart):
    """Account of one client; `refusal` is the response to the next withdrawals.

    Attributes:
        free: Amounts that may be withdrawn, in whole tokens, by coin.
        rights: Rights of the key.
        listed: Addresses that the account may withdraw to.
        hidden: Whether the history hides withdrawals.
    """

    def __init__(self, key: str, secret: str) -> None:
        super().__init__()
        self.key, self.secret = key, secret
        self.networks: dict[str, dict[str, dict[str, Any]]] = {}
        self.deposits: list[dict[str, Any]] = []
        self.withdrawals: list[dict[str, Any]] = []
        self.free: dict[str, Decimal] = {}
        self.addresses: dict[tuple[str, str], str] = {}
        self.rights = {"ipRestrict": True, "enableReading": True, "enableWithdrawals": True}
        self.listed: list[dict[str, Any]] = []
        self.quota = {"wdQuota": "8000000", "usedWdQuota": "0"}
        self.refusal: dict[str, Any] | None = None
        self.hidden = False
        self.now = 0

    def forget(self) -> None:
        """Forget deposits and withdrawals; networks and deposit addresses stay."""
        self.listed.clear()
        self.deposits.clear()
        self.withdrawals.clear()
        self.free.clear()
        self.refusal, self.hidden = None, False

    def list_network(self, coin: str, network: str, **changes: Any) -> None:  # noqa: ANN401
        """Offer a coin on a network, with the fields of the real interface."""
        row = {
            "network": network,
            "coin": coin,
            "name": network,
            "depositEnable": True,
            "withdrawEnable": True,
            "busy": False,
            "depositDesc": "",
            "withdrawDesc": "",
            "withdrawFee": "1",
            "withdrawMin": "10",
            "withdrawMax": "1000000",
            "withdrawIntegerMultiple": "0.000001",
            "minConfirm": 12,
            "unLockConfirm": 64,
            "estimatedArrivalTime": 5,
        }
        self.networks.setdefault(coin, {})[network] = row | changes

    def list_address(self, coin: str, network: str, address: str) -> None:
        """Add an address to the account's list of withdrawal addresses."""
        row = {"address": address, "addressTag": "", "coin": coin, "network": network}
        self.listed.append(row | {"name": "", "whiteStatus": True})

    def deposit(
        self,
        coin: str,
        network: str,
        amount: str,
        transaction: str,
        **changes: Any,  # noqa: ANN401
    ) -> dict[str, Any]:
        """Credit a deposit, which is locked until `unlock`."""
        row = {
            "id": str(len(self.deposits) + 1),
            "amount": amount,
            "coin": coin,
            "network": network,
            "status": LOCKED,
            "address": self.addresses.get((coin, network), ""),
            "addressTag": "",
            "txId": transaction,
            "insertTime": self.now,
            "transferType": 0,
            "confirmTimes": "12/64",
        } | changes
        with self.lock:
            self.deposits.append(row)
        return row

    def unlock(self, row: dict[str, Any]) -> None:
        """Let a deposit be withdrawn."""
        with self.lock:
            row["status"] = DONE
            self.free[row["coin"]] = self.free.get(row["coin"], Decimal(0)) + Decimal(row["amount"])

    def handle(self, asked: Asked) -> Reply:
        """Respond like the wallet part of the real interface, within the rights of the key."""
        if (asked.method, asked.path) == ("PUT", LISTING):
            return self._list(asked)
        if not asked.path.startswith(PREFIX):
            return Reply(404, {"code": -1000, "msg": "no such path"})
        if not self._is_signed(asked):
            return Reply(FORBIDDEN, {"code": -1022, "msg": "Signature is not valid."})
        answers = {
            "GET account/apiRestrictions": lambda: Reply(SUCCESS, self.rights),
            "GET capital/withdraw/address/list": lambda: Reply(SUCCESS, self.listed),
            "GET capital/config/getall": lambda: Reply(SUCCESS, self._coins()),
            "GET capital/deposit/address": lambda: self._address(asked),
            "GET capital/deposit/hisrec": lambda: Reply(SUCCESS, self._deposits(asked)),
            "GET capital/withdraw/history": lambda: self._history(asked),
            "GET capital/withdraw/quota": lambda: Reply(SUCCESS, self.quota),
            "POST capital/withdraw/apply": lambda: self._apply(asked),
        }
        answer = answers.get(f"{asked.method} {asked.path.removeprefix(PREFIX)}")
        return Reply(404, {"code": -1000, "msg": "no such path"}) if answer is None else answer()

    def _list(self, asked: Asked) -> Reply:
        row = {name: str(asked.body[name]) for name in ("coin", "network", "address")}
        if not any(row.items() <= each.items() for each in self.listed):
            self.list_address(row["coin"], row["network"], row["address"])
        return Reply(SUCCESS, row)

    def _is_signed(self, asked: Asked) -> bool:
        signed, _, signature = asked.raw.rpartition("&signature=")
        ours = hmac.new(self.secret.encode(), signed.encode(), "sha256").hexdigest()
        names = {name.lower(): value for name, value in asked.headers.items()}
        return hmac.compare_digest(ours, signature) and names.get("x-mbx-apikey") == self.key

    def _coins(self) -> list[dict[str, Any]]:
        return [
            {"coin": coin, "name": coin, "networkList": list(networks.values())}
            for coin, networks in self.networks.items()
        ]

    def _deposits(self, asked: Asked) -> list[dict[str, Any]]:
        coin, since = asked.query.get("coin"), int(asked.query.get("startTime", 0))
        rows = self.deposits
        return [row for row in rows if row["coin"] == coin and row["insertTime"] >= since]

    def _address(self, asked: Asked) -> Reply:
        coin, network = asked.query["coin"], asked.query["network"]
        address = self.addresses.get((coin, network), "")
        return Reply(SUCCESS, {"coin": coin, "address": address, "tag": "", "url": ""})

    def _history(self, asked: Asked) -> Reply:
        order = asked.query.get("withdrawOrderId")
        end = int(asked.query.get("endTime", self.now))
        start = int(asked.query.get("startTime", end - WEEK))
        if order and end - start > WEEK:
            return Reply(BAD, {"code": -1100, "msg": "the interval is longer than 7 days"})
        rows = [
            {name: value for name, value in each.items() if name != "at"}
            for each in self.withdrawals
            if start <= each["at"] <= end and order in (None, each["withdrawOrderId"])
        ]
        return Reply(SUCCESS, [] if self.hidden else rows)

    def _apply(self, asked: Asked) -> Reply:
        if self.refusal is not None:
            return Reply(BAD, self.refusal)
        coin, network = asked.query["coin"], asked.query["network"]
        amount, row = Decimal(asked.query["amount"]), self.networks[coin][network]
        if amount > self.free.get(coin, Decimal(0)):
            return Reply(BAD, {"code": "RW00441", "msg": "The amount is not unlocked yet."})
        if amount % Decimal(row["withdrawIntegerMultiple"]) or amount < Decimal(row["withdrawMin"]):
            return Reply(BAD, {"code": -4003, "msg": "The amount is not valid."})
        self.free[coin] -= amount
        number = f"w{len(self.withdrawals) + 1}"
        self.withdrawals.append(
            {
                "id": number,
                "amount": str(amount - Decimal(row["withdrawFee"])),
                "transactionFee": row["withdrawFee"],
                "coin": coin,
                "status": 4,
                "address": asked.query["address"],
                "txId": "",
                "network": network,
                "transferType": 0,
                "withdrawOrderId": asked.query.get("withdrawOrderId", ""),
                "at": self.now,
            }
        )
        return Reply(SUCCESS, {"id": number})
