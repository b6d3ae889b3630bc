// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {WeightMath} from "@ballast/libraries/WeightMath.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Simulation of a whole run at given slippages: sales, proceeds, payments, purchases and the verdict
/// @notice `tests/contracts/test_weights_differential.py` compares it with the planner.
contract WeightMathHarness {
    /// @param basket State before the run; settlement token last.
    /// @param weighsSettlement Whether the settlement token counts in the deviation.
    /// @param spendsProceeds Whether only proceeds are spent; otherwise the surplus is spent.
    /// @param minimum Smallest trade, as a value.
    /// @param sizesSales Whether `sold` is computed; otherwise it is given.
    /// @param sellSlippages In basis points, like `buySlippages`.
    struct State {
        IPortfolioWeights.Basket basket;
        bool weighsSettlement;
        bool spendsProceeds;
        uint256 minimum;
        bool sizesSales;
        uint256[] sold;
        uint256[] sellSlippages;
        uint256[] buySlippages;
        uint256 maxLossBps;
    }

    /// @param deviations Before and after.
    /// @param totals Before, after the sales, and after the purchases.
    struct Outcome {
        uint256[] sold;
        uint256[] received;
        uint256[] paid;
        uint256[] bought;
        uint256[2] deviations;
        uint256[3] totals;
        bool keeps;
        bool improves;
    }

    uint256 private constant WHOLE = 10_000;

    function runAll(State[] memory states) external pure returns (Outcome[] memory outcomes) {
        outcomes = new Outcome[](states.length);
        for (uint256 i = 0; i < states.length; ++i) {
            outcomes[i] = run(states[i]);
        }
    }

    function run(State memory state) public pure returns (Outcome memory outcome) {
        IPortfolioWeights.Basket memory basket = state.basket;
        uint256 last = basket.prices.length - 1;
        uint256 cash = basket.quantities[last];
        (outcome.deviations[0], outcome.totals[0]) = _judge(state);
        outcome.sold = state.sizesSales ? _size(state) : state.sold;
        outcome.received = _sell(state, outcome.sold);
        (outcome.paid, outcome.totals[1]) = _split(state, outcome.sold, cash * basket.prices[last]);
        outcome.bought = _buy(state, outcome.paid);
        (outcome.deviations[1], outcome.totals[2]) = _judge(state);
        outcome.keeps = WeightMath.keeps(outcome.totals[0], outcome.totals[2], state.maxLossBps);
        outcome.improves =
            WeightMath.improves(outcome.deviations[0], outcome.totals[0], outcome.deviations[1], outcome.totals[2]);
    }

    function _size(State memory state) internal pure returns (uint256[] memory) {
        (uint256[] memory values, uint256 total) = WeightMath.weigh(state.basket);
        return WeightMath.sales(state.basket, values, total, state.minimum);
    }

    /// @param before Value of the settlement token before the sales.
    function _split(State memory state, uint256[] memory sold, uint256 before)
        internal
        pure
        returns (uint256[] memory paid, uint256 total)
    {
        uint256[] memory values;
        (values, total) = WeightMath.weigh(state.basket);
        (uint256[] memory lacking, uint256 sum) = WeightMath.gaps(values, state.basket.targets, total, sold);
        uint256 budget = _budget(state, values[values.length - 1], before, total);
        uint256 price = state.basket.prices[values.length - 1];
        paid = WeightMath.payments(lacking, sum, budget, price, state.minimum);
    }

    function _budget(State memory state, uint256 value, uint256 before, uint256 total) internal pure returns (uint256) {
        uint256 target = state.basket.targets[state.basket.targets.length - 1];
        return state.spendsProceeds
            ? WeightMath.proceeds(value, before, target, total)
            : WeightMath.surplus(value, target, total);
    }

    function _sell(State memory state, uint256[] memory sold) internal pure returns (uint256[] memory received) {
        IPortfolioWeights.Basket memory basket = state.basket;
        uint256 last = sold.length - 1;
        received = new uint256[](last + 1);
        for (uint256 i = 0; i < last; ++i) {
            uint256 worth = sold[i] * basket.prices[i];
            received[i] = Math.mulDiv(worth, WHOLE - state.sellSlippages[i], WHOLE * basket.prices[last]);
            basket.quantities[i] -= sold[i];
            basket.quantities[last] += received[i];
        }
    }

    function _buy(State memory state, uint256[] memory paid) internal pure returns (uint256[] memory bought) {
        IPortfolioWeights.Basket memory basket = state.basket;
        uint256 last = paid.length - 1;
        bought = new uint256[](last + 1);
        for (uint256 i = 0; i < last; ++i) {
            uint256 worth = paid[i] * basket.prices[last];
            bought[i] = Math.mulDiv(worth, WHOLE, basket.prices[i] * (WHOLE + state.buySlippages[i]));
            basket.quantities[i] += bought[i];
            basket.quantities[last] -= paid[i];
        }
    }

    function _judge(State memory state) internal pure returns (uint256 deviation, uint256 total) {
        uint256[] memory values;
        (values, total) = WeightMath.weigh(state.basket);
        uint256 count = state.weighsSettlement ? values.length : values.length - 1;
        assembly ("memory-safe") {
            // Leaves out the settlement token.
            mstore(values, count)
        }
        deviation = WeightMath.deviation(values, state.basket.targets, total);
    }
}
