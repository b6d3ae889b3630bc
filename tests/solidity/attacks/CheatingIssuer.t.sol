// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {HostileAsyncVault} from "../doubles/HostileAsyncVault.sol";
import {IssuerSystem} from "../support/IssuerSystem.sol";

/// @title Asynchronous issuer that keeps a tenth of each settlement
/// @notice The loss budget is the default of a vault with one million: 5,000 in seven days.
contract CheatingIssuerTest is IssuerSystem {
    uint256 private constant BUDGET = 5_000 * USD;

    function setUp() public override {
        super.setUp();
        controller.raiseLimit(LimitKeys.LOSS_ADD, BUDGET, 7 days, 0);
        vm.warp(START + 7 days);
        usdtFeed.set(1e8);
        issuer.setMood(HostileAsyncVault.Mood.SkimsClaims);
    }

    function test_claim__issuerKeepsATenth__theBudgetPays() public {
        _request(20_000 * USD);
        _settleAndClaim(20_000 * USD);
        assertEq(_left(), BUDGET - 2_000 * USD, "two thousand");
        // The same for the redemption of 18,000.
        uint256 shares = issuer.balanceOf(address(l3));
        vm.prank(keeper);
        controller.redeemAsset(address(issuer), shares, 0, "");
        issuer.settleRedeem(0, address(desk), shares);
        controller.claimAsset(address(issuer));
        assertEq(_left(), BUDGET - 3_800 * USD, "and a tenth of the rest");
    }

    /// @dev The claim succeeds however much is missing, but no further request is admitted.
    function test_claim__moreThanTheBudget__goesThroughAndStopsRequests() public {
        _request(100_000 * USD);
        _settleAndClaim(100_000 * USD);
        assertEq(issuer.balanceOf(address(l3)), 90_000e18, "claimed");
        assertEq(_left(), 0, "the budget is empty");
        vm.expectRevert(
            abi.encodeWithSelector(IRateLimits.RateLimits_Exceeded.selector, LimitKeys.LOSS_ADD, 100 * USD, 0)
        );
        vm.prank(keeper);
        controller.purchaseAsset(address(issuer), 100_000 * USD, 0, "");
        // 10 basis points of the request are a seventh of one day's refill.
        vm.warp(block.timestamp + 1 days);
        usdtFeed.set(1e8);
        _request(100_000 * USD);
    }

    function test_claim__honestIssuer__costsNothing() public {
        issuer.setMood(HostileAsyncVault.Mood.Honest);
        _request(100_000 * USD);
        _settleAndClaim(100_000 * USD);
        assertEq(_left(), BUDGET, "full");
    }

    function test_claim__noBudgetWasSet__goesThrough() public {
        _request(20_000 * USD);
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.LOSS_ADD, 0, 7 days);
        _settleAndClaim(20_000 * USD);
        assertEq(issuer.balanceOf(address(l3)), 18_000e18, "claimed");
    }

    function _request(uint256 assets) private {
        vm.prank(keeper);
        controller.purchaseAsset(address(issuer), assets, 0, "");
    }

    function _settleAndClaim(uint256 assets) private {
        issuer.settleDeposit(0, address(desk), assets);
        vm.prank(outsider);
        controller.claimAsset(address(issuer));
    }

    function _left() private view returns (uint256) {
        return controller.available(LimitKeys.LOSS_ADD);
    }
}
