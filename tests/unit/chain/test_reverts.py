"""Revert data as errors that an operator can act on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from keepers.adapters.chain.addresses import Token
from keepers.adapters.chain.reverts import Reverts
from keepers.domain.errors_chain import (
    BadPriceError,
    CallRevertedError,
    ControllerPausedError,
    NotKeeperError,
    SequencerNotReadyError,
    StalePriceError,
)

WETH = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
STRANGER = "0x00000000000000000000000000000000DeaDBeef"
NOW = datetime(2030, 1, 2, tzinfo=UTC)
REVERTS = Reverts({WETH: Token("WETH", 18)})


def revert(signature: str, *arguments: object) -> CallRevertedError:
    types = signature[signature.index("(") + 1 : -1]
    data = encode(types.split(",") if types else [], arguments)
    return REVERTS.read(keccak(text=signature)[:4] + data, NOW)


def test_read__stale_price__has_token_age_and_heartbeat() -> None:
    updated = int(NOW.timestamp()) - 7_200
    error = revert("PriceOracle_StalePrice(address,uint256,uint256)", WETH, updated, 3_600)
    assert isinstance(error, StalePriceError)
    assert error.token == f"WETH ({WETH})"
    assert (error.age, error.heartbeat) == (timedelta(hours=2), timedelta(hours=1))
    assert "is stale: 2:00:00 old, its feed's heartbeat is 1:00:00" in str(error)


def test_read__price_out_of_bounds__says_which() -> None:
    signature = "PriceOracle_PriceOutOfBounds(address,int256,uint128,uint128)"
    error = revert(signature, WETH, -5, 10, 20)
    assert isinstance(error, BadPriceError)
    assert "-5 is outside 10 to 20" in str(error)


def test_read__unknown_token__says_no_feed() -> None:
    error = revert("PriceOracle_UnknownToken(address)", STRANGER)
    assert isinstance(error, BadPriceError)
    assert STRANGER in str(error)


def test_read__sequencer__says_until_when() -> None:
    error = revert("PriceOracle_SequencerGracePeriod(uint256)", int(NOW.timestamp()))
    assert isinstance(error, SequencerNotReadyError)
    assert "2030-01-02T00:00:00+00:00" in str(error)
    assert isinstance(revert("PriceOracle_SequencerDown()"), SequencerNotReadyError)


def test_read__paused__is_its_own_error() -> None:
    assert isinstance(revert("EnforcedPause()"), ControllerPausedError)


def test_read__not_keeper__names_the_account() -> None:
    error = revert("AssetController_NotKeeper(address)", STRANGER)
    assert isinstance(error, NotKeeperError)
    assert error.account == STRANGER


def test_read__other_known_error__shows_its_arguments() -> None:
    error = revert("Portfolio_InsufficientOutput(address,uint256,uint256)", WETH, 1, 2)
    assert str(error) == f"contract refused: Portfolio_InsufficientOutput(WETH ({WETH}), 1, 2)"


def test_read__require_with_text__shows_it() -> None:
    assert "Too little received" in str(revert("Error(string)", "Too little received"))


def test_read__unknown_error__shows_the_bytes() -> None:
    assert "0xdeadbeef" in str(REVERTS.read(bytes.fromhex("deadbeef")))


def test_read__known_selector_with_cut_arguments__shows_the_bytes() -> None:
    selector = keccak(text="AssetController_NotKeeper(address)")[:4]
    assert f"0x{selector.hex()}00" in str(REVERTS.read(selector + b"\0"))


def test_read__nothing__says_so() -> None:
    assert "no reason given" in str(REVERTS.read(b""))
