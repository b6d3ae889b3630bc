"""Hardhat's node, another client than anvil, with the state of an anvil."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from eth_typing import ChecksumAddress, HexStr
from web3.types import TxReceipt

from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from scripts.network.errors import TransactionFailedError
from scripts.network.node import GAS_LIMIT, Node
from tests.integration.support.processes import running

ROOT = Path(__file__).parents[3]
HARDHAT = ROOT / "node_modules" / "hardhat" / "internal" / "cli" / "cli.js"
CONFIG = """\
module.exports = {{
  solidity: "0.8.37",
  paths: {{ root: {root}, sources: {root}, cache: {root}, artifacts: {root} }},
  networks: {{ hardhat: {{ chainId: {chain_id}, initialDate: {begin} }} }},
}};
"""
LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")


class HardhatChain(LocalChain):
    """Chain of Hardhat's node, with Hardhat's methods instead of those of anvil."""

    def transact(
        self,
        data: object,
        *,
        to: ChecksumAddress | None = None,
        sender: ChecksumAddress = WHALE,
        value: int = 0,
        what: str,
    ) -> TxReceipt:
        """Send a transaction, which is mined at once; a revert raises."""
        request = {"from": sender, "data": data, "value": hex(value), "gas": hex(GAS_LIMIT)}
        if to is not None:
            request["to"] = to
        hashed = cast("str", self.rpc("eth_sendTransaction", request))
        receipt = self.web3.eth.get_transaction_receipt(HexStr(hashed))
        if receipt["status"] != 1:
            raise TransactionFailedError(what, hashed, "it reverted")
        return receipt

    def mine(self, blocks: int = 1) -> None:
        """Mine blocks with the waiting transactions."""
        self.rpc("hardhat_mine", hex(blocks))

    def forget_pool(self) -> None:
        """Drop the waiting transactions."""
        for each in self.rpc("eth_pendingTransactions"):
            self.rpc("hardhat_dropTransaction", each["hash"])


@contextmanager
def hardhat_copy(chain: LocalChain, folder: Path) -> Generator[HardhatChain]:
    """Run Hardhat's node with the state of a chain, and end it.

    Contracts are not compiled and nothing is downloaded: code and storage are set as they are.
    """
    config = folder / "hardhat.config.js"
    text = CONFIG.format(
        root=json.dumps(str(folder)),
        chain_id=chain.chain_id,
        begin=json.dumps(_date(chain.timestamp())),
    )
    config.write_text(text)
    node = shutil.which("node")
    assert node is not None, "Node is needed, as set-up says"
    command = [node, str(HARDHAT), "--config", str(config), "node"]
    options = ["--hostname", "127.0.0.1", "--port", "0"]
    environment = {"HARDHAT_DISABLE_TELEMETRY_PROMPT": "true", "HOME": str(folder)}
    with running([*command, *options], environment=environment, folder=ROOT) as child:
        found = LISTENING.search(child.wait_for("JSON-RPC server at"))
        assert found is not None
        made = HardhatChain(
            url=found.group(),
            artifacts=chain.artifacts,
            name=chain.name,
            chain_id=chain.chain_id,
            pid=child.pid,
            addresses=chain.addresses,
        )
        _copy(chain, made)
        yield made


def _copy(source: LocalChain, target: Node) -> None:
    """Give a node the accounts, code and storage of an anvil."""
    state = json.loads(gzip.decompress(bytes.fromhex(source.rpc("anvil_dumpState")[2:])))
    for method, params in _settings(state["accounts"]):
        target.rpc(method, *params)
    target.rpc("hardhat_mine", "0x1")


def _settings(accounts: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for address, account in accounts.items():
        yield "hardhat_setBalance", (address, hex(int(account["balance"], 16)))
        if account["code"] not in {None, "0x"}:
            yield "hardhat_setCode", (address, account["code"])
        if account["nonce"]:
            yield "hardhat_setNonce", (address, hex(int(account["nonce"])))
        for slot, value in account["storage"].items():
            word = f"0x{int(value, 16):064x}"
            yield "hardhat_setStorageAt", (address, hex(int(slot, 16)), word)


def _date(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp + 1, UTC).isoformat()
