// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {ReenteringVenue} from "../doubles/HostileVenues.sol";
import {System} from "../support/System.sol";
import {Vm} from "../support/Vm.sol";

/// @title Tests of the function that recurring rebalancers call
contract AssetControllerRebalanceTest is System {
    function test_rebalance__insideTheBand__skips() public {
        _invest();
        _skips(false, IRebalanceable.Reason.InsideDrift);
        assertEq(vault.idle(), 100_000 * USD, "L1");
    }

    function test_rebalance__forced__goesToTheTarget() public {
        _invest();
        vm.startPrank(keeper);
        controller.allocateToLayer(0, 50_000 * USD);
        controller.rebalance(true);
        assertEq(vault.idle(), 100_000 * USD, "down");
        controller.allocateToLayer(1, 40_000 * USD);
        controller.rebalance(true);
        assertEq(vault.idle(), 100_000 * USD, "up");
        vm.stopPrank();
        _skips(true, IRebalanceable.Reason.InsideDrift);
    }

    function test_rebalance__besideTheTargetAndInsideTheBand__movesNothing() public {
        _invest();
        vm.prank(keeper);
        controller.allocateToLayer(0, 50_000 * USD);
        _staysAt(150_000 * USD);
        vm.prank(keeper);
        controller.allocateToLayer(1, 90_000 * USD);
        _staysAt(60_000 * USD);
    }

    function test_rebalance__below__fillsToTheTarget() public {
        _invest();
        vm.prank(alice);
        vault.withdraw(60_000 * USD, alice, alice);
        vm.expectEmit(address(controller));
        emit IAssetController.BufferRebalanced(keeper, int256(54_000 * USD));
        vm.prank(keeper);
        controller.rebalance(false);
    }

    function test_rebalance__moved__tellsOfNoSkip() public {
        vm.recordLogs();
        vm.prank(keeper);
        controller.rebalance(false);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 told = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IAssetController.BufferRebalanced.selector) ++told;
            assertTrue(logs[i].topics[0] != IRebalanceable.RebalanceSkipped.selector, "skipped");
        }
        assertEq(told, 1, "rebalanced");
    }

    function test_rebalance__noKeeper__skips() public {
        vm.prank(outsider);
        vm.expectEmit(address(controller));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.BucketEmpty);
        controller.rebalance(false);
        _invest();
        vm.prank(alice);
        vault.withdraw(60_000 * USD, alice, alice);
        vm.prank(outsider);
        vm.expectEmit(address(controller));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.BucketEmpty);
        controller.rebalance(true);
    }

    function test_rebalance__limitBelowTheNeed__goesAsFarAsItGoes() public {
        controller.raiseLimit(LimitKeys.automatic(keeper), 30_000 * USD, 1, 0);
        vm.warp(START + 1);
        vm.prank(keeper);
        controller.rebalance(false);
        assertEq(l2.value(), 30_000 * USD, "L2");
        assertEq(controller.available(LimitKeys.automatic(keeper)), 0, "and the limit is used up");
    }

    function test_rebalance__paused__onlyTowardsL1() public {
        vm.prank(guardian);
        controller.pause();
        _skips(false, IRebalanceable.Reason.Paused);
        controller.unpause();
        _invest();
        vm.prank(alice);
        vault.withdraw(60_000 * USD, alice, alice);
        vm.prank(guardian);
        controller.pause();
        vm.prank(keeper);
        controller.rebalance(false);
        assertEq(vault.idle(), 94_000 * USD, "refilled");
    }

    function test_rebalance__oldBookAndStaleL3__fillsL2() public {
        _invest();
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(300_000 * USD, 1);
        vm.warp(START + HEARTBEAT + 1);
        uint256 held = l2.value();
        vm.prank(keeper);
        controller.rebalance(false);
        assertTrue(l2.value() > held, "L3 counts by the book");
    }

    function test_rebalance__oldBook__goesByTheValuesOfNow() public {
        _invest();
        usdt.mint(address(marketA), 30_000 * USD);
        vm.warp(START + 30 minutes);
        _skips(true, IRebalanceable.Reason.InsideDrift);
        vm.warp(START + 30 minutes + 1);
        vm.prank(keeper);
        controller.rebalance(true);
        assertTrue(vault.idle() > 102_900 * USD, "a tenth of what there is now");
    }

    function test_rebalance__oldBookAndStalePrice__refillsL1() public {
        _invest();
        vm.warp(START + HEARTBEAT + 1);
        vm.prank(address(vault));
        usdt.transfer(address(1), 60_000 * USD);
        vm.prank(keeper);
        controller.rebalance(false);
        assertEq(vault.idle(), 94_000 * USD, "by the book of old");
    }

    function test_rebalance__oneMarketOfL2Unreadable__fillsTheOther() public {
        _invest();
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(300_000 * USD, 1);
        vm.mockCallRevert(address(marketB), abi.encodeWithSelector(marketB.previewRedeem.selector), "dead");
        uint256 held = marketA.balanceOf(address(l2));
        vm.prank(keeper);
        controller.rebalance(false);
        assertTrue(marketA.balanceOf(address(l2)) > held, "the other");
    }

    function test_rebalance__allOfL2Unreadable__skips() public {
        _invest();
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(300_000 * USD, 1);
        vm.mockCallRevert(address(marketA), abi.encodeWithSelector(marketA.previewRedeem.selector), "dead");
        vm.mockCallRevert(address(marketB), abi.encodeWithSelector(marketB.previewRedeem.selector), "dead");
        _skips(false, IRebalanceable.Reason.StalePrice);
    }

    function test_rebalance__youngBookAndStaleL3__fillsL2() public {
        _invest();
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(300_000 * USD, 1);
        wethFeed.set(0);
        uint256 held = l2.value();
        vm.prank(keeper);
        controller.rebalance(false);
        assertTrue(l2.value() > held, "the book is young enough");
    }

    function test_rebalance__redemptionsUncovered__skips() public {
        _invest();
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(250_000 * USD, 1);
        _request(330_000 * USD);
        _skips(false, IRebalanceable.Reason.NothingToMove);
    }

    function test_rebalance__nothingToGive__skips() public {
        vm.startPrank(keeper);
        controller.purchaseAsset(address(weth), 600_000 * USD, 0, "");
        controller.purchaseAsset(address(bond), 100_000 * USD, 0, "");
        vm.stopPrank();
        vm.prank(alice);
        vault.withdraw(270_000 * USD, alice, alice);
        _skips(false, IRebalanceable.Reason.NothingToMove);
    }

    function test_rebalance__sourcesFail__skips() public {
        _invest();
        vm.prank(alice);
        vault.withdraw(60_000 * USD, alice, alice);
        marketA.setWithdrawalsPaused(true);
        marketB.setWithdrawalsPaused(true);
        _skips(false, IRebalanceable.Reason.Busy);
    }

    function test_rebalance__onlyAVenueCouldPay__sellsNothing() public {
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = _traded(address(bond), 10_000, address(venue));
        l2.setHoldings(list);
        vm.startPrank(keeper);
        controller.purchaseAsset(address(bond), 300_000 * USD, 0, "");
        controller.purchaseAsset(address(weth), 600_000 * USD, 0, "");
        vm.stopPrank();
        vm.prank(alice);
        vault.withdraw(60_000 * USD, alice, alice);
        _skips(false, IRebalanceable.Reason.Busy);
    }

    function test_rebalance__noRoomInL2__skips() public {
        marketA.setLimit(0);
        marketB.setLimit(0);
        _skips(false, IRebalanceable.Reason.NothingToMove);
    }

    function test_rebalance__fromInsideAnAction__skips() public {
        ReenteringVenue inside = new ReenteringVenue(address(oracle));
        l3.setHoldings(_yields(address(inside)));
        inside.setCall(address(controller), abi.encodeCall(controller.rebalance, (true)));
        vm.expectEmit(address(controller));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.Busy);
        vm.prank(keeper);
        controller.purchaseAsset(address(weth), 3_000 * USD, 0, "");
        assertTrue(inside.succeeded(), "no revert");
        (bool skipped, IRebalanceable.Reason reason) = abi.decode(inside.answer(), (bool, IRebalanceable.Reason));
        assertTrue(skipped && reason == IRebalanceable.Reason.Busy, "and said so");
    }

    /// @dev 64 units beside the target count as on target; 65 do not and are moved.
    function test_rebalance__roomOfRounding__isTheTarget() public {
        _invest();
        vm.prank(alice);
        vault.withdraw(71, alice, alice);
        _skips(true, IRebalanceable.Reason.InsideDrift);
        vm.prank(alice);
        vault.withdraw(1, alice, alice);
        vm.prank(keeper);
        controller.rebalance(true);
        assertEq(vault.idle(), 100_000 * USD - 7, "a tenth of 72 less");
    }

    function test_rebalance__exactlyOnTheBands__movesNothing() public {
        _invest();
        vm.prank(keeper);
        controller.allocateToLayer(1, 50_000 * USD);
        _staysAt(50_000 * USD);
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(200_000 * USD, 1);
        _staysAt(200_000 * USD);
    }

    /// @dev L2 may give or take only 64 units, which is not worth a move.
    function test_rebalance__roomOfRoundingInL2__movesNothing() public {
        _openBands();
        _setBound(IAssetController.Bound.MinL2, 2_000);
        vm.startPrank(keeper);
        controller.allocateToLayer(1, 200_000 * USD + 64);
        controller.purchaseAsset(address(fund), 750_000 * USD - 64, 0, "");
        vm.stopPrank();
        _skips(true, IRebalanceable.Reason.NothingToMove);
        _setBound(IAssetController.Bound.MaxL2, 4_000);
        vm.startPrank(keeper);
        controller.executeWaterfallLiquidation(600_000 * USD, 2);
        controller.purchaseAsset(address(marketA), 150_000 * USD, 0, "");
        controller.purchaseAsset(address(marketB), 250_000 * USD - 64, 0, "");
        vm.stopPrank();
        assertGe(vault.idle(), 100_001 * USD, "above its target");
        _skips(true, IRebalanceable.Reason.NothingToMove);
    }

    /// @dev Up to 80 % of L1 and L2 count as cover, less 64 units for rounding.
    function test_rebalance__redemptionsCoveredToTheUnit__fillsL2() public {
        _invest();
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(300_000 * USD, 1);
        _request(320_000 * USD - 64);
        vm.prank(keeper);
        controller.rebalance(true);
        assertEq(vault.idle(), 100_000 * USD, "L1");
    }

    function test_rebalance__redemptionsAUnitBeyondCover__movesNothing() public {
        _invest();
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(300_000 * USD, 1);
        _request(320_000 * USD - 63);
        _skips(true, IRebalanceable.Reason.NothingToMove);
    }

    function test_allocateToLayer__allThatIsIdle__moves() public {
        _openBands();
        vm.prank(keeper);
        controller.allocateToLayer(1, DEPOSIT);
        assertEq(vault.idle(), 0, "L1");
    }

    function _request(uint256 assets) private {
        vm.startPrank(alice);
        vault.approve(address(queue), type(uint256).max);
        queue.requestRedeem(vault.convertToShares(assets), alice, alice);
        vm.stopPrank();
    }

    function _skips(bool force, IRebalanceable.Reason reason) internal {
        vm.expectEmit(address(controller));
        emit IRebalanceable.RebalanceSkipped(reason);
        vm.prank(keeper);
        controller.rebalance(force);
    }

    /// @dev Checks that neither function moves anything.
    function _staysAt(uint256 cash) private {
        _skips(false, IRebalanceable.Reason.InsideDrift);
        vm.prank(keeper);
        assertTrue(controller.rebalanceBuffer() == 0, "moved");
        assertEq(vault.idle(), cash, "L1");
    }
}
