"""LayerZero V2 with its real endpoint, and USDT as its token.

The message library is the one of LayerZero's own tests: it has no verifiers and accepts every
packet.
"""

from eth_typing import ChecksumAddress

from scripts.network.accounts import WHALE
from scripts.network.addresses import Addresses, LayerZero
from scripts.network.build.builder import Builder
from scripts.network.build.cctp import word
from scripts.network.specs import DECIMALS

_MESSAGE_FEE = 10**14  # wei
_NO_GRACE, _NO_OTHER_FEE = 0, 0
_LOCKED = 1_000_000_000  # whole tokens, the maximum supply of the other chains
_MINTED = 400_000_000
_SEED = 100_000


def deploy_layer_zero(builder: Builder, usdt: ChecksumAddress, fund: ChecksumAddress) -> LayerZero:
    """Deploy endpoint, library and token: an adapter of USDT, or a minted USDT."""
    eid = builder.spec.eid
    endpoint = builder.deploy("EndpointV2", eid, WHALE)
    library = builder.deploy("SimpleMessageLib", endpoint, WHALE)
    builder.send(builder.contract("EndpointV2", endpoint).functions.registerLibrary(library))
    fees = builder.contract("SimpleMessageLib", library).functions
    builder.send(fees.setMessagingFee(_MESSAGE_FEE, _NO_OTHER_FEE))
    minted = builder.spec.minted_usdt
    if minted is None:
        oft, token, decimals = _lock(builder, endpoint, usdt), usdt, DECIMALS["USDT"]
    else:
        oft = token = builder.deploy(minted, endpoint, WHALE)
        functions = builder.contract(minted, token).functions
        decimals = functions.decimals().call()
        builder.send(functions.mint(WHALE, _MINTED * 10**decimals))
        fund = _fund_of(builder, token, decimals)
    return LayerZero(
        eid=eid,
        endpoint=endpoint,
        library=library,
        usdt=token,
        oft=oft,
        decimals=decimals,
        fund=fund,
    )


def link_layer_zero(builder: Builder, here: Addresses, there: Addresses) -> None:
    """Open the path to another chain, and link the tokens of both."""
    eid, library = there.layer_zero.eid, here.layer_zero.library
    endpoint = builder.contract("EndpointV2", here.layer_zero.endpoint).functions
    builder.send(endpoint.setDefaultSendLibrary(eid, library))
    builder.send(endpoint.setDefaultReceiveLibrary(eid, library, _NO_GRACE))
    oft = builder.contract("MintingOft", here.layer_zero.oft).functions
    builder.send(oft.setPeer(eid, word(there.layer_zero.oft)))


def _lock(builder: Builder, endpoint: ChecksumAddress, usdt: ChecksumAddress) -> ChecksumAddress:
    oft = builder.deploy("LockingOft", usdt, endpoint, WHALE)
    functions = builder.contract("TetherToken", usdt).functions
    builder.send(functions.transfer(oft, _LOCKED * 10 ** DECIMALS["USDT"]))
    return oft


def _fund_of(builder: Builder, token: ChecksumAddress, decimals: int) -> ChecksumAddress:
    fund = builder.deploy("TreasuryFund", token, WHALE, "USDT0 Bill Fund", "TBILL0")
    builder.approve(token, fund)
    functions = builder.contract("TreasuryFund", fund).functions
    builder.send(functions.deposit(_SEED * 10**decimals, WHALE))
    return fund
