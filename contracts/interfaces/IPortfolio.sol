// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Assets held at target weights, and how each of them is bought and sold
/// @notice A portfolio holds; operators decide. Whoever operates it, no asset is bought or sold further from its fair
/// value than the asset's own bound, and proceeds go to the portfolio's home and nowhere else. Amounts received are
/// balance differences, never a venue's or strategy's answer.
///
/// Not for tokens whose balances change by themselves. Fees on transfer are measured, and count as loss.
interface IPortfolio {
    /// @notice How an asset is valued, bought and sold.
    /// @dev `Erc4626`: shares of a vault on the settlement token, at what leaving would pay (`previewRedeem`), by
    /// deposit and redemption. `Venue`: any token with a price feed, at the oracle's price, by a trade in its venue.
    /// `Async`: shares of an asynchronous vault (ERC-7540) on the settlement token, by requests that its venue, an
    /// `IAsyncVenue`, makes and holds; what is pending there counts.
    enum Kind {
        Erc4626,
        Venue,
        Async
    }

    /// @notice An asset and its terms.
    /// @param targetBps Target weight inside the portfolio.
    /// @param maxLossBps Value that one purchase or sale may lose, of its amount.
    /// @param capBps Share of the whole that purchases may lift the asset to; 0 admits none. The whole is what the
    /// operator makes it: for a controller, the vault's assets.
    /// @param venue Venue of the asset; 0 for `Erc4626`.
    /// @param maxRate Highest value of a whole share that is believed, in settlement units, against inflated vaults; 0
    /// for `Venue`, whose feed has bounds.
    struct Holding {
        address asset;
        Kind kind;
        uint16 targetBps;
        uint16 maxLossBps;
        uint16 capBps;
        address venue;
        uint96 maxRate;
    }

    /// @notice A holding with what is held of it.
    /// @param held Whether it counts: from its first purchase until no more than dust is left, or until written off.
    /// @param balance In the asset's base units.
    /// @param value In the settlement token's base units; 0 when it does not count.
    struct Position {
        address asset;
        Kind kind;
        uint16 targetBps;
        uint16 maxLossBps;
        uint16 capBps;
        address venue;
        bool held;
        uint256 balance;
        uint256 value;
    }

    /// @notice Settlement tokens were turned into an asset.
    event Bought(address indexed asset, uint256 amount, uint256 received);

    /// @notice An asset was turned into settlement tokens, which went home.
    event Sold(address indexed asset, uint256 amount, uint256 proceeds);

    /// @notice What a sale did. All in settlement units.
    /// @param proceeds What home's balance grew by; 0 when it was only requested.
    /// @param before Value of the holding before the sale, as far as it counted.
    /// @param current Value of the holding afterwards, as far as it counts.
    /// @param sold What was sold, or asked to be sold, was worth.
    /// @param maxLossBps Loss bound of the asset.
    struct Sale {
        uint256 proceeds;
        uint256 before;
        uint256 current;
        uint256 sold;
        uint16 maxLossBps;
    }

    /// @notice What an issuer had settled was claimed: shares for the portfolio, settlement tokens for its home.
    event Claimed(address indexed asset, uint256 shares, uint256 proceeds);

    /// @notice A holding counts from now on, or does not any more.
    event HeldSet(address indexed asset, bool held);

    /// @notice The cap on purchases of an asset was lowered.
    event CapLowered(address indexed asset, uint16 capBps);

    /// @notice Tokens left a portfolio that stands alone.
    event Released(address indexed token, uint256 amount, address indexed receiver);

    /// @notice The list of holdings was replaced.
    event HoldingsSet(Holding[] holdings);

    /// @notice Who runs rebalances of weights was set; 0 for nobody.
    event WeightsSet(address indexed weights);

    /// @notice An account became an operator, or ceased to be one.
    event OperatorSet(address indexed operator, bool allowed);

    /// @notice The constructor was given an oracle without code, or a settlement token with fewer than 6 or more than
    /// 18 decimals.
    error Portfolio_InvalidAddress(address account);

    /// @notice The caller is no operator.
    error Portfolio_NotOperator(address caller);

