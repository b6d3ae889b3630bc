// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {PriceOracle} from "@ballast/security/PriceOracle.sol";

import {Feed} from "../doubles/Feed.sol";
import {Token} from "../doubles/Token.sol";
import {Test} from "../support/Test.sol";

contract PriceOracleTest is Test {
    uint32 private constant HEARTBEAT = 1 hours;
    uint128 private constant MINIMUM = 100e8;
    uint128 private constant MAXIMUM = 100_000e8;
    uint256 private constant START = 1_750_000_000;

    PriceOracle private oracle;
    Token private usdc;
    Token private weth;
    Feed private usdcFeed;
    Feed private wethFeed;

    function setUp() public {
        vm.warp(START);
        // The test contract is the admin, whose role applies to every function without another role.
        oracle = new PriceOracle(address(new AccessManager(address(this))));
        (usdc, weth) = (new Token("USDC", 6), new Token("WETH", 18));
        (usdcFeed, wethFeed) = (new Feed(8, 1e8), new Feed(8, 3_000e8));
        oracle.setFeed(address(usdc), address(usdcFeed), HEARTBEAT, 0.95e8, 1.05e8);
        oracle.setFeed(address(weth), address(wethFeed), HEARTBEAT, MINIMUM, MAXIMUM);
    }

    function test_configuration__outsider__reverts() public {
        bytes memory refusal = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0xBAD));
        vm.startPrank(address(0xBAD));
        vm.expectRevert(refusal);
        oracle.setFeed(address(weth), address(wethFeed), HEARTBEAT, MINIMUM, MAXIMUM);
        vm.expectRevert(refusal);
        oracle.removeFeed(address(weth));
        vm.expectRevert(refusal);
        oracle.setSequencerFeed(address(0), 0);
        vm.expectRevert(refusal);
        oracle.tightenFeed(address(weth), HEARTBEAT, MINIMUM, MAXIMUM);
    }

    function test_setFeed__sound__storesDecimalsAndEmits() public {
        Token token = new Token("WBTC", 8);
        Feed feed = new Feed(18, 60_000e18);
        vm.expectEmit(address(oracle));
        emit IPriceOracle.FeedSet(address(token), address(feed), HEARTBEAT, 1e18, 1e24);
        oracle.setFeed(address(token), address(feed), HEARTBEAT, 1e18, 1e24);
        IPriceOracle.Feed memory stored = oracle.feedOf(address(token));
        assertEq(stored.aggregator, address(feed), "aggregator");
        assertEq(stored.feedDecimals, 18, "feed's decimals");
        assertEq(stored.tokenDecimals, 8, "token's decimals");
    }

    function test_setFeed__unsound__reverts() public {
        _refuses(address(0xE0A), address(wethFeed), HEARTBEAT, MINIMUM, MAXIMUM);
        _refuses(address(weth), address(0xE0A), HEARTBEAT, MINIMUM, MAXIMUM);
        _refuses(address(weth), address(wethFeed), 0, MINIMUM, MAXIMUM);
        _refuses(address(weth), address(wethFeed), HEARTBEAT, 0, MAXIMUM);
        _refuses(address(weth), address(wethFeed), HEARTBEAT, MAXIMUM, MAXIMUM);
        _refuses(address(weth), address(new Feed(19, 1)), HEARTBEAT, MINIMUM, MAXIMUM);
        _refuses(address(new Token("BIG", 19)), address(wethFeed), HEARTBEAT, MINIMUM, MAXIMUM);
    }

    function test_tightenFeed__unknown__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IPriceOracle.PriceOracle_UnknownToken.selector, address(this)));
        oracle.tightenFeed(address(this), HEARTBEAT, MINIMUM, MAXIMUM);
    }

    function test_tightenFeed__looser__reverts() public {
        _refusesTightening(0, MINIMUM, MAXIMUM);
        _refusesTightening(HEARTBEAT + 1, MINIMUM, MAXIMUM);
        _refusesTightening(HEARTBEAT, MINIMUM - 1, MAXIMUM);
        _refusesTightening(HEARTBEAT, MINIMUM, MAXIMUM + 1);
        _refusesTightening(HEARTBEAT, MAXIMUM, MAXIMUM);
    }

    function test_tightenFeed__tighter__storesAndEmits() public {
        oracle.tightenFeed(address(weth), HEARTBEAT, MINIMUM, MAXIMUM);
        vm.expectEmit(address(oracle));
        emit IPriceOracle.FeedSet(address(weth), address(wethFeed), 1, MINIMUM + 1, MAXIMUM - 1);
        oracle.tightenFeed(address(weth), 1, MINIMUM + 1, MAXIMUM - 1);
        IPriceOracle.Feed memory stored = oracle.feedOf(address(weth));
        assertEq(stored.aggregator, address(wethFeed), "aggregator");
        assertEq(stored.heartbeat, 1, "heartbeat");
        assertEq(stored.feedDecimals, 8, "feed's decimals");
        assertEq(stored.tokenDecimals, 18, "token's decimals");
        assertEq(stored.minimum, MINIMUM + 1, "minimum");
        assertEq(stored.maximum, MAXIMUM - 1, "maximum");
    }

    function testFuzz_tightenFeed__anything__believesNothingNew(
        uint32 heartbeat,
        uint128 minimum,
        uint128 maximum,
        uint128 answer,
        uint32 age
    ) public {
        heartbeat = uint32(bound(heartbeat, 0, 2 * HEARTBEAT));
        minimum = uint128(bound(minimum, 0, 2 * MAXIMUM));
        maximum = uint128(bound(maximum, 0, 2 * MAXIMUM));
        wethFeed.setRound(int256(bound(answer, 0, 2 * MAXIMUM)), START, START);
        vm.warp(START + bound(age, 0, 2 * HEARTBEAT));
        bool before = _believed();
        try oracle.tightenFeed(address(weth), heartbeat, minimum, maximum) {
            assertTrue(before || !_believed(), "a new belief");
        } catch {
            assertTrue(before == _believed(), "refused, and yet changed");
        }
    }

    function test_removeFeed__known__forgetsAndEmits() public {
        vm.expectEmit(address(oracle));
        emit IPriceOracle.FeedRemoved(address(weth));
        oracle.removeFeed(address(weth));
        assertEq(oracle.feedOf(address(weth)).aggregator, address(0), "aggregator");
        vm.expectRevert(abi.encodeWithSelector(IPriceOracle.PriceOracle_UnknownToken.selector, address(weth)));
        oracle.price(address(weth));
    }

    function test_removeFeed__unknown__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IPriceOracle.PriceOracle_UnknownToken.selector, address(this)));
        oracle.removeFeed(address(this));
    }

    function test_setSequencerFeed__noCode__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IPriceOracle.PriceOracle_InvalidFeed.selector, address(0xE0A)));
        oracle.setSequencerFeed(address(0xE0A), 1 hours);
    }

    function test_setSequencerFeed__zero__asksNobody() public {
        Feed down = new Feed(0, 1);
        oracle.setSequencerFeed(address(down), 1 hours);
        vm.expectEmit(address(oracle));
        emit IPriceOracle.SequencerFeedSet(address(0), 0);
        oracle.setSequencerFeed(address(0), 0);
        oracle.price(address(weth));
    }

    function test_price__good__hasEighteenDecimals() public view {
        (uint256 priceWad, uint256 updatedAt) = oracle.price(address(weth));
        assertEq(priceWad, 3_000e18, "price");
        assertEq(updatedAt, START, "date");
    }

    function test_price__zeroOrNegative__reverts() public {
        int256[2] memory answers = [int256(0), -1];
        for (uint256 i = 0; i < answers.length; ++i) {
            wethFeed.set(answers[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IPriceOracle.PriceOracle_InvalidPrice.selector, address(weth), answers[i])
            );
            oracle.price(address(weth));
        }
    }

    function test_price__age__heartbeatIsTheLastGoodSecond() public {
        vm.warp(START + HEARTBEAT);
        oracle.price(address(weth));
        vm.warp(START + HEARTBEAT + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IPriceOracle.PriceOracle_StalePrice.selector, address(weth), START, HEARTBEAT)
        );
        oracle.price(address(weth));
    }

    function test_price__undatedOrFuture__reverts() public {
        uint256[2] memory dates = [uint256(0), START + 1];
        for (uint256 i = 0; i < dates.length; ++i) {
            wethFeed.setRound(3_000e8, START, dates[i]);
            vm.expectPartialRevert(IPriceOracle.PriceOracle_StalePrice.selector);
            oracle.price(address(weth));
        }
    }

    function test_price__bounds__areInclusive() public {
        wethFeed.set(int256(uint256(MINIMUM)));
        oracle.price(address(weth));
        wethFeed.set(int256(uint256(MAXIMUM)));
        oracle.price(address(weth));
        _outOfBounds(int256(uint256(MINIMUM)) - 1);
        _outOfBounds(int256(uint256(MAXIMUM)) + 1);
    }

    function test_price__sequencerDownOrWithoutRound__reverts() public {
        Feed sequencer = new Feed(0, 1);
        oracle.setSequencerFeed(address(sequencer), 1 hours);
        vm.expectRevert(IPriceOracle.PriceOracle_SequencerDown.selector);
        oracle.price(address(weth));
        uint256[3] memory dates = [uint256(0), START + 1, type(uint256).max];
        for (uint256 i = 0; i < dates.length; ++i) {
            sequencer.setRound(0, dates[i], START);
            vm.expectRevert(IPriceOracle.PriceOracle_SequencerDown.selector);
            oracle.convert(address(weth), address(usdc), 1);
        }
    }

    function test_price__sequencerBackAgain__waitsForTheGracePeriod() public {
        Feed sequencer = new Feed(0, 0);
        oracle.setSequencerFeed(address(sequencer), 30 minutes);
        (address aggregator, uint32 grace) = oracle.sequencerFeed();
        assertEq(aggregator, address(sequencer), "sequencer feed");
        assertEq(grace, 30 minutes, "grace");
        vm.warp(START + 30 minutes);
        vm.expectRevert(
            abi.encodeWithSelector(IPriceOracle.PriceOracle_SequencerGracePeriod.selector, START + 30 minutes)
        );
        oracle.price(address(weth));
        vm.warp(START + 30 minutes + 1);
        oracle.price(address(weth));
    }

    function test_convert__sameToken__needsNoPrice() public view {
        assertEq(oracle.convert(address(this), address(this), 5), 5, "amount");
    }

    function test_convert__oneBadPrice__reverts() public {
        usdcFeed.set(0);
        vm.expectPartialRevert(IPriceOracle.PriceOracle_InvalidPrice.selector);
        oracle.convert(address(weth), address(usdc), 1e18);
    }

    function test_convert__wethToUsdc__crossesDecimals() public {
        assertEq(oracle.convert(address(weth), address(usdc), 1e18), 3_000e6, "to USDC");
        assertEq(oracle.convert(address(usdc), address(weth), 3_000e6), 1e18, "to WETH");
        // 1 USDC / 3000 in whole WETH, 333333333333333.33 base units.
        assertEq(oracle.convert(address(usdc), address(weth), 1e6), 333_333_333_333_333, "rounded down");
        Feed fine = new Feed(18, 3_000e18);
        oracle.setFeed(address(weth), address(fine), HEARTBEAT, 1, type(uint128).max);
        assertEq(oracle.convert(address(weth), address(usdc), 1e18), 3_000e6, "feed with 18 decimals");
    }

    function testFuzz_convert__thereAndBack__neverGains(uint128 amount, uint256 answer) public {
        wethFeed.set(int256(bound(answer, MINIMUM, MAXIMUM)));
        uint256 there = oracle.convert(address(weth), address(usdc), amount);
        assertLe(oracle.convert(address(usdc), address(weth), there), amount, "back");
    }

    function testFuzz_convert__anyAmount__isTheExactQuotientRoundedDown(uint128 amount, uint256 answer) public {
        answer = bound(answer, MINIMUM, MAXIMUM);
        wethFeed.set(int256(answer));
        // amount / 1e18 whole WETH * answer / 1e8 dollars * 1e6 units of USDC at one dollar.
        uint256 exact = uint256(amount) * answer / 1e20;
        assertEq(oracle.convert(address(weth), address(usdc), amount), exact, "USDC");
    }

    function _believed() internal view returns (bool) {
        try oracle.price(address(weth)) {
            return true;
        } catch {
            return false;
        }
    }

    function _refusesTightening(uint32 heartbeat, uint128 minimum, uint128 maximum) internal {
        vm.expectRevert(abi.encodeWithSelector(IPriceOracle.PriceOracle_NotTighter.selector, address(weth)));
        oracle.tightenFeed(address(weth), heartbeat, minimum, maximum);
    }

    function _outOfBounds(int256 answer) internal {
        wethFeed.set(answer);
        bytes4 selector = IPriceOracle.PriceOracle_PriceOutOfBounds.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(weth), answer, MINIMUM, MAXIMUM));
        oracle.price(address(weth));
    }

    function _refuses(address token, address aggregator, uint32 heartbeat, uint128 minimum, uint128 maximum) internal {
        vm.expectRevert(abi.encodeWithSelector(IPriceOracle.PriceOracle_InvalidFeed.selector, token));
        oracle.setFeed(token, aggregator, heartbeat, minimum, maximum);
    }
}
