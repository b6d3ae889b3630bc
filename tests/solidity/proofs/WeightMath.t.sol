// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {WeightMath} from "@ballast/libraries/WeightMath.sol";

/// @title Proofs about the arithmetic of weights
/// @notice For Halmos; `docs/contracts.md` has the command, with `WeightMathProofs`. One asset and the settlement
/// token. Numbers are short, since solvers do not get to the end of divisions of long ones; none of the formulas knows
/// how long its numbers are.
contract WeightMathProofs {
    uint256 private constant WHOLE = 10_000;

    /// @notice A sale stays on its side of the target, and leaves less than one unit above it.
    function check_sales__stopAtTheTarget(uint8 price, uint8 quantity, uint8 cash, uint16 target) public pure {
        _assume(price != 0 && target <= WHOLE);
        IPortfolioWeights.Basket memory basket = _basket(price, quantity, cash, target);
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        uint256 sold = WeightMath.sales(basket, values, total, 0)[0];
        assert(sold <= quantity);
        uint256 left = WHOLE * (quantity - sold) * price;
        assert(sold == 0 || left >= target * total);
        assert(left < target * total + WHOLE * price);
    }

    /// @notice The budgets never exceed what is held, and proceeds never what came in.
    function check_budget__isThere(uint96 value, uint96 before, uint96 total, uint16 target) public pure {
        _assume(target <= WHOLE && before <= value && value <= total);
        uint256 surplus = WeightMath.surplus(value, target, total);
        uint256 proceeds = WeightMath.proceeds(value, before, target, total);
        assert(surplus <= WHOLE * value);
        assert(proceeds <= WHOLE * (value - before));
        assert(proceeds <= surplus);
    }

    /// @notice At most the bound is lost.
    function check_keeps__isTheBound(uint128 totalBefore, uint128 totalAfter, uint16 maxLossBps) public pure {
        _assume(maxLossBps <= WHOLE);
        bool kept = WeightMath.keeps(totalBefore, totalAfter, maxLossBps);
        assert(kept == (WHOLE * totalAfter >= (WHOLE - maxLossBps) * totalBefore));
    }

    /// @notice A deviation is never above twice the whole, for targets that are complete.
    function check_deviation__atMostTwice(uint32 value, uint32 cash, uint16 target) public pure {
        _assume(target <= WHOLE);
        IPortfolioWeights.Basket memory basket = _basket(1, value, cash, target);
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        assert(WeightMath.deviation(values, basket.targets, total) <= 2 * WHOLE * total);
    }

    function _basket(uint256 price, uint256 quantity, uint256 cash, uint256 target)
        private
        pure
        returns (IPortfolioWeights.Basket memory basket)
    {
        basket = IPortfolioWeights.Basket(new uint256[](2), new uint256[](2), new uint256[](2));
        (basket.prices[0], basket.prices[1]) = (price, 1);
        (basket.quantities[0], basket.quantities[1]) = (quantity, cash);
        (basket.targets[0], basket.targets[1]) = (target, WHOLE - target);
    }

    /// @dev Leaves the path out; what follows is proven without it.
    function _assume(bool condition) private pure {
        if (!condition) {
            assembly ("memory-safe") {
                stop()
            }
        }
    }
}
