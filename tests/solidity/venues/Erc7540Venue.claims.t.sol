// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IErc7540Venue} from "@ballast/interfaces/IErc7540Venue.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {HostileAsyncVault} from "../doubles/HostileAsyncVault.sol";
import {Vm} from "../support/Vm.sol";
import {Erc7540VenueTest} from "./Erc7540VenueTest.sol";

/// @title Vault that can burn all gas of one view
contract BurningVault is AsyncVault {
    bool private _burns;

    constructor(address asset_) AsyncVault(asset_, false, 18) {}

    function setBurns(bool burns) external {
        _burns = burns;
    }

    function pendingDepositRequest(uint256 id, address controller) public view override returns (uint256) {
        if (_burns) {
            assembly {
                invalid()
            }
        }
        return super.pendingDepositRequest(id, controller);
    }
}

contract Erc7540VenueClaimsTest is Erc7540VenueTest {
    function test_claim__outsider__reverts() public {
        vm.prank(OUTSIDER);
        vm.expectRevert(abi.encodeWithSelector(IErc7540Venue.Erc7540Venue_NotPortfolio.selector, OUTSIDER));
        venue.claim(address(fund));
    }

    function test_claimParts__othersThanItself__revert() public {
        bytes[3] memory parts = [
            abi.encodeCall(venue.claimShares, ()),
            abi.encodeCall(venue.claimAssets, ()),
            abi.encodeCall(venue.passShares, ())
        ];
        address[2] memory callers = [OUTSIDER, address(portfolio)];
        for (uint256 i = 0; i < parts.length * callers.length; ++i) {
            address caller = callers[i % 2];
            vm.prank(caller);
            (bool done, bytes memory reason) = address(venue).call(parts[i / 2]);
            bytes memory refusal = abi.encodeWithSelector(IErc7540Venue.Erc7540Venue_NotPortfolio.selector, caller);
            assertTrue(!done && keccak256(reason) == keccak256(refusal), "refused");
        }
    }

    function test_claim__anotherVault__reverts() public {
        bytes memory refusal = abi.encodeWithSelector(IErc7540Venue.Erc7540Venue_InvalidVault.selector, epochs);
        vm.prank(address(portfolio));
        vm.expectRevert(refusal);
        venue.claim(address(epochs));
        vm.expectRevert(refusal);
        venue.pendingValue(address(epochs));
    }

    /// @dev Prevents a caller from presenting a lack of gas as a failure of the vault.
    function test_claim__failsWithLittleGas__isOutOfGas() public {
        _buy(fund, 100 * USD);
        _settleDeposit(fund, 100 * USD);
        bytes4 deposit = bytes4(keccak256("deposit(uint256,address,address)"));
        vm.mockCallRevert(address(fund), abi.encodePacked(deposit), "restricted");
        vm.prank(address(portfolio));
        vm.expectRevert(IErc7540Venue.Erc7540Venue_OutOfGas.selector);
        venue.claim{gas: 1_000_000}(address(fund));
        vm.prank(address(portfolio));
        vm.expectPartialRevert(IErc7540Venue.Erc7540Venue_ClaimFailed.selector);
        venue.claim(address(fund));
    }

    /// @dev The vault burns the gas of a view. With little gas the claim would otherwise continue as if nothing were
    /// missing.
    function test_claim__questionBurnsLittleGas__isOutOfGas() public {
        BurningVault burning = new BurningVault(address(usdt));
        venues[burning] = new Erc7540Venue(address(portfolio), address(burning));
        _buy(burning, 100 * USD);
        usdt.mint(address(venue), 7);
        burning.setBurns(true);
        vm.prank(address(portfolio));
        vm.expectRevert(IErc7540Venue.Erc7540Venue_OutOfGas.selector);
        venue.claim{gas: 400_000}(address(burning));
        (, uint256 assets) = _claim(burning);
        assertEq(assets, 7, "passed on with enough");
        (uint256 booked,) = venue.requested(address(burning));
        assertEq(booked, 100 * USD, "of which nothing is known, so nothing is struck");
    }

    function test_claim__nothing__isSilent() public {
        _buy(fund, 100 * USD);
        vm.recordLogs();
        (uint256 shares, uint256 assets) = _claim(fund);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 0, "events");
        assertEq(shares + assets, 0, "claimed");
        assertEq(_pendingValue(fund), 100 * USD, "waits still");
    }

    function test_claim__partOfADeposit__leavesTheRest() public {
        _buy(epochs, 100 * USD);
        epochs.settleDeposit(1, address(venue), 40 * USD);
        vm.expectEmit(address(venue));
        emit IErc7540Venue.Claimed(address(epochs), 40 * SHARE, 0);
        (uint256 shares, uint256 assets) = _claim(epochs);
        assertEq(shares, 40 * SHARE, "shares");
        assertEq(assets, 0, "assets");
        assertEq(epochs.balanceOf(address(portfolio)), 40 * SHARE, "to the portfolio");
        (uint256 booked,) = venue.requested(address(epochs));
        assertEq(booked, 60 * USD, "on the book");
        assertEq(_pendingValue(epochs), 60 * USD, "the rest waits");
        _keepsNothing(epochs);
    }

    function test_claim__partOfARedemption__leavesTheRest() public {
        _sell(epochs, _hold(epochs, 100 * USD));
        epochs.setRate(2 * PAR);
        epochs.settleRedeem(1, address(venue), 25 * SHARE);
        vm.expectEmit(address(venue));
        emit IErc7540Venue.Claimed(address(epochs), 0, 50 * USD);
        (uint256 shares, uint256 assets) = _claim(epochs);
        assertEq(shares, 0, "shares");
        assertEq(assets, 50 * USD, "assets");
        assertEq(usdt.balanceOf(HOME), 50 * USD, "home");
        (, uint256 booked) = venue.requested(address(epochs));
        assertEq(booked, 75 * SHARE, "on the book");
        assertEq(_pendingValue(epochs), 150 * USD, "the rest waits");
        _keepsNothing(epochs);
    }

    /// @dev The issuer settles at another price than before and after.
    function test_claim__settledAtAWorsePrice__tellsWhatIsLost() public {
        _buy(fund, 100 * USD);
        fund.setRate(2 * PAR);
        _settleDeposit(fund, 100 * USD);
        fund.setRate(PAR);
        assertEq(_lost(fund), 50 * USD, "deposit");
        _sell(fund, 50 * SHARE);
        fund.setRate(PAR / 2);
        _settleRedeem(fund, 50 * SHARE);
        fund.setRate(PAR);
        assertEq(_lost(fund), 25 * USD, "redemption");
    }

    function test_claim__skimmed__tellsWhatIsLost() public {
        _buy(hostile, 100 * USD);
        _settleDeposit(hostile, 100 * USD);
        hostile.setMood(HostileAsyncVault.Mood.SkimsClaims);
        assertEq(_lost(hostile), 10 * USD, "deposit");
        _sell(hostile, 50 * SHARE);
        _settleRedeem(hostile, 50 * SHARE);
        assertEq(_lost(hostile), 5 * USD, "redemption");
    }

    /// @dev The shares had no value at the request, so only the current rate shows how much the issuer keeps.
    function test_claim__skimmedAndRequestedAtNoRate__isByTheRateOfNow() public {
        hostile.setRate(0);
        _buy(hostile, 100 * USD);
        hostile.setRate(PAR);
        _settleDeposit(hostile, 100 * USD);
        hostile.setMood(HostileAsyncVault.Mood.SkimsClaims);
        assertEq(_lost(hostile), 10 * USD, "a tenth");
    }

    function test_claim__strangersRequestOnly__losesNothing() public {
        usdt.mint(OUTSIDER, 50 * USD);
        vm.startPrank(OUTSIDER);
        usdt.approve(address(fund), 50 * USD);
        fund.requestDeposit(50 * USD, address(venue), OUTSIDER);
        vm.stopPrank();
        fund.settleDeposit(0, address(venue), 50 * USD);
        // At any rate: none of our assets were sent.
        fund.setRate(PAR / 2);
        assertEq(_lost(fund), 0, "nothing was ours");
        assertEq(fund.balanceOf(address(portfolio)), 50 * SHARE, "a gift");
    }

    /// @dev A fall of the market before settlement is no loss of the claim; nor are shares that arrive unasked.
    function testFuzz_claim__settledAtThePriceOfNow__losesNothing(uint256 requested, uint256 rate, uint256 other)
        public
    {
        uint256 assets = bound(requested, 1, MILLION / 2);
        _buy(fund, assets);
        fund.setRate(bound(rate, PAR / 100, 100 * PAR));
        _settleDeposit(fund, assets);
        // Shares are finer than assets, and both conversions round down.
        assertLe(_lost(fund), 1, "deposit");
        uint256 shares = fund.balanceOf(address(portfolio));
        if (shares == 0) return;
        _sell(fund, shares);
        fund.setRate(bound(other, PAR / 100, 100 * PAR));
        _settleRedeem(fund, shares);
        assertEq(_lost(fund), 0, "redemption");
    }

    function _lost(AsyncVault vault) private returns (uint256 lost) {
        vm.prank(address(portfolio));
        (,, lost) = venue.claim(address(vault));
    }

    function test_claim__bothDirections__atOnce() public {
        uint256 shares = _hold(fund, 100 * USD);
        _buy(fund, 30 * USD);
        _sell(fund, shares);
        fund.settleDeposit(0, address(venue), 30 * USD);
        fund.settleRedeem(0, address(venue), shares);
        vm.expectEmit(address(venue));
        emit IErc7540Venue.Claimed(address(fund), 30 * SHARE, 100 * USD);
        _claim(fund);
        assertEq(_pendingValue(fund), 0, "nothing waits");
    }

    function test_claim__withoutAClaim__goesTheSameWays() public {
        _buy(epochs, 100 * USD);
        epochs.pushShares(1, address(venue));
        assertEq(_pendingValue(epochs), 100 * USD, "counts");
        usdt.mint(address(venue), 7);
        (uint256 shares, uint256 assets) = _claim(epochs);
        assertEq(shares, 100 * SHARE, "shares");
        assertEq(epochs.balanceOf(address(portfolio)), 100 * SHARE, "to the portfolio");
        assertEq(assets, 7, "assets");
        assertEq(usdt.balanceOf(HOME), 7, "home");
        assertEq(_pendingValue(epochs), 0, "nothing is left");
        _keepsNothing(epochs);
    }

    function test_claim__skimmed__tellsWhatArrived() public {
        _buy(hostile, 100 * USD);
        hostile.settleDeposit(1, address(venue), 100 * USD);
        hostile.setMood(HostileAsyncVault.Mood.SkimsClaims);
        (uint256 shares,) = _claim(hostile);
        assertEq(shares, 90 * SHARE, "shares");
        hostile.setMood(HostileAsyncVault.Mood.Honest);
        _sell(hostile, shares);
        hostile.settleRedeem(1, address(venue), shares);
        hostile.setMood(HostileAsyncVault.Mood.SkimsClaims);
        (, uint256 assets) = _claim(hostile);
        assertEq(assets, 81 * USD, "assets");
        assertEq(usdt.balanceOf(HOME), 81 * USD, "home");
        assertEq(_pendingValue(hostile), 0, "the book is clear");
        (uint256 bookedAssets, uint256 bookedShares) = venue.requested(address(hostile));
        assertEq(bookedAssets + bookedShares, 0, "the book is clear");
    }

    function test_claim__exaggeratingVault__clearsWhatWasClaimed() public {
        _buy(hostile, 100 * USD);
        hostile.settleDeposit(1, address(venue), 40 * USD);
        hostile.setMood(HostileAsyncVault.Mood.Exaggerates);
        assertEq(_pendingValue(hostile), 100 * USD, "no more than requested");
        (uint256 shares,) = _claim(hostile);
        assertEq(shares, 40 * SHARE, "shares");
        assertEq(_pendingValue(hostile), 60 * USD, "nor what is claimed again");
    }

    function test_claim__strangersRequest__isAGift() public {
        _buy(fund, 100 * USD);
        usdt.mint(OUTSIDER, 50 * USD);
        vm.startPrank(OUTSIDER);
        usdt.approve(address(fund), 50 * USD);
        fund.requestDeposit(50 * USD, address(venue), OUTSIDER);
        vm.stopPrank();
        assertEq(_pendingValue(fund), 100 * USD, "does not count while it waits");
        fund.settleDeposit(0, address(venue), 150 * USD);
        (uint256 shares,) = _claim(fund);
        assertEq(shares, 150 * SHARE, "shares");
        assertEq(_pendingValue(fund), 0, "nothing waits");
    }

    function test_pendingValue__nothingRequested__believesNobody() public {
        hostile.setMood(HostileAsyncVault.Mood.Exaggerates);
        vm.expectCall(address(hostile), abi.encodeWithSelector(hostile.pendingDepositRequest.selector), 0);
        vm.expectCall(address(hostile), abi.encodeWithSelector(hostile.pendingRedeemRequest.selector), 0);
        assertEq(_pendingValue(hostile), 0, "whatever the vault says, if it were asked");
    }

    function test_pendingValue__pendingDeposit__isItsAssets() public {
        _buy(fund, 100 * USD);
        fund.setRate(3 * PAR);
        assertEq(_pendingValue(fund), 100 * USD, "at any price");
        fund.setRate(PAR / 3);
        assertEq(_pendingValue(fund), 100 * USD, "at any price");
    }

    function test_pendingValue__claimableDeposit__isTheLesserOfAssetsAndShares() public {
        _buy(fund, 100 * USD);
        fund.settleDeposit(0, address(venue), 60 * USD);
        fund.setRate(PAR / 2);
        assertEq(_pendingValue(fund), 70 * USD, "60 have lost half");
        fund.setRate(2 * PAR);
        assertEq(_pendingValue(fund), 100 * USD, "a gain shows when it is claimed");
    }

    function test_pendingValue__pendingRedemption__isAtThePriceOfNow() public {
        _sell(fund, _hold(fund, 100 * USD));
        assertEq(_pendingValue(fund), 100 * USD, "at par");
        fund.setRate(PAR / 2);
        assertEq(_pendingValue(fund), 50 * USD, "lost");
        fund.setRate(2 * PAR);
        assertEq(_pendingValue(fund), 200 * USD, "gained");
    }

    function test_pendingValue__claimableRedemption__isItsAssets() public {
        uint256 shares = _hold(fund, 100 * USD);
        _sell(fund, shares);
        fund.setRate(PAR / 2);
        fund.settleRedeem(0, address(venue), shares);
        fund.setRate(3 * PAR);
        assertEq(_pendingValue(fund), 50 * USD, "settled at a half");
        fund.setRate(PAR / 4);
        assertEq(_pendingValue(fund), 50 * USD, "at any price");
    }

    function test_pendingValue__claimableRedemption__isBelowTheBestRate() public {
        uint256 shares = _hold(fund, 100 * USD);
        _sell(fund, shares);
        fund.setRate(4 * PAR);
        fund.settleRedeem(0, address(venue), shares / 2);
        assertEq(_pendingValue(fund), 400 * USD, "of now");
        fund.setRate(PAR / 2);
        // 200 claimable and 25 pending, of shares that were worth 100.
        assertEq(_pendingValue(fund), 100 * USD, "of the request");
        (, uint256 assets) = _claim(fund);
        assertEq(assets, 200 * USD, "claimed all the same");
        assertEq(_pendingValue(fund), 25 * USD, "the rest");
        fund.settleRedeem(0, address(venue), shares / 2);
        assertEq(_pendingValue(fund), 25 * USD, "the rest, settled");
    }

    /// @dev The bound of the request falls in proportion: after half of the shares are claimed, half of it is left.
    function test_pendingValue__partClaimed__boundIsInProportion() public {
        uint256 shares = _hold(fund, 100 * USD);
        _sell(fund, shares);
        _settleRedeem(fund, shares / 2);
        _claim(fund);
        fund.setRate(4 * PAR);
        _settleRedeem(fund, shares / 2);
        fund.setRate(PAR / 100);
        assertEq(_pendingValue(fund), 50 * USD, "half");
    }

    function test_pendingValue__twoRequests__boundsAddUp() public {
        uint256 shares = _hold(fund, 100 * USD);
        _sell(fund, shares / 2);
        fund.setRate(3 * PAR);
        _sell(fund, shares / 2);
        fund.setRate(8 * PAR);
        _settleRedeem(fund, shares);
        fund.setRate(PAR / 100);
        assertEq(_pendingValue(fund), 50 * USD + 150 * USD, "each at the rate of its request");
    }

    function test_pendingValue__claimsPaused__isTheRequests() public {
        uint256 shares = _hold(fund, 100 * USD);
        _buy(fund, 40 * USD);
        _sell(fund, shares);
        fund.settleDeposit(0, address(venue), 40 * USD);
        fund.settleRedeem(0, address(venue), shares);
        fund.setClaimsPaused(true);
        assertEq(_pendingValue(fund), 140 * USD, "both");
        (uint256 claimed, uint256 assets) = _claim(fund);
        assertEq(claimed + assets, 0, "nothing can be claimed");
        assertEq(_pendingValue(fund), 140 * USD, "both still");
    }

    function test_pendingValue__exaggeratingVault__isAtMostTheRequest() public {
        uint256 shares = _hold(hostile, 100 * USD);
        _buy(hostile, 40 * USD);
        _sell(hostile, shares);
        hostile.settleDeposit(1, address(venue), 10 * USD);
        hostile.settleRedeem(1, address(venue), shares / 4);
        hostile.setMood(HostileAsyncVault.Mood.Exaggerates);
        assertEq(_pendingValue(hostile), 140 * USD, "at most");
        hostile.setMood(HostileAsyncVault.Mood.ExaggeratesClaimable);
        assertEq(_pendingValue(hostile), 140 * USD, "at most");
        hostile.setClaimsPaused(true);
        assertEq(_pendingValue(hostile), 140 * USD, "at most");
        _buy(hostile, 60 * USD);
        assertEq(_pendingValue(hostile), 200 * USD, "and another request");
    }

    function test_pendingValue__feeOnRequest__isWhatIsBooked() public {
        uint256 shares = _hold(hostile, 100 * USD);
        hostile.setMood(HostileAsyncVault.Mood.TakesAFee);
        _buy(hostile, 40 * USD);
        assertEq(_pendingValue(hostile), 36 * USD, "the fee is gone at once");
        _sell(hostile, shares);
        assertEq(_pendingValue(hostile), 36 * USD + 90 * USD, "the fee is gone at once");
        _settleDeposit(hostile, 16 * USD);
        _claim(hostile);
        (uint256 booked,) = venue.requested(address(hostile));
        assertEq(booked, 20 * USD, "what the vault does not know leaves the book with a claim");
    }
}
