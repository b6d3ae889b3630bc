// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {UnderDeliveringVenue} from "../doubles/HostileVenues.sol";
import {System} from "../support/System.sol";
import {Vm} from "../support/Vm.sol";

/// @title Tests of the limit that each action consumes, and of the amount
contract AssetControllerLimitsTest is System {
    function test_actions__each__consumesExactlyItsLimit() public {
        _invest();
        bytes32 automatic = LimitKeys.automatic(keeper);
        bytes32 derisk = LimitKeys.derisk(keeper);
        vm.startPrank(keeper);

        vm.recordLogs();
        controller.purchaseAsset(address(fund), 10_000 * USD, 0, "");
        _consumed(automatic, 10_000 * USD);

        vm.recordLogs();
        controller.redeemAsset(address(weth), 10e18, 0, "");
        _consumed(derisk, 30_000 * USD);

        vm.recordLogs();
        controller.switchAsset(address(marketA), 7_000 * USD, address(marketB), 0, "", "");
        _consumed(automatic, 7_000 * USD);

        vm.recordLogs();
        controller.allocateToLayer(1, 5_000 * USD);
        _consumed(automatic, 5_000 * USD);

        vm.recordLogs();
        controller.allocateToLayer(0, 6_000 * USD);
        _consumed(derisk, 6_000 * USD);

        uint256 idle = vault.idle();
        vm.recordLogs();
        controller.executeWaterfallLiquidation(idle + 50_000 * USD, 2);
        _consumed(derisk, 50_000 * USD);
    }

    function test_rebalanceBuffer__byDirection() public {
        _invest();
        vm.prank(alice);
        vault.withdraw(60_000 * USD, alice, alice);
        vm.recordLogs();
        vm.prank(keeper);
        controller.rebalanceBuffer();
        _consumed(LimitKeys.derisk(keeper), 54_000 * USD);
        _deposit(alice, 400_000 * USD);
        // The deposit is in the same transaction and does not count, so nothing happens.
        vm.prank(keeper);
        assertTrue(controller.rebalanceBuffer() == 0, "moved");
    }

    /// @dev If the sources have less than the requested amount, the limit falls by the received amount.
    function test_exits__sourcesHaveLess__allocateConsumesWhatMoved() public {
        _invest();
        marketA.setWithdrawalsPaused(true);
        vm.recordLogs();
        vm.prank(keeper);
        controller.allocateToLayer(0, 200_000 * USD);
        _consumed(LimitKeys.derisk(keeper), 150_000 * USD);
    }

    function test_exits__sourcesHaveLess__bufferConsumesWhatMoved() public {
        _invest();
        _setBound(IAssetController.Bound.MinL2, 0);
        vm.prank(keeper);
        controller.redeemAsset(address(marketB), 130_000 * USD, 0, "");
        vm.prank(alice);
        vault.withdraw(200_000 * USD, alice, alice);
        marketA.setWithdrawalsPaused(true);
        vm.recordLogs();
        vm.prank(keeper);
        assertTrue(controller.rebalanceBuffer() == int256(20_000 * USD), "all of B, of 50,000");
        _consumed(LimitKeys.derisk(keeper), 20_000 * USD);
    }

    function test_exits__sourcesHaveLess__waterfallConsumesWhatMoved() public {
        _invest();
        vm.recordLogs();
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(DEPOSIT, 1);
        _consumed(LimitKeys.derisk(keeper), 300_000 * USD);
    }

    /// @dev Every keeper has separate limits, so a thief cannot use up the sales of others.
    function test_limits__keepers__areApart() public {
        _allowNow(outsider);
        _invest();
        vm.startPrank(outsider);
        controller.executeWaterfallLiquidation(DEPOSIT, 2);
        uint256 left = controller.available(LimitKeys.derisk(outsider));
        assertEq(left, AMPLE - 900_000 * USD, "the thief's");
        assertEq(controller.available(LimitKeys.derisk(keeper)), AMPLE, "the keeper's");
    }

    function test_purchaseAsset__beyondTheLimit__reverts() public {
        bytes32 key = LimitKeys.automatic(keeper);
        controller.raiseLimit(key, 1_000 * USD, 1 days, 0);
        vm.warp(START + 12 hours);
        _refreshFeeds();
        vm.startPrank(keeper);
        controller.purchaseAsset(address(fund), 1_000 * USD, 0, "");
        vm.expectRevert(abi.encodeWithSelector(IRateLimits.RateLimits_Exceeded.selector, key, 1 * USD, 0));
        controller.purchaseAsset(address(fund), 1 * USD, 0, "");
        vm.warp(START + 18 hours);
        _refreshFeeds();
        controller.purchaseAsset(address(fund), 250 * USD, 0, "");
        vm.expectRevert(abi.encodeWithSelector(IRateLimits.RateLimits_Exceeded.selector, key, 1, 0));
        controller.purchaseAsset(address(fund), 1, 0, "");
    }

    /// @dev Losses consume a budget by their value, however they are split.
    function testFuzz_lossBudget__anySplit__losesNoMore(uint256 parts, uint256 missingBps) public {
        _invest();
        vm.warp(START + 1);
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.LOSS_ADD, 100 * USD, 365 days);
        parts = bound(parts, 1, 20);
        missingBps = bound(missingBps, 1, 99);
        l3.setHoldings(_yields(address(new UnderDeliveringVenue(address(oracle), missingBps))));
        uint256 before = controller.deployedValue() + vault.idle();
        vm.startPrank(keeper);
        for (uint256 i = 0; i < parts; ++i) {
            try controller.purchaseAsset(address(weth), 40_000 * USD / parts, 0, "") {} catch {}
        }
        uint256 lost = before - controller.deployedValue() - vault.idle();
        // Two units of rounding in each part.
        assertLe(lost, 100 * USD + 2 * parts, "lost");
    }

    function test_lossBudget__empty__stopsOnlyItsSide() public {
        _invest();
        vm.startPrank(guardian);
        controller.lowerLimit(LimitKeys.LOSS_ADD, 0, 365 days);
        vm.stopPrank();
        venue.setFeeBps(50);
        vm.startPrank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IRateLimits.RateLimits_NotSet.selector, LimitKeys.LOSS_ADD));
        controller.purchaseAsset(address(weth), 3_000 * USD, 0, "");
        vm.expectRevert(abi.encodeWithSelector(IRateLimits.RateLimits_NotSet.selector, LimitKeys.LOSS_ADD));
        controller.switchAsset(address(weth), 1e18, address(fund), 0, "", "");
        // An action without loss needs no budget, and sales have a separate one.
        controller.purchaseAsset(address(fund), 3_000 * USD, 0, "");
        vm.recordLogs();
        controller.redeemAsset(address(weth), 1e18, 0, "");
        assertEq(_consumedOf(LimitKeys.lossReduce(keeper)), 15 * USD, "0.5 % of 3,000");
    }

    function test_lossBudget__emptyForExits__waterfallTakesWhatLosesNothing() public {
        _invest();
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.lossReduce(keeper), 0, 365 days);
        venue.setFeeBps(50);
        vm.prank(keeper);
        assertEq(controller.executeWaterfallLiquidation(DEPOSIT, 2), 580_000 * USD, "L2 and the fund");
    }

    function _refreshFeeds() internal {
        usdtFeed.set(1e8);
        wethFeed.set(WETH_PRICE);
        bondFeed.set(BOND_PRICE);
    }

    /// @dev Checks that the recorded action consumed exactly one limit.
    function _consumed(bytes32 key, uint256 amount) internal {
        (uint256 count, uint256 sum) = _readConsumed(vm.getRecordedLogs(), key);
        assertEq(count, 1, "limits");
        assertEq(sum, amount, "amount");
    }

    function _consumedOf(bytes32 key) internal returns (uint256 sum) {
        (, sum) = _readConsumed(vm.getRecordedLogs(), key);
    }

    function _readConsumed(Vm.Log[] memory logs, bytes32 key) internal pure returns (uint256 count, uint256 sum) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IRateLimits.LimitConsumed.selector) continue;
            ++count;
            if (logs[i].topics[1] == key) sum += abi.decode(logs[i].data, (uint256));
        }
    }
}
