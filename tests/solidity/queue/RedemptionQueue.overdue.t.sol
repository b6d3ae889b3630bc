// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {Strategy} from "../doubles/Strategy.sol";
import {System} from "../support/System.sol";

/// @title Overdue redemptions served by anyone from L2 while no keepers act (V10)
/// @notice Of one million, 100,000 are idle and 300,000 in L2; Alice requests 300,000 and keeps the rest.
/// forge-config: default.isolate = true
contract RedemptionQueueOverdueTest is System {
    uint256 private constant ASKED = 300_000e12;
    uint256 private id;

    function setUp() public override {
        super.setUp();
        vm.warp(block.timestamp + 1);
        _invest();
        vm.prank(alice);
        id = queue.requestRedeem(ASKED, alice, alice);
    }

    function test_serveOverdue__notDue__reverts() public {
        assertEq(queue.overdueShares(10), 0, "none");
        vm.expectRevert(IRedemptionQueue.RedemptionQueue_NothingOverdue.selector);
        queue.serveOverdue(10);
        // At `dueAt` itself nothing is overdue yet.
        _pass(7 days);
        vm.expectRevert(IRedemptionQueue.RedemptionQueue_NothingOverdue.selector);
        queue.serveOverdue(10);
        vm.warp(block.timestamp + 1);
        assertEq(queue.overdueShares(10), ASKED, "all of it");
        assertEq(queue.overdueShares(0), 0, "within no batch");
    }

    function test_serveOverdue__keepersGone__paysFromL2() public {
        _pass(180 days);
        vm.startPrank(guardian);
        killSwitch.pause();
        killSwitch.removeKeeper(keeper);
        controller.pause();
        vm.stopPrank();
        vm.prank(outsider);
        (uint256 shares, uint256 assets) = queue.serveOverdue(10);
        assertEq(shares, ASKED, "all of it");
        assertGe(assets, 300_000 * USD - 2, "paid");
        assertLe(vault.idle(), 10, "no more was drawn than was lacking");
        assertGe(l2.value(), 100_000 * USD - 10, "the rest stays invested");
        assertEq(queue.maxRedeem(alice), ASKED, "claimable");
        uint256[3] memory values = controller.tierValues();
        (uint256[3] memory book,) = controller.bookValues();
        assertEq(book[1], values[1], "and booked");
        vm.expectRevert(IRedemptionQueue.RedemptionQueue_NothingOverdue.selector);
        queue.serveOverdue(10);
    }

    function test_serveOverdue__idleSuffices__drawsNothing() public {
        usdt.mint(address(vault), 400_000 * USD);
        _pass(8 days);
        uint256 before = l2.value();
        queue.serveOverdue(10);
        assertEq(l2.value(), before, "untouched");
    }

    /// Bands and the limits of keepers do not apply.
    function test_serveOverdue__closedBandsAndLimits__pays() public {
        _setBound(IAssetController.Bound.MinL2, 3_000);
        vm.startPrank(guardian);
        controller.lowerLimit(LimitKeys.automatic(keeper), 0, 1);
        controller.lowerLimit(LimitKeys.derisk(keeper), 0, 1);
        controller.lowerLimit(LimitKeys.lossReduce(keeper), 0, 1);
        controller.lowerLimit(LimitKeys.LOSS_REDUCE, 0, 1);
        vm.stopPrank();
        _pass(8 days);
        (uint256 shares,) = queue.serveOverdue(1);
        assertEq(shares, ASKED, "all of it");
    }

    /// One source is broken in each way that a withdrawal can fail; without it 250,000 of the 300,000 are available.
    function testFuzz_serveOverdue__brokenSource__paysFromTheOther(uint8 way) public {
        way = uint8(bound(way, 0, 5));
        if (way == 0) marketA.setMood(Strategy.Mood.Bombs, 0);
        if (way == 1) marketA.setMood(Strategy.Mood.BurnsGas, 0);
        if (way == 2) marketA.setMood(Strategy.Mood.Skims, 500);
        if (way == 3) marketA.setMood(Strategy.Mood.BurnsShares, 500);
        if (way == 4) _mock(marketA.maxWithdraw.selector, "");
        if (way == 5) _mock(marketA.maxWithdraw.selector, abi.encode(0));
        _pass(8 days);
        (uint256 shares, uint256 assets) = queue.serveOverdue(10);
        assertGe(assets, 250_000 * USD - 10, "as far as it goes");
        assertGe(ASKED - shares, 40_000e12, "and no further");
        assertGe(l2.valueOf(address(marketA)), 150_000 * USD - 2, "untouched");
        // The source is repaired, and the rest is served.
        vm.clearMockedCalls();
        marketA.setMood(Strategy.Mood.Honest, 0);
        queue.serveOverdue(10);
        assertEq(queue.pendingShares(), 0, "all of it");
    }

    /// A source without a value stops every fulfilment until the guardian marks it down; redeemers then receive less.
    function test_serveOverdue__sourceWithoutValue__paysOnceItIsMarked() public {
        _mockRevert(marketA.previewRedeem.selector);
        _pass(8 days);
        (bool done,) = address(queue).call(abi.encodeCall(queue.serveOverdue, (10)));
        assertFalse(done, "nobody knows the price");
        _permit(address(l2), l2.markDown.selector, GUARDIAN);
        vm.prank(guardian);
        l2.markDown(address(marketA), 0);
        (uint256 shares, uint256 assets) = queue.serveOverdue(10);
        assertGe(shares, 290_000e12, "nearly all");
        assertLe(assets, 255_000 * USD, "at the lower value");
    }

    /// Losses are charged to a separate budget and to no other.
    function test_serveOverdue__lossyMarkets__loseTheBudgetAtMost() public {
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.LOSS_OVERDUE, 100 * USD, 7 days);
        marketA.setMood(Strategy.Mood.BurnsShares, 9);
        marketB.setMood(Strategy.Mood.BurnsShares, 9);
        _pass(8 days);
        uint256 others = controller.available(LimitKeys.LOSS_REDUCE);
        uint256 before = vault.totalAssets();
        (bool done, bytes memory answer) = address(queue).call(abi.encodeCall(queue.serveOverdue, (10)));
        uint256 paid = 0;
        if (done) (, paid) = abi.decode(answer, (uint256, uint256));
        assertLe(before - vault.totalAssets() - paid, 100 * USD + 4, "lost");
        assertEq(controller.available(LimitKeys.LOSS_REDUCE), others, "of no other budget");
    }

    /// A bond among the money markets would have to be sold, which only a keeper may do.
    function test_serveOverdue__onlyAVenueCouldPay__sellsNothing() public {
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](3);
        (list[0], list[1]) = (_strategy(address(marketA), 4_000), _strategy(address(marketB), 4_000));
        list[2] = _traded(address(bond), 2_000, address(venue));
        l2.setHoldings(list);
        _openBands();
        vm.prank(keeper);
        controller.purchaseAsset(address(bond), 60_000 * USD, 0, "");
        marketA.setWithdrawalsPaused(true);
        marketB.setWithdrawalsPaused(true);
        _pass(8 days);
        queue.serveOverdue(10);
        assertEq(l2.valueOf(address(bond)), 60_000 * USD, "unsold");
    }

    function test_serveOverdue__boundOfBatches__drawsForThoseAlone() public {
        _pass(2 days);
        vm.prank(alice);
        queue.requestRedeem(50_000e12, alice, alice);
        _pass(10 days);
        uint256 before = vault.idle() + l2.value();
        (uint256 shares,) = queue.serveOverdue(1);
        assertEq(shares, ASKED, "the oldest");
        assertGe(vault.idle() + l2.value(), before - 300_000 * USD, "for the oldest");
        assertLe(vault.idle(), 10, "and no more");
        (shares,) = queue.serveOverdue(5);
        assertEq(shares, 50_000e12, "the next");
    }

    /// At any time and for any caller: remaining holders lose only rounding, and the caller gains no tokens.
    function testFuzz_serveOverdue__anybodyAnytime__harmsNobody(uint256[6] calldata seeds) public {
        for (uint256 i = 0; i < seeds.length; ++i) {
            _pass(bound(seeds[i], 1 hours, 5 days));
            if (seeds[i] % 3 == 0) {
                vm.prank(alice);
                queue.requestRedeem(bound(seeds[i] >> 8, 1e12, 20_000e12), alice, alice);
            }
            uint256 rate = vault.convertToAssets(1e18);
            uint256 due = queue.overdueShares(3);
            uint256 invested = l2.value();
            vm.prank(outsider);
            (bool done,) = address(queue).call(abi.encodeCall(queue.serveOverdue, (3)));
            assertTrue(done == (due != 0), "served if, and only if, something is overdue");
            if (!done) assertEq(l2.value(), invested, "untouched");
            assertGe(vault.convertToAssets(1e18), rate - 10, "those who stay");
            assertEq(usdt.balanceOf(outsider), 0, "the caller");
            assertEq(usdt.balanceOf(address(controller)), 0, "nothing rests");
        }
    }

    function test_drawOverdue__anybodyButTheQueue__reverts() public {
        address[3] memory callers = [keeper, guardian, outsider];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(_error(IAssetController.AssetController_NotQueue.selector, callers[i]));
            vm.prank(callers[i]);
            controller.drawOverdue(1);
        }
    }

    function _mock(bytes4 selector, bytes memory answer) private {
        vm.mockCall(address(marketA), abi.encodeWithSelector(selector), answer);
    }

    function _mockRevert(bytes4 selector) private {
        vm.mockCallRevert(address(marketA), abi.encodeWithSelector(selector), "paused");
    }

    function _pass(uint256 time) private {
        vm.warp(block.timestamp + time);
        usdtFeed.set(1e8);
        wethFeed.set(WETH_PRICE);
        bondFeed.set(BOND_PRICE);
    }
}
