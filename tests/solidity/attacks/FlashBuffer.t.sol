// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {System} from "../support/System.sol";

/// @title Contract that deposits, rebalances the buffer and withdraws in one transaction
contract FlashBuffer {
    function run(ILiquidityVault vault, NoReturnToken token, uint256 amount) external returns (int256 moved) {
        token.mint(address(this), amount);
        token.approve(address(vault), amount);
        vault.deposit(amount, address(this));
        moved = IAssetController(vault.controller()).rebalanceBuffer();
        vault.withdraw(vault.maxWithdraw(address(this)), address(this), address(this));
    }
}

/// @title A deposit of the same transaction does not raise the buffer's limits
contract FlashBufferTest is System {
    function test_rebalanceBuffer__onADepositOfTheSameTransaction__movesNothing() public {
        _invest();
        FlashBuffer thief = new FlashBuffer();
        _allowNow(address(thief));
        assertTrue(thief.run(ILiquidityVault(address(vault)), usdt, 3 * DEPOSIT) == 0, "moved");
        assertEq(vault.idle(), 100_000 * USD, "L1");
    }
}
