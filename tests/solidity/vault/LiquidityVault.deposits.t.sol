// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {Holdings} from "@ballast/portfolio/Holdings.sol";

import {System} from "../support/System.sol";

/// @title Tests of the deposit cap and of closed deposits (V6, V16)
contract LiquidityVaultDepositsTest is System {
    function test_cap__callers__needTheirRole() public {
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, guardian));
        vm.prank(guardian);
        vault.setDepositCap(1);
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, address(this)));
        vault.lowerDepositCap(1);
        vm.prank(guardian);
        vault.lowerDepositCap(5);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.LiquidityVault_CapNotLowered.selector, 5, 5));
        vm.prank(guardian);
        vault.lowerDepositCap(5);
    }

    function test_cap__reached__isExact() public {
        uint128 cap = uint128(DEPOSIT + 100 * USD);
        vm.expectEmit(address(vault));
        emit ILiquidityVault.DepositCapSet(cap);
        vault.setDepositCap(cap);
        assertEq(vault.maxDeposit(outsider), 100 * USD, "room");
        assertEq(vault.maxMint(outsider), 100e12, "in shares");
        usdt.mint(outsider, 200 * USD);
        vm.startPrank(outsider);
        usdt.approve(address(vault), 200 * USD);
        vm.expectPartialRevert(ERC4626.ERC4626ExceededMaxDeposit.selector);
        vault.deposit(100 * USD + 1, outsider);
        vm.expectPartialRevert(ERC4626.ERC4626ExceededMaxMint.selector);
        vault.mint(100e12 + 1, outsider);
        vault.deposit(60 * USD, outsider);
        vault.mint(40e12, outsider);
        assertEq(vault.maxDeposit(outsider), 0, "full");
        assertEq(vault.maxMint(outsider), 0, "full");
        vm.stopPrank();
    }

    function test_closed__byTheGuardian__lettingOutOnly() public {
        _invest();
        vm.prank(guardian);
        vault.lowerDepositCap(0);
        assertEq(vault.maxDeposit(outsider), 0, "deposit");
        assertEq(vault.maxMint(outsider), 0, "mint");
        usdt.mint(outsider, USD);
        vm.startPrank(outsider);
        usdt.approve(address(vault), USD);
        vm.expectPartialRevert(ERC4626.ERC4626ExceededMaxDeposit.selector);
        vault.deposit(USD, outsider);
        vm.stopPrank();
        vm.prank(alice);
        vault.withdraw(USD, alice, alice);
    }

    /// Depositors would buy shares at a discount while a fund reports 0 for a moment (V6).
    function test_rateOfZeroForAMoment__entrantsStayOut() public {
        _invest();
        _permit(address(l3), Holdings.markDown.selector, GUARDIAN);
        vm.prank(guardian);
        l3.markDown(address(fund), 0);
        assertEq(vault.maxDeposit(outsider), 0, "deposit");
        assertEq(vault.maxMint(outsider), 0, "mint");
        usdt.mint(outsider, USD);
        vm.startPrank(outsider);
        usdt.approve(address(vault), USD);
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_EntryClosed.selector, address(fund)));
        vault.deposit(USD, outsider);
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_EntryClosed.selector, address(fund)));
        vault.mint(1e12, outsider);
        vm.stopPrank();
        uint256 shares = vault.balanceOf(alice) / 100;
        vm.prank(alice);
        assertEq(vault.redeem(shares, alice, alice), 8_200 * USD, "at the lower value");
    }

    function test_maxima__noCap__areUnbounded() public view {
        assertEq(vault.maxDeposit(outsider), type(uint256).max, "deposit");
        assertEq(vault.maxMint(outsider), type(uint256).max, "mint");
    }

    /// maxDeposit is limited to the 112 bits of shares that a lock can hold (V16); it was 2**256 - 1 before.
    function testFuzz_maxDeposit__lockedShares__passes(uint256 first) public {
        vault.setHoldingTime(1 hours);
        _deposit(outsider, bound(first, 1, 1e15));
        uint256 most = vault.maxDeposit(outsider);
        assertGe(most, 1e27, "what 112 bits hold");
        vm.warp(block.timestamp + 1);
        // The first deposit fills the second tranche except for the shares of the first one, the next deposit the rest.
        _deposit(outsider, most);
        _deposit(outsider, vault.maxDeposit(outsider));
        assertLe(vault.maxDeposit(outsider), 1, "full");
    }
}
