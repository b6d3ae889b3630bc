// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IUniswapV3Venue} from "@ballast/interfaces/IUniswapV3Venue.sol";
import {UniswapV3Venue} from "@ballast/venues/UniswapV3Venue.sol";

import {CallingToken} from "../doubles/CallingToken.sol";
import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Token} from "../doubles/Token.sol";
import {IFactory, UniswapV3} from "../support/UniswapV3.sol";

contract UniswapV3VenueTest is UniswapV3 {
    uint256 private constant USD = 1e6;
    uint24 private constant FEE = 3_000;
    uint256 private constant START = 1_750_000_000;
    address private immutable trader = address(0x7ADE);
    address private immutable receiver = address(0x4ECE);

    IFactory private factory;
    UniswapV3Venue private venue;
    NoReturnToken private usdt;
    Token private weth;
    Token private bond;
    address private wethPool;
    address private bondPool;

    function setUp() public {
        vm.warp(START);
        factory = deployFactory();
        venue = new UniswapV3Venue(address(new AccessManager(address(this))), address(factory));
        (usdt, weth, bond) = (new NoReturnToken(), new Token("WETH", 18), new Token("BOND", 18));
        usdt.mint(address(this), 1e18);
        weth.mint(address(this), 1e30);
        bond.mint(address(this), 1e30);
        wethPool = openPool(factory, address(usdt), address(weth), FEE, 30_000_000 * USD, 10_000e18);
        bondPool = openPool(factory, address(weth), address(bond), FEE, 10_000e18, 300_000e18);
        venue.setTrader(trader, true);
        venue.setPath(address(usdt), address(weth), _path1());
        venue.setPath(address(weth), address(usdt), abi.encodePacked(address(weth), FEE, address(usdt)));
        venue.setPath(address(usdt), address(bond), _path2());
    }

    function test_constructor__noFactory__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_InvalidFactory.selector, trader));
        new UniswapV3Venue(address(this), trader);
    }

    function test_configuration__outsider__reverts() public {
        bytes memory refusal = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, trader);
        vm.startPrank(trader);
        vm.expectRevert(refusal);
        venue.setPath(address(usdt), address(weth), "");
        vm.expectRevert(refusal);
        venue.setTrader(trader, true);
    }

    function test_setPath__sound__storesAndEmits() public {
        vm.expectEmit(address(venue));
        emit IUniswapV3Venue.PathSet(address(usdt), address(bond), _path2());
        venue.setPath(address(usdt), address(bond), _path2());
        assertTrue(keccak256(venue.pathOf(address(usdt), address(bond))) == keccak256(_path2()), "stored");
        venue.setPath(address(usdt), address(bond), "");
        assertEq(venue.pathOf(address(usdt), address(bond)).length, 0, "removed");
    }

    function test_setPath__unsound__reverts() public {
        _refusesPath(address(usdt), address(bond), _path1());
        _refusesPath(address(weth), address(weth), _path1());
        _refusesPath(address(usdt), address(weth), hex"00");
        _refusesPath(address(usdt), address(weth), abi.encodePacked(address(usdt)));
        _refusesPath(address(usdt), address(usdt), abi.encodePacked(address(usdt)));
        _refusesPath(address(usdt), address(weth), abi.encodePacked(_path1(), hex"00"));
        bytes memory there = abi.encodePacked(address(usdt), FEE, address(weth), FEE);
        bytes memory four = abi.encodePacked(there, there, address(usdt), FEE);
        _refusesPath(address(usdt), address(weth), abi.encodePacked(four, address(weth)));
    }

    function test_setPath__unknownPool__reverts() public {
        bytes4 refusal = IUniswapV3Venue.UniswapV3Venue_UnknownPool.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(usdt), address(bond), FEE));
        venue.setPath(address(usdt), address(bond), abi.encodePacked(address(usdt), FEE, address(bond)));
    }

    function test_setTrader__admin__emits() public {
        vm.expectEmit(address(venue));
        emit IUniswapV3Venue.TraderSet(trader, false);
        venue.setTrader(trader, false);
        assertFalse(venue.isTrader(trader), "trader");
    }

    function test_trade__notTrader__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_NotTrader.selector, address(this)));
        venue.trade(address(usdt), address(weth), 1, 0, receiver, "");
    }

    function test_trade__nothingOrNotPushed__reverts() public {
        vm.startPrank(trader);
        vm.expectRevert(abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_InvalidAmount.selector, 0));
        venue.trade(address(usdt), address(weth), 0, 0, receiver, "");
        vm.expectRevert(
            abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_MissingInput.selector, address(usdt), 0, 1)
        );
        venue.trade(address(usdt), address(weth), 1, 0, receiver, "");
    }

    function test_trade__noPath__reverts() public {
        bond.mint(address(venue), 1);
        vm.startPrank(trader);
        bytes4 refusal = IUniswapV3Venue.UniswapV3Venue_NoPath.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(bond), address(usdt)));
        venue.trade(address(bond), address(usdt), 1, 0, receiver, "");
    }

    function test_trade__deadline__isTheLastGoodSecond() public {
        bytes memory data = abi.encode(START, _path1());
        assertGe(_trade(address(usdt), address(weth), 3_000 * USD, 0, data), 0.99e18, "at the deadline");
        vm.warp(START + 1);
        usdt.mint(address(venue), 3_000 * USD);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_Expired.selector, START));
        venue.trade(address(usdt), address(weth), 3_000 * USD, 0, receiver, data);
    }

    function test_trade__anotherPathThanConfigured__reverts() public {
        usdt.mint(address(venue), 3_000 * USD);
        // A pool that anyone, including a thief, may open and fill: the factory knows it, but it is not configured.
        uint24 otherFee = 500;
        openPool(factory, address(usdt), address(weth), otherFee, 3_000 * USD, 1e18);
        bytes[2] memory others = [_path2(), abi.encodePacked(address(usdt), otherFee, address(weth))];
        vm.startPrank(trader);
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_PathNotAllowed.selector, others[i]));
            venue.trade(address(usdt), address(weth), 3_000 * USD, 0, receiver, abi.encode(START, others[i]));
        }
    }

    function test_trade__minimum__isGoodToTheUnit() public {
        usdt.mint(address(venue), 3_000 * USD);
        vm.startPrank(trader);
        bytes4 refusal = IUniswapV3Venue.UniswapV3Venue_InsufficientOutput.selector;
        uint256 out = _refusedOutput();
        vm.expectRevert(abi.encodeWithSelector(refusal, address(weth), out, out + 1));
        venue.trade(address(usdt), address(weth), 3_000 * USD, out + 1, receiver, "");
        assertEq(venue.trade(address(usdt), address(weth), 3_000 * USD, out, receiver, ""), out, "at the minimum");
    }

    function test_trade__exhaustedPool__reverts() public {
        Token thin = new Token("THIN", 18);
        thin.mint(address(this), 1e18);
        // A pool without any liquidity; one with liquidity only between neighbouring ticks would do too.
        factory.createPool(address(usdt), address(thin), FEE);
        (bool done,) = factory.getPool(address(usdt), address(thin), FEE)
            .call(abi.encodeWithSignature("initialize(uint160)", uint160(1 << 96)));
        assertTrue(done, "initialised");
        usdt.mint(address(venue), 1_000 * USD);
        bytes memory path = abi.encodePacked(address(usdt), FEE, address(thin));
        venue.setPath(address(usdt), address(thin), path);
        vm.prank(trader);
        bytes4 refusal = IUniswapV3Venue.UniswapV3Venue_Leftover.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(usdt), 0, 1_000 * USD));
        venue.trade(address(usdt), address(thin), 1_000 * USD, 0, receiver, abi.encode(START, path));
    }

    function test_trade__poolThatNeverAsks__reverts() public {
        bytes memory ask = abi.encodeCall(factory.getPool, (address(usdt), address(weth), FEE));
        vm.mockCall(address(factory), ask, abi.encode(address(new SilentPool())));
        usdt.mint(address(venue), 1_000 * USD);
        vm.prank(trader);
        bytes4 refusal = IUniswapV3Venue.UniswapV3Venue_Leftover.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(usdt), 0, 1_000 * USD));
        venue.trade(address(usdt), address(weth), 1_000 * USD, 0, receiver, "");
    }

    function test_trade__oneHopBothWays__receiverGetsTheOutput() public {
        uint256 bought = _trade(address(usdt), address(weth), 30_000 * USD, 0, "");
        // 30,000 less the fee of 0.3 % at 3,000, moved by 0.1 % in a pool of 30 million.
        assertGe(bought, 9.95e18, "bought at least");
        assertLe(bought, 9.97e18, "bought at most");
        assertEq(weth.balanceOf(receiver), bought, "received");
        bytes memory back = abi.encode(START, abi.encodePacked(address(weth), FEE, address(usdt)));
        uint256 sold = _trade(address(weth), address(usdt), bought, 0, back);
        assertEq(usdt.balanceOf(receiver), sold, "received back");
        assertLe(sold, 30_000 * USD, "a round trip costs");
        _keepsNothing();
    }

    function test_trade__twoHops__receiverGetsTheOutput() public {
        uint256 bought = _trade(address(usdt), address(bond), 30_000 * USD, 297e18, abi.encode(START, _path2()));
        assertEq(bond.balanceOf(receiver), bought, "received");
        _keepsNothing();
    }

    function testFuzz_trade__anyAmount__keepsNothing(uint256 amount, bool twoHops) public {
        amount = bound(amount, 1 * USD, 10_000_000 * USD);
        bytes memory path = twoHops ? _path2() : _path1();
        address to = twoHops ? address(bond) : address(weth);
        uint256 out = _trade(address(usdt), to, amount, 0, abi.encode(START, path));
        assertEq(Token(to).balanceOf(receiver), out, "received");
        _keepsNothing();
    }

    function test_trade__donation__changesNothing() public {
        usdt.mint(address(venue), 7);
        weth.mint(address(venue), 7);
        _trade(address(usdt), address(bond), 30_000 * USD, 0, abi.encode(START, _path2()));
        assertEq(usdt.balanceOf(address(venue)), 7, "stays where it is");
        assertEq(weth.balanceOf(address(venue)), 7, "stays where it is");
    }

    function test_trade__insideATrade__reverts() public {
        CallingToken hook = new CallingToken("HOOK", 18);
        hook.mint(address(this), 1e30);
        openPool(factory, address(usdt), address(hook), FEE, 30_000_000 * USD, 10_000e18);
        venue.setPath(address(hook), address(usdt), abi.encodePacked(address(hook), FEE, address(usdt)));
        // The token is a permitted trader, and the input of its own trade is available.
        venue.setTrader(address(hook), true);
        usdt.mint(address(venue), 3_000 * USD);
        hook.setCall(
            address(venue), abi.encodeCall(venue.trade, (address(usdt), address(weth), 3_000 * USD, 0, receiver, ""))
        );
        hook.mint(address(venue), 1e18);
        vm.prank(trader);
        uint256 out = venue.trade(address(hook), address(usdt), 1e18, 0, receiver, "");
        assertFalse(hook.succeeded(), "refused");
        bytes memory refusal = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        assertTrue(keccak256(hook.answer()) == keccak256(refusal), "by the lock");
        assertEq(usdt.balanceOf(receiver), out, "and the trade went on");
    }

    function test_callback__askedTwice__reverts() public {
        GreedyPool pool = new GreedyPool(venue);
        bytes memory ask = abi.encodeCall(factory.getPool, (address(usdt), address(weth), FEE));
        vm.mockCall(address(factory), ask, abi.encode(address(pool)));
        usdt.mint(address(venue), 2_000 * USD);
        vm.prank(trader);
        bytes4 refusal = IUniswapV3Venue.UniswapV3Venue_UnexpectedCallback.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, address(pool)));
        venue.trade(address(usdt), address(weth), 1_000 * USD, 0, receiver, "");
    }

    function test_callback__anybody__reverts() public {
        address[3] memory callers = [wethPool, trader, address(this)];
        usdt.mint(address(venue), 100);
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_UnexpectedCallback.selector, callers[i])
            );
            venue.uniswapV3SwapCallback(100, 0, "");
        }
    }

    function _trade(address from, address to, uint256 amount, uint256 minOut, bytes memory data)
        internal
        returns (uint256)
    {
        Token(from).mint(address(venue), amount);
        vm.prank(trader);
        return venue.trade(from, to, amount, minOut, receiver, data);
    }

    /// @dev Returns the output for 3,000 USDT, read from the error for an unreachable minimum.
    function _refusedOutput() internal returns (uint256 out) {
        try venue.trade(address(usdt), address(weth), 3_000 * USD, type(uint256).max, receiver, "") {}
        catch (bytes memory refusal) {
            assembly {
                out := mload(add(refusal, 0x44))
            }
        }
    }

    function _keepsNothing() internal view {
        assertEq(usdt.balanceOf(address(venue)), 0, "USDT left");
        assertEq(weth.balanceOf(address(venue)), 0, "WETH left");
        assertEq(bond.balanceOf(address(venue)), 0, "bonds left");
    }

    function _refusesPath(address from, address to, bytes memory path) internal {
        vm.expectRevert(abi.encodeWithSelector(IUniswapV3Venue.UniswapV3Venue_InvalidPath.selector, path));
        venue.setPath(from, to, path);
    }

    function _path1() internal view returns (bytes memory) {
        return abi.encodePacked(address(usdt), FEE, address(weth));
    }

    function _path2() internal view returns (bytes memory) {
        return abi.encodePacked(address(usdt), FEE, address(weth), FEE, address(bond));
    }
}

/// @title Pool that swaps nothing and requests no input
contract SilentPool {
    function swap(address, bool, int256, uint160, bytes calldata) external pure returns (int256, int256) {
        return (0, 0);
    }
}

/// @title Pool that requests its input twice
contract GreedyPool {
    UniswapV3Venue private immutable venue;

    constructor(UniswapV3Venue venue_) {
        venue = venue_;
    }

    function swap(address, bool, int256 amount, uint160, bytes calldata) external returns (int256, int256) {
        venue.uniswapV3SwapCallback(amount, 0, "");
        venue.uniswapV3SwapCallback(amount, 0, "");
        return (amount, 0);
    }
}
