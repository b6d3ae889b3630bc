// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IKillSwitch} from "../interfaces/IKillSwitch.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "../interfaces/IPortfolioWeights.sol";
import {IRebalanceable} from "../interfaces/IRebalanceable.sol";
import {ITradeVenue} from "../interfaces/ITradeVenue.sol";
import {IWeightRebalancer} from "../interfaces/IWeightRebalancer.sol";
import {Bps} from "../libraries/Bps.sol";
import {LimitKeys} from "../libraries/LimitKeys.sol";
import {WeightMath} from "../libraries/WeightMath.sol";
import {RateLimits} from "../security/RateLimits.sol";

/// @title Executor of a portfolio's runs towards its target weights, without custody
contract WeightRebalancer is IWeightRebalancer, RateLimits {
    using SafeERC20 for IERC20;

    /// @dev The terms, the time of the last run that traded, and whether runs are stopped: one slot.
    struct Setup {
        uint16 driftBps;
        uint32 coolDown;
        uint16 maxLossBps;
        uint16 openMaxLossBps;
        uint16 spotToleranceBps;
        uint96 minimumTrade;
        uint40 lastRun;
        bool paused;
    }

    /// @dev A run in memory.
    /// @param basket The portfolio as it stands.
    /// @param places Index of the terms of each trade, counted from 1; 0 for no trade.
    /// @param minimum Value below which nothing is traded.
    /// @param cash Value of the settlement token before.
    /// @param balanced Whether sales are limited to the amount that can be bought.
    /// @param sold Quantities to sell, by place.
    /// @param paid Settlement tokens to pay, by place.
    struct Run {
        IPortfolioWeights.Basket basket;
        uint256[] places;
        uint256 minimum;
        uint256 cash;
        bool balanced;
        uint256[] sold;
        uint256[] paid;
    }

    /// @dev A call that failed for lack of gas leaves at most a 64th for each level of calls below it.
    uint256 private constant GAS_PART = 8;

    /// @inheritdoc IWeightRebalancer
    address public immutable portfolio;
    /// @inheritdoc IWeightRebalancer
    address public immutable killSwitch;
    address private immutable _custody;
    address private immutable _settlement;
    address private immutable _home;

    Setup private _setup;

    modifier onlyPortfolio() {
        require(msg.sender == portfolio, WeightRebalancer_NotPortfolio(msg.sender));
        _;
    }

    // The portfolio is called in this constructor, so zero would revert.
    // slither-disable-start missing-zero-check
    constructor(address manager, address portfolio_, address killSwitch_) AccessManaged(manager) {
        require(portfolio_.code.length != 0, WeightRebalancer_InvalidPortfolio(portfolio_));
        require(killSwitch_.code.length != 0, WeightRebalancer_InvalidKillSwitch(killSwitch_));
        killSwitch = killSwitch_;
        address custody = IPortfolioWeights(portfolio_).custody();
        (portfolio, _custody) = (portfolio_, custody);
        (_settlement, _home) = (IPortfolio(custody).settlement(), IPortfolio(custody).home());
    }

    // slither-disable-end missing-zero-check

    /// @inheritdoc IWeightRebalancer
    function setTerms(Terms calldata newTerms) external restricted {
        _setTerms(newTerms);
    }

    /// @inheritdoc IWeightRebalancer
    function tightenTerms(Terms calldata newTerms) external restricted {
        Setup memory setup = _setup;
        bool tightened = newTerms.driftBps >= setup.driftBps && newTerms.coolDown >= setup.coolDown
            && newTerms.maxLossBps <= setup.maxLossBps && newTerms.openMaxLossBps <= setup.openMaxLossBps
            && newTerms.spotToleranceBps <= setup.spotToleranceBps && newTerms.minimumTrade >= setup.minimumTrade;
        require(tightened, WeightRebalancer_NotTightened());
        _setTerms(newTerms);
    }

    /// @inheritdoc IWeightRebalancer
    function pause() external restricted {
        _setup.paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IWeightRebalancer
    function unpause() external restricted {
        _setup.paused = false;
        emit Unpaused(msg.sender);
    }

    // Balances around calls must be compared. Only the portfolio calls, under its lock, and it measures again. Lists
    // are as long as the portfolio's.
    // slither-disable-start reentrancy-balance,reentrancy-events,reentrancy-benign,calls-loop

    /// @inheritdoc IWeightRebalancer
    function execute(
        IPortfolioWeights.Scales calldata scales,
        IPortfolioWeights.Mode mode,
        IPortfolioWeights.Swap[] calldata swaps
    ) external onlyPortfolio returns (uint256 turnover) {
        bool named = mode == IPortfolioWeights.Mode.Keeper;
        Run memory run = _runOf(scales);
        run.balanced = !named;
        run.places = named ? _match(scales.constituents, swaps) : _everywhere(scales.constituents.length);
        _sizeSales(run, scales.constituents, mode == IPortfolioWeights.Mode.Open);
        if (!named) _requireSpotOfSales(run, scales.constituents);
        turnover = _sell(run, swaps);

        _weighAgain(run, scales, turnover);
        _sizePayments(run, scales.constituents);
        if (!named) _requireSpotOfPurchases(run, scales.constituents);
        turnover += _buy(run, scales.constituents, swaps, turnover);

        if (named) return turnover;
        _requireSpotOfSales(run, scales.constituents);
        _requireSpotOfPurchases(run, scales.constituents);
    }

    /// @inheritdoc IWeightRebalancer
    function settle(Charge calldata charge) external onlyPortfolio {
        address subject = charge.mode == IPortfolioWeights.Mode.Open ? _custody : charge.caller;
        _charge(LimitKeys.automatic(subject), charge.turnover, charge.mode);
        uint256 rounding = Bps.ROUNDING * charge.trades;
        if (charge.lost > rounding) _charge(LimitKeys.LOSS_ADD, charge.lost - rounding, charge.mode);
        _setup.lastRun = uint40(block.timestamp);
        uint256 left = IERC20(_settlement).balanceOf(address(this));
        if (left != 0) IERC20(_settlement).safeTransfer(_home, left);
    }

    // slither-disable-end reentrancy-balance,reentrancy-events,reentrancy-benign,calls-loop

    /// @inheritdoc IWeightRebalancer
    function admit(address caller, IPortfolioWeights.Mode mode) external view returns (uint256 maxLossBps) {
        Setup memory setup = _setup;
        bool open = mode == IPortfolioWeights.Mode.Open;
        // The epoch of plans is not needed here.
        // slither-disable-next-line unused-return
        (bool stopped, bool removed,) = IKillSwitch(killSwitch).stateOf(caller);
        bool keeper = !removed && (open || this.bucketOf(LimitKeys.automatic(caller)).cap != 0);
        require(keeper, WeightRebalancer_NotKeeper(caller));
        require(!setup.paused && !stopped, IRebalanceable.Rebalance_Refused(IRebalanceable.Reason.Paused));
        // A validator's freedom of some seconds does not matter for a cool-down.
        // slither-disable-next-line timestamp
        bool cooled =
            mode == IPortfolioWeights.Mode.Keeper || block.timestamp >= uint256(setup.lastRun) + setup.coolDown;
        require(cooled, IRebalanceable.Rebalance_Refused(IRebalanceable.Reason.CoolDown));
        return open ? setup.openMaxLossBps : setup.maxLossBps;
    }

    /// @inheritdoc IWeightRebalancer
    function amountsOf(IPortfolioWeights.Scales calldata scales) external view returns (int256[] memory amounts) {
        Run memory run = _runOf(scales);
        uint256 last = scales.constituents.length;
        (uint256[] memory prices, uint256[] memory quantities) = (run.basket.prices, run.basket.quantities);
        run.places = _everywhere(last);
        amounts = new int256[](last + 1);
        _sizeSales(run, scales.constituents, false);
        for (uint256 i = 0; i < last; ++i) {
            uint256 received = run.sold[i] * prices[i] / prices[last];
            quantities[i] -= run.sold[i];
            quantities[last] += received;
            amounts[i] = int256(run.sold[i]);
            amounts[last] -= int256(received);
        }
        _sizePayments(run, scales.constituents);
        for (uint256 i = 0; i < last; ++i) {
            amounts[i] -= int256(run.paid[i] * prices[last] / prices[i]);
            amounts[last] += int256(run.paid[i]);
        }
    }

    /// @inheritdoc IWeightRebalancer
    function paused() external view returns (bool) {
        // A flag, which shares its word with times.
        // slither-disable-next-line timestamp
        return _setup.paused || IKillSwitch(killSwitch).paused();
    }

    /// @inheritdoc IWeightRebalancer
    function lastRun() external view returns (uint40) {
        return _setup.lastRun;
    }

    /// @inheritdoc IWeightRebalancer
    function terms() external view returns (Terms memory) {
        Setup memory setup = _setup;
        return Terms(
            setup.driftBps,
            setup.coolDown,
            setup.maxLossBps,
            setup.openMaxLossBps,
            setup.spotToleranceBps,
            setup.minimumTrade
        );
    }

    function _setTerms(Terms calldata newTerms) private {
        bool sound = newTerms.maxLossBps <= Bps.MAX_LOSS && newTerms.openMaxLossBps <= newTerms.maxLossBps
            && newTerms.driftBps <= Bps.ONE && newTerms.spotToleranceBps <= Bps.ONE;
        require(sound, WeightRebalancer_InvalidTerms());
        Setup memory setup = _setup;
        (setup.driftBps, setup.coolDown, setup.minimumTrade) =
        (newTerms.driftBps, newTerms.coolDown, newTerms.minimumTrade);
        (setup.maxLossBps, setup.openMaxLossBps, setup.spotToleranceBps) =
        (newTerms.maxLossBps, newTerms.openMaxLossBps, newTerms.spotToleranceBps);
        _setup = setup;
        emit TermsSet(newTerms);
    }

    /// @dev Consumes, or refuses where an empty limit is no error.
    function _charge(bytes32 key, uint256 amount, IPortfolioWeights.Mode mode) private {
        bool enough = mode == IPortfolioWeights.Mode.Keeper || available(key) >= amount;
        require(enough, IRebalanceable.Rebalance_Refused(IRebalanceable.Reason.BucketEmpty));
        _consume(key, amount);
    }

    // As above; and a time is stored next to the terms, which taints every comparison with one of them.
    // slither-disable-start reentrancy-balance,calls-loop,incorrect-equality,timestamp

    /// @dev Sells one by one, each to this account.
    function _sell(Run memory run, IPortfolioWeights.Swap[] calldata swaps) private returns (uint256 received) {
        uint256 before = _balance();
        for (uint256 i = 0; i < run.sold.length; ++i) {
            uint256 amount = run.sold[i];
            if (amount == 0) continue;
            (uint256 minOut, bytes calldata data) = _termsOf(run, swaps, i);
            // The balance shows the proceeds.
            // slither-disable-next-line unused-return
            IPortfolioWeights(portfolio).sellOverweight(i, amount, minOut, data);
        }
        return _balance() - before;
    }

    /// @dev Buys one by one. The portfolio advances the amount that proceeds do not cover.
    function _buy(
        Run memory run,
        IPortfolioWeights.Constituent[] calldata constituents,
        IPortfolioWeights.Swap[] calldata swaps,
        uint256 received
    ) private returns (uint256 spent) {
        for (uint256 i = 0; i < run.paid.length; ++i) {
            spent += run.paid[i];
        }
        if (spent > received) IPortfolioWeights(portfolio).advance(spent - received);
        for (uint256 i = 0; i < run.paid.length; ++i) {
            uint256 amount = run.paid[i];
            if (amount == 0) continue;
            (uint256 minOut, bytes calldata data) = _termsOf(run, swaps, i);
            address venue = constituents[i].venue;
            IERC20(_settlement).safeTransfer(venue == address(0) ? _custody : venue, amount);
            // slither-disable-next-line unused-return
            IPortfolioWeights(portfolio).buyUnderweight(i, amount, minOut, data);
        }
    }

    /// @dev Reads the balances of sold assets again.
    function _weighAgain(Run memory run, IPortfolioWeights.Scales calldata scales, uint256 received) private view {
        uint256 last = run.sold.length - 1;
        for (uint256 i = 0; i < last; ++i) {
            if (run.sold[i] == 0) continue;
            run.basket.quantities[i] = IERC20(scales.constituents[i].asset).balanceOf(_custody);
        }
        run.basket.quantities[last] += received;
    }

    function _runOf(IPortfolioWeights.Scales calldata scales) private view returns (Run memory run) {
        run.basket = scales.basket;
        uint256 last = scales.constituents.length;
        run.minimum = _setup.minimumTrade * run.basket.prices[last];
        run.cash = run.basket.quantities[last] * run.basket.prices[last];
    }

    function _balance() private view returns (uint256) {
        return IERC20(_settlement).balanceOf(address(this));
    }

    /// @dev Quantities to sell: the excess above the target that may be sold now, unless that is too little.
    function _sizeSales(Run memory run, IPortfolioWeights.Constituent[] calldata constituents, bool open) private view {
        IPortfolioWeights.Basket memory basket = run.basket;
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        bool drifts = !open || WeightMath.drifts(values, basket.targets, total, _setup.driftBps);
        require(drifts, IRebalanceable.Rebalance_Refused(IRebalanceable.Reason.InsideDrift));
        run.sold = WeightMath.sales(basket, values, total, run.minimum);
        for (uint256 i = 0; i < constituents.length; ++i) {
            if (run.sold[i] == 0) continue;
            uint256 amount = Math.min(run.sold[i], constituents[i].maxSale);
            bool worthIt = run.places[i] != 0 && amount * basket.prices[i] >= run.minimum;
            run.sold[i] = worthIt ? amount : 0;
        }
        if (run.balanced) _balanceSales(run, constituents, values, total);
    }

    /// @dev Sells at most the amount that can be bought, or that the settlement token lacks. Otherwise anybody who
    /// makes room for a tiny purchase could send a tier's money home, run by run: with that purchase each run would
    /// count as an improvement.
    function _balanceSales(
        Run memory run,
        IPortfolioWeights.Constituent[] calldata constituents,
        uint256[] memory values,
        uint256 total
    ) private pure {
        uint256 last = constituents.length;
        uint256[] memory prices = run.basket.prices;
        (, uint256 wanted) = _gapsOf(run, constituents, values, total);
        wanted = Math.saturatingSub(wanted + run.basket.targets[last] * total, Bps.ONE * values[last]);
        uint256 given = 0;
        for (uint256 i = 0; i < last; ++i) {
            given += Bps.ONE * run.sold[i] * prices[i];
        }
        if (given <= wanted) return;
        for (uint256 i = 0; i < last; ++i) {
            uint256 amount = Math.mulDiv(run.sold[i], wanted, given);
            run.sold[i] = amount * prices[i] >= run.minimum ? amount : 0;
        }
    }

    /// @dev Payments: the budget split by the gaps of assets that were not sold and may be bought now, unless it is too
    /// little.
    function _sizePayments(Run memory run, IPortfolioWeights.Constituent[] calldata constituents) private view {
        (uint256[] memory values, uint256 total) = WeightMath.weigh(run.basket);
        (uint256[] memory lacking, uint256 sum) = _gapsOf(run, constituents, values, total);
        uint256 budget = _budgetOf(run, values[values.length - 1], total);
        uint256 price = run.basket.prices[values.length - 1];
        run.paid = WeightMath.payments(lacking, sum, budget, price, run.minimum);
        for (uint256 i = 0; i < constituents.length; ++i) {
            uint256 most = constituents[i].maxPayment;
            if (run.paid[i] > most) run.paid[i] = most * price >= run.minimum ? most : 0;
        }
    }

    /// @dev The budget. In a portfolio with a home its earlier balance is not part of the run.
    function _budgetOf(Run memory run, uint256 value, uint256 total) private view returns (uint256) {
        uint256 target = run.basket.targets[run.basket.targets.length - 1];
        return _home == _custody
            ? WeightMath.surplus(value, target, total)
            : WeightMath.proceeds(value, run.cash, target, total);
    }

    function _requireSpotOfSales(Run memory run, IPortfolioWeights.Constituent[] calldata constituents) private view {
        uint256[] memory prices = run.basket.prices;
        for (uint256 i = 0; i < constituents.length; ++i) {
            uint256 amount = run.sold[i];
            if (amount == 0) continue;
            uint256 expected = amount * prices[i] / prices[constituents.length];
            _requireSpot(constituents[i].venue, [constituents[i].asset, _settlement], amount, expected);
        }
    }

    function _requireSpotOfPurchases(Run memory run, IPortfolioWeights.Constituent[] calldata constituents)
        private
        view
    {
        uint256[] memory prices = run.basket.prices;
        for (uint256 i = 0; i < constituents.length; ++i) {
            uint256 amount = run.paid[i];
            if (amount == 0) continue;
            uint256 expected = amount * prices[constituents.length] / prices[i];
            _requireSpot(constituents[i].venue, [_settlement, constituents[i].asset], amount, expected);
        }
    }

    /// @dev The venue's price must be near the oracle's, in both directions. A venue without a price is refused.
    function _requireSpot(address venue, address[2] memory pair, uint256 amount, uint256 expected) private view {
        // Deposits and redemptions are at the strategy's own price, at which they are also valued.
        if (venue == address(0)) return;
        uint256 gas = gasleft();
        bool near = false;
        try ITradeVenue(venue).spot(pair[0], pair[1], amount) returns (uint256 out) {
            uint256 distance = out > expected ? out - expected : expected - out;
            near = distance * Bps.ONE <= expected * _setup.spotToleranceBps;
        } catch {
            // With little gas anybody could cause a failure.
            require(gasleft() > gas / GAS_PART, WeightRebalancer_OutOfGas());
        }
        require(near, IRebalanceable.Rebalance_Refused(IRebalanceable.Reason.SpotOffOracle));
    }

    /// @dev Gaps of assets that were not sold and may be bought now. In a balanced run each is at most the payment
    /// allowed for it, and nothing where that is too little.
    function _gapsOf(
        Run memory run,
        IPortfolioWeights.Constituent[] calldata constituents,
        uint256[] memory values,
        uint256 total
    ) private pure returns (uint256[] memory lacking, uint256 sum) {
        (lacking, sum) = WeightMath.gaps(values, run.basket.targets, total, _closedOf(run, constituents));
        if (!run.balanced) return (lacking, sum);
        uint256 price = run.basket.prices[constituents.length];
        sum = 0;
        for (uint256 i = 0; i < constituents.length; ++i) {
            uint256 most = Math.saturatingMul(constituents[i].maxPayment, Bps.ONE * price);
            if (lacking[i] > most) lacking[i] = most >= Bps.ONE * run.minimum ? most : 0;
            sum += lacking[i];
        }
    }

    /// @dev Marks assets that were sold or cannot be bought.
    function _closedOf(Run memory run, IPortfolioWeights.Constituent[] calldata constituents)
        private
        pure
        returns (uint256[] memory closed)
    {
        closed = new uint256[](run.sold.length);
        for (uint256 i = 0; i < constituents.length; ++i) {
            bool open = run.places[i] != 0 && constituents[i].maxPayment != 0;
            closed[i] = open ? run.sold[i] : 1;
        }
    }

    // slither-disable-end reentrancy-balance,calls-loop,incorrect-equality,timestamp

    /// @dev Finds the keeper's terms of each asset.
    function _match(IPortfolioWeights.Constituent[] calldata constituents, IPortfolioWeights.Swap[] calldata swaps)
        private
        pure
        returns (uint256[] memory places)
    {
        places = new uint256[](constituents.length);
        for (uint256 i = 0; i < places.length; ++i) {
            for (uint256 j = 0; j < swaps.length; ++j) {
                if (swaps[j].asset == constituents[i].asset) places[i] = j + 1;
            }
        }
    }

    /// @dev Without a keeper's terms all assets may be traded within the portfolio's own bounds.
    function _everywhere(uint256 count) private pure returns (uint256[] memory places) {
        places = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            places[i] = 1;
        }
    }

    /// @dev The terms of a trade; none where all may be traded.
    function _termsOf(Run memory run, IPortfolioWeights.Swap[] calldata swaps, uint256 index)
        private
        pure
        returns (uint256 minOut, bytes calldata data)
    {
        if (swaps.length == 0) return (0, msg.data[:0]);
        IPortfolioWeights.Swap calldata swap = swaps[run.places[index] - 1];
        return (swap.minOut, swap.data);
    }
}
