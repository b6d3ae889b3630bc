// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPortfolioWeights} from "../interfaces/IPortfolioWeights.sol";
import {Bps} from "./Bps.sol";

/// @title Arithmetic of bringing weights to their targets
/// @notice All values are integers of one scale, in which a value is a quantity times the value of one base unit. The
/// scale cancels out of every quantity. Products with a target stay in ten-thousandths of a value unit until the one
/// division of their formula. Only quantities are rounded, each once and down; and each asset is computed from the same
/// totals, so the order of the list has no effect.
///
/// The formulas are those of the off-chain planner, to the last unit.
library WeightMath {
    /// @notice The value of each asset, and their total.
    function weigh(IPortfolioWeights.Basket memory basket)
        internal
        pure
        returns (uint256[] memory values, uint256 total)
    {
        uint256 count = basket.prices.length;
        values = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            values[i] = basket.quantities[i] * basket.prices[i];
            total += values[i];
        }
    }

    /// @notice Excess above the target, in base units; 0 where it is worth less than `minimum`, and for the settlement
    /// token.
    function sales(IPortfolioWeights.Basket memory basket, uint256[] memory values, uint256 total, uint256 minimum)
        internal
        pure
        returns (uint256[] memory sold)
    {
        sold = new uint256[](values.length);
        for (uint256 i = 0; i + 1 < values.length; ++i) {
            uint256 price = basket.prices[i];
            uint256 quantity = _excess(Bps.ONE * values[i], basket.targets[i] * total) / (Bps.ONE * price);
            // The sold quantity is a whole number of units, and its value follows from it.
            // slither-disable-next-line divide-before-multiply
            if (quantity * price >= minimum) sold[i] = quantity;
        }
    }

    /// @notice The gap of each asset that was not sold, and their sum, in ten-thousandths of a value unit.
    /// @param values Values after the sales, with the sum `total`.
    /// @param sold Quantities sold, in the basket's order.
    function gaps(uint256[] memory values, uint256[] memory targets, uint256 total, uint256[] memory sold)
        internal
        pure
        returns (uint256[] memory lacking, uint256 sum)
    {
        lacking = new uint256[](values.length);
        for (uint256 i = 0; i + 1 < values.length; ++i) {
            if (sold[i] != 0) continue;
            lacking[i] = _excess(targets[i] * total, Bps.ONE * values[i]);
            sum += lacking[i];
        }
    }

    /// @notice Budget where the settlement token's surplus is spent: the excess above its own target, in
    /// ten-thousandths of a value unit.
    /// @param value Value of the settlement token after the sales.
    /// @param target Its target weight.
    function surplus(uint256 value, uint256 target, uint256 total) internal pure returns (uint256) {
        return _excess(Bps.ONE * value, target * total);
    }

    /// @notice Budget where only proceeds are spent: the proceeds less the settlement token's previous gap, in
    /// ten-thousandths of a value unit.
    /// @param value Value of the settlement token after the sales; `before` is the value before them.
    /// @param target Its target weight.
    function proceeds(uint256 value, uint256 before, uint256 target, uint256 total) internal pure returns (uint256) {
        uint256 held = Bps.ONE * before;
        return _excess(Bps.ONE * value, held + _excess(target * total, held));
    }

    /// @notice Settlement tokens to pay for each asset: the budget split by gap, and at most the gap.
    /// @param lacking Gaps, with the sum `sum`.
    /// @param budget In ten-thousandths of a value unit, like the gaps.
    /// @param price Value of a base unit of the settlement token.
    /// @param minimum Value below which nothing is bought.
    function payments(uint256[] memory lacking, uint256 sum, uint256 budget, uint256 price, uint256 minimum)
        internal
        pure
        returns (uint256[] memory paid)
    {
        uint256 count = lacking.length;
        paid = new uint256[](count);
        uint256 spent = Math.min(budget, sum);
        if (spent == 0) return paid;
        for (uint256 i = 0; i < count; ++i) {
            uint256 allocation = Math.mulDiv(lacking[i], spent, sum) / Bps.ONE;
            if (allocation >= minimum) paid[i] = allocation / price;
        }
    }

    /// @notice Sum of the distances of values from their targets, in ten-thousandths of a value unit.
    function deviation(uint256[] memory values, uint256[] memory targets, uint256 total)
        internal
        pure
        returns (uint256 sum)
    {
        for (uint256 i = 0; i < values.length; ++i) {
            sum += _distance(Bps.ONE * values[i], targets[i] * total);
        }
    }

    /// @notice Whether any weight is further than `driftBps` from its target.
    function drifts(uint256[] memory values, uint256[] memory targets, uint256 total, uint256 driftBps)
        internal
        pure
        returns (bool)
    {
        for (uint256 i = 0; i < values.length; ++i) {
            if (_distance(Bps.ONE * values[i], targets[i] * total) > driftBps * total) return true;
        }
        return false;
    }

    /// @notice Whether a deviation is a smaller part of its total than the previous one was of its own total. Exact, by
    /// products of 512 bits.
    function improves(uint256 deviationBefore, uint256 totalBefore, uint256 deviationAfter, uint256 totalAfter)
        internal
        pure
        returns (bool)
    {
        (uint256 highAfter, uint256 lowAfter) = Math.mul512(deviationAfter, totalBefore);
        (uint256 highBefore, uint256 lowBefore) = Math.mul512(deviationBefore, totalAfter);
        return highAfter < highBefore || (highAfter == highBefore && lowAfter < lowBefore);
    }

    /// @notice Whether at most `maxLossBps` of a total was lost.
    function keeps(uint256 totalBefore, uint256 totalAfter, uint256 maxLossBps) internal pure returns (bool) {
        return Bps.ONE * _excess(totalBefore, totalAfter) <= maxLossBps * totalBefore;
    }

    function _distance(uint256 left, uint256 right) private pure returns (uint256) {
        return left > right ? left - right : right - left;
    }

    /// @dev By how much the first is above the second; 0 when it is not.
    function _excess(uint256 left, uint256 right) private pure returns (uint256) {
        return left > right ? left - right : 0;
    }
}
