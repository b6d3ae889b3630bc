// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";

import {FlashDepositor} from "../doubles/FlashDepositor.sol";
import {System} from "../support/System.sol";

/// @title Deposits of the same transaction do not hide uncovered redemptions
/// forge-config: default.isolate = true
contract BorrowedMoneyTest is System {
    function test_coverage__borrowedDeposit__dilutesNothing() public {
        _invest();
        FlashDepositor flash = new FlashDepositor(vault);
        _allowNow(address(flash));
        uint256 shares = vault.convertToShares(320_000 * USD);
        vm.prank(alice);
        queue.requestRedeem(shares, alice, alice);
        vm.expectPartialRevert(IAssetController.AssetController_RedemptionsUncovered.selector);
        flash.purchase(10_000_000 * USD, address(fund), 10_000 * USD);
    }
}
