// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";

import {Strategy} from "../doubles/Strategy.sol";
import {System} from "../support/System.sol";

/// @title Strategy that reports a huge value of the remaining shares after a withdrawal
contract Braggart is Strategy {
    bool private bragging;

    constructor(address asset_) Strategy(asset_, "BRAG") {}

    function previewRedeem(uint256 shares) public view override returns (uint256) {
        return bragging ? 2 ** 200 : super.previewRedeem(shares);
    }

    function _transferOut(address to, uint256 assets) internal override {
        super._transferOut(to, assets);
        bragging = true;
    }
}

/// @title A liquidation without limit reaches every source
contract LiquidationTest is System {
    function test_waterfall__moreThanThereEverWas__drawsEverythingThereIs() public {
        _invest();
        vm.prank(keeper);
        assertEq(controller.executeWaterfallLiquidation(type(uint256).max, 2), DEPOSIT, "all of it");
    }

    function test_waterfall__strategyThatBrags__stopsNoOther() public {
        Braggart braggart = new Braggart(address(usdt));
        IPortfolio.Holding[] memory list = _markets();
        list[0] = _strategy(address(braggart), 5_000);
        l2.setHoldings(list);
        vm.startPrank(keeper);
        controller.purchaseAsset(address(braggart), 150_000 * USD, 0, "");
        controller.purchaseAsset(address(marketB), 150_000 * USD, 0, "");
        controller.purchaseAsset(address(fund), 180_000 * USD, 0, "");
        uint256 idle = vault.idle();
        controller.executeWaterfallLiquidation(idle + 10_000 * USD, 2);
        // The strategy reports more for the remaining shares than the book can store.
        assertEq(
            controller.executeWaterfallLiquidation(idle + 300_000 * USD, 2), idle + 300_000 * USD, "from the others"
        );
        (uint256[3] memory book,) = controller.bookValues();
        assertLe(book[1], 300_000 * USD, "the book does not believe it");
    }
}
