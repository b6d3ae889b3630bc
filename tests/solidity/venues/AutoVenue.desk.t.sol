// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOtcVenue} from "@ballast/interfaces/IOtcVenue.sol";
import {AutoVenue} from "@ballast/venues/AutoVenue.sol";

import {OtcVenueTest} from "./OtcVenueTest.sol";

/// @title Tests of a desk's quote taken through the automatic venue, which is the quote's trader
contract AutoVenueDeskTest is OtcVenueTest {
    AutoVenue private auto_;

    function setUp() public override {
        super.setUp();
        auto_ = new AutoVenue(address(manager));
        address[] memory list = new address[](1);
        list[0] = address(venue);
        auto_.setVenues(address(usdt), address(weth), list);
        auto_.setTrader(TRADER, true);
        venue.setTrader(address(auto_), true);
        usdt.mint(address(auto_), 3_000 * USD);
    }

    function test_trade__quoteThatNamesThisContract__isTaken() public {
        IOtcVenue.Quote memory quote = _quote();
        quote.trader = address(auto_);
        bytes memory data = abi.encode(address(venue), _signed(quote));
        vm.prank(TRADER);
        assertEq(auto_.trade(address(usdt), address(weth), 3_000 * USD, 1e18, RECEIVER, data), 1e18, "output");
        assertEq(weth.balanceOf(RECEIVER), 1e18, "received");
        assertEq(usdt.balanceOf(desk), 3_000 * USD, "the desk is paid");
        assertEq(usdt.balanceOf(address(auto_)), 0, "nothing stays");
    }

    function test_trade__quoteThatNamesThePortfolio__reverts() public {
        bytes memory data = abi.encode(address(venue), _signed(_quote()));
        vm.prank(TRADER);
        vm.expectRevert(abi.encodeWithSelector(IOtcVenue.OtcVenue_OtherTrader.selector, TRADER, address(auto_)));
        auto_.trade(address(usdt), address(weth), 3_000 * USD, 0, RECEIVER, data);
    }
}
