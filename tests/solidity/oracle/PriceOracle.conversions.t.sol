// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {IAggregatorV3} from "@ballast/interfaces/external/IAggregatorV3.sol";
import {PriceOracle} from "@ballast/security/PriceOracle.sol";

import {Feed} from "../doubles/Feed.sol";
import {MoodyFeed} from "../doubles/MoodyFeed.sol";
import {Token} from "../doubles/Token.sol";
import {Test} from "../support/Test.sol";

interface IEtch {
    function etch(address account, bytes calldata code) external;
}

/// @title Tests of conversions that may fail and of exact prices of base units
contract PriceOracleConversionsTest is Test {
    uint32 private constant HEARTBEAT = 1 hours;
    uint256 private constant START = 1_750_000_000;
    /// @dev Upper bound of a conversion's gas: the oracle's own bound and a small margin.
    uint256 private constant MOST_GAS = 320_000;

    PriceOracle private oracle;
    Token private usdc;
    Token private weth;
    Feed private usdcFeed;
    Feed private wethFeed;

    function setUp() public {
        vm.warp(START);
        oracle = new PriceOracle(address(new AccessManager(address(this))));
        (usdc, weth) = (new Token("USDC", 6), new Token("WETH", 18));
        (usdcFeed, wethFeed) = (new Feed(8, 1e8), new Feed(8, 3_000e8));
        _setFeed(usdc, address(usdcFeed));
        _setFeed(weth, address(wethFeed));
    }

    function testFuzz_tryConvert__goodPrices__isConvert(uint256 amount, uint128 answer) public {
        amount = bound(amount, 0, type(uint192).max);
        wethFeed.set(int256(bound(answer, 1, type(uint64).max)));
        (bool good, uint256 value) = oracle.tryConvert(address(weth), address(usdc), amount);
        assertTrue(good, "good");
        assertEq(value, oracle.convert(address(weth), address(usdc), amount), "value");
        (good, value) = oracle.tryConvert(address(this), address(this), amount);
        assertTrue(good, "the same token needs no price");
        assertEq(value, amount, "the same amount");
    }

    function test_tryConvert__badPrices__isNotGood() public {
        _isNotGood(address(this), address(usdc), 1e18, "from an unknown token");
        _isNotGood(address(weth), address(this), 1e18, "to an unknown token");
        wethFeed.set(0);
        _isNotGood("zero");
        wethFeed.set(-1);
        _isNotGood("negative");
        wethFeed.set(type(int256).max);
        _isNotGood("out of bounds");
        wethFeed.setRound(3_000e8, START, START - HEARTBEAT - 1);
        _isNotGood("stale");
        wethFeed.set(3_000e8);
        usdcFeed.set(0);
        _isNotGood("the other one's");
    }

    function test_tryConvert__sequencer__isNotGood() public {
        Feed sequencer = new Feed(0, 1);
        oracle.setSequencerFeed(address(sequencer), 1 hours);
        _isNotGood("down");
        sequencer.set(0);
        _isNotGood("grace period");
        sequencer.setRound(0, type(uint256).max, START);
        _isNotGood("dated beyond all times");
        sequencer.setRound(0, START - 1 hours - 1, START);
        (bool good,) = oracle.tryConvert(address(weth), address(usdc), 1e18);
        assertTrue(good, "past it");
    }

    function test_tryConvert__tooMuch__isNotGood() public view {
        _isNotGood(address(usdc), address(weth), type(uint256).max, "does not fit");
    }

    function test_tryConvert__deadFeeds__isNotGoodForABoundedPrice() public {
        MoodyFeed feed = new MoodyFeed(3_000e8);
        for (uint256 which = 0; which < 3; ++which) {
            if (which == 0) _setFeed(weth, address(feed));
            else if (which == 1) _setFeed(usdc, address(feed));
            else oracle.setSequencerFeed(address(feed), 0);
            for (uint8 mood = 1; mood <= uint8(type(MoodyFeed.Mood).max); ++mood) {
                feed.setMood(MoodyFeed.Mood(mood));
                uint256 before = gasleft();
                _isNotGood("dead");
                assertLe(before - gasleft(), MOST_GAS, "gas");
            }
            feed.setMood(MoodyFeed.Mood.Honest);
        }
        oracle.setSequencerFeed(address(0), 0);
        (bool good,) = oracle.tryConvert(address(weth), address(usdc), 1e18);
        assertTrue(good, "alive");
        IEtch(address(vm)).etch(address(feed), "");
        _isNotGood("no code");
    }

    /// @dev With any amount of gas a fresh price is either good or there is no answer. Two expensive feeds (10,000 gas
    /// each) make the gas run out inside the conversion.
    function test_tryConvert__littleGas__neverSaysStaleOfFresh() public {
        _setFeed(weth, address(new DistantFeed(3_000e8)));
        _setFeed(usdc, address(new DistantFeed(1e8)));
        uint256 refused = 0;
        uint256 answered = 0;
        for (uint256 gas = 5_000; gas < 400_000; gas += 2_500) {
            try oracle.tryConvert{gas: gas}(address(weth), address(usdc), 1e18) returns (bool good, uint256 value) {
                assertTrue(good, "stale for want of gas");
                assertEq(value, 3_000e6, "value");
                ++answered;
            } catch {
                ++refused;
            }
        }
        assertGe(answered, 1, "answered");
        assertGe(refused, 1, "refused");
    }

    /// @dev The last 64th of the gas stays with the caller; here it would suffice to return a wrong answer.
    function test_tryConvert__littleGas__isRefusedByName() public {
        MoodyFeed feed = new MoodyFeed(3_000e8);
        feed.setMood(MoodyFeed.Mood.BurnsGas);
        _setFeed(weth, address(feed));
        vm.expectRevert(IPriceOracle.PriceOracle_InsufficientGas.selector);
        oracle.tryConvert{gas: 300_000}(address(weth), address(usdc), 1e18);
        (bool good,) = oracle.tryConvert{gas: 320_000}(address(weth), address(usdc), 1e18);
        assertFalse(good, "enough gas to tell");
    }

    function test_unitPrice__badPriceOrSequencer__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IPriceOracle.PriceOracle_UnknownToken.selector, address(this)));
        oracle.unitPrice(address(this));
        wethFeed.set(0);
        vm.expectPartialRevert(IPriceOracle.PriceOracle_InvalidPrice.selector);
        oracle.unitPrice(address(weth));
        vm.expectPartialRevert(IPriceOracle.PriceOracle_InvalidPrice.selector);
        oracle.unitPrices(_pair());
        oracle.setSequencerFeed(address(new Feed(0, 1)), 1 hours);
        vm.expectRevert(IPriceOracle.PriceOracle_SequencerDown.selector);
        oracle.unitPrice(address(usdc));
        vm.expectRevert(IPriceOracle.PriceOracle_SequencerDown.selector);
        oracle.unitPrices(new address[](0));
    }

    function test_unitPrice__known__isOnOneScale() public view {
        // 1e-6 USDC at a dollar, and 1e-18 WETH at 3,000 dollars, in 1e-36 dollars.
        assertEq(oracle.unitPrice(address(usdc)), 1e30, "USDC");
        assertEq(oracle.unitPrice(address(weth)), 3_000e18, "WETH");
        uint256[] memory prices = oracle.unitPrices(_pair());
        assertEq(prices.length, 2, "two");
        assertEq(prices[0], 3_000e18, "WETH first");
        assertEq(prices[1], 1e30, "USDC second");
    }

    function test_unitPrices__sequencer__isAskedOnce() public {
        Feed sequencer = new Feed(0, 0);
        vm.warp(START + 1);
        oracle.setSequencerFeed(address(sequencer), 0);
        vm.expectCall(address(sequencer), abi.encodeCall(IAggregatorV3.latestRoundData, ()), 1);
        oracle.unitPrices(_pair());
    }

    function testFuzz_unitPrice__anyDecimals__isExactAndWhatConvertUses(
        uint8 feedDecimals,
        uint8 tokenDecimals,
        uint128 answer,
        uint128 amount
    ) public {
        (feedDecimals, tokenDecimals) = (uint8(bound(feedDecimals, 0, 18)), uint8(bound(tokenDecimals, 0, 18)));
        answer = uint128(bound(answer, 1, type(uint128).max - 1));
        Token token = new Token("ANY", tokenDecimals);
        Feed feed = new Feed(feedDecimals, int256(uint256(answer)));
        oracle.setFeed(address(token), address(feed), HEARTBEAT, 1, type(uint128).max);
        uint256 unit = oracle.unitPrice(address(token));
        assertEq(unit, uint256(answer) * 10 ** (36 - feedDecimals - tokenDecimals), "unit price");
        (uint256 priceWad,) = oracle.price(address(token));
        assertEq(unit, priceWad * 10 ** (18 - tokenDecimals), "of the price");
        (bool good, uint256 value) = oracle.tryConvert(address(weth), address(token), amount);
        assertTrue(good, "good");
        assertEq(value, Math.mulDiv(amount, 3_000e18, unit), "quotient");
    }

    function _isNotGood(string memory what) internal view {
        _isNotGood(address(weth), address(usdc), 1e18, what);
    }

    function _isNotGood(address from, address to, uint256 amount, string memory what) internal view {
        (bool good, uint256 value) = oracle.tryConvert(from, to, amount);
        assertFalse(good, what);
        assertEq(value, 0, what);
    }

    function _setFeed(Token token, address feed) internal {
        oracle.setFeed(address(token), feed, HEARTBEAT, 1, type(uint64).max);
    }

    function _pair() internal view returns (address[] memory tokens) {
        tokens = new address[](2);
        (tokens[0], tokens[1]) = (address(weth), address(usdc));
    }
}

/// @title Good feed whose answer costs gas
contract DistantFeed is Feed {
    uint256 private constant DISTANCE = 100;

    constructor(int256 answer_) Feed(8, answer_) {}

    function latestRoundData() public view override returns (uint80, int256, uint256, uint256, uint80) {
        bytes32 hash;
        for (uint256 i = 0; i < DISTANCE; ++i) {
            hash = keccak256(abi.encode(hash));
        }
        return hash == 0 ? (uint80(0), int256(0), 0, 0, uint80(0)) : super.latestRoundData();
    }
}
