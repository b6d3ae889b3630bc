// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {WeightJudgeTest} from "./WeightJudgeTest.sol";

/// @title Runs of a portfolio with an asynchronous fund
/// @notice It replaces the fund of L3: a third of its 180,000 is held in shares, the rest is requested.
/// forge-config: default.isolate = true
contract WeightJudgeAsyncTest is WeightJudgeTest {
    uint256 private constant ROUNDING = 8;

    AsyncVault private slow;
    Erc7540Venue private desk;

    function setUp() public override {
        super.setUp();
        slow = new AsyncVault(address(usdt), false, 18);
        desk = new Erc7540Venue(address(l3), address(slow));
        IPortfolio.Holding[] memory list = _yields(address(venue));
        l3.setOperator(address(this), true);
        l3.withdraw(address(fund), 200_000 * USD);
        list[2] = IPortfolio.Holding(
            address(slow), IPortfolio.Kind.Async, 3_000, 10, 10_000, address(desk), ANY_RATE, LEAST_RATE
        );
        l3.setHoldings(list);
        usdt.mint(address(desk), 180_000 * USD);
        l3.buy(address(slow), 180_000 * USD, 0, "");
        slow.settleDeposit(0, address(desk), 60_000 * USD);
        l3.claim(address(slow));
        controller.sync();
    }

    function test_requests__areWeighedByTheirWorth() public view {
        IPortfolioWeights.Scales memory scales = judge.scales();
        assertEq(slow.balanceOf(address(l3)), 60_000e18, "shares in hand");
        assertEq(scales.basket.quantities[2], 180_000 * USD, "worth of all");
        assertEq(scales.basket.prices[2], scales.basket.prices[3], "in settlement tokens");
        assertEq(scales.constituents[2].maxSale + scales.constituents[2].maxPayment, 0, "not traded");
    }

    function test_requests__areNotTraded() public {
        _setPrices(3_750e8, BOND_PRICE);
        (, int256[] memory amounts) = judge.rebalanceAmounts();
        assertTrue(amounts[2] == 0, "nothing foretold");
        uint256 cash = usdt.balanceOf(address(vault));
        _runs(l3);
        // 660,000 in total; the fund's gap of 18,000 cannot be filled, so only enough for the bonds' gap is sold.
        _assertNear(l3.valueOf(address(weth)), 282_000 * USD, ROUNDING, "WETH");
        _assertNear(l3.valueOf(address(bond)), 198_000 * USD, ROUNDING, "bond");
        assertEq(l3.valueOf(address(slow)), 180_000 * USD, "requests");
        assertEq(slow.balanceOf(address(l3)), 60_000e18, "shares");
        _assertNear(usdt.balanceOf(address(vault)), cash, ROUNDING, "nothing went home");
    }

    function test_requests__overweight__areNotSold() public {
        slow.setRate(2e6);
        (, int256[] memory amounts) = judge.rebalanceAmounts();
        assertTrue(amounts[2] == 0, "nothing foretold");
        assertEq(judge.scales().basket.quantities[2], 240_000 * USD, "shares in hand doubled");
    }

    function test_rate__aboveItsMaximum__isSkipped() public {
        slow.setRate(101e6);
        _assertSkips(l3, IRebalanceable.Reason.StalePrice);
    }
}
