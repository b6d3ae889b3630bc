// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

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

    /// @dev The terms, when a run last traded, and whether runs are stopped: one slot.
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
    /// @param scales As the portfolio was before.
    /// @param basket The same as it stands.
    /// @param swaps Terms of each trade; empty where everything may be traded at the portfolio's own bounds.
    /// @param named Whether only what `swaps` names is traded.
    /// @param minimum Value below which nothing is traded.
    /// @param sold Quantities to sell, by place.
    /// @param paid Settlement tokens to pay, by place.
    /// @param toleranceBps Of a venue's price.
    struct Run {
        IPortfolioWeights.Scales scales;
        WeightMath.Basket basket;
        IPortfolioWeights.Swap[] swaps;
        bool named;
        uint256 minimum;
        uint256[] sold;
        uint256[] paid;
        uint256 toleranceBps;
    }

    /// @dev Base units that a trade may lose to rounding.
    uint256 private constant ROUNDING = 2;
    /// @dev A call that failed for lack of gas leaves at most a 64th for each level of calls below it.
    uint256 private constant GAS_PART = 8;

    /// @inheritdoc IWeightRebalancer
    address public immutable portfolio;
    address private immutable _settlement;
    address private immutable _home;

    Setup private _setup;

    modifier onlyPortfolio() {
        require(msg.sender == portfolio, WeightRebalancer_NotPortfolio(msg.sender));
        _;
    }

    // The portfolio is called right here, which zero would not survive.
    // slither-disable-next-line missing-zero-check
    constructor(address manager, address portfolio_) AccessManaged(manager) {
        require(portfolio_.code.length != 0, WeightRebalancer_InvalidPortfolio(portfolio_));
        (portfolio, _settlement, _home) =
        (portfolio_, IPortfolio(portfolio_).settlement(), IPortfolio(portfolio_).home());
    }

    /// @inheritdoc IWeightRebalancer
    function setTerms(Terms calldata newTerms) external restricted {
        bool sound = newTerms.maxLossBps <= Bps.MAX_LOSS && newTerms.openMaxLossBps <= newTerms.maxLossBps
            && newTerms.driftBps <= Bps.ONE && newTerms.spotToleranceBps <= Bps.ONE;
        require(sound, WeightRebalancer_InvalidTerms());
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

    // Balances around calls are the point. Only the portfolio calls, under its lock, and it measures again. Lists are
    // as long as the portfolio's.
    // slither-disable-start reentrancy-balance,reentrancy-events,reentrancy-benign,calls-loop

    /// @inheritdoc IWeightRebalancer
    function execute(
        IPortfolioWeights.Scales memory scales,
        IPortfolioWeights.Mode mode,
        IPortfolioWeights.Swap[] memory swaps
    ) external onlyPortfolio returns (uint256 turnover) {
        Run memory run = _runOf(scales);
        (run.swaps, run.named) = (swaps, mode == IPortfolioWeights.Mode.Keeper);
        if (mode == IPortfolioWeights.Mode.Open) _requireDrift(run.basket);

        _sizeSales(run);
        if (!run.named) _requireSpotOfSales(run);
        turnover = _sell(run);

        _weighAgain(run, turnover);
        _sizePayments(run);
        if (!run.named) _requireSpotOfPurchases(run);
        turnover += _buy(run, turnover);

        if (!run.named) {
            _requireSpotOfSales(run);
            _requireSpotOfPurchases(run);
        }
    }

    /// @inheritdoc IWeightRebalancer
    function settle(Charge calldata charge) external onlyPortfolio {
        address subject = charge.mode == IPortfolioWeights.Mode.Open ? portfolio : charge.caller;
        _charge(LimitKeys.automatic(subject), charge.turnover, charge.mode);
        uint256 rounding = ROUNDING * charge.trades;
        if (charge.lost > rounding) _charge(LimitKeys.LOSS_ADD, charge.lost - rounding, charge.mode);
        _setup.lastRun = uint40(block.timestamp);
        uint256 left = IERC20(_settlement).balanceOf(address(this));
        emit Executed(charge.caller, charge.turnover, charge.lost, left);
        if (left != 0) IERC20(_settlement).safeTransfer(_home, left);
    }

    // slither-disable-end reentrancy-balance,reentrancy-events,reentrancy-benign,calls-loop

    /// @inheritdoc IWeightRebalancer
    function admit(address caller, IPortfolioWeights.Mode mode) external view returns (uint256 maxLossBps) {
        Setup memory setup = _setup;
        bool open = mode == IPortfolioWeights.Mode.Open;
        if (!open) {
            bool keeper = this.bucketOf(LimitKeys.automatic(caller)).cap != 0;
            require(keeper, WeightRebalancer_NotKeeper(caller));
        }
        require(!setup.paused, IRebalanceable.Rebalance_Refused(IRebalanceable.Reason.Paused));
        // A validator's leeway of seconds does not count against a cool-down.
        // slither-disable-next-line timestamp
        bool cooled =
            mode == IPortfolioWeights.Mode.Keeper || block.timestamp >= uint256(setup.lastRun) + setup.coolDown;
        require(cooled, IRebalanceable.Rebalance_Refused(IRebalanceable.Reason.CoolDown));
        return open ? setup.openMaxLossBps : setup.maxLossBps;
    }

    /// @inheritdoc IWeightRebalancer
    function amountsOf(IPortfolioWeights.Scales memory scales) external view returns (int256[] memory amounts) {
        Run memory run = _runOf(scales);
        uint256 last = run.sold.length - 1;
        amounts = new int256[](last + 1);
        _sizeSales(run);
        uint256 received = 0;
        for (uint256 i = 0; i < last; ++i) {
            received += run.sold[i] * run.basket.prices[i] / scales.cashPrice;
            run.basket.quantities[i] -= run.sold[i];
            amounts[i] = int256(run.sold[i]);
        }
        run.basket.quantities[last] += received;
        _sizePayments(run);
        uint256 spent = 0;
        for (uint256 i = 0; i < last; ++i) {
            spent += run.paid[i];
            amounts[i] -= int256(run.paid[i] * scales.cashPrice / run.basket.prices[i]);
        }
        amounts[last] = int256(spent) - int256(received);
    }

    /// @inheritdoc IWeightRebalancer
    function paused() external view returns (bool) {
        return _setup.paused;
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

    /// @dev Sells one by one, each to this account.
    function _sell(Run memory run) private returns (uint256 received) {
        uint256 before = _balance();
        for (uint256 i = 0; i < run.sold.length; ++i) {
            if (run.sold[i] == 0) continue;
            (, uint256 minOut, bytes memory data) = _swapOf(run, i);
            // The balance tells.
            // slither-disable-next-line unused-return
            IPortfolioWeights(portfolio).sellOverweight(i, run.sold[i], minOut, data);
        }
        return _balance() - before;
    }

    /// @dev Buys one by one. What proceeds do not cover, the portfolio advances.
    function _buy(Run memory run, uint256 received) private returns (uint256 spent) {
        for (uint256 i = 0; i < run.paid.length; ++i) {
            spent += run.paid[i];
        }
        if (spent > received) IPortfolioWeights(portfolio).advance(spent - received);
        for (uint256 i = 0; i < run.paid.length; ++i) {
            if (run.paid[i] == 0) continue;
            (, uint256 minOut, bytes memory data) = _swapOf(run, i);
            address venue = run.scales.constituents[i].venue;
            IERC20(_settlement).safeTransfer(venue == address(0) ? portfolio : venue, run.paid[i]);
            // slither-disable-next-line unused-return
            IPortfolioWeights(portfolio).buyUnderweight(i, run.paid[i], minOut, data);
        }
    }

    /// @dev Reads the balances again, of what can be traded.
    function _weighAgain(Run memory run, uint256 received) private view {
        uint256 last = run.sold.length - 1;
        for (uint256 i = 0; i < last; ++i) {
            if (run.sold[i] == 0) continue;
            run.basket.quantities[i] = IERC20(run.scales.constituents[i].asset).balanceOf(portfolio);
        }
        run.basket.quantities[last] = run.scales.cash + received;
    }

    function _runOf(IPortfolioWeights.Scales memory scales) private view returns (Run memory run) {
        (run.scales, run.basket) = (scales, WeightMath.basketOf(scales));
        Setup memory setup = _setup;
        run.minimum = uint256(setup.minimumTrade) * scales.cashPrice;
        run.toleranceBps = setup.spotToleranceBps;
        run.sold = new uint256[](run.basket.prices.length);
    }

    function _balance() private view returns (uint256) {
        return IERC20(_settlement).balanceOf(address(this));
    }

    function _requireSpotOfSales(Run memory run) private view {
        for (uint256 i = 0; i < run.sold.length; ++i) {
            uint256 amount = run.sold[i];
            if (amount == 0) continue;
            IPortfolioWeights.Constituent memory item = run.scales.constituents[i];
            uint256 expected = Math.mulDiv(amount, item.price, run.scales.cashPrice);
            _requireSpot(run, item.venue, [item.asset, _settlement], amount, expected);
        }
    }

    function _requireSpotOfPurchases(Run memory run) private view {
        for (uint256 i = 0; i < run.paid.length; ++i) {
            uint256 amount = run.paid[i];
            if (amount == 0) continue;
            IPortfolioWeights.Constituent memory item = run.scales.constituents[i];
            uint256 expected = Math.mulDiv(amount, run.scales.cashPrice, item.price);
            _requireSpot(run, item.venue, [_settlement, item.asset], amount, expected);
        }
    }

    /// @dev What the venue's price gives must be near what the oracle's does, either way. A venue without a price is
    /// off.
    function _requireSpot(Run memory run, address venue, address[2] memory pair, uint256 amount, uint256 expected)
        private
        view
    {
        // Deposits and redemptions are at the strategy's own price, which is the one they are valued at.
        if (venue == address(0)) return;
        uint256 gas = gasleft();
        bool near = false;
        try ITradeVenue(venue).spot(pair[0], pair[1], amount) returns (uint256 out) {
            uint256 distance = out > expected ? out - expected : expected - out;
            near = distance <= Bps.partDown(expected, run.toleranceBps);
        } catch {
            require(gasleft() > gas / GAS_PART, WeightRebalancer_OutOfGas());
        }
        require(near, IRebalanceable.Rebalance_Refused(IRebalanceable.Reason.SpotOffOracle));
    }

    function _requireDrift(WeightMath.Basket memory basket) private view {
        (uint256[] memory values, uint256 total) = WeightMath.weigh(basket);
        bool drifts = WeightMath.drifts(values, basket.targets, total, _setup.driftBps);
        require(drifts, IRebalanceable.Rebalance_Refused(IRebalanceable.Reason.InsideDrift));
    }

    /// @dev What is to be sold: what is above the target and may be sold now, unless that is too little.
    function _sizeSales(Run memory run) private pure {
        run.sold = WeightMath.sales(run.basket, run.minimum);
        for (uint256 i = 0; i < run.scales.constituents.length; ++i) {
            uint256 amount = Math.min(run.sold[i], run.scales.constituents[i].maxSale);
            bool worthIt = amount * run.basket.prices[i] >= run.minimum && _isNamed(run, i);
            run.sold[i] = worthIt ? amount : 0;
        }
    }

    /// @dev What is to be paid: the budget by gap, of what was not sold and may be bought now, unless it is too little.
    function _sizePayments(Run memory run) private view {
        uint256 last = run.sold.length - 1;
        uint256[] memory closed = new uint256[](last + 1);
        for (uint256 i = 0; i < last; ++i) {
            bool buyable = run.scales.constituents[i].maxPayment != 0 && _isNamed(run, i);
            closed[i] = buyable ? run.sold[i] : 1;
        }
        (uint256[] memory lacking, uint256 sum) = WeightMath.gaps(run.basket, closed);
        // What a portfolio with a home had before is no part of the run.
        uint256 budget =
            _home == portfolio ? WeightMath.surplus(run.basket) : WeightMath.proceeds(run.basket, run.scales.cash);
        run.paid = WeightMath.payments(run.basket, lacking, sum, budget, run.minimum);
        for (uint256 i = 0; i < last; ++i) {
            uint256 amount = Math.min(run.paid[i], run.scales.constituents[i].maxPayment);
            run.paid[i] = amount * run.scales.cashPrice >= run.minimum ? amount : 0;
        }
    }

    function _isNamed(Run memory run, uint256 index) private pure returns (bool named) {
        (named,,) = _swapOf(run, index);
    }

    /// @dev The keeper's terms for one asset. Without any, everything may be traded within the portfolio's own bounds.
    function _swapOf(Run memory run, uint256 index)
        private
        pure
        returns (bool named, uint256 minOut, bytes memory data)
    {
        if (!run.named) return (true, 0, "");
        address asset = run.scales.constituents[index].asset;
        for (uint256 i = 0; i < run.swaps.length; ++i) {
            if (run.swaps[i].asset == asset) return (true, run.swaps[i].minOut, run.swaps[i].data);
        }
    }
}