    /// @notice The asset is not on the list.
    error Portfolio_UnknownAsset(address asset);

    /// @notice The holding cannot serve: no code, listed twice, the settlement token itself, home's own shares, another
    /// underlying token, no price feed, a venue or maximum rate where none belongs or none where one does, a loss bound
    /// above 10 %, a cap above the whole; or it is held as another kind, or pends at another venue.
    error Portfolio_InvalidHolding(address asset);

    /// @notice The target weights do not add up to 10,000 basis points.
    error Portfolio_InvalidTargets(uint256 sumBps);

    /// @notice More holdings than the maximum.
    error Portfolio_TooManyHoldings(uint256 count, uint256 maximum);

    /// @notice A holding left out of the new list still counts: it is neither sold nor written off.
    error Portfolio_HoldingNotEmpty(address asset, uint256 balance);

    /// @notice Nothing to trade, or no minimum where there is no price.
    error Portfolio_ZeroAmount();

    /// @notice The portfolio is at work: no second trade, and no reading of values half-way.
    error Portfolio_Busy();

    /// @notice Only during a run.
    error Portfolio_NotInRun();

    /// @notice The asset's cap is 0: it may only be sold.
    error Portfolio_PurchasesHalted(address asset);

    /// @notice The cap would not fall.
    error Portfolio_CapNotLowered(address asset, uint16 capBps, uint16 current);

    /// @notice Only assets of asynchronous vaults have something to claim.
    error Portfolio_NotAsync(address asset);

    /// @notice The portfolio belongs to a home, to which its proceeds go; nothing else leaves it.
    error Portfolio_HasHome(address home);

    /// @notice Shares are said to be worth more than their maximum rate admits.
    error Portfolio_RateAboveMaximum(address asset, uint256 value, uint256 maximum);

    /// @notice The portfolio holds less than is to be sold or spent.
    error Portfolio_InsufficientBalance(address asset, uint256 balance, uint256 needed);

    /// @notice Less was received than the caller's minimum. `minimum` has the unit of `received`.
    error Portfolio_InsufficientOutput(address asset, uint256 received, uint256 minimum);

    /// @notice What was received is worth less, in settlement units, than the asset's loss bound admits.
    error Portfolio_BelowFloor(address asset, uint256 value, uint256 minimum);

    /// @notice Another amount left the portfolio than was to be sold or spent.
    error Portfolio_UnexpectedSpend(address asset, uint256 spent, uint256 amount);

    /// @notice Replaces the list of holdings. Its order is the order of liquidation. What stays on the list keeps
    /// counting, or not.
    /// @dev Who: the configurator's role. Emits `HoldingsSet`. Reverts with `Portfolio_InvalidHolding`,
    /// `Portfolio_InvalidTargets`, `Portfolio_TooManyHoldings`, `Portfolio_HoldingNotEmpty`.
    /// @param newHoldings None, or target weights that add up to 10,000; what they leave is the settlement token's
    /// target in a portfolio that stands alone.
    function setHoldings(Holding[] calldata newHoldings) external;

    /// @notice Lowers the cap on purchases of an asset, at once; 0 stops them.
    /// @dev Who: the guardian's role. Emits `CapLowered`. Reverts with `Portfolio_UnknownAsset` and
    /// `Portfolio_CapNotLowered`.
    function lowerCap(address asset, uint16 capBps) external;

    /// @notice Gives a holding up, without asking for a price: it is worth nothing from now on, can be sold, and can
    /// leave the list. Purchases of it are stopped, until it is listed anew. For strategies that are dead or lie.
    /// @dev Who: the configurator's role. Emits `HeldSet` if it counted, and `CapLowered`. Reverts with
    /// `Portfolio_UnknownAsset`.
    function writeOff(address asset) external;

    /// @notice Makes a holding count again.
    /// @dev Who: the configurator's role. Emits `HeldSet` if it did not. Reverts with `Portfolio_UnknownAsset`.
    function reinstate(address asset) external;

    /// @notice Sets who runs rebalances of weights, an `IPortfolioWeights` of this portfolio, or 0 for nobody.
    /// @dev Who: the configurator's role. Emits `WeightsSet`. Reverts with `Portfolio_InvalidAddress`.
    function setWeights(address newWeights) external;

