// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {Feed} from "../doubles/Feed.sol";
import {GreedyVenue} from "../doubles/GreedyVenue.sol";
import {System} from "../support/System.sol";
import {Prey, ThiefHandler} from "./ThiefHandler.sol";

/// @title Bound on the loss by a stolen key
/// @notice Default limits of a vault with one million: 50 basis points for each loss budget, refilled in a week;
/// purchases of 50,000 a day and sales of 300,000 a day without a plan. `docs/explanation/security.md` states the
/// consequences.
contract ThiefInvariants is System {
    uint256 private constant BUDGET = 5_000 * USD;
    uint256 private constant BUDGET_PERIOD = 7 days;
    uint256 private constant AUTOMATIC = 50_000 * USD;
    uint256 private constant DERISK = 300_000 * USD;
    /// @dev Units that a call may lose to rounding: two for each of at most five sources.
    uint256 private constant ROUNDING = 10;

    GreedyVenue private greedy;
    ThiefHandler private handler;
    uint256 private since;

    function setUp() public override {
        super.setUp();
        greedy = new GreedyVenue(address(oracle), address(usdt));
        l3.setHoldings(_yields(address(greedy)));
        // The deposit is in the same transaction, so the bands count L1 as empty.
        uint16[14] memory bounds = controller.bounds();
        _openBands();
        _invest();
        controller.setBounds(bounds);
        controller.raiseLimit(LimitKeys.LOSS_ADD, BUDGET, uint32(BUDGET_PERIOD), 0);
        controller.raiseLimit(LimitKeys.lossReduce(keeper), BUDGET, uint32(BUDGET_PERIOD), 0);
        controller.raiseLimit(LimitKeys.LOSS_REDUCE, BUDGET, uint32(BUDGET_PERIOD), 0);
        controller.raiseLimit(LimitKeys.automatic(keeper), AUTOMATIC, 1 days, 0);
        controller.raiseLimit(LimitKeys.derisk(keeper), DERISK, 1 days, 0);
        handler = new ThiefHandler(_prey());
        since = block.timestamp;
    }

    function targetContracts() external view returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(handler);
    }

    /// @dev E43, E49.
    function invariant_E43_E49__theThief__losesTheBudgetsAndGetsNothing() external view {
        assertLe(DEPOSIT - vault.idle() - controller.deployedValue(), _bound(), "lost");
        assertLe(greedy.haul(), _bound(), "what outsiders gained");
        _gotNothing(keeper);
        _gotNothing(outsider);
        _gotNothing(address(handler));
    }

    /// @dev B18: the longest interval starts at the beginning, when limits were full.
    function invariant_B18__theThief__movesNoMoreThanTheLimits() external view {
        uint256 time = block.timestamp - since;
        assertLe(handler.bought(), AUTOMATIC + AUTOMATIC * time / 1 days, "bought");
        assertLe(handler.sold(), DERISK + DERISK * time / 1 days, "sold");
    }

    /// @dev Returns both budgets: full at first and refilled since.
    function _bound() internal view returns (uint256) {
        uint256 time = block.timestamp - since;
        return 2 * (BUDGET + BUDGET * time / BUDGET_PERIOD) + ROUNDING * handler.successes();
    }

    function _gotNothing(address account) internal view {
        address[6] memory tokens =
            [address(usdt), address(weth), address(bond), address(marketA), address(marketB), address(fund)];
        for (uint256 i = 0; i < tokens.length; ++i) {
            assertEq(IERC20(tokens[i]).balanceOf(account), 0, "got something");
            assertEq(IERC20(tokens[i]).allowance(address(vault), account), 0, "may take something");
            assertEq(IERC20(tokens[i]).allowance(address(l2), account), 0, "may take something");
            assertEq(IERC20(tokens[i]).allowance(address(l3), account), 0, "may take something");
        }
        assertEq(vault.balanceOf(account), 0, "shares");
    }

    function _prey() private view returns (Prey memory prey) {
        prey.controller = controller;
        prey.vault = vault;
        prey.queue = queue;
        (prey.l2, prey.l3, prey.venue, prey.thief) = (l2, l3, greedy, keeper);
        prey.assets = new address[](5);
        (prey.assets[0], prey.assets[1]) = (address(weth), address(bond));
        (prey.assets[2], prey.assets[3], prey.assets[4]) = (address(marketA), address(marketB), address(fund));
        prey.feeds = new Feed[](3);
        (prey.feeds[0], prey.feeds[1], prey.feeds[2]) = (usdtFeed, wethFeed, bondFeed);
    }
}
