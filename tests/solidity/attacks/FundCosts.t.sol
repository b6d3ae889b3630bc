// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {Strategy} from "../doubles/Strategy.sol";
import {WeightJudgeTest} from "../weights/WeightJudgeTest.sol";

/// @title Fund that charges the costs of a deposit to all its shares (V9)
/// forge-config: default.isolate = true
contract FundCostsTest is WeightJudgeTest {
    /// @dev The trade is within its own bound, since the bought shares bear only a part of the costs. The run measures
    /// all of it.
    function test_run__costsOnAllShares__areCharged() public {
        fund.setMood(Strategy.Mood.Skims, 100);
        _setPrices(WETH_PRICE * 11 / 10, BOND_PRICE);
        uint256 budget = executor.available(LimitKeys.LOSS_ADD);
        uint256 before = l3.value() + vault.idle();
        uint256 shares = fund.balanceOf(address(l3));
        _reweigh(l3, _swaps());
        assertGe(fund.balanceOf(address(l3)), shares + 1, "bought");
        uint256 lost = before - l3.value() - vault.idle();
        assertGe(lost, 50 * USD, "lost");
        assertGe(budget - executor.available(LimitKeys.LOSS_ADD) + 10, lost, "charged");
    }
}
