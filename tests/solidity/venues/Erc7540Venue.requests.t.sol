// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IErc7540Venue} from "@ballast/interfaces/IErc7540Venue.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {HostileAsyncVault} from "../doubles/HostileAsyncVault.sol";
import {Token} from "../doubles/Token.sol";
import {Erc7540VenueTest} from "./Erc7540VenueTest.sol";

contract Erc7540VenueRequestsTest is Erc7540VenueTest {
    function test_constructor__noCode__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IErc7540Venue.Erc7540Venue_InvalidPortfolio.selector, OUTSIDER));
        new Erc7540Venue(OUTSIDER, address(fund));
        vm.expectRevert(abi.encodeWithSelector(IErc7540Venue.Erc7540Venue_InvalidVault.selector, OUTSIDER));
        new Erc7540Venue(address(portfolio), OUTSIDER);
        address other = address(new AsyncVault(address(new Token("DAI", 18)), false, 18));
        vm.expectRevert(abi.encodeWithSelector(IErc7540Venue.Erc7540Venue_InvalidVault.selector, other));
        new Erc7540Venue(address(portfolio), other);
    }

    function test_constructor__portfolio__isServed() public view {
        assertEq(venue.portfolio(), address(portfolio), "portfolio");
        assertEq(venue.home(), HOME, "home");
        assertEq(venue.settlement(), address(usdt), "settlement");
    }

    function test_trade__outsider__reverts() public {
        usdt.mint(address(venue), USD);
        vm.prank(OUTSIDER);
        vm.expectRevert(abi.encodeWithSelector(IErc7540Venue.Erc7540Venue_NotPortfolio.selector, OUTSIDER));
        venue.trade(address(usdt), address(fund), USD, 0, address(portfolio), "");
    }

    function test_trade__wrongTerms__reverts() public {
        usdt.mint(address(venue), USD);
        bytes4 refusal = IErc7540Venue.Erc7540Venue_InvalidTokens.selector;
        address[2] memory tokens = [address(fund), address(usdt)];
        _refuses(tokens[0], tokens[0], USD, HOME, abi.encodeWithSelector(refusal, tokens[0], tokens[0]));
        _refuses(tokens[1], tokens[1], USD, HOME, abi.encodeWithSelector(refusal, tokens[1], tokens[1]));
        address other = address(epochs);
        _refuses(address(usdt), other, USD, address(portfolio), abi.encodeWithSelector(refusal, address(usdt), other));
        _refuses(other, address(usdt), USD, HOME, abi.encodeWithSelector(refusal, other, address(usdt)));
        refusal = IErc7540Venue.Erc7540Venue_InvalidAmount.selector;
        _refuses(address(usdt), address(fund), 0, address(portfolio), abi.encodeWithSelector(refusal, 0));
    }

    function test_trade__otherReceiver__reverts() public {
        usdt.mint(address(venue), USD);
        bytes4 refusal = IErc7540Venue.Erc7540Venue_InvalidReceiver.selector;
        bytes memory purchase = abi.encodeWithSelector(refusal, HOME, address(portfolio));
        _refuses(address(usdt), address(fund), USD, HOME, purchase);
        bytes memory sale = abi.encodeWithSelector(refusal, address(portfolio), HOME);
        _refuses(address(fund), address(usdt), USD, address(portfolio), sale);
    }

    function test_trade__minimum__reverts() public {
        usdt.mint(address(venue), USD);
        vm.prank(address(portfolio));
        vm.expectRevert(abi.encodeWithSelector(IErc7540Venue.Erc7540Venue_MinimumNotSupported.selector, 1));
        venue.trade(address(usdt), address(fund), USD, 1, address(portfolio), "");
    }

    function test_trade__notPushed__reverts() public {
        usdt.mint(address(venue), USD - 1);
        bytes4 refusal = IErc7540Venue.Erc7540Venue_MissingInput.selector;
        bytes memory purchase = abi.encodeWithSelector(refusal, address(usdt), USD - 1, USD);
        _refuses(address(usdt), address(fund), USD, address(portfolio), purchase);
        bytes memory sale = abi.encodeWithSelector(refusal, address(fund), 0, SHARE);
        _refuses(address(fund), address(usdt), SHARE, HOME, sale);
    }

    function test_trade__vaultTakesLess__reverts() public {
        _hold(hostile, 10 * USD);
        hostile.setMood(HostileAsyncVault.Mood.TakesLess);
        usdt.mint(address(venue), USD);
        bytes4 refusal = IErc7540Venue.Erc7540Venue_InputMismatch.selector;
        bytes memory purchase = abi.encodeWithSelector(refusal, address(usdt), USD / 2, USD);
        _refuses(address(usdt), address(hostile), USD, address(portfolio), purchase);
        vm.prank(address(portfolio));
        hostile.transfer(address(venue), SHARE);
        bytes memory sale = abi.encodeWithSelector(refusal, address(hostile), SHARE / 2, SHARE);
        _refuses(address(hostile), address(usdt), SHARE, HOME, sale);
    }

    function test_trade__purchase__requestsAndEmits() public {
        _at(epochs);
        epochs.nextEpoch();
        vm.startPrank(address(portfolio));
        usdt.transfer(address(venue), 100 * USD);
        vm.expectEmit(address(venue));
        emit IErc7540Venue.DepositRequested(address(epochs), 2, 100 * USD);
        uint256 out = venue.trade(address(usdt), address(epochs), 100 * USD, 0, address(portfolio), "ignored");
        vm.stopPrank();
        assertEq(out, 0, "nothing yet");
        _booked(epochs, 100 * USD, 0);
        (uint256 depositId,) = venue.requestIds();
        assertEq(depositId, 2, "id");
        assertEq(epochs.pendingDepositRequest(2, address(venue)), 100 * USD, "pending");
        _keepsNothing(epochs);
    }

    function test_trade__sale__requestsAndEmits() public {
        uint256 shares = _hold(epochs, 100 * USD);
        epochs.nextEpoch();
        vm.startPrank(address(portfolio));
        epochs.transfer(address(venue), shares);
        vm.expectEmit(address(venue));
        emit IErc7540Venue.RedemptionRequested(address(epochs), 2, shares);
        uint256 out = venue.trade(address(epochs), address(usdt), shares, 0, HOME, "");
        vm.stopPrank();
        assertEq(out, 0, "nothing yet");
        _booked(epochs, 0, shares);
        (, uint256 redeemId) = venue.requestIds();
        assertEq(redeemId, 2, "id");
        assertEq(epochs.pendingRedeemRequest(2, address(venue)), shares, "pending");
        _keepsNothing(epochs);
    }

    function test_trade__gift__changesNothing() public {
        usdt.mint(address(venue), 7);
        _buy(fund, 100 * USD);
        assertEq(usdt.balanceOf(address(venue)), 7, "stays until the next claim");
        _booked(fund, 100 * USD, 0);
    }

    function test_trade__sameId__isOneRequest() public {
        _buy(fund, 100 * USD);
        fund.settleDeposit(0, address(venue), 30 * USD);
        _buy(fund, 50 * USD);
        _booked(fund, 150 * USD, 0);
        _buy(epochs, 100 * USD);
        _buy(epochs, 50 * USD);
        _booked(epochs, 150 * USD, 0);
        uint256 shares = _hold(hostile, 100 * USD);
        _sell(hostile, shares / 4);
        _sell(hostile, shares / 2);
        _booked(hostile, 0, shares / 4 + shares / 2);
    }

    /// @dev An amount that the vault no longer knows leaves the book with the next request.
    function test_trade__sameIdAfterAFee__addsToWhatIsLeft() public {
        uint256 shares = _hold(hostile, 100 * USD);
        hostile.setMood(HostileAsyncVault.Mood.TakesAFee);
        _buy(hostile, 100 * USD);
        _sell(hostile, shares / 2);
        _booked(hostile, 100 * USD, 50 * SHARE);
        _buy(hostile, 50 * USD);
        _sell(hostile, shares / 2);
        _booked(hostile, 90 * USD + 50 * USD, 45 * SHARE + 50 * SHARE);
    }

    function test_trade__depositPendingOrClaimable__refusesAnotherId() public {
        _buy(epochs, 100 * USD);
        epochs.nextEpoch();
        usdt.mint(address(venue), USD);
        bytes memory refusal =
            abi.encodeWithSelector(IErc7540Venue.Erc7540Venue_RequestPending.selector, address(epochs), 1);
        _refuses(address(usdt), address(epochs), USD, address(portfolio), refusal);
        epochs.settleDeposit(1, address(venue), 100 * USD);
        _refuses(address(usdt), address(epochs), USD, address(portfolio), refusal);
        _claim(epochs);
        _buy(epochs, 50 * USD);
        _booked(epochs, 50 * USD, 0);
    }

    function test_trade__redemptionPendingOrClaimable__refusesAnotherId() public {
        uint256 shares = _hold(epochs, 100 * USD);
        _sell(epochs, shares / 2);
        epochs.nextEpoch();
        vm.prank(address(portfolio));
        epochs.transfer(address(venue), SHARE);
        bytes memory refusal =
            abi.encodeWithSelector(IErc7540Venue.Erc7540Venue_RequestPending.selector, address(epochs), 1);
        _refuses(address(epochs), address(usdt), SHARE, HOME, refusal);
        epochs.settleRedeem(1, address(venue), shares / 2);
        _refuses(address(epochs), address(usdt), SHARE, HOME, refusal);
        _claim(epochs);
        _sell(epochs, 2 * SHARE);
        _booked(epochs, 0, 2 * SHARE);
    }

    function test_trade__afterARefusal__requestsAgain() public {
        uint256 shares = _hold(epochs, 100 * USD);
        _buy(epochs, 100 * USD);
        _sell(epochs, shares);
        epochs.refuseDeposit(1, address(venue));
        epochs.refuseRedeem(1, address(venue));
        epochs.nextEpoch();
        _buy(epochs, 50 * USD);
        _booked(epochs, 150 * USD, shares);
        assertEq(venue.missing(), 100 * USD, "came back");
        (uint256 claimed, uint256 assets) = _claim(epochs);
        assertEq(claimed, shares, "shares back");
        assertEq(assets, 100 * USD, "assets back");
        assertEq(venue.missing(), 0, "came home");
        _sell(epochs, shares / 2);
        _booked(epochs, 50 * USD, shares / 2);
    }

    function test_trade__vaultCallsInside__isRefused() public {
        bytes memory refusal = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        _at(hostile);
        hostile.setCall(address(venue), abi.encodeCall(venue.pendingValue, (address(hostile))));
        uint256 shares = _hold(hostile, 100 * USD);
        assertFalse(hostile.succeeded(), "read inside a claim");
        assertTrue(keccak256(hostile.answer()) == keccak256(refusal), "by the lock");
        _sell(hostile, shares);
        assertFalse(hostile.succeeded(), "read inside a request");
        assertTrue(keccak256(hostile.answer()) == keccak256(refusal), "by the lock");
    }

    function test_spot__always__reverts() public {
        vm.expectRevert(IErc7540Venue.Erc7540Venue_NoSpot.selector);
        venue.spot(address(usdt), address(fund), 1);
    }

    function _booked(AsyncVault vault, uint256 assets, uint256 shares) internal view {
        (uint256 bookedAssets, uint256 bookedShares) = venues[vault].requested(address(vault));
        assertEq(bookedAssets, assets, "assets on the book");
        assertEq(bookedShares, shares, "shares on the book");
    }
}

