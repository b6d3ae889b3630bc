// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IUniswapV3Venue} from "@ballast/interfaces/IUniswapV3Venue.sol";
import {UniswapV3Venue} from "@ballast/venues/UniswapV3Venue.sol";

import {Token} from "../doubles/Token.sol";
import {IFactory, IPool, UniswapV3} from "../support/UniswapV3.sol";

/// @title Marginal price along configured paths of Uniswap pools
/// @notice 3,000 USDT for a WETH and 20 WETH for a WBTC, so 60,000 USDT for a WBTC.
contract UniswapV3VenueSpotTest is UniswapV3 {
    uint256 private constant USD = 1e6;
    uint256 private constant BTC = 1e8;
    uint24 private constant FEE = 3_000;
    /// @dev Tolerance relative to a pool's price; the rounding of its root to 96 binary places is far smaller.
    uint256 private constant BILLION = 1e9;
    uint256 private constant X96 = 1 << 96;
    uint256 private constant X192 = 1 << 192;
    /// @dev Minimum and maximum root of a pool.
    uint256 private constant LEAST_ROOT = 4_295_128_739;
    uint256 private constant MOST_ROOT = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341;

    IFactory private factory;
    UniswapV3Venue private venue;
    Token private usdt;
    Token private weth;
    Token private wbtc;
    address private wethPool;

    function setUp() public {
        factory = deployFactory();
        venue = new UniswapV3Venue(address(new AccessManager(address(this))), address(factory));
        (usdt, weth, wbtc) = (new Token("USDT", 6), new Token("WETH", 18), new Token("WBTC", 8));
        usdt.mint(address(this), 1e20);
        weth.mint(address(this), 1e30);
        wbtc.mint(address(this), 1e20);
        wethPool = openPool(factory, address(usdt), address(weth), FEE, 30_000_000 * USD, 10_000e18);
        openPool(factory, address(weth), address(wbtc), FEE, 10_000e18, 500 * BTC);
        _connect(usdt, weth);
        _connect(weth, wbtc);
        venue.setPath(address(usdt), address(wbtc), _path(usdt, weth, wbtc));
        venue.setPath(address(wbtc), address(usdt), _path(wbtc, weth, usdt));
        venue.setTrader(address(this), true);
    }

    function test_spot__noPath__reverts() public {
        bytes4 refusal = IUniswapV3Venue.UniswapV3Venue_NoPath.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(usdt), address(this)));
        venue.spot(address(usdt), address(this), 1);
    }

    function test_spot__noPriceOrNoLiquidity__reverts() public {
        Token thin = new Token("THIN", 18);
        address pool = factory.createPool(address(usdt), address(thin), FEE);
        _connect(usdt, thin);
        vm.expectRevert(abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_NoSpot.selector, pool));
        venue.spot(address(usdt), address(thin), 1);
        IPool(pool).initialize(uint160(X96));
        vm.expectRevert(abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_NoSpot.selector, pool));
        venue.spot(address(usdt), address(thin), 1);
        thin.mint(address(this), 1e9);
        IPool(pool).mint(address(this), -60, 60, 1e9, abi.encode(address(usdt), address(thin)));
        assertEq(venue.spot(address(usdt), address(thin), 5), 5, "one for one");
    }

    function testFuzz_spot__oneHopOrTwo__isThePoolsPrice(uint256 dollars) public view {
        dollars = bound(dollars, 1, 1e12);
        uint256 amount = dollars * USD;
        _isClose(venue.spot(address(usdt), address(weth), amount), dollars * 1e18 / 3_000, "USDT to WETH");
        _isClose(venue.spot(address(weth), address(usdt), dollars * 1e18 / 3_000), amount, "WETH to USDT");
        _isClose(venue.spot(address(weth), address(wbtc), dollars * 1e18), dollars * BTC / 20, "WETH to WBTC");
        _isClose(venue.spot(address(wbtc), address(weth), dollars * BTC), dollars * 20e18, "WBTC to WETH");
        _isClose(venue.spot(address(usdt), address(wbtc), amount), amount * BTC / (60_000 * USD), "USDT to WBTC");
        _isClose(venue.spot(address(wbtc), address(usdt), dollars * BTC), dollars * 60_000 * USD, "WBTC to USDT");
        assertEq(venue.spot(address(usdt), address(wbtc), 0), 0, "nothing");
    }

    function testFuzz_spot__smallTrade__isItsOutputBeforeFees(uint256 amount, bool back) public {
        (Token from, Token to) = back ? (wbtc, usdt) : (usdt, wbtc);
        // Up to 600 dollars in pools of 30 million.
        amount = back ? bound(amount, BTC / 1_000, BTC / 100) : bound(amount, 60 * USD, 600 * USD);
        uint256 spot = venue.spot(address(from), address(to), amount);
        from.mint(address(venue), amount);
        uint256 out = venue.trade(address(from), address(to), amount, 0, address(0xBEEF), "");
        // Two fees of 0.3 %, and less than 0.01 % of price impact.
        assertLe(out, spot * 997 / 1_000 * 997 / 1_000 + 2, "at most the spot less fees");
        assertGe(out + 2, spot * 9_939 / 10_000, "and hardly less");
    }

    function test_spot__afterATrade__hasMoved() public {
        uint256 before = venue.spot(address(usdt), address(weth), 3_000 * USD);
        uint256 back = venue.spot(address(weth), address(usdt), 1e18);
        usdt.mint(address(venue), 3_000_000 * USD);
        venue.trade(address(usdt), address(weth), 3_000_000 * USD, 0, address(0xBEEF), "");
        // A tenth more USDT and a tenth less WETH: the price moves by a fifth.
        assertLe(venue.spot(address(usdt), address(weth), 3_000 * USD), before * 84 / 100, "WETH is dearer");
        assertGe(venue.spot(address(weth), address(usdt), 1e18), back * 119 / 100, "and sells for more");
    }

    function testFuzz_spot__anyPrice__isTheQuotient(uint256 root, uint256 amount, bool upper) public {
        root = upper ? bound(root, uint256(1 << 128), MOST_ROOT) : bound(root, LEAST_ROOT, type(uint128).max);
        amount = bound(amount, 0, type(uint96).max);
        bytes memory state = abi.encode(root, int24(0), uint16(0), uint16(1), uint16(1), uint8(0), true);
        vm.mockCall(wethPool, abi.encodeCall(IPool.slot0, ()), state);
        (address token0, address token1) =
            address(usdt) < address(weth) ? (address(usdt), address(weth)) : (address(weth), address(usdt));
        uint256 forth = venue.spot(token0, token1, amount);
        uint256 back = venue.spot(token1, token0, amount);
        if (upper) {
            // Rounded twice, once before a multiplication by root / 2**96.
            uint256 rough = Math.mulDiv(Math.mulDiv(amount, root, X96), root, X96);
            assertLe(rough, forth + 1, "forth, at least");
            assertLe(forth, rough + root / X96 + 1, "forth, at most");
            uint256 roughBack = Math.mulDiv(Math.mulDiv(amount, X96, root), X96, root);
            assertLe(roughBack, back + 1, "back, at least");
            assertLe(back, roughBack + 2, "back, at most");
        } else {
            _isQuotient(forth, amount, root * root, X192, "forth");
            _isQuotient(back, amount, X192, root * root, "back");
        }
    }

    /// @dev Checks `out <= amount * numerator / denominator < out + 1`, in 512 bits.
    function _isQuotient(uint256 out, uint256 amount, uint256 numerator, uint256 denominator, string memory what)
        internal
        pure
    {
        (uint256 high, uint256 low) = Math.mul512(amount, numerator);
        (uint256 floorHigh, uint256 floorLow) = Math.mul512(out, denominator);
        (uint256 nextHigh, uint256 nextLow) = Math.mul512(out + 1, denominator);
        assertTrue(floorHigh < high || (floorHigh == high && floorLow <= low), what);
        assertTrue(high < nextHigh || (high == nextHigh && low < nextLow), what);
    }

    /// @dev Compares to a billionth, and one unit for each hop.
    function _isClose(uint256 actual, uint256 expected, string memory what) internal pure {
        assertLe(actual, expected + expected / BILLION + 2, what);
        assertGe(actual + expected / BILLION + 2, expected, what);
    }

    function _connect(Token a, Token b) internal {
        venue.setPath(address(a), address(b), abi.encodePacked(address(a), FEE, address(b)));
        venue.setPath(address(b), address(a), abi.encodePacked(address(b), FEE, address(a)));
    }

    function _path(Token a, Token b, Token c) internal pure returns (bytes memory) {
        return abi.encodePacked(address(a), FEE, address(b), FEE, address(c));
    }
}
