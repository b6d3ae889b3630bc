// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {System} from "../support/System.sol";

/// @title A keeper's key with a flash loan: what the queue is paid looks like the loan's going home
contract BorrowingKeeper {
    /// @notice Deposits a loan, has the queue fulfilled, buys, and pays the loan back.
    function run(ILiquidityVault vault, NoReturnToken token, address asset, uint256 loan, uint256 amount) external {
        token.mint(address(this), loan);
        token.approve(address(vault), loan);
        if (loan != 0) vault.deposit(loan, address(this));
        IRedemptionQueue(vault.queue()).fulfil(type(uint256).max);
        IAssetController(vault.controller()).purchaseAsset(asset, amount, 0, "");
        if (loan != 0) vault.withdraw(loan - 1, address(this), address(this));
    }
}

/// @title Borrowed money that widens the band of L1, by way of the queue
/// @notice Invariants 14 and 15. `freshDeposits` falls by whatever is paid out, also to others; so with a holding time
/// nothing is paid out in a transaction with a deposit, a batch of the queue included.
contract BorrowedFulfilmentTest is System {
    function test_purchase__loanAndFulfilmentInOneTransaction__emptiesNothing() public {
        _invest();
        uint256 waiting = vault.convertToShares(50_000 * USD);
        vm.prank(alice);
        queue.requestRedeem(waiting, alice, alice);
        BorrowingKeeper thief = new BorrowingKeeper();
        _allowNow(address(thief));
        vault.setHoldingTime(1 hours);

        // Without the loan the band holds: of 100,000 the queue takes half, and 47,500 must stay.
        vm.expectPartialRevert(IAssetController.AssetController_BelowMinimumIdle.selector);
        thief.run(ILiquidityVault(address(vault)), usdt, address(fund), 0, 49_999 * USD);

        // With it the batch is not served in this transaction.
        vm.expectPartialRevert(ILiquidityVault.LiquidityVault_FreshDeposits.selector);
        thief.run(ILiquidityVault(address(vault)), usdt, address(fund), 1_000_000 * USD, 49_999 * USD);
    }

    /// @dev What a vault without a holding time leaves open.
    function test_purchase__noHoldingTime__emptiesL1() public {
        _invest();
        uint256 waiting = vault.convertToShares(50_000 * USD);
        vm.prank(alice);
        queue.requestRedeem(waiting, alice, alice);
        BorrowingKeeper thief = new BorrowingKeeper();
        _allowNow(address(thief));
        thief.run(ILiquidityVault(address(vault)), usdt, address(fund), 1_000_000 * USD, 49_999 * USD);
        assertLe(vault.idle(), 1 * USD + 10, "L1");
        assertGe(vault.totalAssets(), 949_000 * USD, "of so much");
    }
}
