// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {ExitFeeStrategy} from "../doubles/ExitFeeStrategy.sol";
import {Feed} from "../doubles/Feed.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {Token} from "../doubles/Token.sol";
import {System} from "../support/System.sol";

/// @title Stolen keeper key and a purchase of one base unit
/// @notice One unit of the asset costs more, so nothing is received, and one unit is no measurable loss. A holding that
/// counts without a balance would be below its minimum rate: deposits, and redemptions served by others, would stay
/// closed.
/// forge-config: default.isolate = true
contract OneUnitTest is System {
    bytes4 private constant NOTHING = IPortfolio.Portfolio_NothingBought.selector;

    uint256 private shares;

    function test_fundThatIsNotHeld__nothingComes__isRefused() public {
        _earn(fund);
        _queue();
        vm.startPrank(keeper);
        vm.expectRevert(_error(NOTHING, address(fund)));
        controller.purchaseAsset(address(fund), 1, 0, "");
        vm.stopPrank();
        _allIsServed();
    }

    /// @dev With a gift in place the purchase succeeds even with an empty budget, since the balance then counts.
    function test_fundThatIsNotHeld__gift__countsAsWhatIsThere() public {
        _earn(fund);
        _queue();
        vm.prank(outsider);
        fund.transfer(address(l3), 1);
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.LOSS_ADD, 0, 1);
        vm.prank(keeper);
        controller.purchaseAsset(address(fund), 1, 0, "");
        assertTrue(l3.positionOf(address(fund)).held, "held");
        _allIsServed();
    }

    function test_coarseToken__nothingComes__isRefused() public {
        Token gold = new Token("GOLD", 2);
        oracle.setFeed(address(gold), address(new Feed(8, 100_000e8)), HEARTBEAT, 1e8, 1_000_000e8);
        IPortfolio.Holding[] memory list = _yields(address(venue));
        list[0] = _traded(address(gold), 4_000, address(venue));
        l3.setHoldings(list);
        for (uint256 amount = 1; amount <= 2; ++amount) {
            vm.prank(keeper);
            vm.expectRevert(_error(NOTHING, address(gold)));
            controller.purchaseAsset(address(gold), amount, 0, "");
        }
        assertTrue(_isOpen(l3), "open");
        vm.prank(keeper);
        controller.purchaseAsset(address(gold), 1_000 * USD, 0, "");
        assertEq(gold.balanceOf(address(l3)), 1, "a unit of it");
        vm.prank(keeper);
        vm.expectRevert(_error(NOTHING, address(gold)));
        controller.purchaseAsset(address(gold), 1, 0, "");
    }

    /// @dev Shares of an asynchronous fund arrive later, so a request counts as the result of a purchase.
    function test_asynchronousFund__request__counts() public {
        AsyncVault slow = new AsyncVault(address(usdt), false, 18);
        address desk = address(new Erc7540Venue(address(l3), address(slow)));
        IPortfolio.Holding[] memory list = _yields(address(venue));
        list[0] =
            IPortfolio.Holding(address(slow), IPortfolio.Kind.Async, 4_000, 10, 10_000, desk, ANY_RATE, LEAST_RATE);
        l3.setHoldings(list);
        vm.prank(keeper);
        controller.purchaseAsset(address(slow), 1, 0, "");
        assertTrue(l3.positionOf(address(slow)).held && _isOpen(l3), "held, and open");
    }

    /// @dev A venue that keeps one or two units is within rounding.
    function test_asynchronousFund__noRequest__isRefused() public {
        AsyncVault slow = new AsyncVault(address(usdt), false, 18);
        address desk = address(new KeepingDesk(address(l3), address(slow)));
        IPortfolio.Holding[] memory list = _yields(address(venue));
        list[0] =
            IPortfolio.Holding(address(slow), IPortfolio.Kind.Async, 4_000, 10, 10_000, desk, ANY_RATE, LEAST_RATE);
        l3.setHoldings(list);
        vm.startPrank(keeper);
        vm.expectRevert(_error(NOTHING, address(slow)));
        controller.purchaseAsset(address(slow), 1, 0, "");
    }

    /// @dev A purchase with the last units of a limit: a market that mints nothing for them is passed over.
    function test_rebalance__crumbThatBuysNothing__isSkipped() public {
        _earn(marketA);
        _earn(marketB);
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.automatic(keeper), 1, 1);
        vm.startPrank(keeper);
        (bool skipped, IRebalanceable.Reason reason) = controller.rebalance(true);
        assertTrue(skipped && reason == IRebalanceable.Reason.NothingToMove, "nothing moved");
        assertFalse(l2.positionOf(address(marketA)).held, "not held");
        assertTrue(_isOpen(l2), "open");
    }

    /// @dev Rate 1.5 and an exit fee of at least one unit: three shares pay 3, and their minimum value is 4.
    function test_crumbs__roundedByAnExitFee__closeNothing() public {
        ExitFeeStrategy costly = new ExitFeeStrategy(address(usdt), 1);
        _earn(costly);
        IPortfolio.Holding[] memory list = _yields(address(venue));
        list[2] = _strategy(address(costly), 3_000);
        (list[2].maxRate, list[2].minRateBps) = (2e6, 7_000);
        l3.setHoldings(list);
        for (uint256 left = 1; left < 12; ++left) {
            uint256 lacking = costly.previewMint(20 - costly.balanceOf(address(l3)));
            vm.startPrank(keeper);
            controller.purchaseAsset(address(costly), lacking, 0, "");
            controller.redeemAsset(address(costly), costly.balanceOf(address(l3)) - left, 0, "");
            vm.stopPrank();
            assertEq(costly.balanceOf(address(l3)), left, "left");
            assertTrue(_isOpen(l3), "open");
            controller.redemptionValue();
        }
        assertTrue(l3.positionOf(address(costly)).held, "it counts");
    }

    /// @dev A mark and its removal end a holding that counts without a balance.
    function test_liftMark__nothingThere__endsTheHolding() public {
        _invest();
        uint256 held = fund.balanceOf(address(l3));
        vm.prank(address(l3));
        fund.transfer(outsider, held);
        _queue();
        assertEq(vault.maxDeposit(alice), 0, "nobody enters");
        vm.expectRevert(_error(IPortfolio.Portfolio_RateBelowMinimum.selector, address(fund)));
        queue.serveOverdue(16);
        _markDown(l3, address(fund), 0);
        vm.expectEmit(address(l3));
        emit IPortfolio.HeldSet(address(fund), false);
        l3.liftMark(address(fund));
        assertFalse(l3.positionOf(address(fund)).held, "not held");
        assertGe(vault.maxDeposit(alice), 1, "open");
        queue.serveOverdue(16);
    }

    /// @dev Queues half of Alice's shares and lets the request become overdue.
    function _queue() private {
        shares = vault.balanceOf(alice) / 2;
        vm.prank(alice);
        queue.requestRedeem(shares, alice, alice);
        vm.warp(block.timestamp + 8 days);
        usdtFeed.set(1e8);
        wethFeed.set(WETH_PRICE);
        bondFeed.set(BOND_PRICE);
        _openBands();
    }

    function _allIsServed() private {
        assertTrue(_isOpen(l3), "open");
        assertGe(vault.maxDeposit(alice), 1, "deposits");
        vm.prank(outsider);
        (uint256 served,) = queue.serveOverdue(16);
        assertEq(served, shares, "redemptions");
    }

    /// @dev Deposit of other holders at a rate of 1.5.
    function _earn(Strategy target) private {
        usdt.mint(outsider, 3_000 * USD);
        vm.startPrank(outsider);
        usdt.approve(address(target), 2_000 * USD);
        target.deposit(2_000 * USD, outsider);
        usdt.transfer(address(target), 1_000 * USD);
        vm.stopPrank();
    }

    function _isOpen(Portfolio held) private view returns (bool open) {
        (open,) = held.entryOpen();
    }
}

/// @title Desk that keeps its input and requests nothing from the issuer
contract KeepingDesk {
    constructor(address, address) {}

    function trade(address, address, uint256, uint256, address, bytes calldata) external pure returns (uint256) {
        return 0;
    }

    function requested(address) external pure returns (uint256, uint256) {
        return (0, 0);
    }

    function pendingValue(address) external pure returns (uint256) {
        return 0;
    }
}
