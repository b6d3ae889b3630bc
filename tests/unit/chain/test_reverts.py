"""Tests of revert data, read as errors that an operator can act on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from keepers.chain.abi import all_errors
from keepers.chain.addresses import Token
from keepers.chain.limit_keys import LimitKey, LimitKind
from keepers.chain.reverts import Reverts, revert_advice
from keepers.model.errors.chain import (
    BadPriceError,
    CallRevertedError,
    ControllerPausedError,
    LimitExceededError,
    LimitNotSetError,
    NotKeeperError,
    SequencerNotReadyError,
    StalePriceError,
)

WETH = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
STRANGER = "0x00000000000000000000000000000000DeaDBeef"
NOW = datetime(2030, 1, 2, tzinfo=UTC)
STRING = bytes.fromhex("08c379a0")
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
    assert "is stale: it is 2:00:00 old, and the heartbeat of its feed is 1:00:00" in str(error)


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
    assert isinstance(revert("AssetController_Paused()"), ControllerPausedError)


@pytest.mark.parametrize("kind", [LimitKind.AUTOMATIC, LimitKind.REDUCING])
def test_read__keeper_without_a_limit__names_the_account(kind: LimitKind) -> None:
    error = revert("RateLimits_NotSet(bytes32)", LimitKey(kind, STRANGER).packed)
    assert isinstance(error, NotKeeperError)
    assert error.account == STRANGER
    assert "--restore-keepers" in str(error)


def test_read__asset_without_a_limit__names_it() -> None:
    error = revert("RateLimits_NotSet(bytes32)", LimitKey(LimitKind.ASSET, WETH).packed)
    assert isinstance(error, LimitNotSetError)
    assert f"the limit of WETH ({WETH}) is not set" in str(error)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (LimitKey(LimitKind.AUTOMATIC, STRANGER), f"the automatic limit of keeper {STRANGER}"),
        (LimitKey(LimitKind.REDUCING, STRANGER), f"the risk-reducing limit of keeper {STRANGER}"),
        (LimitKey(LimitKind.LOSS_ADDING), "the loss budget of actions that add risk"),
        (LimitKey(LimitKind.LOSS_REDUCING), "the loss budget of actions that reduce risk"),
    ],
)
def test_read__limit_exceeded__says_which_and_how_much_is_left(key: LimitKey, name: str) -> None:
    error = revert("RateLimits_Exceeded(bytes32,uint256,uint256)", key.packed, 7, 5)
    assert isinstance(error, LimitExceededError)
    assert (error.limit, error.amount, error.left) == (name, 7, 5)
    assert "allows 5 base units now, but 7 are required" in str(error)


def test_read__key_of_no_known_kind__shows_the_bytes() -> None:
    error = revert("RateLimits_NotSet(bytes32)", b"\xff" * 32)
    assert "ff" * 32 in str(error)


def test_read__above_cap__says_what_to_do() -> None:
    error = revert("AssetController_AboveAssetCap(address,uint256,uint256)", WETH, 9, 8)
    assert str(error) == (
        f"contract refused: WETH ({WETH}) would be worth 9, above its cap of 8; buy less of it, or "
        "raise its cap_bps in the deployment's configuration (AssetController_AboveAssetCap)"
    )


@pytest.mark.parametrize("name", list(revert_advice()))
def test_advice__every_message__fits_an_error_that_the_keeper_knows(name: str) -> None:
    (found,) = {json.dumps(each) for each in all_errors() if each["name"] == name}
    revert_advice()[name].format(*json.loads(found)["inputs"])


def test_read__other_known_error__shows_its_arguments() -> None:
    error = revert("Portfolio_InsufficientBalance(address,uint256,uint256)", WETH, 1, 2)
    assert str(error) == f"contract refused: Portfolio_InsufficientBalance(WETH ({WETH}), 1, 2)"


def test_read__require_with_text__shows_it() -> None:
    assert "Too little received" in str(revert("Error(string)", "Too little received"))


def test_read__unknown_error__shows_the_bytes() -> None:
    assert "0xdeadbeef" in str(REVERTS.read(bytes.fromhex("deadbeef")))


def test_read__known_selector_with_cut_arguments__shows_the_bytes() -> None:
    selector = keccak(text="AssetController_UnknownAsset(address)")[:4]
    assert f"0x{selector.hex()}00" in str(REVERTS.read(selector + b"\0"))


def test_read__nothing__says_so() -> None:
    assert "no reason given" in str(REVERTS.read(b""))


@pytest.mark.parametrize("text", ["\x1b[2J\x1b[31mgone", "two\nlines", "\u202eright to left"])
def test_strangers_text__has_nothing_that_a_terminal_obeys(text: str) -> None:
    said = str(REVERTS.read(STRING + encode(("string",), (text,))))
    assert said.isprintable()


@pytest.mark.parametrize(
    "data", [STRING + encode(("string",), ("x" * 100_000,)), b"none" + b"\x07" * 100_000]
)
def test_strangers_reason__however_long__is_shown_in_part(data: bytes) -> None:
    said = str(REVERTS.read(data))
    assert len(said) < 1_000
    assert "…" in said


def test_read__treasury_refusal__names_assets_and_routes_in_words() -> None:
    names = (each.encode().ljust(32, b"\0") for each in ("USDC", "CCTP"))
    error = revert("Treasury_UnknownRoute(bytes32,bytes32)", *names)
    assert "the treasury has no route CCTP for USDC" in str(error)


@pytest.mark.parametrize("word", [bytes(32), b"\xff" * 32, b"\0USDC".ljust(32, b"\0")])
def test_read__word_that_is_no_name__stays_hexadecimal(word: bytes) -> None:
    error = revert("Treasury_UnknownAsset(bytes32)", word)
    assert f"0x{word.hex()}" in str(error)


def test_read__layerzero_wants_more__says_how_much() -> None:
    error = revert("LZ_InsufficientFee(uint256,uint256,uint256,uint256)", 9, 5, 0, 0)
    assert "LayerZero requires 9 wei, and 5 were sent with the message" in str(error)


def test_read__cctp_text__is_shown() -> None:
    error = REVERTS.read(STRING + encode(["string"], ["Message expired"]), NOW)
    assert "Message expired" in str(error)
