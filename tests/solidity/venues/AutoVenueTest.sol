// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {AutoVenue} from "@ballast/venues/AutoVenue.sol";

import {ListedVenue} from "../doubles/ListedVenue.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Token} from "../doubles/Token.sol";
import {Test} from "../support/Test.sol";

/// @title Two venues from USDT to WETH, the second with a better price, and a third that is not listed
abstract contract AutoVenueTest is Test {
    uint64 internal constant CONFIGURATOR = 1;
    uint64 internal constant GUARDIAN = 2;
    uint256 internal constant STOCK = 1e30;
    address internal constant TRADER = address(0x7ADE);
    address internal constant RECEIVER = address(0x4ECE);
    address internal constant GUARD = address(0x64A4D);
    address internal constant OUTSIDER = address(0xBAD);

    AccessManager internal manager;
    AutoVenue internal venue;
    NoReturnToken internal usdt;
    Token internal weth;
    ListedVenue internal first;
    ListedVenue internal second;
    ListedVenue internal unlisted;

    function setUp() public virtual {
        manager = new AccessManager(address(this));
        manager.grantRole(CONFIGURATOR, address(this), 0);
        manager.grantRole(GUARDIAN, GUARD, 0);
        venue = new AutoVenue(address(manager));
        _permit(AutoVenue.setVenues.selector, CONFIGURATOR);
        _permit(AutoVenue.setTrader.selector, CONFIGURATOR);
        _permit(AutoVenue.removeVenue.selector, GUARDIAN);
        (usdt, weth) = (new NoReturnToken(), new Token("WETH", 18));
        (first, second, unlisted) = (_newVenue(9_000), _newVenue(9_500), _newVenue(10_000));
        venue.setVenues(address(usdt), address(weth), _list(address(first), address(second)));
        venue.setTrader(TRADER, true);
    }

    function _newVenue(uint256 rateBps) internal returns (ListedVenue made) {
        made = new ListedVenue(rateBps);
        weth.mint(address(made), STOCK);
    }

    function _permit(bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(address(venue), selectors, role);
    }

    function _list(address one, address two) internal pure returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (one, two);
    }

    function _named(ListedVenue named) internal pure returns (bytes memory) {
        return abi.encode(address(named), bytes("terms"));
    }
}
