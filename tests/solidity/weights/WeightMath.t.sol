// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {WeightMath} from "@ballast/libraries/WeightMath.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Test} from "../support/Test.sol";
import {WeightMathHarness} from "./WeightMathHarness.sol";

/// @title Properties of whole simulated runs
contract WeightMathTest is Test {
    uint256 private constant WHOLE = 10_000;
    /// @dev One dollar in a feed's decimals.
    uint256 private constant DOLLAR = 1e8;

    WeightMathHarness private harness;

    function setUp() public {
        harness = new WeightMathHarness();
    }

    function testFuzz_sales__anything__reachTheTargetAndDoNotCrossIt(uint256 seed) public pure {
        IPortfolioWeights.Basket memory basket = _random(seed);
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        uint256[] memory sold = _sales(basket, 0);
        for (uint256 i = 0; i + 1 < sold.length; ++i) {
            uint256 left = WHOLE * (values[i] - sold[i] * basket.prices[i]);
            uint256 target = basket.targets[i] * total;
            if (sold[i] != 0) assertGe(left, target, "never below the target");
            if (left > target) assertLe(left - target, WHOLE * basket.prices[i] - 1, "less than a unit above it");
        }
        assertEq(sold[sold.length - 1], 0, "the settlement token is not sold");
    }

    function testFuzz_sales__minimum__allOrNothing(uint256 seed, uint256 minimum) public pure {
        IPortfolioWeights.Basket memory basket = _random(seed);
        (, uint256 total) = WeightMath.weigh(basket);
        minimum = bound(minimum, 0, total);
        uint256[] memory all = _sales(basket, 0);
        uint256[] memory sold = _sales(basket, minimum);
        for (uint256 i = 0; i < sold.length; ++i) {
            assertEq(sold[i], all[i] * basket.prices[i] < minimum ? 0 : all[i], "sold");
        }
    }

    function test_sales__worthExactlyTheMinimum__areSold() public pure {
        IPortfolioWeights.Basket memory basket = _pair(600e6, 400e6);
        uint256 price = basket.prices[0];
        assertEq(_sales(basket, 100e6 * price)[0], 100e6, "at the minimum");
        assertEq(_sales(basket, 100e6 * price + 1)[0], 0, "above it");
    }

    function testFuzz_payments__anything__neitherAboveTheGapsNorTheBudget(uint256 seed, uint256 budget) public pure {
        IPortfolioWeights.Basket memory basket = _random(seed);
        uint256 last = basket.prices.length - 1;
        (uint256[] memory lacking, uint256 sum) = _gaps(basket, new uint256[](last + 1));
        budget = bound(budget, 0, 2 * sum);
        uint256[] memory paid = WeightMath.payments(lacking, sum, budget, basket.prices[last], 0);
        uint256 spent = 0;
        for (uint256 i = 0; i <= last; ++i) {
            uint256 worth = WHOLE * paid[i] * basket.prices[last];
            assertLe(worth, lacking[i], "no more than the gap");
            spent += worth;
        }
        assertLe(spent, budget, "no more than the budget");
        uint256 unspent = (budget < sum ? budget : sum) - spent;
        assertLe(unspent, (last + 1) * WHOLE * (basket.prices[last] + 1), "all of it but rounding");
        assertEq(paid[last], 0, "the settlement token is not bought");
    }

    function test_payments__worthExactlyTheMinimum__arePaid() public pure {
        IPortfolioWeights.Basket memory basket = _pair(400e6, 600e6);
        (uint256[] memory lacking, uint256 sum) = _gaps(basket, new uint256[](2));
        uint256 worth = 100e6 * basket.prices[1];
        assertEq(sum, WHOLE * worth, "gap");
        assertEq(WeightMath.payments(lacking, sum, sum, basket.prices[1], worth)[0], 100e6, "at the minimum");
        assertEq(WeightMath.payments(lacking, sum, sum, basket.prices[1], worth + 1)[0], 0, "above it");
    }

    function test_payments__noGapOrNoBudget__payNothing() public pure {
        IPortfolioWeights.Basket memory basket = _pair(500e6, 500e6);
        uint256[] memory none = new uint256[](2);
        assertEq(WeightMath.payments(none, 0, 1e30, basket.prices[1], 0)[0], 0, "no gap");
        none[0] = 1e30;
        assertEq(WeightMath.payments(none, 1e30, 0, basket.prices[1], 0)[0], 0, "no budget");
    }

    function testFuzz_gaps__ofWhatWasSold__areNone(uint256 seed, uint256 mask) public pure {
        IPortfolioWeights.Basket memory basket = _random(seed);
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        uint256[] memory sold = new uint256[](values.length);
        for (uint256 i = 0; i < sold.length; ++i) {
            sold[i] = mask >> i & 1;
        }
        (uint256[] memory lacking, uint256 sum) = _gaps(basket, sold);
        for (uint256 i = 0; i < sold.length; ++i) {
            (uint256 held, uint256 target) = (WHOLE * values[i], basket.targets[i] * total);
            bool open = sold[i] == 0 && i + 1 < sold.length && target > held;
            assertEq(lacking[i], open ? target - held : 0, "gap");
            sum -= lacking[i];
        }
        assertEq(sum, 0, "sum");
    }

    function test_budget__bothWays__asInTheDocument() public pure {
        // 1,000 in total, 200 of it settlement tokens, 100 of which are proceeds; their target is 10 %.
        IPortfolioWeights.Basket memory basket = _pair(800e6, 200e6);
        (basket.targets[0], basket.targets[1]) = (9_000, 1_000);
        uint256 unit = WHOLE * basket.prices[1];
        assertEq(_surplus(basket), 100e6 * unit, "above the target");
        assertEq(_proceeds(basket, 100e6), 100e6 * unit, "what came in");
        assertEq(_proceeds(basket, 150e6), 50e6 * unit, "less came in");
        assertEq(_proceeds(basket, 20e6), 100e6 * unit, "80 of 180 fill its own gap");
        assertEq(_proceeds(basket, 200e6), 0, "nothing came in");
        basket.targets[1] = 2_500;
        assertEq(_surplus(basket), 0, "below the target");
        assertEq(_proceeds(basket, 100e6), 0, "all of it held back");
    }

    /// @dev C26, C27, C31, C32: bounds of a whole run at any slippages.
    function testFuzz_run__anySlippages__assetsStayOnTheirSideOfTheTarget(uint256 seed, uint16 sell, uint16 buy)
        public
        view
    {
        WeightMathHarness.State memory state = _state(_random(seed), sell % 1_000, buy % 1_000);
        WeightMathHarness.Outcome memory outcome = harness.run(state);
        uint256 last = outcome.sold.length - 1;
        uint256 proceeds = 0;
        uint256 spent = 0;
        for (uint256 i = 0; i < last; ++i) {
            assertTrue(outcome.sold[i] == 0 || outcome.paid[i] == 0, "sold and bought");
            uint256 held = state.basket.quantities[i] + outcome.bought[i];
            uint256 target = state.basket.targets[i] * outcome.totals[1];
            if (outcome.bought[i] != 0) {
                assertLe(WHOLE * held * state.basket.prices[i], target, "not bought above the target");
            }
            proceeds += outcome.received[i];
            spent += outcome.paid[i];
        }
        assertLe(spent, proceeds + state.basket.quantities[last], "no more spent than there was");
        assertLe(outcome.totals[2], outcome.totals[0], "nothing out of nowhere");
    }

    /// @dev C34, C35: without slippage one run is enough, and a second one trades nothing.
    function testFuzz_run__noSlippage__secondRunTradesNothing(uint256 seed) public view {
        WeightMathHarness.State memory state = _state(_random(seed), 0, 0);
        state.minimum = _coarsest(state.basket) * 4 * state.basket.prices.length;
        WeightMathHarness.Outcome memory outcome = harness.run(state);
        _apply(state.basket, outcome);
        outcome = harness.run(state);
        for (uint256 i = 0; i < outcome.sold.length; ++i) {
            assertEq(outcome.sold[i] + outcome.paid[i], 0, "traded again");
        }
        assertFalse(outcome.improves, "nothing to improve");
        assertTrue(outcome.keeps, "nothing lost");
    }

    /// @dev C36: the order of the list has no effect.
    function testFuzz_run__assetsSwapped__sameTrades(uint256 seed, uint16 sell, uint16 buy, uint256 place) public view {
        IPortfolioWeights.Basket memory basket = _random(seed);
        uint256 last = basket.prices.length - 1;
        uint256 other = place % last;
        WeightMathHarness.Outcome memory outcome = harness.run(_state(basket, sell % 1_000, buy % 1_000));
        _swap(basket.prices, other);
        _swap(basket.quantities, other);
        _swap(basket.targets, other);
        WeightMathHarness.Outcome memory swapped = harness.run(_state(basket, sell % 1_000, buy % 1_000));
        _swap(swapped.sold, other);
        _swap(swapped.received, other);
        _swap(swapped.paid, other);
        _swap(swapped.bought, other);
        assertTrue(keccak256(abi.encode(outcome)) == keccak256(abi.encode(swapped)), "the order matters");
    }

    /// @dev Invariant 12: the trades are the same with 6, 8 or 18 decimals. Each quantity is rounded down to its
    /// token's unit, as are its inputs: a sale once, its proceeds twice, a payment from both, a purchase from the
    /// payment.
    function testFuzz_run__decimals__sameTradesButForRounding(uint64 a, uint64 b, uint64 cash, uint16 target)
        public
        view
    {
        uint256[3] memory amounts = [uint256(a), uint256(b), uint256(cash)];
        if (amounts[0] + amounts[1] + amounts[2] == 0) amounts[0] = 1;
        target = target % 8_001;
        WeightMathHarness.Outcome memory coarse = harness.run(_state(_three(amounts, target, 6), 30, 30));
        for (uint256 decimals = 8; decimals <= 18; decimals += 10) {
            WeightMathHarness.Outcome memory fine = harness.run(_state(_three(amounts, target, decimals), 30, 30));
            uint256 unit = 10 ** (decimals - 6);
            for (uint256 i = 0; i < 2; ++i) {
                _assertNear(coarse.sold[i], fine.sold[i] / unit, 1);
                _assertNear(coarse.received[i], fine.received[i] / unit, 1);
                _assertNear(coarse.paid[i], fine.paid[i] / unit, 3);
                _assertNear(coarse.bought[i], fine.bought[i] / unit, 4);
            }
        }
    }

    /// @dev The excess above the targets equals the gaps below them.
    function testFuzz_deviation__anything__isTwiceWhatIsAboveTheTargets(uint256 seed) public pure {
        IPortfolioWeights.Basket memory basket = _random(seed);
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        uint256 above = 0;
        for (uint256 i = 0; i < values.length; ++i) {
            (uint256 held, uint256 target) = (WHOLE * values[i], basket.targets[i] * total);
            if (held > target) above += held - target;
        }
        assertEq(WeightMath.deviation(values, basket.targets, total), 2 * above, "deviation");
    }

    function testFuzz_drifts__anything__toleratesTheFarthestAndNoLess(uint256 seed) public pure {
        IPortfolioWeights.Basket memory basket = _random(seed);
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        if (total == 0) return;
        uint256 farthest = 0;
        for (uint256 i = 0; i < values.length; ++i) {
            (uint256 held, uint256 target) = (WHOLE * values[i], basket.targets[i] * total);
            farthest = Math.max(farthest, held > target ? held - target : target - held);
        }
        uint256 tolerated = Math.ceilDiv(farthest, total);
        assertFalse(WeightMath.drifts(values, basket.targets, total, tolerated), "tolerated");
        if (tolerated == 0) return;
        assertTrue(WeightMath.drifts(values, basket.targets, total, tolerated - 1), "not tolerated");
    }

    function test_drifts__exactlyTheDrift__doesNot() public pure {
        IPortfolioWeights.Basket memory basket = _pair(600e6, 400e6);
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        assertFalse(WeightMath.drifts(values, basket.targets, total, 1_000), "at the drift");
        assertTrue(WeightMath.drifts(values, basket.targets, total, 999), "beyond");
    }

    function testFuzz_improves__shortNumbers__asByPlainProducts(uint128 d0, uint128 t0, uint128 d2, uint128 t2)
        public
        pure
    {
        bool expected = uint256(d2) * t0 < uint256(d0) * t2;
        assertTrue(WeightMath.improves(d0, t0, d2, t2) == expected, "improves");
    }

    function testFuzz_improves__scaledBeyondAWord__same(uint96 d0, uint96 t0, uint96 d2, uint96 t2) public pure {
        bool expected = uint256(d2) * t0 < uint256(d0) * t2;
        bool scaled =
            WeightMath.improves(uint256(d0) << 160, uint256(t0) << 160, uint256(d2) << 160, uint256(t2) << 160);
        assertTrue(scaled == expected, "improves");
    }

    function test_improves__equalOrWorthless__doesNot() public pure {
        assertFalse(WeightMath.improves(5, 10, 5, 10), "equal");
        assertTrue(WeightMath.improves(5, 10, 5, 11), "a smaller part");
        assertFalse(WeightMath.improves(5, 11, 5, 10), "a larger part");
        assertFalse(WeightMath.improves(5, 10, 0, 0), "nothing left");
        assertFalse(WeightMath.improves(0, 10, 0, 10), "nothing to improve");
        uint256 max = type(uint256).max;
        assertTrue(WeightMath.improves(max, max, max - 1, max), "high words differ");
        assertFalse(WeightMath.improves(max - 1, max, max, max), "high words differ");
    }

    function test_keeps__atTheBound__doesAndBeyondDoesNot() public pure {
        assertTrue(WeightMath.keeps(10_000, 9_970, 30), "at the bound");
        assertFalse(WeightMath.keeps(10_000, 9_969, 30), "beyond");
        assertTrue(WeightMath.keeps(10_000, 10_001, 0), "a gain");
        assertTrue(WeightMath.keeps(0, 0, 0), "nothing");
    }

    function test_weigh__nothing__isWorthNothingAndTradesNothing() public view {
        WeightMathHarness.Outcome memory outcome = harness.run(_state(_pair(0, 0), 0, 0));
        assertEq(outcome.totals[0], 0, "total");
        assertEq(outcome.sold[0] + outcome.paid[0], 0, "trades");
        assertFalse(outcome.improves, "improves");
    }

    function _sales(IPortfolioWeights.Basket memory basket, uint256 minimum) private pure returns (uint256[] memory) {
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        return WeightMath.sales(basket, values, total, minimum);
    }

    function _gaps(IPortfolioWeights.Basket memory basket, uint256[] memory sold)
        private
        pure
        returns (uint256[] memory, uint256)
    {
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        return WeightMath.gaps(values, basket.targets, total, sold);
    }

    function _surplus(IPortfolioWeights.Basket memory basket) private pure returns (uint256) {
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        return WeightMath.surplus(values[values.length - 1], basket.targets[values.length - 1], total);
    }

    /// @param before Quantity of the settlement token before the sales.
    function _proceeds(IPortfolioWeights.Basket memory basket, uint256 before) private pure returns (uint256) {
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        uint256 last = values.length - 1;
        return WeightMath.proceeds(values[last], before * basket.prices[last], basket.targets[last], total);
    }

    /// @dev Returns two to six holdings, the settlement token last; some empty, some without a target.
    function _random(uint256 seed) private pure returns (IPortfolioWeights.Basket memory basket) {
        uint256 count = 2 + seed % 5;
        basket = _empty(count);
        uint256 rest = WHOLE;
        for (uint256 i = 0; i < count; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            uint256 decimals = [6, 8, 18][word % 3];
            basket.prices[i] = bound(word >> 8, DOLLAR / 100, 100_000 * DOLLAR) * 10 ** (18 - decimals);
            bool held = (word >> 128) % 5 != 0;
            basket.quantities[i] = held ? bound(word >> 136, 1, 10 ** (decimals + 6)) : 0;
            basket.targets[i] = i + 1 == count ? rest : (word >> 224) % (rest + 1);
            rest -= basket.targets[i];
        }
    }

    /// @dev Returns one asset and the settlement token, of six decimals, a dollar each, half and half.
    function _pair(uint256 quantity, uint256 cash) private pure returns (IPortfolioWeights.Basket memory basket) {
        basket = _empty(2);
        (basket.prices[0], basket.prices[1]) = (DOLLAR * 1e12, DOLLAR * 1e12);
        (basket.quantities[0], basket.quantities[1]) = (quantity, cash);
        (basket.targets[0], basket.targets[1]) = (5_000, 5_000);
    }

    /// @dev Returns two assets and the settlement token, a dollar each, in millionths.
    function _three(uint256[3] memory amounts, uint256 target, uint256 decimals)
        private
        pure
        returns (IPortfolioWeights.Basket memory basket)
    {
        basket = _empty(3);
        for (uint256 i = 0; i < 3; ++i) {
            basket.prices[i] = DOLLAR * 10 ** (18 - decimals);
            basket.quantities[i] = amounts[i] * 10 ** (decimals - 6);
        }
        (basket.targets[0], basket.targets[1], basket.targets[2]) = (target, 8_000 - target, 2_000);
    }

    function _empty(uint256 count) private pure returns (IPortfolioWeights.Basket memory basket) {
        (basket.prices, basket.quantities, basket.targets) =
        (new uint256[](count), new uint256[](count), new uint256[](count));
    }

    function _state(IPortfolioWeights.Basket memory basket, uint256 sell, uint256 buy)
        private
        pure
        returns (WeightMathHarness.State memory state)
    {
        uint256 count = basket.prices.length;
        (state.basket, state.weighsSettlement, state.sizesSales) = (basket, true, true);
        (state.sellSlippages, state.buySlippages) = (new uint256[](count), new uint256[](count));
        for (uint256 i = 0; i < count; ++i) {
            (state.sellSlippages[i], state.buySlippages[i]) = (sell, buy);
        }
        state.maxLossBps = WHOLE;
    }

    function _apply(IPortfolioWeights.Basket memory basket, WeightMathHarness.Outcome memory outcome) private pure {
        uint256 last = basket.prices.length - 1;
        uint256 cash = basket.quantities[last];
        uint256 spent = 0;
        for (uint256 i = 0; i < last; ++i) {
            basket.quantities[i] = basket.quantities[i] - outcome.sold[i] + outcome.bought[i];
            (cash, spent) = (cash + outcome.received[i], spent + outcome.paid[i]);
        }
        basket.quantities[last] = cash - spent;
    }

    function _coarsest(IPortfolioWeights.Basket memory basket) private pure returns (uint256 price) {
        for (uint256 i = 0; i < basket.prices.length; ++i) {
            if (basket.prices[i] > price) price = basket.prices[i];
        }
    }

    /// @dev Swaps the first entry with another.
    function _swap(uint256[] memory list, uint256 other) private pure {
        (list[0], list[other]) = (list[other], list[0]);
    }

    function _assertNear(uint256 left, uint256 right, uint256 allowance) private pure {
        assertLe(left, right + allowance, "coarse above fine");
        assertLe(right, left + allowance, "fine above coarse");
    }
}
