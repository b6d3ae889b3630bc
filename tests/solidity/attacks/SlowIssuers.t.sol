// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IErc7540Venue} from "@ballast/interfaces/IErc7540Venue.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {IssuerSystem} from "../support/IssuerSystem.sol";

/// @title Effects of a temporary issuer failure on pending requests (V5, V13, V14)
contract SlowIssuersTest is IssuerSystem {
    uint256 private constant SHARE = 1e18;
    uint256 private constant PAR = 1e6;

    /// @dev V5: a claim by anyone while the rate is zero for a moment does not remove the pending request.
    function test_claim__rateOfZeroForAMoment__holdingStays() public {
        _hold(300_000);
        vm.prank(keeper);
        controller.redeemAsset(address(issuer), 300_000 * SHARE, 0, "");
        issuer.setRate(0);
        (bool open,) = l3.entryOpen();
        assertFalse(open, "nobody enters meanwhile");
        vm.prank(outsider);
        controller.claimAsset(address(issuer));
        issuer.setRate(PAR);
        assertEq(vault.totalAssets(), DEPOSIT, "all of it");
        issuer.settleRedeem(0, address(desk), 300_000 * SHARE);
        controller.claimAsset(address(issuer));
        assertEq(vault.idle(), DEPOSIT, "home");
        assertFalse(l3.positions()[0].held, "and over");
    }

    /// @dev V5: a sale of zero value at that moment does not remove the holding either.
    function test_sale__rateOfZeroForAMoment__holdingStays() public {
        _hold(300_000);
        issuer.setRate(0);
        vm.prank(keeper);
        controller.redeemAsset(address(issuer), SHARE, 0, "");
        issuer.setRate(PAR);
        assertEq(vault.totalAssets(), DEPOSIT, "all of it");
    }

    /// @dev V6: a pending deposit that the issuer denies for a moment closes deposits.
    function test_pendingDeposit__deniedForAMoment__nobodyEnters() public {
        vm.prank(keeper);
        controller.purchaseAsset(address(issuer), 300_000 * USD, 0, "");
        // The minimum rate here is 1 % of the maximum.
        vm.mockCall(address(issuer), abi.encodePacked(issuer.pendingDepositRequest.selector), abi.encode(0));
        (bool open, address closedBy) = l3.entryOpen();
        assertFalse(open, "closed");
        assertEq(closedBy, address(issuer), "by it");
    }

    /// @dev V13: a fall of the market between settlement and claim is no loss caused by the issuer.
    function test_claim__marketFellSinceSettlement__budgetIsLeft() public {
        controller.raiseLimit(LimitKeys.LOSS_ADD, 5_000 * USD, 7 days, 0);
        vm.warp(START + 7 days);
        usdtFeed.set(1e8);
        vm.prank(keeper);
        controller.purchaseAsset(address(issuer), 300_000 * USD, 0, "");
        issuer.settleDeposit(0, address(desk), 300_000 * USD);
        issuer.setRate(PAR * 98 / 100);
        vm.prank(outsider);
        controller.claimAsset(address(issuer));
        assertEq(controller.available(LimitKeys.LOSS_ADD), 5_000 * USD, "not the issuer's doing");
    }

    /// @dev V14: shares that cannot be claimed do not block proceeds.
    function test_claim__sharesAreRefused__proceedsCome() public {
        _bothClaimable();
        bytes4 deposit = bytes4(keccak256("deposit(uint256,address,address)"));
        vm.mockCallRevert(address(issuer), abi.encodePacked(deposit), "restricted");
        vm.expectEmit(address(desk));
        emit IErc7540Venue.ClaimIncomplete(address(issuer), "restricted");
        controller.claimAsset(address(issuer));
        assertEq(vault.idle(), DEPOSIT - 50_000 * USD, "proceeds");
        assertEq(l3.valueOf(address(issuer)), 50_000 * USD, "the deposit waits");
        vm.expectPartialRevert(IErc7540Venue.Erc7540Venue_ClaimFailed.selector);
        controller.claimAsset(address(issuer));
        vm.clearMockedCalls();
        controller.claimAsset(address(issuer));
        assertEq(issuer.balanceOf(address(l3)), 50_000 * SHARE, "claimed");
    }

    /// @dev V14: proceeds that cannot be claimed do not block shares.
    function test_claim__proceedsAreRefused__sharesCome() public {
        _bothClaimable();
        bytes4 redeem = bytes4(keccak256("redeem(uint256,address,address)"));
        vm.mockCallRevert(address(issuer), abi.encodePacked(redeem), "restricted");
        controller.claimAsset(address(issuer));
        assertEq(issuer.balanceOf(address(l3)), 50_000 * SHARE, "shares");
        assertEq(l3.valueOf(address(issuer)), 150_000 * USD, "proceeds wait");
    }

    function _bothClaimable() private {
        _hold(100_000);
        vm.startPrank(keeper);
        controller.redeemAsset(address(issuer), 100_000 * SHARE, 0, "");
        controller.purchaseAsset(address(issuer), 50_000 * USD, 0, "");
        vm.stopPrank();
        issuer.settleRedeem(0, address(desk), 100_000 * SHARE);
        issuer.settleDeposit(0, address(desk), 50_000 * USD);
    }

    function _hold(uint256 dollars) private {
        vm.prank(keeper);
        controller.purchaseAsset(address(issuer), dollars * USD, 0, "");
        issuer.settleDeposit(0, address(desk), dollars * USD);
        controller.claimAsset(address(issuer));
    }
}
