// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceable} from "./IRebalanceable.sol";

/// @title Rebalances a portfolio to its target weights
/// @notice An executor without custody, `rebalancer`, decides the sales and purchases; the portfolio holds, trades and
/// judges. Prices and balances are taken once, before the run, and the result is measured with the same prices: the sum
/// of the weights' distances from their targets has fallen, no more value was lost than admitted, and assets that were
/// not traded are unchanged. Otherwise everything is reverted.
///
/// In a portfolio that stands alone the settlement token is an asset with a target: the surplus is spent, and a gap is
/// held back. In a portfolio with a home it is not part of the run: only proceeds are spent, and the rest goes home.
interface IPortfolioWeights is IRebalanceable {
    /// @notice Caller and terms of a run.
    /// @dev `Open`: anybody, by `rebalance(false)`. `Forced`: a keeper, by `rebalance(true)`. `Keeper`: a keeper, by
    /// `reweigh`.
    enum Mode {
        Open,
        Forced,
        Keeper
    }

    /// @notice Quantities and values of the assets, the settlement token last: its counted amount, which is nothing in
    /// a portfolio with a home.
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
    /// @param venue Venue of its trades; 0 when it is bought by deposit and sold by redemption.
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

    /// @notice A portfolio's basket and the limits of its trades.
    /// @param basket Its assets, then the settlement token.
    /// @param constituents The assets, in the same order.
    struct Scales {
        Basket basket;
        Constituent[] constituents;
    }

    /// @notice A keeper's terms for the trade of one asset.
    /// @param asset The token. An asset that is not named is not traded, and is no gap.
    /// @param minOut Least output: settlement tokens of a sale, the asset of a purchase.
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
    /// @param returned Settlement tokens that were left and went home, including strangers' gifts to the executor.
    event Rebalanced(address indexed caller, Mode mode, uint256 turnover, uint256 lost, uint256 returned);

    /// @notice The loss bound of any run was set or lowered.
    event MaxLossSet(uint16 maxLossBps);

    /// @notice The bound is above 10 %, or not below the present one where it was to be lowered.
    error PortfolioWeights_InvalidMaxLoss(uint16 maxLossBps);

    /// @notice The executor does not serve this portfolio.
    error PortfolioWeights_InvalidRebalancer(address rebalancer);

    /// @notice There is no executor.
    error PortfolioWeights_NoRebalancer();

    /// @notice Only the executor may call this, and only during a run.
    error PortfolioWeights_NotInSession(address caller);

    /// @notice The asset was already traded in this run, is not in the run, or cannot be traded now.
    error PortfolioWeights_NotOpen(uint256 index);

    /// @notice The amount is more than can be sold, or paid, of the asset now.
    error PortfolioWeights_AboveMaximum(uint256 index, uint256 amount, uint256 most);

    /// @notice A balance outside the trades changed during the run.
    error PortfolioWeights_BalanceChanged(address asset, uint256 balance, uint256 expected);

    /// @notice Settlement tokens of the run did not arrive at the home.
    error PortfolioWeights_NotReturned(uint256 missing);

    /// @notice The caller gave too little gas to determine why a call failed.
    error PortfolioWeights_OutOfGas();

    /// @notice Sets the executor of runs, or 0 for none.
    /// @dev Who: the configurator's role. Emits `RebalancerSet`. Reverts with `PortfolioWeights_InvalidRebalancer` when
    /// it names another portfolio.
    function setRebalancer(address newRebalancer) external;

    /// @notice Sets the loss bound of a run, as a part of the total, independent of the executor's bound.
    /// @dev Who: the configurator's role. Emits `MaxLossSet`. Reverts with `PortfolioWeights_InvalidMaxLoss`.
    function setMaxLoss(uint16 newMaxLossBps) external;

    /// @notice Lowers that bound.
    /// @dev Who: the guardian's role. Emits and reverts as `setMaxLoss` does.
    function lowerMaxLoss(uint16 newMaxLossBps) external;

    /// @notice As `rebalance`, called by the portfolio.
    /// @dev Who: the portfolio. Reverts with `PortfolioWeights_NotInSession` for others.
    /// @param caller Who called the portfolio.
    /// @param force As for `rebalance`.
    /// @return skipped Whether the run did nothing, or was reverted.
    /// @return reason Reason, where it was skipped.
    function rebalanceFor(address caller, bool force) external returns (bool skipped, Reason reason);

    /// @notice Runs with a keeper's terms for each trade. A run that is refused reverts with `Rebalance_Refused`.
    /// @dev Who: owners of an AUTO limit at the executor. Emits `Rebalanced`. Reverts with
    /// `WeightRebalancer_NotKeeper`, and as limits, oracle, venues and strategies do.
    function reweigh(Swap[] calldata swaps) external;

    /// @notice Sells an asset of the run; proceeds go to the executor.
    /// @dev Who: the executor, during a run. Reverts with `PortfolioWeights_NotInSession`, `PortfolioWeights_NotOpen`,
    /// `PortfolioWeights_AboveMaximum`.
    /// @param index Index of the asset among the constituents.
    /// @param amount Base units, at most the constituent's `maxSale`.
    /// @param minOut Least proceeds; the asset's loss bound applies as well.
    /// @return proceeds Growth of the executor's balance.
    function sellOverweight(uint256 index, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 proceeds);

    /// @notice Buys an asset of the run with settlement tokens that were pushed before: to its venue, or to the
    /// portfolio where it has none.
    /// @dev Who: the executor, during a run. Reverts as `sellOverweight` does.
    /// @param amount Settlement tokens, at most the constituent's `maxPayment`.
    /// @param minOut Least amount of the asset; its loss bound applies as well.
    /// @return bought Growth of the portfolio's balance of the asset.
    function buyUnderweight(uint256 index, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 bought);

    /// @notice Gives the executor settlement tokens of the portfolio, to pay for purchases.
    /// @dev Who: the executor, during a run of a portfolio that stands alone. Reverts with
    /// `PortfolioWeights_NotInSession`.
    function advance(uint256 amount) external;

    /// @notice The portfolio that holds the assets.
    function custody() external view returns (address);

    /// @notice The executor of runs; 0 when there is none.
    function rebalancer() external view returns (address);

    /// @notice Value that any run may lose, as a part of the total.
    function maxLossBps() external view returns (uint16);

    /// @notice Prices, balances and targets for a keeper's run. Any other run does not sell assets that pay less than
    /// their least rate.
    /// @dev Reverts with `Rebalance_Refused(StalePrice)` where a price is bad, and during a run.
    function scales() external view returns (Scales memory);

    /// @notice Amounts that a keeper's run would trade at these prices without any slippage: positive sells, negative
    /// buys, in the asset's base units. The last is the settlement token, positive when more of it is paid than
    /// received.
    /// @dev Reverts as `scales` does, and with `PortfolioWeights_NoRebalancer`.
    function rebalanceAmounts() external view returns (address[] memory assets, int256[] memory amounts);
}
