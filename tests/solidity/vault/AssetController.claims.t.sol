// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {HostileAsyncVault} from "../doubles/HostileAsyncVault.sol";
import {IssuerSystem} from "../support/IssuerSystem.sol";

/// @title Tests of the controller's book after an asynchronous issuer has settled
contract AssetControllerClaimsTest is IssuerSystem {
    modifier settled() {
        vm.prank(keeper);
        controller.purchaseAsset(address(issuer), 20_000 * USD, 0, "");
        issuer.settleDeposit(0, address(desk), 20_000 * USD);
        _;
    }

    function test_claimAsset__settledDeposit__sharesComeAndItIsTold() public settled {
        vm.expectEmit(address(controller));
        emit IAssetController.AssetClaimed(outsider, address(issuer), 20_000e18, 0);
        vm.prank(outsider);
        (uint256 shares, uint256 proceeds) = controller.claimAsset(address(issuer));
        assertEq(shares, 20_000e18, "shares");
        assertEq(proceeds, 0, "proceeds");
        assertEq(issuer.balanceOf(address(l3)), shares, "in the portfolio");
        assertFalse(controller.locked(), "at rest");
    }

    function test_claimAsset__settledRedemption__proceedsComeAndLeaveTheBook() public settled {
        controller.claimAsset(address(issuer));
        vm.prank(keeper);
        controller.redeemAsset(address(issuer), 20_000e18, 0, "");
        issuer.settleRedeem(0, address(desk), 20_000e18);
        uint256 idle = vault.idle();
        vm.expectEmit(address(controller));
        emit IAssetController.AssetClaimed(outsider, address(issuer), 0, 20_000 * USD);
        vm.prank(outsider);
        (uint256 shares, uint256 proceeds) = controller.claimAsset(address(issuer));
        assertEq(shares, 0, "shares");
        assertEq(proceeds, 20_000 * USD, "proceeds");
        assertEq(vault.idle(), idle + proceeds, "in L1");
        (uint256[3] memory book,) = controller.bookValues();
        assertEq(book[2], 0, "and not in L3 any more");
    }

    function test_claimAsset__issuerKeepsATenth__bookAndBudgetFollow() public settled {
        issuer.setMood(HostileAsyncVault.Mood.SkimsClaims);
        uint256 budget = controller.available(LimitKeys.LOSS_ADD);
        controller.claimAsset(address(issuer));
        (uint256[3] memory book,) = controller.bookValues();
        assertEq(book[2], 18_000 * USD, "the book");
        assertEq(controller.available(LimitKeys.LOSS_ADD), budget - 2_000 * USD, "the budget");
    }

    /// @dev The next revaluation adds the gain if it is real.
    function test_claimAsset__worthMore__bookDoesNotRise() public settled {
        issuer.setRate(2e18);
        controller.claimAsset(address(issuer));
        (uint256[3] memory book,) = controller.bookValues();
        assertEq(book[2], 20_000 * USD, "the book of before");
    }
}
