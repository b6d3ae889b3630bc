// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "./IPortfolioWeights.sol";
import {IRateLimits} from "./IRateLimits.sol";

/// @title Executor of a portfolio's runs towards its target weights, without custody
/// @notice Five phases: sell overweight assets, weigh again, compute gaps and budget, split the budget, buy. It serves
/// one portfolio, holds nothing outside a run, has no allowance from or to anybody, and trades only what the portfolio
/// admits.
///
/// Limits, in settlement tokens: AUTO of a keeper for the turnover of that keeper's runs, AUTO of the portfolio for the
/// turnover of runs by anybody, LOSS_ADD for the value lost in all of them. Turnover is the proceeds of sales plus the
/// payments of purchases. Up to two base units lost in a trade are rounding and free.
///
/// Runs by `rebalance` sell no more than can be bought now, or the settlement token lacks; a keeper's run by `reweigh`
/// sells every excess above target.
interface IWeightRebalancer is IRateLimits {
    /// @notice Terms of runs.
    /// @param driftBps Distance of a weight from its target that is tolerated; beyond it anybody may start a run.
    /// @param coolDown Seconds after a run that traded during which `rebalance` does nothing.
    /// @param maxLossBps Value that a keeper's run may lose, of the total.
    /// @param openMaxLossBps The same for runs by anybody.
    /// @param spotToleranceBps Distance of a venue's price from the oracle's at which `rebalance` still trades.
    /// @param minimumTrade Settlement tokens; trades of less value are not made.
    struct Terms {
        uint16 driftBps;
        uint32 coolDown;
        uint16 maxLossBps;
        uint16 openMaxLossBps;
        uint16 spotToleranceBps;
        uint96 minimumTrade;
    }

    /// @notice Charge of the portfolio at the end of a run.
    /// @param caller Account that requested it.
    /// @param turnover Turnover that `execute` returned.
    /// @param lost Value lost, in settlement tokens, rounded up.
    /// @param trades Number of sales and purchases.
    struct Charge {
        address caller;
        IPortfolioWeights.Mode mode;
        uint256 turnover;
        uint256 lost;
        uint256 trades;
    }

    /// @notice The terms were set or tightened.
    event TermsSet(Terms terms);

    /// @notice Runs are stopped.
    event Paused(address indexed account);

    /// @notice Runs are admitted again.
    event Unpaused(address indexed account);

    /// @notice The constructor was given an address without a portfolio.
    error WeightRebalancer_InvalidPortfolio(address portfolio);

    /// @notice The constructor was given an address without a kill switch.
    error WeightRebalancer_InvalidKillSwitch(address killSwitch);

    /// @notice A bound is out of range: a loss above 10 %, a loss in runs by anybody above a keeper's, a drift or a
    /// tolerance above the whole.
    error WeightRebalancer_InvalidTerms();

    /// @notice One of the terms is looser than before.
    error WeightRebalancer_NotTightened();

    /// @notice The caller is not the portfolio.
    error WeightRebalancer_NotPortfolio(address caller);

    /// @notice The account has no AUTO limit here, or the kill switch has removed it.
    error WeightRebalancer_NotKeeper(address account);

    /// @notice The caller gave too little gas to determine why a call failed.
    error WeightRebalancer_OutOfGas();

    /// @notice Sets the terms.
    /// @dev Who: the configurator's role. Emits `TermsSet`. Reverts with `WeightRebalancer_InvalidTerms`.
    function setTerms(Terms calldata newTerms) external;

    /// @notice Sets terms none of which is looser: a larger tolerated drift, a longer cool-down, smaller losses, a
    /// smaller tolerance, a higher minimum, or the same.
    /// @dev Who: the guardian's role. Emits `TermsSet`. Reverts with `WeightRebalancer_NotTightened` and as
    /// `setTerms` does.
    function tightenTerms(Terms calldata newTerms) external;

    /// @notice Stops all runs.
    /// @dev Who: the guardian's role. Emits `Paused`.
    function pause() external;

    /// @notice Admits runs again.
    /// @dev Who: the configurator's role. Emits `Unpaused`.
    function unpause() external;

    /// @notice Runs the five phases. The rest of the proceeds stays here until `settle`, in the same call of the
    /// portfolio.
    /// @dev Who: the portfolio, which judges the outcome. Reverts with `WeightRebalancer_NotPortfolio`, with
    /// `Rebalance_Refused` for `InsideDrift` and `SpotOffOracle`, with `WeightRebalancer_OutOfGas`, and as trades do.
    /// @param scales The portfolio before.
    /// @param swaps Terms of the trades, in `Keeper` mode.
    /// @return turnover Settlement tokens received in sales and paid in purchases.
    function execute(
        IPortfolioWeights.Scales calldata scales,
        IPortfolioWeights.Mode mode,
        IPortfolioWeights.Swap[] calldata swaps
    ) external returns (uint256 turnover);

    /// @notice Charges the limits for a run that the portfolio accepted, and sends all settlement tokens home.
    /// @dev Who: the portfolio. Emits as `IRateLimits` does. Reverts with `WeightRebalancer_NotPortfolio`, with
    /// `Rebalance_Refused(BucketEmpty)` in a run by `rebalance`, and as `IRateLimits` does in one by `reweigh`.
    function settle(Charge calldata charge) external;

    /// @notice Checks whether a run may begin: not paused here or at the kill switch, cooled down, and an entitled
    /// caller.
    /// @dev Reverts with `Rebalance_Refused` or `WeightRebalancer_NotKeeper` when it may not.
    /// @return maxLossBps Value that this run may lose, of the total.
    function admit(address caller, IPortfolioWeights.Mode mode) external view returns (uint256 maxLossBps);

    /// @notice Amounts that a keeper's run would trade without slippage, with the present minimum:
    /// `IPortfolioWeights.rebalanceAmounts`.
    function amountsOf(IPortfolioWeights.Scales calldata scales) external view returns (int256[] memory amounts);

    /// @notice The portfolio served.
    function portfolio() external view returns (address);

    /// @notice Contract that ends the power of keepers everywhere, this contract included.
    function killSwitch() external view returns (address);

    /// @notice Whether runs are stopped, here or at the kill switch.
    function paused() external view returns (bool);

    /// @notice The terms of runs.
    function terms() external view returns (Terms memory);

    /// @notice When a run last traded.
    function lastRun() external view returns (uint40);
}
