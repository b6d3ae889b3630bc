// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceable} from "./IRebalanceable.sol";

/// @title How a portfolio comes back to its target weights
/// @notice An executor without custody, `rebalancer`, decides what is sold and bought; the portfolio holds, trades and
/// judges. It takes prices and balances once, before, and measures with the same prices afterwards: the sum of the
/// weights' distances from their targets has fallen, no more value was lost than admitted, and what was not traded is
/// still there. Otherwise everything is undone.
///
/// The settlement token is an asset of its own in a portfolio that stands alone: what is above its target is spent,
/// what it lacks is held back. Of a portfolio with a home it is no part: only proceeds are spent, and the rest goes
/// home.
interface IPortfolioWeights is IRebalanceable {
    /// @notice Who asked for a run, and under which terms it is.
    /// @dev `Open`: anybody, by `rebalance(false)`. `Forced`: a keeper, by `rebalance(true)`. `Keeper`: a keeper, by
    /// `reweigh`.
    enum Mode {
        Open,
        Forced,
        Keeper
    }

    /// @notice What is held and what it is worth, the settlement token last: what counts of it, which is nothing in a
    /// portfolio with a home.
    /// @param prices Values of one base unit each, above zero, all on one scale.
    /// @param quantities In base units.
    /// @param targets Target weights in basis points; together 10,000.
    struct Basket {
        uint256[] prices;
        uint256[] quantities;
        uint256[] targets;
    }

    /// @notice An asset of a run.
    /// @param asset The token.
    /// @param venue Where it is traded; 0 when it is bought by deposit and sold by redemption.
    /// @param maxLossBps Value that one trade of it may lose, of its amount.
    /// @param maxSale Most that can be sold now, in base units.
    /// @param maxPayment Most that may be paid for it now, in settlement tokens. With 0 for both, its quantity need not
    /// be a balance: pending requests count, too.
    struct Constituent {
        address asset;
        address venue;
        uint256 maxLossBps;
        uint256 maxSale;
        uint256 maxPayment;
    }

    /// @notice A portfolio on the scales.
    /// @param basket Its assets, then the settlement token.
    /// @param constituents The assets, in the same order.
    struct Scales {
        Basket basket;
        Constituent[] constituents;
    }

    /// @notice A keeper's terms for the trade of one asset.
    /// @param asset The token. What is not named is not traded, and is no gap.
    /// @param minOut Least amount to come out: settlement tokens of a sale, the asset of a purchase.
    /// @param data Passed on to the venue.
    struct Swap {
        address asset;
        uint256 minOut;
        bytes data;
    }

    /// @notice The executor of runs was set; 0 when there is none.
    event RebalancerSet(address indexed rebalancer);

    /// @notice A run traded.
    /// @param turnover Settlement tokens received in sales and paid in purchases.
    /// @param lost Value lost, in settlement tokens, rounded up.
    /// @param returned Settlement tokens that were left and went home, strangers' gifts to the executor included.
    event Rebalanced(address indexed caller, Mode mode, uint256 turnover, uint256 lost, uint256 returned);

    /// @notice The bound on what any run may lose was set or lowered.
    event MaxLossSet(uint16 maxLossBps);

    /// @notice The bound is above 10 %, or not below the present one where it was to be lowered.
    error PortfolioWeights_InvalidMaxLoss(uint16 maxLossBps);

    /// @notice The executor does not serve this portfolio.
    error PortfolioWeights_InvalidRebalancer(address rebalancer);

    /// @notice There is no executor.
    error PortfolioWeights_NoRebalancer();

    /// @notice Only the executor may do this, and only while it was asked to.
    error PortfolioWeights_NotInSession(address caller);

    /// @notice The asset had its one trade of this run, is not in the run, or cannot be traded now.
    error PortfolioWeights_NotOpen(uint256 index);

    /// @notice More than can be sold, or paid, of the asset now.
    error PortfolioWeights_AboveMaximum(uint256 index, uint256 amount, uint256 most);

    /// @notice A balance that was not to be traded changed during the run.
    error PortfolioWeights_BalanceChanged(address asset, uint256 balance, uint256 expected);

