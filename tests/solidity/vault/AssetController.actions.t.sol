// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {Strategy} from "../doubles/Strategy.sol";
import {System} from "../support/System.sol";
import {Vm} from "../support/Vm.sol";
import {RunProbe} from "../weights/RunProbe.sol";

contract AssetControllerActionsTest is System {
    modifier asKeeper() {
        vm.startPrank(keeper);
        _;
        vm.stopPrank();
    }

    function test_actions__notKeeper__revert() public {
        _invest();
        address[4] memory callers = [alice, guardian, outsider, address(this)];
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory noAutomatic =
                abi.encodeWithSelector(IRateLimits.RateLimits_NotSet.selector, LimitKeys.automatic(callers[i]));
            bytes memory noDerisk =
                abi.encodeWithSelector(IRateLimits.RateLimits_NotSet.selector, LimitKeys.derisk(callers[i]));
            vm.startPrank(callers[i]);
            vm.expectRevert(noAutomatic);
            controller.purchaseAsset(address(fund), 10 * USD, 0, "");
            vm.expectRevert(noAutomatic);
            controller.switchAsset(address(weth), 1e18, address(fund), 0, "", "");
            vm.expectRevert(noAutomatic);
            controller.allocateToLayer(1, 10 * USD);
            vm.expectRevert(noDerisk);
            controller.redeemAsset(address(weth), 1e18, 0, "");
            vm.expectRevert(noDerisk);
            controller.allocateToLayer(0, 10 * USD);
            vm.expectRevert(noDerisk);
            controller.executeWaterfallLiquidation(200_000 * USD, 2);
            vm.stopPrank();
        }
    }

    /// @dev During an action, values cannot be read and the book cannot be revalued.
    function test_values__insideAnAction__refuse() public {
        RunProbe probe = new RunProbe();
        probe.add(address(controller), abi.encodeCall(controller.sync, ()));
        probe.add(address(controller), abi.encodeCall(controller.bookValues, ()));
        probe.add(address(controller), abi.encodeCall(controller.tierValues, ()));
        probe.add(address(controller), abi.encodeCall(controller.deployedValue, ()));
        probe.add(address(controller), abi.encodeCall(controller.valuation, ()));
        marketA.setCall(address(probe), abi.encodeCall(probe.go, ()));
        vm.prank(keeper);
        controller.purchaseAsset(address(marketA), 10 * USD, 0, "");
        RunProbe.Attempt[] memory list = probe.attempts();
        assertEq(probe.rounds(), 1, "once");
        for (uint256 i = 0; i < list.length; ++i) {
            assertFalse(list[i].succeeded, "refused");
            assertTrue(bytes4(list[i].answer) == IAssetController.AssetController_Locked.selector, "as locked");
        }
    }

    function test_actions__paused__onlyWhatReducesRiskGoesOn() public {
        _invest();
        vm.prank(guardian);
        controller.pause();
        vm.startPrank(keeper);
        bytes4 refusal = IAssetController.AssetController_Paused.selector;
        vm.expectRevert(refusal);
        controller.purchaseAsset(address(fund), 1, 0, "");
        vm.expectRevert(refusal);
        controller.switchAsset(address(weth), 1e18, address(fund), 0, "", "");
        vm.expectRevert(refusal);
        controller.allocateToLayer(1, 1);
        vm.expectRevert(refusal);
        controller.allocateToLayer(2, 1);
        controller.redeemAsset(address(weth), 1e18, 0, "");
        controller.allocateToLayer(0, 10_000 * USD);
        controller.executeWaterfallLiquidation(150_000 * USD, 2);
        assertEq(vault.idle(), 150_000 * USD, "L1");
    }

    function test_actions__zeroAmount__revert() public asKeeper {
        bytes4 refusal = IAssetController.AssetController_ZeroAmount.selector;
        vm.expectRevert(refusal);
        controller.purchaseAsset(address(weth), 0, 0, "");
        vm.expectRevert(IPortfolio.Portfolio_ZeroAmount.selector);
        controller.redeemAsset(address(weth), 0, 0, "");
        vm.expectRevert(refusal);
        controller.allocateToLayer(1, 0);
        vm.expectRevert(refusal);
        controller.executeWaterfallLiquidation(0, 2);
    }

    function test_purchaseAsset__unknown__reverts() public asKeeper {
        vm.expectRevert(_error(IAssetController.AssetController_UnknownAsset.selector, address(usdt)));
        controller.purchaseAsset(address(usdt), 1, 0, "");
    }

    function test_purchaseAsset__beyondIdle__reverts() public asKeeper {
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.LiquidityVault_InsufficientIdle.selector, DEPOSIT));
        controller.purchaseAsset(address(weth), DEPOSIT + 1, 0, "");
    }

    function test_purchaseAsset__venue__movesValueOnly() public {
        uint256 supply = vault.totalSupply();
        vm.expectEmit(address(controller));
        emit IAssetController.AssetPurchased(keeper, address(weth), 2, 300_000 * USD, 100e18);
        vm.prank(keeper);
        assertEq(controller.purchaseAsset(address(weth), 300_000 * USD, 100e18, ""), 100e18, "received");
        assertEq(vault.totalSupply(), supply, "shares");
        assertEq(vault.totalAssets(), DEPOSIT, "total");
        uint256[3] memory values = controller.tierValues();
        assertEq(values[0], 700_000 * USD, "L1");
        assertEq(values[2], 300_000 * USD, "L3");
    }

    function test_purchaseAsset__strategy__movesValueOnly() public asKeeper {
        assertEq(controller.purchaseAsset(address(marketA), 300_000 * USD, 300_000 * USD, ""), 300_000 * USD, "shares");
        assertEq(vault.totalAssets(), DEPOSIT, "total");
        assertEq(usdt.allowance(address(vault), address(marketA)), 0, "allowance");
    }

    function test_purchaseAsset__strategyBelowMinimum__reverts() public asKeeper {
        bytes4 refusal = IAssetController.AssetController_InsufficientOutput.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(marketA), 10 * USD, 10 * USD + 1));
        controller.purchaseAsset(address(marketA), 10 * USD, 10 * USD + 1, "");
    }

    function testFuzz_purchaseAsset__venueFee__smallerBoundIsTheLimit(uint256 fee, uint256 actionBound) public {
        actionBound = bound(actionBound, 1, 1_000);
        _setBound(IAssetController.Bound.MaxLoss, uint16(actionBound));
        fee = bound(fee, 0, 300);
        venue.setFeeBps(fee);
        vm.startPrank(keeper);
        // WETH's own bound of 200 basis points is checked first.
        if (fee > 200) vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        else if (fee > actionBound) vm.expectPartialRevert(IAssetController.AssetController_ExcessiveLoss.selector);
        controller.purchaseAsset(address(weth), 30_000 * USD, 0, "");
    }

    function test_purchaseAsset__strategySkims__reverts() public asKeeper {
        marketA.setMood(Strategy.Mood.Skims, 11);
        vm.expectPartialRevert(IAssetController.AssetController_ExcessiveLoss.selector);
        controller.purchaseAsset(address(marketA), 100_000 * USD, 0, "");
    }

    function test_purchaseAsset__belowMinimumIdle__reverts() public {
        _invest();
        vm.startPrank(keeper);
        controller.purchaseAsset(address(weth), 50_000 * USD, 0, "");
        bytes4 refusal = IAssetController.AssetController_BelowMinimumIdle.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, 50_000 * USD - 1e4, 50_000 * USD));
        controller.purchaseAsset(address(weth), 1e4, 0, "");
    }

    function test_purchaseAsset__aboveTierMaximum__reverts() public asKeeper {
        // In steps that both prices divide, so that nothing is rounded.
        controller.purchaseAsset(address(weth), 690_000 * USD, 0, "");
        controller.purchaseAsset(address(bond), 10_000 * USD, 0, "");
        vm.expectRevert(
            abi.encodeWithSelector(
                IAssetController.AssetController_AboveTierMaximum.selector, 2, 700_000 * USD + 1e4, 700_000 * USD
            )
        );
        controller.purchaseAsset(address(bond), 1e4, 0, "");
    }

    /// @dev Neither tier can be revalued: an asset with a price can still be bought, and the rest of the book does not
    /// change.
    function test_purchaseAsset__oldBookAndNoTierHasAValue__countsByTheBook() public {
        _invest();
        (uint256[3] memory old, uint256 revaluedAt) = controller.bookValues();
        vm.warp(block.timestamp + 30 minutes + 1);
        vm.mockCallRevert(address(marketB), abi.encodePacked(marketB.previewRedeem.selector), "dead");
        wethFeed.set(0);
        vm.recordLogs();
        vm.prank(keeper);
        controller.purchaseAsset(address(bond), 1_000 * USD, 0, "");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            assertFalse(logs[i].topics[0] == IAssetController.BookRevalued.selector, "not revalued");
        }
        (uint256[3] memory book, uint256 writtenAt) = controller.bookValues();
        assertEq(book[1], old[1], "L2 by the book");
        assertEq(book[2], old[2] + 1_000 * USD, "L3 by the book, and what was bought");
        assertEq(writtenAt, revaluedAt, "still old");
    }

    function test_purchaseAsset__oldBook__needsItsOwnPriceOnly() public {
        _invest();
        usdt.mint(address(marketA), 100 * USD);
        vm.warp(START + HEARTBEAT + 1);
        usdtFeed.set(1e8);
        bondFeed.set(BOND_PRICE);
        (uint256[3] memory old, uint256 revaluedAt) = controller.bookValues();
        vm.startPrank(keeper);
        controller.purchaseAsset(address(bond), 1_000 * USD, 0, "");
        controller.purchaseAsset(address(marketB), 1_000 * USD, 0, "");
        vm.expectPartialRevert(IPriceOracle.PriceOracle_StalePrice.selector);
        controller.purchaseAsset(address(weth), 1_000 * USD, 0, "");
        (uint256[3] memory book, uint256 writtenAt) = controller.bookValues();
        assertGe(book[1], old[1] + 1_099 * USD, "L2 at fresh prices");
        assertEq(book[2], old[2] + 1_000 * USD, "L3 by the book, and what was bought");
        assertEq(writtenAt, revaluedAt, "still old");
        wethFeed.set(WETH_PRICE);
        controller.purchaseAsset(address(bond), 1_000 * USD, 0, "");
        (, writtenAt) = controller.bookValues();
        assertEq(writtenAt, block.timestamp, "young again");
    }

    function test_purchaseAsset__bookOfThirtyMinutes__isYoungAndOfASecondMoreIsOld() public {
        _invest();
        vm.startPrank(keeper);
        vm.warp(START + 30 minutes);
        controller.purchaseAsset(address(bond), 1_000 * USD, 0, "");
        (, uint256 writtenAt) = controller.bookValues();
        assertTrue(writtenAt < block.timestamp, "young");
        vm.warp(START + 30 minutes + 1);
        controller.purchaseAsset(address(bond), 1_000 * USD, 0, "");
        (, writtenAt) = controller.bookValues();
        assertEq(writtenAt, block.timestamp, "revalued");
    }

    function test_purchaseAsset__aboveItsCap__reverts() public {
        IPortfolio.Holding[] memory list = _yields(address(venue));
        list[2].capBps = 2_500;
        l3.setHoldings(list);
        vm.startPrank(keeper);
        controller.purchaseAsset(address(fund), 250_000 * USD, 0, "");
        vm.expectRevert(
            abi.encodeWithSelector(
                IAssetController.AssetController_AboveAssetCap.selector, address(fund), 250_000 * USD + 1, 250_000 * USD
            )
        );
        controller.purchaseAsset(address(fund), 1, 0, "");
        // Allocation stops at the cap without an error.
        vm.expectPartialRevert(IAssetController.AssetController_NothingToAllocate.selector);
        controller.allocateToLayer(2, 100_000 * USD);
    }

    function test_purchaseAsset__capLoweredToNothing__reverts() public {
        vm.prank(guardian);
        l3.lowerCap(address(fund), 0);
        vm.startPrank(keeper);
        vm.expectPartialRevert(IAssetController.AssetController_AboveAssetCap.selector);
        controller.purchaseAsset(address(fund), 10 * USD, 0, "");
        vm.expectPartialRevert(IAssetController.AssetController_NothingToAllocate.selector);
        controller.allocateToLayer(2, 10 * USD);
    }

    function test_purchaseAsset__redemptionsUncovered__reverts() public {
        _invest();
        vm.startPrank(alice);
        vault.approve(address(queue), type(uint256).max);
        queue.requestRedeem(vault.convertToShares(320_000 * USD), alice, alice);
        vm.stopPrank();
        // 80 % of 400,000 are covered, exactly enough while nothing leaves L1 and L2.
        vm.startPrank(keeper);
        vm.expectPartialRevert(IAssetController.AssetController_RedemptionsUncovered.selector);
        controller.purchaseAsset(address(fund), 10_000 * USD, 0, "");
        controller.purchaseAsset(address(marketA), 10_000 * USD, 0, "");
    }

    function test_purchaseAsset__inflatedRate__reverts() public {
        _invest();
        IPortfolio.Holding[] memory list = _markets();
        list[0].maxRate = 1_100_000;
        l2.setHoldings(list);
        usdt.mint(address(marketA), 30_000 * USD);
        vm.startPrank(keeper);
        vm.expectPartialRevert(IPortfolio.Portfolio_RateAboveMaximum.selector);
        controller.purchaseAsset(address(marketA), 10_000 * USD, 0, "");
        controller.redeemAsset(address(marketA), 10_000 * USD, 0, "");
    }

    function test_switchAsset__withinATier__movesValueOnly() public {
        _invest();
        vm.prank(keeper);
        assertEq(
            controller.switchAsset(address(marketA), 50_000 * USD, address(marketB), 50_000 * USD, "", ""),
            50_000 * USD,
            "received"
        );
        assertEq(l2.valueOf(address(marketA)), 100_000 * USD, "A");
        assertEq(l2.valueOf(address(marketB)), 200_000 * USD, "B");
        _bookIsTrue();
    }

    function test_switchAsset__acrossTiers__holdsTheBands() public {
        _invest();
        vm.startPrank(keeper);
        controller.switchAsset(address(marketA), 100_000 * USD, address(fund), 0, "", "");
        assertEq(l3.value(), 700_000 * USD, "L3 at its maximum");
        vm.expectPartialRevert(IAssetController.AssetController_AboveTierMaximum.selector);
        controller.switchAsset(address(marketA), 1 * USD, address(fund), 0, "", "");
        vm.expectPartialRevert(IAssetController.AssetController_InsufficientOutput.selector);
        controller.switchAsset(address(marketA), 1 * USD, address(marketB), 1 * USD + 1, "", "");
        _bookIsTrue();
    }

    function test_switchAsset__lossOfTheSale__reverts() public {
        _invest();
        venue.setFeeBps(101);
        vm.startPrank(keeper);
        vm.expectPartialRevert(IAssetController.AssetController_ExcessiveLoss.selector);
        controller.switchAsset(address(weth), 1e18, address(fund), 0, "", "");
    }

    function test_book__anyActions__followsTheValues() public {
        _invest();
        _bookIsTrue();
        vm.startPrank(keeper);
        controller.redeemAsset(address(weth), 10e18, 0, "");
        _bookIsTrue();
        controller.executeWaterfallLiquidation(500_000 * USD, 2);
        _bookIsTrue();
        controller.allocateToLayer(1, 100_000 * USD);
        _bookIsTrue();
        controller.allocateToLayer(0, 50_000 * USD);
        _bookIsTrue();
    }

    function test_allocateToLayer__oldBook__revaluesFirst() public {
        _invest();
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(300_000 * USD, 1);
        vm.warp(block.timestamp + 30 minutes + 1);
        usdt.mint(address(fund), 1_000 * USD);
        (uint256 value2, uint256 value3) = (l2.value(), l3.value());
        vm.expectEmit(address(controller));
        emit IAssetController.BookRevalued(value2, value3);
        vm.prank(keeper);
        controller.allocateToLayer(1, 100_000 * USD);
    }

    function test_sync__anybody__revalues() public {
        _invest();
        wethFeed.set(2 * WETH_PRICE);
        (uint256[3] memory before,) = controller.bookValues();
        assertEq(before[2], 600_000 * USD, "by the book");
        vm.expectEmit(address(controller));
        emit IAssetController.BookRevalued(300_000 * USD, 840_000 * USD);
        vm.prank(outsider);
        controller.sync();
        _bookIsTrue();
        (, uint256 revaluedAt) = controller.bookValues();
        assertEq(revaluedAt, block.timestamp, "when");
    }

    function test_valuation__stale__answersFromTheBook() public {
        _invest();
        wethFeed.set(2 * WETH_PRICE);
        fund.lose(0);
        (uint256 value, bool fresh) = controller.valuation();
        assertEq(value, 1_140_000 * USD, "fresh");
        assertTrue(fresh, "fresh");
        wethFeed.set(0);
        usdt.mint(address(marketA), 10_000 * USD);
        (value, fresh) = controller.valuation();
        assertEq(value, 910_000 * USD - 1, "L2 fresh, L3 by the book");
        assertFalse(fresh, "not fresh");
    }

    function test_redeemAsset__venue__proceedsInL1() public {
        _invest();
        vm.expectEmit(address(controller));
        emit IAssetController.AssetRedeemed(keeper, address(weth), 2, 10e18, 30_000 * USD);
        vm.prank(keeper);
        assertEq(controller.redeemAsset(address(weth), 10e18, 30_000 * USD, ""), 30_000 * USD, "received");
        assertEq(vault.idle(), 130_000 * USD, "L1");
        assertEq(vault.totalAssets(), DEPOSIT, "total");
    }

    function test_redeemAsset__strategy__proceedsInL1() public {
        _invest();
        vm.prank(keeper);
        assertEq(controller.redeemAsset(address(marketB), 50_000 * USD, 0, ""), 50_000 * USD, "received");
        assertEq(vault.totalAssets(), DEPOSIT, "total");
    }

    function testFuzz_redeemAsset__venueFee__smallerBoundIsTheLimit(uint256 fee) public {
        _invest();
        fee = bound(fee, 0, 300);
        venue.setFeeBps(fee);
        vm.startPrank(keeper);
        // The action's bound is 100 basis points, WETH's own 200.
        if (fee > 200) vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        else if (fee > 100) vm.expectPartialRevert(IAssetController.AssetController_ExcessiveLoss.selector);
        controller.redeemAsset(address(weth), 10e18, 0, "");
    }

    function test_redeemAsset__stale__needsOnlyItsOwnPrice() public {
        _invest();
        vm.warp(START + HEARTBEAT + 1);
        usdtFeed.set(1e8);
        bondFeed.set(BOND_PRICE);
        vm.startPrank(keeper);
        controller.redeemAsset(address(bond), 1e18, 0, "");
        controller.redeemAsset(address(marketA), 1 * USD, 0, "");
        vm.expectPartialRevert(IPriceOracle.PriceOracle_StalePrice.selector);
        controller.redeemAsset(address(weth), 1e18, 0, "");
    }

    function test_allocateToLayer__unknownTier__reverts() public asKeeper {
        vm.expectRevert(abi.encodeWithSelector(IAssetController.AssetController_UnknownTier.selector, 3));
        controller.allocateToLayer(3, 1);
    }

    function test_allocateToLayer__beyondIdle__reverts() public {
        _openBands();
        vm.startPrank(keeper);
        vm.expectPartialRevert(ILiquidityVault.LiquidityVault_InsufficientIdle.selector);
        controller.allocateToLayer(1, 3 * DEPOSIT);
    }

    function test_allocateToLayer__l2__fillsTheWidestGapFirst() public asKeeper {
        controller.purchaseAsset(address(marketA), 100_000 * USD, 0, "");
        controller.allocateToLayer(1, 40_000 * USD);
        assertEq(l2.valueOf(address(marketA)), 100_000 * USD, "A was above its target");
        assertEq(l2.valueOf(address(marketB)), 40_000 * USD, "B was below");
        vm.expectEmit(address(controller));
        emit IAssetController.LayerAllocated(keeper, 1, 100_001, 100_001);
        assertEq(controller.allocateToLayer(1, 100_001), 100_001, "moved");
        assertEq(controller.allocateToLayer(1, 159_899_999), 159_899_999, "moved");
        assertEq(controller.allocateToLayer(1, 100_000 * USD), 100_000 * USD, "moved");
        assertEq(l2.valueOf(address(marketA)), 120_080 * USD, "A at its target");
        assertEq(l2.valueOf(address(marketB)), 120_080 * USD, "B at its target");
    }

    function test_allocateToLayer__l2WithoutRoom__passesOver() public asKeeper {
        marketA.setLimit(10_000 * USD);
        vm.expectEmit(address(controller));
        emit IAssetController.LayerAllocated(keeper, 1, 100_000 * USD, 60_000 * USD);
        assertEq(controller.allocateToLayer(1, 100_000 * USD), 60_000 * USD, "10 in A, 50 in B");
        marketA.setLimit(0);
        marketB.setLimit(0);
        vm.expectRevert(abi.encodeWithSelector(IAssetController.AssetController_NothingToAllocate.selector, 1));
        controller.allocateToLayer(1, 100_000 * USD);
    }

    function test_allocateToLayer__l3__onlyTheFundsShare() public asKeeper {
        assertEq(controller.allocateToLayer(2, 100_000 * USD), 30_000 * USD, "30 % of the tier");
        assertEq(l3.valueOf(address(fund)), 30_000 * USD, "fund");
    }

    /// A market that would take too much is passed over, and the other is filled up to its target.
    function test_allocateToLayer__skimmingStrategy__passesOver() public asKeeper {
        marketA.setMood(Strategy.Mood.Skims, 11);
        assertEq(controller.allocateToLayer(1, 100_000 * USD), 50_000 * USD, "moved");
        assertEq(l2.valueOf(address(marketA)), 0, "skims");
        assertEq(l2.valueOf(address(marketB)), 50_000 * USD, "at its target");
    }

    function test_allocateToLayer__belowMinimumIdleOrAboveMaximum__reverts() public asKeeper {
        vm.expectPartialRevert(IAssetController.AssetController_AboveTierMaximum.selector);
        controller.allocateToLayer(1, 400_000 * USD + 1);
        controller.purchaseAsset(address(weth), 600_000 * USD, 0, "");
        vm.expectPartialRevert(IAssetController.AssetController_BelowMinimumIdle.selector);
        controller.allocateToLayer(1, 350_000 * USD + 1);
        controller.allocateToLayer(1, 350_000 * USD);
    }

    function test_allocateToLayer__l1__takesInOrder() public asKeeper {
        controller.purchaseAsset(address(marketA), 200_000 * USD, 0, "");
        controller.purchaseAsset(address(marketB), 100_000 * USD, 0, "");
        assertEq(controller.allocateToLayer(0, 250_000 * USD), 250_000 * USD, "moved");
        assertEq(l2.valueOf(address(marketA)), 0, "A");
        assertEq(l2.valueOf(address(marketB)), 50_000 * USD, "B");
    }

    function test_allocateToLayer__l1SourceFails__isPassedOver() public {
        _invest();
        marketA.setMood(Strategy.Mood.Bombs, 0);
        vm.recordLogs();
        vm.prank(keeper);
        assertEq(controller.allocateToLayer(0, 100_000 * USD), 100_000 * USD, "all from B");
        assertEq(_skipped(address(marketA)).length, 256, "reason");
    }

    function test_allocateToLayer__l1__sellsNothingInAVenue() public {
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](1);
        list[0] = _traded(address(bond), 10_000, address(venue));
        l2.setHoldings(list);
        vm.startPrank(keeper);
        controller.purchaseAsset(address(bond), 100_000 * USD, 0, "");
        vm.expectRevert(abi.encodeWithSelector(IAssetController.AssetController_NothingToAllocate.selector, 0));
        controller.allocateToLayer(0, 1 * USD);
    }

    function test_allocateToLayer__l1SourcePaused__takesFromTheOthers() public asKeeper {
        controller.allocateToLayer(1, 300_000 * USD);
        marketA.setWithdrawalsPaused(true);
        assertEq(controller.allocateToLayer(0, 100_000 * USD), 100_000 * USD, "all from B");
        assertEq(controller.allocateToLayer(0, 100_000 * USD), 50_000 * USD, "what B has left");
        vm.expectRevert(abi.encodeWithSelector(IAssetController.AssetController_NothingToAllocate.selector, 0));
        controller.allocateToLayer(0, 1);
    }

    function test_rebalanceBuffer__insideTheBand__doesNothing() public {
        _invest();
        vm.prank(keeper);
        assertTrue(controller.rebalanceBuffer() == 0, "moved");
        assertEq(vault.idle(), 100_000 * USD, "L1");
    }

    function test_rebalanceBuffer__below__fillsToTheTarget() public {
        _invest();
        vm.prank(alice);
        vault.withdraw(60_000 * USD, alice, alice);
        vm.expectEmit(address(controller));
        emit IAssetController.BufferRebalanced(keeper, int256(54_000 * USD));
        vm.prank(keeper);
        controller.rebalanceBuffer();
        assertEq(vault.idle(), 94_000 * USD, "10 % of 940,000");
    }

    function test_rebalanceBuffer__below__leavesL2ItsMinimum() public {
        _invest();
        _setBound(IAssetController.Bound.MinL1, 1_000);
        _setBound(IAssetController.Bound.MinL2, 2_950);
        vm.prank(alice);
        vault.withdraw(40_000 * USD, alice, alice);
        vm.startPrank(keeper);
        // 300,000 less 29.5 % of 960,000.
        assertTrue(controller.rebalanceBuffer() == int256(16_800 * USD), "moved");
        _cannotRebalance(IRebalanceable.Reason.NothingToMove);
    }

    function test_rebalanceBuffer__above__bringsToTheTarget() public asKeeper {
        controller.purchaseAsset(address(weth), 600_000 * USD, 0, "");
        assertTrue(controller.rebalanceBuffer() == -int256(300_000 * USD), "moved");
        assertEq(vault.idle(), 100_000 * USD, "L1");
        assertEq(l2.valueOf(address(marketA)), 150_000 * USD, "A");
    }

    function test_rebalanceBuffer__above__leavesL2WithinItsMaximum() public asKeeper {
        assertTrue(controller.rebalanceBuffer() == -int256(400_000 * USD), "moved");
        _cannotRebalance(IRebalanceable.Reason.NothingToMove);
    }

    function test_waterfall__unknownTier__reverts() public asKeeper {
        vm.expectRevert(abi.encodeWithSelector(IAssetController.AssetController_UnknownTier.selector, 3));
        controller.executeWaterfallLiquidation(1, 3);
    }

    function test_waterfall__enoughIdle__touchesNothing() public {
        _invest();
        vm.expectEmit(address(controller));
        emit IAssetController.WaterfallExecuted(keeper, 100_000 * USD, 100_000 * USD, 2);
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(100_000 * USD, 2);
        assertEq(controller.deployedValue(), 900_000 * USD, "deployed");
    }

    function test_waterfall__inOrder__nextOnlyWhenExhausted() public {
        _invest();
        vm.startPrank(keeper);
        assertEq(controller.executeWaterfallLiquidation(160_000 * USD, 2), 160_000 * USD, "60 of A");
        assertEq(l2.valueOf(address(marketB)), 150_000 * USD, "B untouched");
        assertEq(controller.executeWaterfallLiquidation(300_000 * USD, 2), 300_000 * USD, "90 of A, 50 of B");
        assertEq(l2.valueOf(address(marketA)), 0, "A exhausted");
        assertEq(l3.value(), 600_000 * USD, "L3 untouched");
        assertEq(controller.executeWaterfallLiquidation(500_000 * USD, 2), 500_000 * USD, "100 of B, 100 of WETH");
        assertEq(l3.valueOf(address(weth)), 140_000 * USD, "WETH sold in part");
    }

    function test_waterfall__maxTier__isHonoured() public {
        _invest();
        vm.startPrank(keeper);
        assertEq(controller.executeWaterfallLiquidation(DEPOSIT, 0), 100_000 * USD, "L1");
        assertEq(controller.executeWaterfallLiquidation(DEPOSIT, 1), 400_000 * USD, "and L2");
        assertEq(l3.value(), 600_000 * USD, "L3 untouched");
        assertEq(controller.executeWaterfallLiquidation(DEPOSIT, 2), DEPOSIT, "and L3");
    }

    function test_waterfall__failingSource__isSkippedWithItsReason() public {
        _invest();
        marketA.setMood(Strategy.Mood.Bombs, 0);
        vm.recordLogs();
        vm.prank(keeper);
        assertEq(controller.executeWaterfallLiquidation(200_000 * USD, 2), 200_000 * USD, "from B");
        bytes memory reason = _skipped(address(marketA));
        assertEq(reason.length, 256, "of 100,000 bytes");
    }

    function test_waterfall__gasBurningSource__leavesGasForTheNext() public {
        _invest();
        marketA.setMood(Strategy.Mood.BurnsGas, 0);
        vm.recordLogs();
        vm.prank(keeper);
        assertEq(controller.executeWaterfallLiquidation{gas: 5_000_000}(200_000 * USD, 2), 200_000 * USD, "from B");
        assertEq(_skipped(address(marketA)).length, 0, "no reason left");
    }

    function test_waterfall__costlySource__isSkipped() public {
        _invest();
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(400_000 * USD, 1);
        // Above the action's bound of 100, below WETH's own of 200: only the controller refuses.
        venue.setFeeBps(150);
        vm.recordLogs();
        vm.prank(keeper);
        assertEq(controller.executeWaterfallLiquidation(DEPOSIT, 2), 580_000 * USD, "the fund alone");
        assertTrue(bytes4(_skipped(address(weth))) == IAssetController.AssetController_ExcessiveLoss.selector, "reason");
        assertEq(l3.valueOf(address(weth)), 240_000 * USD, "undone");
    }

    function test_waterfall__pausedSource__isSkippedAndShortfallReported() public {
        _invest();
        marketA.setWithdrawalsPaused(true);
        vm.expectEmit(address(controller));
        emit IAssetController.SourceSkipped(
            1, address(marketA), abi.encodeWithSelector(IAssetController.AssetController_NothingToAllocate.selector, 1)
        );
        vm.expectEmit(address(controller));
        emit IAssetController.WaterfallExecuted(keeper, 400_000 * USD, 250_000 * USD, 1);
        vm.prank(keeper);
        controller.executeWaterfallLiquidation(400_000 * USD, 1);
    }

    function test_waterfall__stalePrice__sellsWhatNeedsNone() public {
        _invest();
        vm.warp(START + HEARTBEAT + 1);
        vm.prank(keeper);
        assertEq(controller.executeWaterfallLiquidation(DEPOSIT, 2), 580_000 * USD, "L2 and the fund");
    }

    function testFuzz_waterfall__anyNeed__neverPullsMore(uint256 needed, uint8 maxTier) public {
        _invest();
        needed = bound(needed, 1, DEPOSIT);
        maxTier = uint8(bound(maxTier, 0, 2));
        vm.prank(keeper);
        uint256 available = controller.executeWaterfallLiquidation(needed, maxTier);
        uint256 reachable = [100_000 * USD, 400_000 * USD, DEPOSIT][maxTier];
        uint256 expected = needed < 100_000 * USD ? 100_000 * USD : needed < reachable ? needed : reachable;
        assertEq(available, expected, "available");
        // A sale in the venue rounds down twice.
        assertGe(vault.totalAssets(), DEPOSIT - 2, "total");
    }

    function test_drawFrom__anybodyElse__reverts() public asKeeper {
        vm.expectRevert(_error(IAssetController.AssetController_NotSelf.selector, keeper));
        controller.drawFrom(1, address(marketA), 1, LimitKeys.LOSS_ADD);
        vm.expectRevert(_error(IAssetController.AssetController_NotSelf.selector, keeper));
        controller.supplyTo(1, address(marketA), 1, DEPOSIT);
        vm.expectRevert(_error(IAssetController.AssetController_NotQueue.selector, keeper));
        controller.drawOverdue(1);
    }

    function testFuzz_allocateToLayer__anyAmount__movesItAll(uint256 first, uint256 second) public {
        _openBands();
        // A smaller gap would be dust.
        first = bound(first, 1e5, DEPOSIT);
        second = bound(second, 1e3, DEPOSIT);
        vm.startPrank(keeper);
        assertEq(controller.allocateToLayer(1, first), first, "in");
        uint256 expected = second < first ? second : first;
        assertEq(controller.allocateToLayer(0, second), expected, "out");
        // The remainder may be dust compared with the withdrawal, which does not count.
        assertLe(vault.totalAssets(), DEPOSIT, "total");
        assertGe(vault.totalAssets() + expected / 10_000, DEPOSIT, "total");
    }

    function _cannotRebalance(IRebalanceable.Reason reason) internal {
        vm.expectRevert(abi.encodeWithSelector(IAssetController.AssetController_CannotRebalance.selector, reason));
        controller.rebalanceBuffer();
    }

    function _bookIsTrue() internal view {
        (uint256[3] memory book,) = controller.bookValues();
        uint256[3] memory values = controller.tierValues();
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(book[i], values[i], "book");
        }
    }

    /// @dev Returns the reason in the recorded event of a source; reverts if there is none.
    function _skipped(address asset) internal returns (bytes memory) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IAssetController.SourceSkipped.selector) continue;
            if (logs[i].topics[1] != bytes32(uint256(uint160(asset)))) continue;
            (, bytes memory reason) = abi.decode(logs[i].data, (uint8, bytes));
            return reason;
        }
        revert("not skipped");
    }
}
