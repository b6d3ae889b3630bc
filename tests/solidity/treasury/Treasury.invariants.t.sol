// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {TreasuryThief} from "./TreasuryThief.sol";
import {Side, World} from "./World.sol";

/// @title Bound on the loss by a stolen key of the treasury, and conservation over two chains
contract TreasuryInvariants is World {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant AUTOMATIC = 100_000 * USD;
    uint256 private constant ROUTE = 30_000;

    TreasuryThief private thief;
    uint256 private since;

    function setUp() public override {
        super.setUp();
        _tighten(a);
        _tighten(b);
        thief = new TreasuryThief(a, b, keeper);
        a.usdc.configureMinter(address(thief), type(uint256).max);
        b.usdc.configureMinter(address(thief), type(uint256).max);
        since = block.timestamp;
    }

    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(thief);
    }

    /// @dev Excludes the delivery of packets, which belongs to the bridge, and functions that batched calls already
    /// cover.
    function excludeSelectors() external view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](1);
        list[0] = FuzzSelector(address(thief), new bytes4[](3));
        list[0].selectors[0] = thief.deliver.selector;
        (list[0].selectors[1], list[0].selectors[2]) = (thief.sendOne.selector, thief.bookOne.selector);
    }

    /// @dev One campaign for all invariants, with fewer runs, since one call of the thief makes several.
    /// forge-config: default.invariant.runs = 96
    function invariant_Y1_Y2_Y3_Y4__theThief__movesWithinTheLimitsAndGetsNothing() external view {
        assertEq(thief.escapes(), 0, "what must not succeed");
        address[3] memory accounts = [keeper, outsider, address(thief)];
        for (uint256 i = 0; i < accounts.length; ++i) {
            _gotNothing(a, accounts[i]);
            _gotNothing(b, accounts[i]);
        }
        _isWithinTheLimits(a);
        _isWithinTheLimits(b);
        uint256 usdc = thief.usdcUnderWay() + thief.usdcDeposited() + _usdcOf(a) + _usdcOf(b);
        assertEq(usdc, 2 * STOCK, "usdc");
        assertEq(_usdtOf(a) + _usdtOf(b) + thief.usdtUnderWay(), 2_000_000 * 1e18, "usdt");
    }

    /// @dev Checks that each way of the thief can succeed; otherwise the campaign proves nothing.
    function test_thief__eachWay__canGoThrough() external {
        for (uint256 i = 0; i < 3; ++i) {
            thief.sendOne(i << 1 | 15 << 16 | 1 << 32, 1 | 10 << 2);
        }
        thief.mint(0, 1, 0, false);
        thief.relay(0, true);
        thief.collect(0, 15);
        thief.payOut(0);
        thief.bookOne(1, 0, keccak256("evidence"));
        thief.invest(0, 1_000e6);
        thief.divest(0, 1_000e6);
        bytes32[7] memory ways = [bytes32("sent"), "minted", "relayed", "collected", "booked", "invested", "divested"];
        for (uint256 i = 0; i < ways.length; ++i) {
            assertGe(thief.successes(ways[i]), 1, string(abi.encodePacked(ways[i])));
        }
        assertEq(thief.usdcUnderWay() + thief.usdtUnderWay() + thief.usdcDeposited(), 0, "all there");
        assertEq(thief.escapes(), 0, "what must not succeed");
    }

    /// @dev The longest interval starts at the beginning, when limits were full.
    function _isWithinTheLimits(Side storage side) private view {
        uint256 time = block.timestamp - since;
        assertLe(thief.spent(side.chain), AUTOMATIC + AUTOMATIC * time / 1 days, "by the keeper");
        uint256 most = (ROUTE + ROUTE * time / 1 days) * USD;
        assertLe(thief.sent(side.chain, CCTP), most, "by CCTP");
        assertLe(thief.sent(side.chain, DESK), most, "by the custodian");
        uint256 unit = 10 ** side.usdtDecimals;
        assertLe(thief.sent(side.chain, OFT), ROUTE * unit + ROUTE * unit * time / 1 days, "by OFT");
    }

    function _usdcOf(Side storage side) private view returns (uint256) {
        uint256 held = side.usdc.balanceOf(address(side.treasury)) + side.usdc.balanceOf(address(side.market));
        held += side.usdc.balanceOf(address(side.inbox)) + side.usdc.balanceOf(address(side.cctp));
        return held + side.usdc.balanceOf(address(side.desk)) + side.usdc.balanceOf(FEES);
    }

    function _usdtOf(Side storage side) private view returns (uint256) {
        uint256 held = IERC20(side.usdt).balanceOf(address(side.treasury));
        return (held + IERC20(side.usdt).balanceOf(address(side.usdt0))) * 10 ** (18 - side.usdtDecimals);
    }

    function _gotNothing(Side storage side, address account) private view {
        address[3] memory tokens = [address(side.usdc), side.usdt, address(side.market)];
        address[5] memory owners =
            [address(side.treasury), address(side.cctp), address(side.usdt0), address(side.desk), address(side.inbox)];
        for (uint256 i = 0; i < tokens.length; ++i) {
            assertEq(IERC20(tokens[i]).balanceOf(account), 0, "got something");
            for (uint256 j = 0; j < owners.length; ++j) {
                assertEq(IERC20(tokens[i]).allowance(owners[j], account), 0, "may take something");
            }
        }
    }

    function _tighten(Side storage side) private {
        _lower(side, LimitKeys.automatic(keeper), AUTOMATIC);
        _lower(side, LimitKeys.derisk(keeper), 5 * AUTOMATIC);
        _lower(side, LimitKeys.forAsset(address(side.cctp)), ROUTE * USD);
        _lower(side, LimitKeys.forAsset(address(side.desk)), ROUTE * USD);
        _lower(side, LimitKeys.forAsset(address(side.market)), ROUTE * USD);
        _lower(side, LimitKeys.forAsset(address(side.usdt0)), ROUTE * 10 ** side.usdtDecimals);
    }

    function _lower(Side storage side, bytes32 key, uint256 cap) private {
        vm.prank(guardian);
        side.treasury.lowerLimit(key, cap, 1 days);
    }
}
