// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IAutoVenue} from "@ballast/interfaces/IAutoVenue.sol";

import {AutoVenueTest} from "./AutoVenueTest.sol";

contract AutoVenueConfigurationTest is AutoVenueTest {
    function test_configuration__outsider__reverts() public {
        bytes memory refusal = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, OUTSIDER);
        vm.startPrank(OUTSIDER);
        vm.expectRevert(refusal);
        venue.setVenues(address(usdt), address(weth), new address[](0));
        vm.expectRevert(refusal);
        venue.removeVenue(address(usdt), address(weth), address(first));
        vm.expectRevert(refusal);
        venue.setTrader(OUTSIDER, true);
    }

    function test_setVenues__sound__replacesAndEmits() public {
        address[] memory list = _list(address(unlisted), address(first));
        vm.expectEmit(address(venue));
        emit IAutoVenue.VenuesSet(address(usdt), address(weth), list);
        venue.setVenues(address(usdt), address(weth), list);
        _holds(list);
        assertEq(venue.venuesOf(address(weth), address(usdt)).length, 0, "the other direction has its own");
        venue.setVenues(address(usdt), address(weth), new address[](0));
        _holds(new address[](0));
    }

    function test_setVenues__oneToken__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IAutoVenue.AutoVenue_InvalidPair.selector, address(usdt), address(usdt)));
        venue.setVenues(address(usdt), address(usdt), _list(address(first), address(second)));
    }

    function test_setVenues__eight__isTheMost() public {
        venue.setVenues(address(usdt), address(weth), _many(8));
        assertEq(venue.venuesOf(address(usdt), address(weth)).length, 8, "eight");
        address[] memory nine = _many(9);
        vm.expectRevert(abi.encodeWithSelector(IAutoVenue.AutoVenue_TooManyVenues.selector, 9));
        venue.setVenues(address(usdt), address(weth), nine);
    }

    function test_setVenues__noContractItselfOrTwice__reverts() public {
        address[3] memory wrong = [OUTSIDER, address(venue), address(first)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAutoVenue.AutoVenue_InvalidVenue.selector, wrong[i]));
            venue.setVenues(address(usdt), address(weth), _list(address(first), wrong[i]));
        }
        _holds(_list(address(first), address(second)));
    }

    function test_setTrader__configurator__storesAndEmits() public {
        vm.expectEmit(address(venue));
        emit IAutoVenue.TraderSet(TRADER, false);
        venue.setTrader(TRADER, false);
        assertFalse(venue.isTrader(TRADER), "no trader any more");
    }

    function test_removeVenue__notListed__reverts() public {
        bytes4 refusal = IAutoVenue.AutoVenue_VenueNotListed.selector;
        vm.startPrank(GUARD);
        vm.expectRevert(abi.encodeWithSelector(refusal, address(usdt), address(weth), address(unlisted)));
        venue.removeVenue(address(usdt), address(weth), address(unlisted));
        vm.expectRevert(abi.encodeWithSelector(refusal, address(weth), address(usdt), address(first)));
        venue.removeVenue(address(weth), address(usdt), address(first));
    }

    function test_removeVenue__first__makesTheSecondTheDefault() public {
        address[] memory rest = new address[](1);
        rest[0] = address(second);
        vm.expectEmit(address(venue));
        emit IAutoVenue.VenuesSet(address(usdt), address(weth), rest);
        vm.prank(GUARD);
        venue.removeVenue(address(usdt), address(weth), address(first));
        _holds(rest);
        assertEq(venue.spot(address(usdt), address(weth), 10_000), 9_500, "its price");
    }

    function testFuzz_removeVenue__any__othersKeepTheirOrder(uint256 count, uint256 removed) public {
        count = bound(count, 1, 8);
        removed = bound(removed, 0, count - 1);
        address[] memory list = _many(count);
        venue.setVenues(address(usdt), address(weth), list);
        vm.prank(GUARD);
        venue.removeVenue(address(usdt), address(weth), list[removed]);
        address[] memory rest = new address[](count - 1);
        for (uint256 i = 0; i < rest.length; ++i) {
            rest[i] = list[i < removed ? i : i + 1];
        }
        _holds(rest);
    }

    function test_spot__several__isTheFirstOnes() public view {
        assertEq(venue.spot(address(usdt), address(weth), 10_000), 9_000, "the first");
    }

    function test_spot__none__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IAutoVenue.AutoVenue_NoVenue.selector, address(weth), address(usdt)));
        venue.spot(address(weth), address(usdt), 1);
    }

    function _many(uint256 count) internal returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = address(_newVenue(i));
        }
    }

    function _holds(address[] memory expected) internal view {
        address[] memory listed = venue.venuesOf(address(usdt), address(weth));
        assertTrue(keccak256(abi.encode(listed)) == keccak256(abi.encode(expected)), "venues");
    }
}
