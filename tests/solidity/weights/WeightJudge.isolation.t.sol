// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";

import {Strategy} from "../doubles/Strategy.sol";
import {WeightJudgeTest} from "./WeightJudgeTest.sol";

/// @title Runs of the other assets while a strategy does not answer
/// forge-config: default.isolate = true
contract WeightJudgeIsolationTest is WeightJudgeTest {
    function test_heldFund__limitsRevert__othersAreTraded() public {
        (uint256 held, uint256 shares) = (weth.balanceOf(address(l3)), fund.balanceOf(address(l3)));
        vm.mockCallRevert(address(fund), abi.encodePacked(fund.maxDeposit.selector), "paused");
        vm.mockCallRevert(address(fund), abi.encodePacked(fund.maxRedeem.selector), "paused");
        _runs();
        assertTrue(weth.balanceOf(address(l3)) < held, "what rose was sold");
        assertEq(fund.balanceOf(address(l3)), shares, "the fund was left alone");
    }

    function test_newFund__dead__othersAreTraded() public {
        _runsWithNewFund(hex"5f5ffd");
    }

    function test_newFund__burnsItsGas__othersAreTraded() public {
        _runsWithNewFund(hex"fe");
    }

    function test_newFund__answersTheHighestNumber__othersAreTraded() public {
        _runsWithNewFund(hex"5f195f5260205ff3");
    }

    function test_newFund__answersNothing__othersAreTraded() public {
        _runsWithNewFund(hex"00");
    }

    function _runsWithNewFund(bytes memory code) private {
        Strategy added = new Strategy(address(usdt), "NEW");
        IPortfolio.Holding[] memory before = _yields(address(venue));
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](4);
        for (uint256 i = 0; i < 3; ++i) {
            list[i] = before[i];
        }
        list[3] = _strategy(address(added), 0);
        l3.setHoldings(list);
        vm.etch(address(added), code);
        uint256 held = weth.balanceOf(address(l3));
        _runs();
        assertTrue(weth.balanceOf(address(l3)) < held, "what rose was sold");
    }

    function _runs() private {
        _setPrices(4_500e8, 100e8);
        vm.prank(outsider);
        (bool skipped,) = l3.rebalance(false);
        assertFalse(skipped, "runs");
    }
}
