// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";

import {System} from "../support/System.sol";

/// @title Gifts and steps that change the share price, or stop the vault
contract StrategyGiftTest is System {
    /// @dev The vault holds two dollars of a strategy that is otherwise empty; a gift lifts its rate above the maximum.
    /// The shares count at the maximum rate, and the vault serves everyone.
    function test_strategy__fewSharesAndAGift__countAtTheMaximum() public {
        _invest();
        vm.prank(keeper);
        controller.redeemAsset(address(fund), 179_998 * USD, 0, "");
        uint256 before = vault.maxWithdraw(alice);
        uint256 total = vault.totalAssets();
        assertGe(before, 279_000 * USD, "could leave");
        usdt.mint(address(fund), 3_000_000 * USD);
        assertGe(vault.maxWithdraw(alice), before, "can leave");
        assertLe(vault.totalAssets(), total + 198 * USD, "two shares at a hundred each");
        vm.prank(alice);
        vault.withdraw(1 * USD, alice, alice);
        uint256 waiting = vault.balanceOf(alice) / 10;
        vm.startPrank(alice);
        queue.requestRedeem(waiting, alice, alice);
        queue.fulfil(waiting);
        vm.stopPrank();
        // A keeper sells the shares with the gift; until then the holding cannot be bought.
        uint256 shares = fund.balanceOf(address(l3));
        vm.startPrank(keeper);
        vm.expectPartialRevert(IPortfolio.Portfolio_RateAboveMaximum.selector);
        controller.purchaseAsset(address(fund), 1_000 * USD, 0, "");
        controller.redeemAsset(address(fund), shares, 0, "");
        vm.stopPrank();
        assertGe(vault.totalAssets(), total, "the depositors'");
    }

    /// @dev A large holding is refused: counted at the maximum rate, it would be sold too cheaply to depositors.
    function test_strategy__largeHoldingAndAGift__stopsTheVault() public {
        _invest();
        usdt.mint(address(fund), 180_000 * 99 * USD + 180 * USD);
        assertGe(vault.maxWithdraw(alice), 1, "at the maximum, and a little above");
        usdt.mint(address(fund), 20_000 * USD);
        assertEq(vault.maxWithdraw(alice), 0, "above it");
        vm.expectPartialRevert(IPortfolio.Portfolio_RateAboveMaximum.selector);
        vm.prank(alice);
        vault.withdraw(1 * USD, alice, alice);
    }

    /// @dev V6: the delay of `liftMark` announces the step. Deposits are closed until then.
    function test_liftMark__untilThen__nobodyEnters() public {
        _invest();
        _markDown(l3, address(fund), 0);
        (bool open, address closedBy) = l3.entryOpen();
        assertFalse(open, "closed");
        assertEq(closedBy, address(fund), "by the fund");
        vm.expectRevert(abi.encodeWithSelector(IPortfolio.Portfolio_EntryClosed.selector, address(fund)));
        l3.entryValue();
        l3.liftMark(address(fund));
        assertEq(l3.entryValue(), l3.value(), "open again");
    }
}
