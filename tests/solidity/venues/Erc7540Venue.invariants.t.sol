// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../support/Test.sol";
import {AsyncHandler} from "./AsyncHandler.sol";

/// @title After any requests, settlements and claims each unit counts exactly once
contract Erc7540VenueInvariants is Test {
    /// @dev Rounding loss of a call: a share of six decimals at five times its price, and the quotients.
    uint256 private constant DUST = 8;

    AsyncHandler private handler;

    function setUp() public {
        handler = new AsyncHandler();
    }

    /// @notice Lists the contracts that forge may call.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(handler);
    }

    /// @dev By the funds' own books, the value changes only through prices.
    function invariant_V1__units__areGainedAndLostByPricesAlone() external view {
        int256 difference = int256(handler.ideal()) - handler.expected();
        assertLe(uint256(difference < 0 ? -difference : difference), _dust(), "difference");
    }

    function invariant_V2__value__countsNothingTwice() external view {
        assertLe(handler.measured(), handler.ideal() + handler.pausedLosses() + DUST, "measured");
    }

    function invariant_V3__value__forgetsNothing() external view {
        assertGe(handler.measured() + handler.unclaimedGains() + DUST, handler.ideal(), "measured");
    }

    function invariant_V4__claims__loseNothing() external view {
        assertEq(handler.lostByClaiming(), 0, "lost");
    }

    function invariant_V5__requests__areRefusedForAnotherIdAlone() external view {
        assertEq(handler.wronglyJudged(), 0, "judged");
    }

    function invariant_V6__allowances__areUsedUp() external view {
        for (uint256 i = 0; i < 2; ++i) {
            address fund = address(handler.funds(i));
            assertEq(handler.usdt().allowance(address(handler.venues(i)), fund), 0, "allowance");
        }
    }

    /// @dev Checks that enough calls of the handler succeed.
    function test_handler__aRun__reachesEverything() external {
        for (uint256 i = 0; i < 600; ++i) {
            _act(uint256(keccak256(abi.encode(i))), i % 12);
            assertLe(handler.measured(), handler.ideal() + handler.pausedLosses() + DUST, "twice");
            assertGe(handler.measured() + handler.unclaimedGains() + DUST, handler.ideal(), "forgotten");
        }
        string[9] memory all = [
            "deposits requested",
            "deposits refused",
            "redemptions requested",
            "redemptions refused",
            "deposits settled",
            "redemptions settled",
            "refused",
            "claimed",
            "claimed nothing"
        ];
        for (uint256 i = 0; i < all.length; ++i) {
            assertGe(handler.counts(all[i]), 3, all[i]);
        }
    }

    /// @dev At a constant price the value stays constant.
    function testFuzz_value__onePrice__isConstant(uint256 seed) external {
        uint256 first = handler.measured();
        for (uint256 i = 0; i < 64; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            // All actions except price changes.
            _act(draw, draw % 11);
            assertLe(handler.measured(), first, "value from nowhere");
            assertGe(handler.measured() + _dust(), first, "value lost");
        }
    }

    function _act(uint256 draw, uint256 kind) internal {
        (bool which, uint256 amount) = (draw >> 255 == 1, uint256(uint128(draw)) % 1e11);
        if (kind < 2) handler.requestDeposit(which, amount);
        else if (kind < 4) handler.requestRedeem(which, draw);
        else if (kind == 4) handler.settleDeposit(which, amount);
        else if (kind == 5) handler.settleRedeem(which, draw);
        else if (kind == 6) handler.claim(which);
        else if (kind == 7) handler.refuse(which, uint8(draw >> 200));
        else if (kind == 8) handler.nextEpoch();
        else if (kind == 9) handler.pauseClaims(which, draw >> 254 & 1 == 1);
        else if (kind == 10) handler.reinvest();
        else handler.setPrice(which, draw);
    }

    function _dust() internal view returns (uint256) {
        return DUST * (handler.calls() + 1);
    }
}
