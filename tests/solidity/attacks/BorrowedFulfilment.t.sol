// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {System} from "../support/System.sol";

/// @title Contract with a stolen keeper key and a flash loan: a queue payment looks like the loan's repayment
contract BorrowingKeeper {
    /// @notice Deposits a loan, fulfils the queue, buys an asset and repays the loan.
    function run(ILiquidityVault vault, NoReturnToken token, address asset, uint256 loan, uint256 amount) external {
        token.mint(address(this), loan);
        token.approve(address(vault), loan);
        if (loan != 0) vault.deposit(loan, address(this));
        IRedemptionQueue(vault.queue()).fulfil(type(uint256).max);
        IAssetController(vault.controller()).purchaseAsset(asset, amount, 0, "");
        if (loan != 0) vault.withdraw(loan - 1, address(this), address(this));
    }
}

/// @title Borrowed money that widens the band of L1 through the queue
/// @notice Invariants 14 and 15. `freshDeposits` falls by every payment, also to others; so with a holding time nothing
/// is paid in a transaction with a deposit, including a batch of the queue.
contract BorrowedFulfilmentTest is System {
    function test_purchase__loanAndFulfilmentInOneTransaction__emptiesNothing() public {
        _invest();
        uint256 waiting = vault.convertToShares(50_000 * USD);
        vm.prank(alice);
        queue.requestRedeem(waiting, alice, alice);
        BorrowingKeeper thief = new BorrowingKeeper();
        _allowNow(address(thief));
        vault.setHoldingTime(1 hours);

        // Without the loan the band holds: the queue takes half of 100,000, and 47,500 must remain.
        vm.expectPartialRevert(IAssetController.AssetController_BelowMinimumIdle.selector);
        thief.run(ILiquidityVault(address(vault)), usdt, address(fund), 0, 49_999 * USD);

        // With the loan the batch is not served in this transaction.
        vm.expectPartialRevert(ILiquidityVault.LiquidityVault_FreshDeposits.selector);
        thief.run(ILiquidityVault(address(vault)), usdt, address(fund), 1_000_000 * USD, 49_999 * USD);
    }

    /// @dev Without a holding time the attack succeeds.
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
