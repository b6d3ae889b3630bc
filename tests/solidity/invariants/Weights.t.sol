// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {WeightMath} from "@ballast/libraries/WeightMath.sol";
import {Holdings} from "@ballast/portfolio/Holdings.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {PortfolioWeights} from "@ballast/portfolio/PortfolioWeights.sol";
import {WeightJudge} from "@ballast/portfolio/WeightJudge.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";

import {Token} from "../doubles/Token.sol";
import {WeightsTest} from "../weights/WeightsTest.sol";

/// @title Rows 26 to 34 of `docs/evidence/invariants.md`, for a stand-alone portfolio, its judge and its executor
contract WeightInvariantsTest is WeightsTest {
    uint256 private constant BUDGET = 10_000 * USD;

    struct Snapshot {
        uint256[] values;
        uint256[] targets;
        uint256 total;
        uint256 deviation;
        uint256[4] balances;
        uint256 budget;
    }

    Portfolio private held;
    WeightJudge private judge;
    WeightRebalancer private executor;

    function setUp() public override {
        super.setUp();
        held = new Portfolio(address(manager), address(usdt), address(oracle), address(0));
        judge = new WeightJudge(address(manager), address(held));
        executor = new WeightRebalancer(address(manager), address(judge), address(killSwitch));
        _permit(address(held), Holdings.setHoldings.selector, ROLE);
        _permit(address(held), Portfolio.setOperator.selector, ROLE);
        _permit(address(held), Portfolio.setWeights.selector, ROLE);
        _permit(address(judge), PortfolioWeights.setRebalancer.selector, ROLE);
        _permit(address(executor), WeightRebalancer.setTerms.selector, ROLE);
        _permit(address(executor), IRateLimits.raiseLimit.selector, ROLE);
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](3);
        list[0] = _holding(btc);
        list[1] = _holding(eth);
        list[2] = _holding(bnb);
        held.setHoldings(list);
        held.setOperator(address(this), true);
        Token[3] memory tokens = [btc, eth, bnb];
        for (uint256 i = 0; i < 3; ++i) {
            // An asset counts only with a balance.
            tokens[i].mint(address(held), 1);
            held.hold(address(tokens[i]));
        }
        held.setWeights(address(judge));
        judge.setRebalancer(address(executor));
        executor.setTerms(_terms());
        executor.raiseLimit(LimitKeys.automatic(keeper), 1e9 * USD, 1 days, 0);
        executor.raiseLimit(LimitKeys.automatic(address(held)), 1e9 * USD, 1 days, 0);
        executor.raiseLimit(LimitKeys.LOSS_ADD, BUDGET, 1 days, 0);
        vm.warp(block.timestamp + 1 days);
        _refreshFeeds();
    }

    /// @dev C26, C27, C28, C31, C32, C33: run of a keeper with any assets and fees.
    function testFuzz_C26_C27_C28_C31_C32_C33__keepersRun(uint32[4] memory amounts, uint16[3] memory fees, uint8 named)
        public
    {
        _give(amounts);
        venue.setFeeBps(fees[0] % 200);
        Snapshot memory before = _snapshot();
        vm.prank(keeper);
        try judge.reweigh(_named(named)) {
            _judgeRun(before, named, 200);
        } catch {
            _judgeNothing(before);
        }
    }

    /// @dev The same for a run by anyone, which names all assets and has the narrower bound.
    function testFuzz_C26_C27_C28_C31_C32__anybodysRun(uint32[4] memory amounts, uint16 fee) public {
        _give(amounts);
        venue.setFeeBps(fee % 100);
        Snapshot memory before = _snapshot();
        vm.prank(outsider);
        held.rebalance(false);
        if (executor.lastRun() == block.timestamp) _judgeRun(before, 7, 30);
        else _judgeNothing(before);
    }

    /// @dev C34: without slippage, a second identical call does not trade.
    function testFuzz_C34__twice__tradesOnce(uint32[4] memory amounts, uint8 named) public {
        _give(amounts);
        IPortfolioWeights.Swap[] memory swaps = _named(named);
        vm.startPrank(keeper);
        try judge.reweigh(swaps) {} catch {}
        Snapshot memory before = _snapshot();
        (bool again,) = address(judge).call(abi.encodeCall(judge.reweigh, (swaps)));
        vm.stopPrank();
        assertFalse(again, "traded again");
        _judgeNothing(before);
    }

    /// @dev C28, C29: many runs lose at most the budget and its refill.
    function testFuzz_C28_C29__manyRuns__loseTheBudgetAndItsRefill(uint32[24] memory amounts, uint16 fee) public {
        executor.raiseLimit(LimitKeys.LOSS_ADD, 500 * USD, 1 days, 0);
        venue.setFeeBps(fee % 200);
        uint256 since = block.timestamp;
        (uint256 lost, uint256 runs) = (0, 0);
        for (uint256 i = 0; i < 24; i += 4) {
            _give([amounts[i] % 1e7, amounts[i + 1], amounts[i + 2] % 1e8, amounts[i + 3]]);
            Snapshot memory before = _snapshot();
            vm.prank(keeper);
            try judge.reweigh(_named(7)) {
                // The scale has 36 decimals per dollar.
                lost += (before.total - _snapshot().total) / _dollar();
                ++runs;
            } catch {}
            vm.warp(block.timestamp + amounts[i] % 1 days);
            _refreshFeeds();
        }
        uint256 time = block.timestamp - since;
        assertLe(lost, 500 * USD + 500 * USD * time / 1 days + 6 * runs, "lost");
    }

    function _judgeRun(Snapshot memory before, uint256 named, uint256 maxLossBps) private view {
        Snapshot memory current = _snapshot();
        assertTrue(
            WeightMath.improves(before.deviation, before.total, current.deviation, current.total), "C26 not nearer"
        );
        assertLe(WHOLE * (before.total - current.total), maxLossBps * before.total, "C28 bound");
        uint256 lost = (before.total - current.total) / _dollar();
        assertGe(before.budget - current.budget + 6, lost, "C28 budget");
        uint256 cash = before.values[3] * WHOLE;
        uint256 target = before.targets[3] * current.total;
        assertGe(current.values[3] * WHOLE, cash < target ? cash : target, "C31 the settlement token's weight");
        Token[3] memory tokens = [btc, eth, bnb];
        for (uint256 i = 0; i < 3; ++i) {
            if (named >> i & 1 == 0) {
                assertEq(current.balances[i], before.balances[i], "C33 not named");
            } else if (before.values[i] * WHOLE > before.targets[i] * before.total) {
                assertGe(current.values[i] * WHOLE, before.targets[i] * current.total, "C27 sold too much");
                assertLe(current.balances[i], before.balances[i], "sold");
            } else {
                assertLe(current.values[i] * WHOLE, before.targets[i] * before.total, "C32 bought too much");
                assertGe(current.balances[i], before.balances[i], "bought");
            }
            assertEq(tokens[i].balanceOf(address(executor)), 0, "left");
        }
        assertEq(usdt.balanceOf(address(executor)), 0, "left");
    }

    function _judgeNothing(Snapshot memory before) private view {
        Snapshot memory current = _snapshot();
        for (uint256 i = 0; i < 4; ++i) {
            assertEq(current.balances[i], before.balances[i], "changed");
        }
        assertEq(current.budget, before.budget, "budget");
    }

    function _snapshot() private view returns (Snapshot memory seen) {
        address[] memory tokens = new address[](4);
        (tokens[0], tokens[1], tokens[2], tokens[3]) = (address(btc), address(eth), address(bnb), address(usdt));
        IPortfolioWeights.Basket memory basket;
        basket.prices = oracle.unitPrices(tokens);
        basket.quantities = new uint256[](4);
        for (uint256 i = 0; i < 4; ++i) {
            seen.balances[i] = Token(tokens[i]).balanceOf(address(held));
            basket.quantities[i] = seen.balances[i];
        }
        seen.targets = new uint256[](4);
        (seen.targets[0], seen.targets[1], seen.targets[2], seen.targets[3]) = (3_000, 3_000, 3_000, 1_000);
        (seen.values, seen.total) = WeightMath.weigh(basket);
        seen.deviation = WeightMath.deviation(seen.values, seen.targets, seen.total);
        seen.budget = executor.available(LimitKeys.LOSS_ADD);
    }

    /// @dev Returns the value of one base unit of the settlement token.
    function _dollar() private view returns (uint256) {
        return oracle.unitPrice(address(usdt));
    }

    function _give(uint32[4] memory amounts) private {
        btc.mint(address(held), amounts[0]);
        eth.mint(address(held), uint256(amounts[1]) * 1e11);
        bnb.mint(address(held), uint256(amounts[2]) * 1e12);
        usdt.mint(address(held), uint256(amounts[3]) * 10);
    }

    function _named(uint256 mask) private view returns (IPortfolioWeights.Swap[] memory swaps) {
        IPortfolioWeights.Swap[] memory all = _swaps();
        swaps = new IPortfolioWeights.Swap[]((mask & 1) + (mask >> 1 & 1) + (mask >> 2 & 1));
        uint256 count = 0;
        for (uint256 i = 0; i < 3; ++i) {
            if (mask >> i & 1 == 1) swaps[count++] = all[i];
        }
    }

    function _holding(Token token) private view returns (IPortfolio.Holding memory) {
        return IPortfolio.Holding(address(token), IPortfolio.Kind.Venue, 3_000, 200, 10_000, address(venue), 0, 0);
    }
}
