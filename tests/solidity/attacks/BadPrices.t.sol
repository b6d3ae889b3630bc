// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";

import {Feed} from "../doubles/Feed.sol";
import {System} from "../support/System.sol";

/// @title Effects of bad prices
contract BadPricesTest is System {
    function test_staleFeed__everythingThatNeedsIt__stops() public {
        _invest();
        vm.warp(START + HEARTBEAT + 1);
        bytes4 refusal = IPriceOracle.PriceOracle_StalePrice.selector;
        vm.expectPartialRevert(refusal);
        controller.deployedValue();
        assertEq(vault.totalAssets(), DEPOSIT, "by the book");
        vm.startPrank(keeper);
        vm.expectPartialRevert(refusal);
        controller.purchaseAsset(address(weth), 1_000 * USD, 0, "");
        vm.expectPartialRevert(refusal);
        controller.redeemAsset(address(weth), 1e18, 0, "");
        assertTrue(controller.rebalanceBuffer() == 0, "L1 is inside its band, by the book");
        // Strategies are valued without a price feed.
        controller.purchaseAsset(address(marketA), 1_000 * USD, 0, "");
        controller.redeemAsset(address(marketA), 1_000 * USD, 0, "");
        controller.allocateToLayer(0, 1_000 * USD);
    }

    function test_crashedFeed__belowItsBound__isNoPrice() public {
        _invest();
        wethFeed.set(99e8);
        vm.expectPartialRevert(IPriceOracle.PriceOracle_PriceOutOfBounds.selector);
        controller.deployedValue();
    }

    function test_depeggedSettlement__beyondItsBound__stops() public {
        _invest();
        usdtFeed.set(0.94e8);
        vm.startPrank(alice);
        vm.expectPartialRevert(IPriceOracle.PriceOracle_PriceOutOfBounds.selector);
        vault.redeem(1e12, alice, alice);
    }

    function test_sequencerDown__everythingPriced__stops() public {
        _invest();
        Feed sequencer = new Feed(0, 1);
        oracle.setSequencerFeed(address(sequencer), 1 hours);
        vm.expectRevert(IPriceOracle.PriceOracle_SequencerDown.selector);
        controller.deployedValue();
        sequencer.set(0);
        vm.expectPartialRevert(IPriceOracle.PriceOracle_SequencerGracePeriod.selector);
        controller.deployedValue();
        vm.warp(START + 1 hours + 1);
        assertEq(vault.totalAssets(), DEPOSIT, "total");
    }

    /// @dev A minimum from the venue's own quote would have passed; the floor from the feed's price does not.
    function test_movedPool__minimumOfZero__floorHolds() public {
        _invest();
        venue.setFeeBps(201);
        vm.startPrank(keeper);
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        controller.purchaseAsset(address(weth), 30_000 * USD, 0, "");
    }
}
