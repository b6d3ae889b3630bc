// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IOtcVenue} from "@ballast/interfaces/IOtcVenue.sol";
import {PriceOracle} from "@ballast/security/PriceOracle.sol";
import {OtcVenue} from "@ballast/venues/OtcVenue.sol";

import {Feed} from "../doubles/Feed.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Token} from "../doubles/Token.sol";
import {Test} from "../support/Test.sol";

/// @title Cheat codes used only by the tests of signed quotes
interface IQuoteVm {
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function addr(uint256 key) external pure returns (address);
    function chainId(uint256 id) external;
}

/// @title Venue with a desk that sells WETH for USDT at 3,000 and has approved the venue, and a trader
abstract contract OtcVenueTest is Test {
    IQuoteVm internal constant cheats = IQuoteVm(address(vm));
    uint256 internal constant START = 1_750_000_000;
    uint256 internal constant USD = 1e6;
    uint64 internal constant CONFIGURATOR = 1;
    uint64 internal constant GUARDIAN = 2;
    uint32 internal constant HEARTBEAT = 1 hours;
    uint256 internal constant DESK_KEY = 0xDE5C;
    uint256 internal constant STRANGER_KEY = 0xBAD;
    address internal constant TRADER = address(0x7ADE);
    address internal constant RECEIVER = address(0x4ECE);
    address internal constant GUARD = address(0x64A4D);
    address internal constant OUTSIDER = address(0xBAD);

    address internal immutable desk = cheats.addr(DESK_KEY);

    AccessManager internal manager;
    PriceOracle internal oracle;
    OtcVenue internal venue;
    NoReturnToken internal usdt;
    Token internal weth;
    Feed internal usdtFeed;
    Feed internal wethFeed;

    function setUp() public virtual {
        vm.warp(START);
        manager = new AccessManager(address(this));
        manager.grantRole(CONFIGURATOR, address(this), 0);
        manager.grantRole(GUARDIAN, GUARD, 0);
        oracle = new PriceOracle(address(manager));
        (usdt, weth) = (new NoReturnToken(), new Token("WETH", 18));
        (usdtFeed, wethFeed) = (new Feed(8, 1e8), new Feed(8, 3_000e8));
        oracle.setFeed(address(usdt), address(usdtFeed), HEARTBEAT, 1, type(uint64).max);
        oracle.setFeed(address(weth), address(wethFeed), HEARTBEAT, 1, type(uint64).max);
        venue = _deployVenue();
        venue.setDesk(desk, true);
        venue.setTrader(TRADER, true);
        weth.mint(desk, 1e30);
        vm.prank(desk);
        weth.approve(address(venue), type(uint256).max);
    }

    function _deployVenue() internal returns (OtcVenue deployed) {
        deployed = new OtcVenue(address(manager), address(oracle));
        bytes4[] memory selectors = new bytes4[](3);
        (selectors[0], selectors[1], selectors[2]) =
        (OtcVenue.setDesk.selector, OtcVenue.setTrader.selector, OtcVenue.setMaxLoss.selector);
        manager.setTargetFunctionRole(address(deployed), selectors, CONFIGURATOR);
        selectors = new bytes4[](2);
        (selectors[0], selectors[1]) = (OtcVenue.removeDesk.selector, OtcVenue.lowerMaxLoss.selector);
        manager.setTargetFunctionRole(address(deployed), selectors, GUARDIAN);
    }

    /// @dev Quote of 3,000 USDT for one WETH, valid only in this second.
    function _quote() internal view returns (IOtcVenue.Quote memory) {
        return IOtcVenue.Quote({
            desk: desk,
            trader: TRADER,
            tokenIn: address(usdt),
            tokenOut: address(weth),
            amountIn: 3_000 * USD,
            amountOut: 1e18,
            nonce: 0,
            deadline: START
        });
    }

    function _signed(IOtcVenue.Quote memory quote) internal view returns (bytes memory) {
        return _signedBy(quote, DESK_KEY);
    }

    function _signedBy(IOtcVenue.Quote memory quote, uint256 key) internal view returns (bytes memory) {
        return abi.encode(quote, _rsv(venue.hashOf(quote), key));
    }

    function _rsv(bytes32 digest, uint256 key) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Sends the input to the venue and trades by the quote.
    function _trade(IOtcVenue.Quote memory quote) internal returns (uint256) {
        return _trade(quote, _signed(quote));
    }

    function _trade(IOtcVenue.Quote memory quote, bytes memory data) internal returns (uint256) {
        Token(quote.tokenIn).mint(address(venue), quote.amountIn);
        vm.prank(TRADER);
        return venue.trade(quote.tokenIn, quote.tokenOut, quote.amountIn, 0, RECEIVER, data);
    }

    /// @dev Expects that a trade of 3,000 USDT for WETH is refused.
    function _refuses(bytes memory data, bytes memory refusal) internal {
        vm.prank(TRADER);
        vm.expectRevert(refusal);
        venue.trade(address(usdt), address(weth), 3_000 * USD, 0, RECEIVER, data);
    }
}
