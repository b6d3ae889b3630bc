// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {TreasuryThief} from "./TreasuryThief.sol";
import {Side, World} from "./World.sol";

/// @title The stolen-key bound of the treasury, and conservation over two chains
contract TreasuryInvariants is World {
    uint256 private constant AUTOMATIC = 100_000 * USD;
    uint256 private constant ROUTE = 80_000;

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

    /// @dev Y1, Y4.
    function invariant_Y1_Y4__theThief__getsNothing() external view {
        assertEq(thief.escapes(), 0, "what must not succeed");
        address[3] memory accounts = [keeper, outsider, address(thief)];
        for (uint256 i = 0; i < accounts.length; ++i) {
            _gotNothing(a, accounts[i]);
            _gotNothing(b, accounts[i]);
        }
    }

    /// @dev Y2: of any interval the one from the beginning is the longest, and limits were full then.
    function invariant_Y2__outflow__isWithinTheLimits() external view {
        uint256 time = block.timestamp - since;
        Side[2] memory sides = [a, b];
        for (uint256 i = 0; i < 2; ++i) {
            uint256 chain = sides[i].chain;
            assertLe(thief.spent(chain), AUTOMATIC + AUTOMATIC * time / 1 days, "by the keeper");
            uint256 most = (ROUTE + ROUTE * time / 1 days) * USD;
            assertLe(thief.sent(chain, CCTP), most, "by CCTP");
            assertLe(thief.sent(chain, DESK), most, "by the custodian");
            uint256 unit = 10 ** sides[i].usdtDecimals;
            assertLe(thief.sent(chain, OFT), ROUTE * unit + ROUTE * unit * time / 1 days, "by OFT");
        }
    }

    /// @dev Y3.
    function invariant_Y3__usdc__isConserved() external view {
        uint256 total = thief.usdcUnderWay() + thief.usdcDeposited();
        total += _usdcOf(a) + _usdcOf(b);
        assertEq(total, 2 * STOCK, "usdc");
    }

    /// @dev Y3.
    function invariant_Y3__usdt__isConserved() external view {
        assertEq(_usdtOf(a) + _usdtOf(b) + thief.usdtUnderWay(), 2_000_000 * 1e18, "usdt");
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