    /// @notice Keeps operators out, and values unreadable, until `endRun` or the end of the transaction. Whoever runs
    /// may buy and sell meanwhile.
    /// @dev Who: `weights`. Reverts with `Portfolio_Busy`.
    function beginRun() external;

    /// @notice Ends what `beginRun` began.
    /// @dev Who: `weights`.
    function endRun() external;

    /// @notice As `sell`, without a floor of its own, and with the proceeds for `receiver`: whoever runs has valued the
    /// asset before, bounds each trade, and judges the run.
    /// @dev Who: `weights`, during a run. Emits `Sold`. Reverts with `Portfolio_NotInRun`, and as `sell` does.
    /// @return proceeds What the receiver's balance grew by.
    function sellTo(address asset, uint256 amount, uint256 minOut, bytes calldata data, address receiver)
        external
        returns (uint256 proceeds);

    /// @notice Hands out settlement tokens, to pay purchases of the run with.
    /// @dev Who: `weights`, during a run. Reverts with `Portfolio_NotInRun`.
    function advance(uint256 amount, address receiver) external;

    /// @notice Sends tokens out of a portfolio that stands alone, to its owners.
    /// @dev Who: the configurator's role. Emits `Released`. Reverts with `Portfolio_HasHome`.
    function release(address token, uint256 amount, address receiver) external;

    /// @notice Makes an account an operator, or not any more.
    /// @dev Who: the configurator's role. Emits `OperatorSet`.
    function setOperator(address operator, bool allowed) external;

    /// @notice Turns settlement tokens into an asset. They were pushed before in the same transaction: to the venue, or
    /// to the portfolio itself for an ERC-4626 asset.
    /// @dev Who: operators. Emits `Bought`, and `HeldSet` for the first purchase. Reverts with `Portfolio_NotOperator`,
    /// `Portfolio_UnknownAsset`, `Portfolio_ZeroAmount`, `Portfolio_PurchasesHalted`, `Portfolio_InsufficientBalance`,
    /// `Portfolio_InsufficientOutput`, `Portfolio_BelowFloor`, `Portfolio_RateAboveMaximum`,
    /// `Portfolio_UnexpectedSpend`, and as oracle, venue and strategy do.
    /// @param amount Settlement tokens to spend.
    /// @param minOut Least amount of the asset; the loss bound holds besides.
    /// @param data Passed on to the venue.
    /// @return received What the portfolio's balance of the asset grew by; 0 when it was only requested.
    function buy(address asset, uint256 amount, uint256 minOut, bytes calldata data) external returns (uint256 received);