/// @title Portfolio that is also its fund's vault, so that only the lock prevents nested calls
contract SelfServing is HostileAsyncVault {
    address public settlement;
    address public home;

    constructor(address asset_) HostileAsyncVault(asset_, false, 18) {
        (settlement, home) = (asset_, address(this));
    }

    function run(Erc7540Venue venue, uint256 assets) external {
        venue.trade(asset, address(this), assets, 0, address(this), "");
    }

    function claim(Erc7540Venue venue) external {
        venue.claim(address(this));
    }
}

/// @title Tests of the lock of trade and claim, with a portfolio that can be made to call
contract Erc7540VenueLockTest is Erc7540VenueTest {
    SelfServing private both;

    function setUp() public override {
        super.setUp();
        both = new SelfServing(address(usdt));
        venue = new Erc7540Venue(address(both), address(both));
        usdt.mint(address(venue), 10 * USD);
    }

    function test_trade__insideATrade__isRefused() public {
        both.setCall(
            address(venue), abi.encodeCall(venue.trade, (address(usdt), address(both), USD, 0, address(both), ""))
        );
        both.run(venue, USD);
        _isRefusedByTheLock();
        both.setCall(address(venue), abi.encodeCall(venue.claim, (address(both))));
        both.run(venue, USD);
        _isRefusedByTheLock();
    }

    function test_claim__insideAClaim__isRefused() public {
        both.run(venue, USD);
        both.settleDeposit(0, address(venue), USD);
        both.setCall(address(venue), abi.encodeCall(venue.claim, (address(both))));
        both.claim(venue);
        _isRefusedByTheLock();
    }

    function _isRefusedByTheLock() internal view {
        assertFalse(both.succeeded(), "refused");
        bytes memory refusal = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        assertTrue(keccak256(both.answer()) == keccak256(refusal), "by the lock");
    }
}
