"""anvil signs for its own accounts: a real signer that is not our code."""

from __future__ import annotations

from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.signing.https import Endpoint
from keepers.signing.remote import RemoteSigner
from scripts.network.accounts import test_account
from tests.integration.support.bare import BareChain

GWEI = 10**9
TO = "0x00000000000000000000000000000000DeaDBeef"


def test_sign__by_anvil__is_checked_sent_and_mined(anvil: BareChain) -> None:
    sender = test_account(4).address
    asked = Unsigned(
        chain_id=anvil.chain_id,
        nonce=anvil.nonce(sender),
        call=ContractCall(TO, "0x"),
        gas_limit=50_000,
        fees=Fees(100 * GWEI, GWEI),
        value=3,
    )
    signed = RemoteSigner(Endpoint(url=anvil.url, seconds=5), sender).sign(asked)
    assert anvil.rpc("eth_sendRawTransaction", signed.raw) == signed.transaction_hash
    receipt = anvil.receipt(signed.transaction_hash)
    assert (int(receipt["status"], 16), receipt["from"]) == (1, sender.lower())