    /// @notice Turns an asset into settlement tokens, which go home.
    /// @dev Who: operators. Emits `Sold`, and `HeldSet` when no more than dust is left. Reverts as `buy` does, but for
    /// caps and maximum rates, which keep nobody from leaving.
    /// @param amount Units of the asset; shares of an ERC-4626 asset.
    /// @param minOut Least amount of settlement tokens; the loss bound holds besides.
    /// @param data Passed on to the venue.
    function sell(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (Sale memory sale);

    /// @notice Sells an asset without asking for its price: the minimum is the only bound. For approved plans, while
    /// the price is stale or the strategy cannot tell it. A request to an asynchronous vault has no minimum.
    /// @dev Who: operators. Emits `Sold`. Reverts with `Portfolio_ZeroAmount` without a minimum where something comes
    /// at once, and as `sell` does.
    function sellUnpriced(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 proceeds);

    /// @notice Sends home what an asset can give now, at most about `assets` settlement tokens. A venue's asset is sold
    /// by its default path, in the amount that is worth `assets` at the oracle's price; so slippage makes it less.
    /// @dev Who: operators. Emits `Sold` unless it can give nothing. Reverts as `sell` does.
    /// @param wanted Settlement units.
    /// @return sale Without proceeds when the source can give nothing now, as asynchronous ones never can.
    function withdraw(address asset, uint256 wanted) external returns (Sale memory sale);

    /// @notice Takes in what the issuer of an asynchronous asset has settled.
    /// @dev Who: operators. Emits `Claimed`, and `HeldSet` when nothing is left. Reverts with `Portfolio_NotAsync`, and
    /// as the venue does.
    /// @return shares What the portfolio's balance grew by.
    /// @return proceeds What home's balance grew by.
    /// @return lost What the issuer kept: what these are worth less than what was given for them, as the venue says.
    function claim(address asset) external returns (uint256 shares, uint256 proceeds, uint256 lost);

    /// @notice Makes a holding count: shares of it were bought for this portfolio without its doing.
    /// @dev Who: operators. Emits `HeldSet` if it did not. Reverts with `Portfolio_UnknownAsset`.
    function hold(address asset) external;

    /// @notice The token that assets are bought with and sold for.
    function settlement() external view returns (address);

    /// @notice Source of the prices.
    function oracle() external view returns (address);

    /// @notice The account that receives all proceeds: a vault, or the portfolio itself where it stands alone.
    function home() external view returns (address);

    /// @notice Whether an account may buy, sell and withdraw.
    function isOperator(address account) external view returns (bool);

    /// @notice What is worth less, in settlement units, is dust: a hundredth of a settlement token.
    function dust() external view returns (uint256);

    /// @notice Target weight of the settlement token in a portfolio that stands alone; else 0.
    function settlementTargetBps() external view returns (uint16);

    /// @notice Who runs rebalances of weights; 0 when nobody does.
    function weights() external view returns (address);

    /// @notice Whether a run is on in this transaction.
    function inRun() external view returns (bool);

    /// @notice Whether an asset is on the list.
    function holds(address asset) external view returns (bool);

    /// @notice The assets on the list, in order of liquidation.
    function assets() external view returns (address[] memory);

    /// @notice The list of holdings, in order of liquidation.
    function holdings() external view returns (Holding[] memory);

    /// @notice The terms of one asset.
    /// @dev Reverts with `Portfolio_UnknownAsset`.
    function holdingOf(address asset) external view returns (Holding memory);

    /// @notice Every holding with balance and value.
    /// @dev Reverts with `Portfolio_Busy` while the portfolio trades, with `Portfolio_RateAboveMaximum`, and as the
    /// oracle does when the price of an asset that counts is bad.
    function positions() external view returns (Position[] memory);

    /// @notice Balance and value of one holding; the value as of `valueOf`. Reverts as that does.
    function measure(address asset) external view returns (uint256 balance, uint256 worth);

    /// @notice What leaving a holding would pay, with what is pending, whether it counts or not, and however high its
    /// rate: what a sale asks for its floor.
    /// @dev Reverts with `Portfolio_UnknownAsset`, `Portfolio_Busy`, and as oracle and strategies do.
    function exitValueOf(address asset) external view returns (uint256);

    /// @notice One holding with balance and value: of shares what leaving would pay, however high their rate.
    /// @dev Reverts with `Portfolio_UnknownAsset`, `Portfolio_Busy`, and as the oracle does.
    function positionOf(address asset) external view returns (Position memory);

    /// @notice The ERC-4626 holding that is furthest below its target, as far as its cap and its own limit admit.
    /// @dev Reverts as `positions` does.
    /// @param portfolioValue Value that the portfolio will have, of which the targets are parts.
    /// @param whole What the caps are parts of.
    /// @return position That holding; meaningless when `gap` is 0.
    /// @return gap What it can take, in settlement units, the target rounded up; 0 when there is none with more than
    /// dust.
    function widestGap(uint256 portfolioValue, uint256 whole)
        external
        view
        returns (Position memory position, uint256 gap);

    /// @notice Value of all holdings that count, in settlement units; with the settlement tokens where the portfolio
    /// stands alone. ERC-4626 shares above their maximum rate count at that while what they count for, or what is left
    /// out, is no more than a thousandth of the sum. Otherwise reverts as `positions` does.
    function value() external view returns (uint256);

    /// @notice Value of one holding, in settlement units; 0 when it does not count. Reverts as `positions`
    /// does.
    function valueOf(address asset) external view returns (uint256);
}
