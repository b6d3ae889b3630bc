// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IUniswapV3Venue} from "@ballast/interfaces/IUniswapV3Venue.sol";
import {AutoVenue} from "@ballast/venues/AutoVenue.sol";
import {UniswapV3Venue} from "@ballast/venues/UniswapV3Venue.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Token} from "../doubles/Token.sol";
import {IFactory, UniswapV3} from "../support/UniswapV3.sol";

/// @title Two venues on Uniswap pools: the first with a higher fee than the second
contract AutoVenuePoolsTest is UniswapV3 {
    uint256 private constant USD = 1e6;
    uint256 private constant START = 1_750_000_000;
    uint24 private constant DEAR = 3_000;
    uint24 private constant CHEAP = 500;
    address private immutable trader = address(0x7ADE);
    address private immutable receiver = address(0x4ECE);

    AccessManager private manager;
    IFactory private factory;
    AutoVenue private venue;
    UniswapV3Venue private first;
    UniswapV3Venue private second;
    NoReturnToken private usdt;
    Token private weth;

    function setUp() public {
        vm.warp(START);
        manager = new AccessManager(address(this));
        factory = deployFactory();
        (usdt, weth) = (new NoReturnToken(), new Token("WETH", 18));
        usdt.mint(address(this), 1e18);
        weth.mint(address(this), 1e30);
        venue = new AutoVenue(address(manager));
        (first, second) = (_newVenue(DEAR), _newVenue(CHEAP));
        address[] memory list = new address[](2);
        (list[0], list[1]) = (address(first), address(second));
        venue.setVenues(address(usdt), address(weth), list);
        venue.setTrader(trader, true);
    }

    function test_trade__secondIsBetterAndNamed__paysMoreThanTheDefault() public {
        uint256 unnamed = _trade(30_000 * USD, "");
        uint256 named = _trade(30_000 * USD, abi.encode(address(second), abi.encode(START, _path(CHEAP))));
        // The pools differ only in the fee: 0.25 % of ten WETH.
        assertGe(named - unnamed, 0.024e18, "better");
        assertEq(weth.balanceOf(receiver), unnamed + named, "received");
        assertEq(usdt.balanceOf(address(venue)) + usdt.balanceOf(address(second)), 0, "USDT left");
        assertEq(weth.balanceOf(address(venue)) + weth.balanceOf(address(second)), 0, "WETH left");
    }

    function test_trade__namedWithoutTerms__goesTheVenuesPath() public {
        assertGe(_trade(30_000 * USD, abi.encode(address(second), bytes(""))), 9.97e18, "the cheap pool");
    }

    function test_trade__termsOfTheOtherVenue__reverts() public {
        usdt.mint(address(venue), 1 * USD);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_PathNotAllowed.selector, _path(DEAR)));
        venue.trade(
            address(usdt),
            address(weth),
            1 * USD,
            0,
            receiver,
            abi.encode(address(second), abi.encode(START, _path(DEAR)))
        );
    }

    function test_trade__notAdmittedAtTheVenue__reverts() public {
        second.setTrader(address(venue), false);
        usdt.mint(address(venue), 1 * USD);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_NotTrader.selector, address(venue)));
        venue.trade(address(usdt), address(weth), 1 * USD, 0, receiver, abi.encode(address(second), bytes("")));
    }

    function testFuzz_spot__afterAnyTrade__isTheFirstVenues(uint256 amount) public {
        _trade(bound(amount, 1 * USD, 10_000_000 * USD), "");
        uint256 spot = venue.spot(address(usdt), address(weth), 3_000 * USD);
        assertEq(spot, first.spot(address(usdt), address(weth), 3_000 * USD), "the first");
        assertTrue(spot < second.spot(address(usdt), address(weth), 3_000 * USD), "which has moved");
    }

    function _newVenue(uint24 fee) internal returns (UniswapV3Venue made) {
        openPool(factory, address(usdt), address(weth), fee, 30_000_000 * USD, 10_000e18);
        made = new UniswapV3Venue(address(manager), address(factory));
        made.setPath(address(usdt), address(weth), _path(fee));
        made.setTrader(address(venue), true);
    }

    function _trade(uint256 amount, bytes memory data) internal returns (uint256) {
        usdt.mint(address(venue), amount);
        vm.prank(trader);
        return venue.trade(address(usdt), address(weth), amount, 0, receiver, data);
    }

    function _path(uint24 fee) internal view returns (bytes memory) {
        return abi.encodePacked(address(usdt), fee, address(weth));
    }
}