    /// @notice Settlement tokens of the run did not come home.
    error PortfolioWeights_NotReturned(uint256 missing);

    /// @notice The caller gave too little gas to tell why a call failed.
    error PortfolioWeights_OutOfGas();

    /// @notice Sets the executor of runs, or 0 for none.
    /// @dev Who: the configurator's role. Emits `RebalancerSet`. Reverts with `PortfolioWeights_InvalidRebalancer` when
    /// it names another portfolio.
    function setRebalancer(address newRebalancer) external;

    /// @notice Sets the bound on what a run may lose, of the total, whatever the executor admits.
    /// @dev Who: the configurator's role. Emits `MaxLossSet`. Reverts with `PortfolioWeights_InvalidMaxLoss`.
    function setMaxLoss(uint16 newMaxLossBps) external;

    /// @notice Lowers that bound.
    /// @dev Who: the guardian's role. Emits and reverts as `setMaxLoss` does.
    function lowerMaxLoss(uint16 newMaxLossBps) external;

    /// @notice As `rebalance`, for a caller of the portfolio.
    /// @dev Who: the portfolio. Reverts with `PortfolioWeights_NotInSession` for others.
    /// @param caller Who called the portfolio.
    /// @param force As for `rebalance`.
    /// @return skipped Whether the run did nothing, or was undone.
    /// @return reason Why, where it was skipped.
    function rebalanceFor(address caller, bool force) external returns (bool skipped, Reason reason);

    /// @notice Runs with a keeper's terms for each trade. A run that may not go on reverts with `Rebalance_Refused`.
    /// @dev Who: owners of an AUTO limit at the executor. Emits `Rebalanced`. Reverts with
    /// `WeightRebalancer_NotKeeper`, and as limits, oracle, venues and strategies do.
    function reweigh(Swap[] calldata swaps) external;

    /// @notice Sells an asset of the run; proceeds go to the executor.
    /// @dev Who: the executor, during a run. Reverts with `PortfolioWeights_NotInSession`, `PortfolioWeights_NotOpen`,
    /// `PortfolioWeights_AboveMaximum`.
    /// @param index Place of the asset among the constituents.
    /// @param amount Base units, at most the constituent's `maxSale`.
    /// @param minOut Least proceeds; the asset's loss bound holds besides.
    /// @return proceeds What the executor's balance grew by.
    function sellOverweight(uint256 index, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 proceeds);

    /// @notice Buys an asset of the run with settlement tokens that were pushed before: to its venue, or to the
    /// portfolio where it has none.
    /// @dev Who: the executor, during a run. Reverts as `sellOverweight` does.
    /// @param amount Settlement tokens, at most the constituent's `maxPayment`.
    /// @param minOut Least amount of the asset; its loss bound holds besides.
    /// @return bought What the portfolio's balance of the asset grew by.
    function buyUnderweight(uint256 index, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 bought);

    /// @notice Gives the executor settlement tokens of the portfolio's own, to pay purchases with.
    /// @dev Who: the executor, during a run of a portfolio that stands alone. Reverts with
    /// `PortfolioWeights_NotInSession`.
    function advance(uint256 amount) external;

    /// @notice The portfolio that holds what is weighed.
    function custody() external view returns (address);

    /// @notice The executor of runs; 0 when there is none.
    function rebalancer() external view returns (address);

    /// @notice Value that any run may lose, of the total.
    function maxLossBps() external view returns (uint16);

    /// @notice Prices, balances and targets as a keeper's run would take them. Any other run does not sell what pays
    /// less than its least rate.
    /// @dev Reverts with `Rebalance_Refused(StalePrice)` where a price is bad, and during a run.
    function scales() external view returns (Scales memory);

    /// @notice What a keeper's run would trade at these prices without any slippage: positive sells, negative buys, in
    /// the asset's base units. The last is the settlement token, positive when more of it is paid than received.
    /// @dev Reverts as `scales` does, and with `PortfolioWeights_NoRebalancer`.
    function rebalanceAmounts() external view returns (address[] memory assets, int256[] memory amounts);
}
