// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IOtcVenue} from "@ballast/interfaces/IOtcVenue.sol";
import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {OtcVenue} from "@ballast/venues/OtcVenue.sol";

import {CallingToken} from "../doubles/CallingToken.sol";
import {FeeOnTransferToken} from "../doubles/FeeOnTransferToken.sol";
import {Token} from "../doubles/Token.sol";
import {MoodySigner} from "../ledger/MoodySigner.sol";
import {OtcVenueTest} from "./OtcVenueTest.sol";

contract OtcVenueTradeTest is OtcVenueTest {
    function test_trade__notTrader__reverts() public {
        IOtcVenue.Quote memory quote = _quote();
        quote.trader = OUTSIDER;
        bytes memory data = _signed(quote);
        usdt.mint(address(venue), 3_000 * USD);
        vm.prank(OUTSIDER);
        vm.expectRevert(abi.encodeWithSelector(IOtcVenue.OtcVenue_NotTrader.selector, OUTSIDER));
        venue.trade(address(usdt), address(weth), 3_000 * USD, 0, OUTSIDER, data);
    }

    function test_trade__good__exchangesAndEmits() public {
        bytes memory data = _signed(_quote());
        usdt.mint(address(venue), 3_000 * USD + 7);
        vm.expectEmit(address(venue));
        emit IOtcVenue.Traded(desk, 0, TRADER, address(usdt), address(weth), 3_000 * USD, 1e18, RECEIVER);
        vm.prank(TRADER);
        uint256 out = venue.trade(address(usdt), address(weth), 3_000 * USD, 0, RECEIVER, data);
        assertEq(out, 1e18, "out");
        assertEq(usdt.balanceOf(desk), 3_000 * USD, "the desk is paid");
        assertEq(weth.balanceOf(RECEIVER), 1e18, "the receiver has the output");
        assertEq(usdt.balanceOf(address(venue)), 7, "a gift stays where it is");
        assertTrue(venue.isNonceUsed(desk, 0), "used");
        assertFalse(venue.isNonceUsed(desk, 1), "no other");
    }

    function test_trade__otherTerms__reverts() public {
        usdt.mint(address(venue), 3_000 * USD);
        IOtcVenue.Quote memory quote = _quote();
        quote.tokenIn = address(weth);
        bytes4 refusal = IOtcVenue.OtcVenue_OtherTokens.selector;
        _refuses(_signed(quote), abi.encodeWithSelector(refusal, address(weth), address(weth)));
        quote = _quote();
        quote.tokenOut = address(usdt);
        _refuses(_signed(quote), abi.encodeWithSelector(refusal, address(usdt), address(usdt)));
        quote = _quote();
        quote.trader = OUTSIDER;
        refusal = IOtcVenue.OtcVenue_OtherTrader.selector;
        _refuses(_signed(quote), abi.encodeWithSelector(refusal, OUTSIDER, TRADER));
    }

    function test_trade__otherAmount__isNotTakenInPart() public {
        usdt.mint(address(venue), 3_000 * USD);
        IOtcVenue.Quote memory quote = _quote();
        bytes4 refusal = IOtcVenue.OtcVenue_OtherAmount.selector;
        quote.amountIn = 3_000 * USD + 1;
        _refuses(_signed(quote), abi.encodeWithSelector(refusal, 3_000 * USD + 1, 3_000 * USD));
        quote.amountIn = 3_000 * USD - 1;
        _refuses(_signed(quote), abi.encodeWithSelector(refusal, 3_000 * USD - 1, 3_000 * USD));
    }

    function test_trade__minimum__isGoodToTheUnit() public {
        usdt.mint(address(venue), 3_000 * USD);
        bytes memory data = _signed(_quote());
        vm.startPrank(TRADER);
        vm.expectRevert(abi.encodeWithSelector(IOtcVenue.OtcVenue_BelowMinimum.selector, 1e18, 1e18 + 1));
        venue.trade(address(usdt), address(weth), 3_000 * USD, 1e18 + 1, RECEIVER, data);
        assertEq(venue.trade(address(usdt), address(weth), 3_000 * USD, 1e18, RECEIVER, data), 1e18, "out");
    }

    function test_trade__deadline__isTheLastGoodSecond() public {
        IOtcVenue.Quote memory quote = _quote();
        _trade(quote);
        quote.nonce = 1;
        vm.warp(START + 1);
        _refuses(_signed(quote), abi.encodeWithSelector(IOtcVenue.OtcVenue_Expired.selector, START));
    }

    function test_trade__unknownDesk__reverts() public {
        IOtcVenue.Quote memory quote = _quote();
        quote.desk = cheats.addr(STRANGER_KEY);
        bytes memory refusal = abi.encodeWithSelector(IOtcVenue.OtcVenue_NotDesk.selector, quote.desk);
        _refuses(_signedBy(quote, STRANGER_KEY), refusal);
    }

    function test_trade__usedNonce__reverts() public {
        IOtcVenue.Quote memory quote = _quote();
        _trade(quote);
        usdt.mint(address(venue), 3_000 * USD);
        bytes4 refusal = IOtcVenue.OtcVenue_NonceUsed.selector;
        _refuses(_signed(quote), abi.encodeWithSelector(refusal, desk, 0));
        quote.amountOut = 2e18;
        _refuses(_signed(quote), abi.encodeWithSelector(refusal, desk, 0));
        quote.nonce = 256;
        vm.prank(desk);
        venue.cancelQuote(256);
        _refuses(_signed(quote), abi.encodeWithSelector(refusal, desk, 256));
        quote.nonce = 1;
        _trade(quote);
    }

    function test_trade__refused__leavesTheNonce() public {
        bytes4 refusal = IOtcVenue.OtcVenue_MissingInput.selector;
        _refuses(_signed(_quote()), abi.encodeWithSelector(refusal, address(usdt), 0, 3_000 * USD));
        assertFalse(venue.isNonceUsed(desk, 0), "good still");
    }

    function test_trade__badSignature__reverts() public {
        usdt.mint(address(venue), 3_000 * USD);
        IOtcVenue.Quote memory quote = _quote();
        bytes32 quoteHash = venue.hashOf(quote);
        bytes memory refusal = abi.encodeWithSelector(IOtcVenue.OtcVenue_InvalidSignature.selector, quoteHash, desk);
        _refuses(_signedBy(quote, STRANGER_KEY), refusal);
        _refuses(abi.encode(quote, ""), refusal);
        _refuses(abi.encode(quote, hex"1234"), refusal);
        IOtcVenue.Quote memory other = _quote();
        other.amountOut = 2e18;
        _refuses(abi.encode(quote, _rsv(venue.hashOf(other), DESK_KEY)), refusal);
        OtcVenue sibling = _deployVenue();
        _refuses(abi.encode(quote, _rsv(sibling.hashOf(quote), DESK_KEY)), refusal);
        uint256 here = block.chainid;
        cheats.chainId(here + 1);
        bytes32 elsewhere = venue.hashOf(quote);
        cheats.chainId(here);
        _refuses(abi.encode(quote, _rsv(elsewhere, DESK_KEY)), refusal);
    }

    function testFuzz_trade__anyFieldChanged__reverts(uint256 word, uint8 field) public {
        IOtcVenue.Quote memory quote = _quote();
        bytes memory signature = _rsv(venue.hashOf(quote), DESK_KEY);
        // Fields that no other check covers: a higher output, another nonce, a later deadline.
        if (field % 3 == 0) quote.amountOut = bound(word, 1e18 + 1, 1e30);
        else if (field % 3 == 1) quote.nonce = bound(word, 1, type(uint256).max);
        else quote.deadline = bound(word, START + 1, type(uint256).max);
        usdt.mint(address(venue), 3_000 * USD);
        bytes4 refusal = IOtcVenue.OtcVenue_InvalidSignature.selector;
        _refuses(abi.encode(quote, signature), abi.encodeWithSelector(refusal, venue.hashOf(quote), desk));
    }

    function test_trade__contractAsDesk__isAskedForItsSignature() public {
        IOtcVenue.Quote memory quote = _quote();
        quote.desk = address(new MoodySigner());
        venue.setDesk(quote.desk, true);
        weth.mint(quote.desk, 1e18);
        vm.prank(quote.desk);
        weth.approve(address(venue), 1e18);
        bytes4 refusal = IOtcVenue.OtcVenue_InvalidSignature.selector;
        bytes32 quoteHash = venue.hashOf(quote);
        _refuses(abi.encode(quote, "bad"), abi.encodeWithSelector(refusal, quoteHash, quote.desk));
        _refuses(abi.encode(quote, "revert"), abi.encodeWithSelector(refusal, quoteHash, quote.desk));
        assertEq(_trade(quote, abi.encode(quote, "good")), 1e18, "out");
        assertEq(usdt.balanceOf(quote.desk), 3_000 * USD, "paid");
    }

    function test_trade__stalePrice__reverts() public {
        IOtcVenue.Quote memory quote = _quote();
        quote.amountOut = 100e18;
        wethFeed.setRound(3_000e8, START, START - HEARTBEAT - 1);
        bytes4 refusal = IPriceOracle.PriceOracle_StalePrice.selector;
        _refuses(
            _signed(quote), abi.encodeWithSelector(refusal, address(weth), START - HEARTBEAT - 1, uint256(HEARTBEAT))
        );
    }

    function test_trade__belowFloor__reverts() public {
        usdt.mint(address(venue), 3_000 * USD);
        IOtcVenue.Quote memory quote = _quote();
        quote.amountOut = 0.99e18 - 1;
        bytes4 refusal = IOtcVenue.OtcVenue_BelowFloor.selector;
        _refuses(_signed(quote), abi.encodeWithSelector(refusal, 0.99e18 - 1, 0.99e18));
        quote.amountOut = 0.99e18;
        assertEq(_trade(quote), 0.99e18, "at the floor");
    }

    /// @dev A fair output of 0.3 units rounds up to one, and an allowed loss of 1.5 units rounds down to one.
    function test_trade__floor__isRoundedAgainstTheDesk() public {
        usdt.mint(desk, 1e6);
        vm.prank(desk);
        usdt.approve(address(venue), type(uint256).max);
        IOtcVenue.Quote memory quote = _quote();
        (quote.tokenIn, quote.tokenOut) = (address(weth), address(usdt));
        (quote.amountIn, quote.amountOut) = (5e10, 148);
        _refusesSale(quote, 149);
        (quote.amountOut, quote.nonce) = (149, 1);
        assertEq(_trade(quote), 149, "out of 150");
        venue.setMaxLoss(0);
        (quote.amountIn, quote.amountOut, quote.nonce) = (1e8, 0, 2);
        _refusesSale(quote, 1);
        (quote.amountOut, quote.nonce) = (1, 3);
        assertEq(_trade(quote), 1, "out of 0.3");
    }

    function test_trade__farTooGood__isTheDesksOwnMistake() public {
        IOtcVenue.Quote memory quote = _quote();
        quote.amountOut = 1_000e18;
        assertEq(_trade(quote), 1_000e18, "out");
    }

    /// @dev An accepted output is never below the exact bound; a refused one is less than two units above it.
    function testFuzz_trade__anyPrices__floorIsExact(
        uint256 amountIn,
        uint256 amountOut,
        uint64 price,
        uint16 lossBps,
        bool sale
    ) public {
        wethFeed.set(int256(bound(price, 1, 1e13)));
        venue.setMaxLoss(uint16(bound(lossBps, 0, 1_000)));
        IOtcVenue.Quote memory quote = _quote();
        if (sale) (quote.tokenIn, quote.tokenOut) = (address(weth), address(usdt));
        usdt.mint(desk, 1e24);
        vm.prank(desk);
        usdt.approve(address(venue), type(uint256).max);
        quote.amountIn = bound(amountIn, 1, sale ? 1e24 : 1e16);
        (uint256 priceIn, uint256 priceOut) = (oracle.unitPrice(quote.tokenIn), oracle.unitPrice(quote.tokenOut));
        uint256 fair = quote.amountIn * priceIn / priceOut;
        quote.amountOut = bound(amountOut, fair - fair / 8, fair + 2);
        vm.assume(quote.amountOut <= 1e24);
        bytes memory data = _signed(quote);
        Token(quote.tokenIn).mint(address(venue), quote.amountIn);
        uint256 least = quote.amountIn * priceIn * (10_000 - venue.maxLossBps());
        vm.prank(TRADER);
        try venue.trade(quote.tokenIn, quote.tokenOut, quote.amountIn, 0, RECEIVER, data) returns (uint256 out) {
            assertGe(out * priceOut * 10_000, least, "below the bound");
        } catch {
            uint256 lower = quote.amountOut < 2 ? 0 : quote.amountOut - 2;
            assertLe(lower * priceOut * 10_000, least, "refused");
        }
    }

    function test_trade__notPushed__reverts() public {
        usdt.mint(address(venue), 3_000 * USD - 1);
        bytes4 refusal = IOtcVenue.OtcVenue_MissingInput.selector;
        _refuses(_signed(_quote()), abi.encodeWithSelector(refusal, address(usdt), 3_000 * USD - 1, 3_000 * USD));
    }

    function test_trade__deskWithoutAllowance__reverts() public {
        vm.prank(desk);
        weth.approve(address(venue), 1e18 - 1);
        usdt.mint(address(venue), 3_000 * USD);
        bytes4 refusal = IERC20Errors.ERC20InsufficientAllowance.selector;
        _refuses(_signed(_quote()), abi.encodeWithSelector(refusal, address(venue), 1e18 - 1, 1e18));
    }

    function test_trade__feeOnTransfer__reverts() public {
        FeeOnTransferToken token = new FeeOnTransferToken(10);
        _offer(token);
        IOtcVenue.Quote memory quote = _quote();
        quote.tokenOut = address(token);
        bytes memory data = _signed(quote);
        usdt.mint(address(venue), 3_000 * USD);
        vm.prank(TRADER);
        bytes4 refusal = IOtcVenue.OtcVenue_InsufficientOutput.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(token), 0.999e18, 1e18));
        venue.trade(address(usdt), address(token), 3_000 * USD, 0, RECEIVER, data);
    }

    /// @dev If the receiver is the desk itself, it receives nothing new.
    function test_trade__deskAsReceiver__reverts() public {
        bytes memory data = _signed(_quote());
        usdt.mint(address(venue), 3_000 * USD);
        vm.prank(TRADER);
        bytes4 refusal = IOtcVenue.OtcVenue_InsufficientOutput.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(weth), 0, 1e18));
        venue.trade(address(usdt), address(weth), 3_000 * USD, 0, desk, data);
    }

    /// @dev The token trades during its own delivery. Its output would count for both trades.
    function test_trade__insideATrade__isRefused() public {
        CallingToken token = new CallingToken("HOOK", 18);
        _offer(token);
        IOtcVenue.Quote memory inner = _quote();
        (inner.tokenOut, inner.trader, inner.nonce) = (address(token), address(token), 1);
        venue.setTrader(address(token), true);
        bytes memory call =
            abi.encodeCall(venue.trade, (address(usdt), address(token), 3_000 * USD, 0, RECEIVER, _signed(inner)));
        token.setCall(address(venue), call);
        IOtcVenue.Quote memory outer = _quote();
        outer.tokenOut = address(token);
        usdt.mint(address(venue), 3_000 * USD);
        assertEq(_trade(outer), 1e18, "out");
        assertFalse(token.succeeded(), "refused");
        bytes memory refusal = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        assertTrue(keccak256(token.answer()) == keccak256(refusal), "by the lock");
        assertFalse(venue.isNonceUsed(desk, 1), "the other quote is good still");
    }

    function _refusesSale(IOtcVenue.Quote memory quote, uint256 floor) internal {
        weth.mint(address(venue), quote.amountIn);
        bytes memory data = _signed(quote);
        vm.prank(TRADER);
        vm.expectRevert(abi.encodeWithSelector(IOtcVenue.OtcVenue_BelowFloor.selector, quote.amountOut, floor));
        venue.trade(address(weth), address(usdt), quote.amountIn, 0, RECEIVER, data);
    }

    /// @dev Gives the desk the token at the price of WETH, with an approval for the venue.
    function _offer(Token token) internal {
        oracle.setFeed(address(token), address(wethFeed), HEARTBEAT, 1, type(uint64).max);
        token.mint(desk, 10e18);
        vm.prank(desk);
        token.approve(address(venue), type(uint256).max);
    }
}
