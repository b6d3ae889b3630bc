// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";

import {System} from "../support/System.sol";

/// @title Gifts and steps that move the share price of everybody, or stop it
contract StrategyGiftTest is System {
    /// @dev Two dollars of a strategy that is otherwise empty are held; a gift of 300 lifts its rate above the maximum,
    /// and a vault of a million serves nobody until a keeper sells the two dollars.
    function test_strategy__fewSharesAndAGift__stopsTheVault() public {
        _invest();
        vm.prank(keeper);
        controller.redeemAsset(address(fund), 179_998 * USD, 0, "");
        uint256 before = vault.maxWithdraw(alice);
        assertGe(before, 279_000 * USD, "could leave");
        usdt.mint(address(fund), 300 * USD);
        assertEq(vault.maxWithdraw(alice), 0, "can leave");
        vm.expectPartialRevert(IPortfolio.Portfolio_RateAboveMaximum.selector);
        vm.prank(alice);
        vault.withdraw(1 * USD, alice, alice);
        // Nor can the queue pay, nor a keeper add to anything of the tier.
        uint256 waiting = vault.balanceOf(alice) / 2;
        vm.startPrank(alice);
        queue.requestRedeem(waiting, alice, alice);
        vm.expectPartialRevert(IPortfolio.Portfolio_RateAboveMaximum.selector);
        queue.fulfil(waiting);
        vm.stopPrank();
    }

    /// @dev A configurator's call is public for its whole delay. Who deposits before it has most of what comes back.
    function test_reinstate__depositBefore__takesWhatOthersHadLost() public {
        _invest();
        l3.writeOff(address(fund));
        uint256 shares = _deposit(outsider, 10_000_000 * USD);
        l3.reinstate(address(fund));
        uint256 most = vault.maxRedeem(outsider);
        vm.prank(outsider);
        uint256 assets = vault.redeem(most, outsider, outsider);
        assertGe(assets, 10_099_999 * USD, "at once");
        assertGe(assets + vault.previewRedeem(shares - most), 10_166_000 * USD, "of the 180,000");
    }
}
