// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IHoldingReader} from "./IHoldingReader.sol";

/// @title Assets held at target weights, with their terms of purchase and sale
/// @notice A portfolio holds assets; operators decide. Whoever operates it, no asset is bought or sold further from its
/// fair value than the asset's own bound, and proceeds go only to the portfolio's home. Amounts received are balance
/// differences, never a venue's or strategy's answer.
///
/// Not for tokens whose balances change by themselves. Fees on transfer are measured, and count as losses.
interface IPortfolio {
    /// @notice Kind of a holding, which decides how it is valued, bought and sold.
    /// @dev `Erc4626`: shares of a vault on the settlement token, valued at the payment of a full exit
    /// (`previewRedeem`), traded by deposit and redemption. `Venue`: any token with a price feed, at the oracle's
    /// price, by a trade in its venue. `Async`: shares of an asynchronous vault (ERC-7540) on the settlement token, by
    /// requests that its venue, an `IAsyncVenue`, makes and holds; pending requests count.
    enum Kind {
        Erc4626,
        Venue,
        Async
    }

    /// @notice An asset and its terms.
    /// @param targetBps Target weight inside the portfolio.
    /// @param maxLossBps Value that one purchase or sale may lose, of its amount.
    /// @param capBps Share of the whole up to which purchases may lift the asset; 0 admits none. The operator defines
    /// the whole: for a controller, the vault's assets.
    /// @param venue Venue of the asset; 0 for `Erc4626`.
    /// @param maxRate Highest value of a whole share that is believed, in settlement units, against inflated vaults; 0
    /// for `Venue`, whose feed has bounds.
    /// @param minRateBps Least rate of shares, as a part of `maxRate`: below it deposits are closed (`entryOpen`),
    /// against vaults that answer too little for a moment; 0 for `Venue`.
    struct Holding {
        address asset;
        Kind kind;
        uint16 targetBps;
        uint16 maxLossBps;
        uint16 capBps;
        address venue;
        uint96 maxRate;
        uint16 minRateBps;
    }

    /// @notice A holding with its balance and value.
    /// @param capBps As in `Holding`; 0 while the holding is marked down or `low`.
    /// @param held Whether it counts: from its first purchase until no more than dust is left.
    /// @param balance In the asset's base units; 0 where the asset does not answer, and where it is marked down to
    /// zero, since it is not called then.
    /// @param value In the settlement token's base units; 0 when it does not count, and when it is not known.
    /// @param marked Whether it is marked down: `value` is then the lower one, and purchases are halted.
    /// @param known Whether `value` is right: false while the price of a holding that counts cannot be read or
    /// believed, unless it is marked down.
    /// @param low Whether it counts and pays less than its least rate, or counts without a balance: it may not be
    /// bought. False while it is marked down.
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
        bool marked;
        bool known;
        bool low;
    }

    /// @notice Markdown of a holding.
    /// @param rate Value of a base unit, in 1e-36 of a settlement unit.
    /// @param most Maximum value that the whole holding counts for, in settlement units: its value when it was marked,
    /// times the part kept. 0: it counts for nothing, and is not called.
    /// @param keptBps Part of unsettled requests to an asynchronous vault that counts.
    struct Mark {
        uint256 rate;
        uint128 most;
        uint16 keptBps;
    }

    /// @notice A holding as it is stored.
    /// @param held Whether it counts.
    /// @param place Place in the list, counted from 1; 0 is not on it.
    /// @param shareDecimals Decimals of shares; 0 for `Venue`.
    /// @param marked Whether it is marked down.
    struct Terms {
        Kind kind;
        bool held;
        uint8 place;
        uint8 shareDecimals;
        uint16 targetBps;
        uint16 maxLossBps;
        uint16 capBps;
        uint96 maxRate;
        uint16 minRateBps;
        bool marked;
    }

    /// @notice Settlement tokens were turned into an asset.
    event Bought(address indexed asset, uint256 amount, uint256 received);

    /// @notice An asset was turned into settlement tokens, which were sent to the home.
    event Sold(address indexed asset, uint256 amount, uint256 proceeds);

    /// @notice Result of a sale. All in settlement units.
    /// @param proceeds Growth of the home's balance; 0 when the sale was only requested.
    /// @param before Value of the holding before the sale, as far as it counted.
    /// @param current Value of the holding afterwards, as far as it counts.
    /// @param sold Value of the amount sold or requested to be sold.
    /// @param taken By how much the sale lowered the value of a holding that counts, at its price and not at its mark.
    /// @param maxLossBps Loss bound of the asset.
    struct Sale {
        uint256 proceeds;
        uint256 before;
        uint256 current;
        uint256 sold;
        uint256 taken;
        uint16 maxLossBps;
    }

    /// @notice Amounts that an issuer had settled were claimed: shares for the portfolio, settlement tokens for its
    /// home.
    event Claimed(address indexed asset, uint256 shares, uint256 proceeds);

    /// @notice A holding counts from now on, or no longer.
    event HeldSet(address indexed asset, bool held);

    /// @notice The cap on purchases of an asset was lowered.
    event CapLowered(address indexed asset, uint16 capBps);

    /// @notice A holding was marked down.
    event MarkedDown(address indexed asset, uint16 keptBps, Mark mark);

    /// @notice A holding counts at its full value again.
    event MarkLifted(address indexed asset);

    /// @notice The receiver of tokens that do not count was set; 0 for none.
    event SkimReceiverSet(address indexed receiver);

    /// @notice Tokens that do not count went to their receiver, or to the home.
    event Skimmed(address indexed token, uint256 amount, address indexed receiver);

    /// @notice Tokens left a portfolio that stands alone.
    event Released(address indexed token, uint256 amount, address indexed receiver);

    /// @notice The list of holdings was replaced.
    event HoldingsSet(Holding[] holdings);

    /// @notice The contract that runs rebalances of weights was set; 0 for none.
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

    /// @notice The holding is invalid: no code, listed twice, the settlement token itself, the home's own shares,
    /// another underlying token, no price feed, a venue or maximum rate where its kind has none, or none where its kind
    /// needs one, a loss bound above 10 %, a cap above the whole; or it is held as another kind, or has requests
    /// pending at another venue.
    error Portfolio_InvalidHolding(address asset);

    /// @notice The target weights do not add up to 10,000 basis points.
    error Portfolio_InvalidTargets(uint256 sumBps);

    /// @notice More holdings than the maximum.
    error Portfolio_TooManyHoldings(uint256 count, uint256 maximum);

    /// @notice A holding left out of the new list still counts: it is neither sold nor marked down to zero.
    error Portfolio_HoldingNotEmpty(address asset, uint256 balance);

    /// @notice Nothing to trade, or no minimum while there is no price.
    error Portfolio_ZeroAmount();

    /// @notice The portfolio is executing: a second trade, and reads of values, are refused.
    error Portfolio_Busy();

    /// @notice Only possible during a run.
    error Portfolio_NotInRun();

    /// @notice Deposits are closed: this holding is marked down, has no price, or pays less than its least rate.
    error Portfolio_EntryClosed(address asset);

    /// @notice The mark would not lower the counted value of the holding.
    error Portfolio_MarkNotLowered(address asset);

    /// @notice The price of this asset cannot be read, and it was not marked before: it can be marked down to zero
    /// only.
    error Portfolio_MarkNeedsPrice(address asset);

    /// @notice The holding is not marked down.
    error Portfolio_NotMarked(address asset);

    /// @notice The token counts, or there is no receiver.
    error Portfolio_NotSkimmable(address token);

    /// @notice The asset's cap is 0, or it is marked down: it may only be sold.
    error Portfolio_PurchasesHalted(address asset);

    /// @notice The cap would not fall.
    error Portfolio_CapNotLowered(address asset, uint16 capBps, uint16 current);

    /// @notice Only assets of asynchronous vaults have something to claim.
    error Portfolio_NotAsync(address asset);

    /// @notice The portfolio belongs to a home, to which its proceeds go; nothing else leaves it.
    error Portfolio_HasHome(address home);

    /// @notice The reported value of the shares is above their maximum rate.
    error Portfolio_RateAboveMaximum(address asset, uint256 value, uint256 maximum);

    /// @notice Shares pay less than their least rate: redemptions of others are not served at this price, and the
    /// shares are not bought.
    error Portfolio_RateBelowMinimum(address asset);

    /// @notice The portfolio holds less than is to be sold or spent.
    error Portfolio_InsufficientBalance(address asset, uint256 balance, uint256 needed);

    /// @notice Less was received than the caller's minimum. `minimum` has the unit of `received`.
    error Portfolio_InsufficientOutput(address asset, uint256 received, uint256 minimum);

    /// @notice The received amount is worth less, in settlement units, than the asset's loss bound admits.
    error Portfolio_BelowFloor(address asset, uint256 value, uint256 minimum);

    /// @notice A purchase brought neither units of the asset nor a request: the holding would count without a balance.
    error Portfolio_NothingBought(address asset);

    /// @notice Another amount left the portfolio than was to be sold or spent.
    error Portfolio_UnexpectedSpend(address asset, uint256 spent, uint256 amount);

    /// @notice Replaces the list of holdings. Its order is the order of liquidation. A holding that stays on the list
    /// keeps whether it counts.
    /// @dev Who: the configurator's role. Emits `HoldingsSet`. Reverts with `Portfolio_InvalidHolding`,
    /// `Portfolio_InvalidTargets`, `Portfolio_TooManyHoldings`, `Portfolio_HoldingNotEmpty`.
    /// @param newHoldings None, or target weights that add up to 10,000; in a portfolio that stands alone the remainder
    /// is the settlement token's target.
    function setHoldings(Holding[] calldata newHoldings) external;

    /// @notice Lowers the cap on purchases of an asset, at once; 0 stops them.
    /// @dev Who: the guardian's role. Emits `CapLowered`. Reverts with `Portfolio_UnknownAsset` and
    /// `Portfolio_CapNotLowered`.
    function lowerCap(address asset, uint16 capBps) external;

    /// @notice Marks a holding down, at once. From then on it counts at its value or at the marked one, whichever is
    /// lower, and at the marked one while its price cannot be read; deposits are closed, purchases of it are halted,
    /// sales go on. A second mark can only lower it. A holding marked down to zero is no longer called, and can be
    /// removed from the list; the mark stays with the asset, also when it is listed again.
    /// @dev Who: the guardian's role. Emits `MarkedDown`. Reverts with `Portfolio_UnknownAsset`,
    /// `Portfolio_MarkNotLowered`, and `Portfolio_MarkNeedsPrice` where no price is readable and there is no earlier
    /// mark to lower: then only 0 is possible.
    /// @param asset A holding on the list.
    /// @param keptBps Part of the present value that is kept, below the whole; part of the earlier mark's value where
    /// the price cannot be read.
    function markDown(address asset, uint16 keptBps) external;

    /// @notice Lifts the mark of a holding, which counts at its full value again, with its whole balance. Without a
    /// balance it no longer counts.
    /// @dev Who: the configurator's role. Emits `MarkLifted`, and `HeldSet` if that changes. Reverts with
    /// `Portfolio_NotMarked`, and as `valueOf` does while it has no price.
    /// @param asset A holding on the list.
    function liftMark(address asset) external;

    /// @notice Sets the receiver of tokens that do not count, such as rewards.
    /// @dev Who: the configurator's role. Emits `SkimReceiverSet`.
    /// @param receiver The account; 0 for none.
    function setSkimReceiver(address receiver) external;

    /// @notice Sends the whole balance of a token that does not count to the receiver of such tokens; settlement tokens
    /// that were left in a portfolio with a home are sent home.
    /// @dev Who: anybody. Emits `Skimmed`. Reverts with `Portfolio_NotSkimmable` for a token that is on the list or
    /// marked down, and without a receiver; with `Portfolio_Busy` during a run.
    /// @param token The token.
    /// @return amount Amount sent.
    function skim(address token) external returns (uint256 amount);

    /// @notice Sets the contract that runs rebalances of weights, an `IPortfolioWeights` of this portfolio, or 0 for
    /// none.
    /// @dev Who: the configurator's role. Emits `WeightsSet`. Reverts with `Portfolio_InvalidAddress`.
    function setWeights(address newWeights) external;

    /// @notice Refuses operators and reads of values, until `endRun` or the end of the transaction. The runner may buy
    /// and sell meanwhile.
    /// @dev Who: `weights`. Reverts with `Portfolio_Busy`.
    function beginRun() external;

    /// @notice Ends the run that `beginRun` began.
    /// @dev Who: `weights`.
    function endRun() external;

    /// @notice As `sell`, without a floor, and with the proceeds for `receiver`: the runner has valued the asset
    /// before, bounds each trade, and judges the run.
    /// @dev Who: `weights`, during a run. Emits `Sold`. Reverts with `Portfolio_NotInRun`, and as `sell` does.
    /// @return proceeds Growth of the receiver's balance.
    function sellTo(address asset, uint256 amount, uint256 minOut, bytes calldata data, address receiver)
        external
        returns (uint256 proceeds);

    /// @notice Sends settlement tokens, to pay for purchases of the run.
    /// @dev Who: `weights`, during a run. Reverts with `Portfolio_NotInRun`.
    function advance(uint256 amount, address receiver) external;

    /// @notice Sends tokens out of a portfolio that stands alone, to its owners.
    /// @dev Who: the configurator's role. Emits `Released`. Reverts with `Portfolio_HasHome`.
    function release(address token, uint256 amount, address receiver) external;

    /// @notice Makes an account an operator, or removes it.
    /// @dev Who: the configurator's role. Emits `OperatorSet`.
    function setOperator(address operator, bool allowed) external;

    /// @notice Turns settlement tokens into an asset. They were pushed before in the same transaction: to the venue, or
    /// to the portfolio itself for an ERC-4626 asset.
    /// @dev Who: operators. Emits `Bought`, and `HeldSet` for the first purchase. Reverts with `Portfolio_NotOperator`,
    /// `Portfolio_UnknownAsset`, `Portfolio_ZeroAmount`, `Portfolio_PurchasesHalted`, `Portfolio_InsufficientBalance`,
    /// `Portfolio_InsufficientOutput`, `Portfolio_BelowFloor`, `Portfolio_RateAboveMaximum`,
    /// `Portfolio_RateBelowMinimum`, `Portfolio_NothingBought`, `Portfolio_UnexpectedSpend`, and as oracle, venue and
    /// strategy do.
    /// @param amount Settlement tokens to spend.
    /// @param minOut Least amount of the asset; the loss bound applies as well.
    /// @param data Passed on to the venue.
    /// @return received Growth of the portfolio's balance of the asset; 0 when it was only requested.
    function buy(address asset, uint256 amount, uint256 minOut, bytes calldata data) external returns (uint256 received);

    /// @notice Turns an asset into settlement tokens, which are sent to the home.
    /// @dev Who: operators. Emits `Sold`, and `HeldSet` when no more than dust is left. Reverts as `buy` does, except
    /// for caps and for least and maximum rates, which do not prevent sales.
    /// @param amount Units of the asset; shares of an ERC-4626 asset.
    /// @param minOut Least amount of settlement tokens; the loss bound applies as well.
    /// @param data Passed on to the venue.
    function sell(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (Sale memory sale);

    /// @notice Sells an asset without reading its price: the minimum is the only bound. For approved plans, while the
    /// price is stale or the strategy reports none. A request to an asynchronous vault has no minimum.
    /// @dev Who: operators. Emits `Sold`. Reverts with `Portfolio_ZeroAmount` without a minimum, unless the sale is
    /// only requested, and as `sell` does.
    function sellUnpriced(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 proceeds);

    /// @notice Sends home the amount that an asset can give now, at most about `wanted` settlement tokens. A venue's
    /// asset is sold by its default path, in the amount that is worth `wanted` at the oracle's price; slippage makes
    /// the proceeds smaller.
    /// @dev Who: operators. Emits `Sold` unless it can give nothing. Reverts as `sell` does.
    /// @param wanted Settlement units.
    /// @return sale Without proceeds when the source can give nothing now, as asynchronous ones never can.
    function withdraw(address asset, uint256 wanted) external returns (Sale memory sale);

    /// @notice Claims amounts that the issuer of an asynchronous asset has settled.
    /// @dev Who: operators. Emits `Claimed`, and `HeldSet` when nothing is left. Reverts with `Portfolio_NotAsync`, and
    /// as the venue does.
    /// @return shares Growth of the portfolio's balance.
    /// @return proceeds Growth of the home's balance.
    /// @return lost Amount that the issuer kept: by how much these are worth less than the amounts given for them, by
    /// the venue's answer.
    function claim(address asset) external returns (uint256 shares, uint256 proceeds, uint256 lost);

    /// @notice Makes a holding count: for shares that were bought for this portfolio without a call to it.
    /// @dev Who: operators. Emits `HeldSet` if it did not count. Reverts with `Portfolio_UnknownAsset`, with
    /// `Portfolio_PurchasesHalted` for one that is marked down, and with `Portfolio_NothingBought` where the balance is
    /// 0.
    /// @param asset A holding on the list.
    function hold(address asset) external;

    /// @notice The token that assets are bought with and sold for.
    function settlement() external view returns (address);

    /// @notice Source of the prices.
    function oracle() external view returns (address);

    /// @notice Reader of the holdings' values; it answers the views of values for the portfolio.
    function reader() external view returns (IHoldingReader);

    /// @notice The account that receives all proceeds: a vault, or the portfolio itself where it stands alone.
    function home() external view returns (address);

    /// @notice Whether an account may buy, sell and withdraw.
    function isOperator(address account) external view returns (bool);

    /// @notice Values below this amount, in settlement units, are dust: a hundredth of a settlement token.
    function dust() external view returns (uint256);

    /// @notice Target weight of the settlement token in a portfolio that stands alone; else 0.
    function settlementTargetBps() external view returns (uint16);

    /// @notice The contract that runs rebalances of weights; 0 when there is none.
    function weights() external view returns (address);

    /// @notice Whether a run is under way in this transaction.
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

    /// @notice A holding as it is stored, also while the portfolio trades.
    /// @param asset Any asset, on the list or not.
    /// @return terms Its terms.
    /// @return venue Its venue; 0 where it has none.
    /// @return mark How far it is marked down; all zero where it is not, and where it is marked down to zero.
    function termsOf(address asset) external view returns (Terms memory terms, address venue, Mark memory mark);

    /// @notice Every holding with balance and value. A value that cannot be read or believed is marked (`known`), and
    /// does not prevent reading the others.
    /// @dev Reverts with `Portfolio_Busy` while the portfolio trades.
    function positions() external view returns (Position[] memory);

    /// @notice Balance and value of one holding after a purchase; the value as of `valueOf`.
    /// @dev Reverts as `valueOf` does, and with `Portfolio_RateBelowMinimum` while its shares pay less than their least
    /// rate, so that none of them are bought.
    function measure(address asset) external view returns (uint256 balance, uint256 worth);

    /// @notice Payment of a full exit from a holding, pending requests included, whether it counts or not, and at any
    /// rate: the value from which a sale computes its floor.
    /// @dev Reverts with `Portfolio_UnknownAsset`, `Portfolio_Busy`, and as oracle and strategies do.
    function exitValueOf(address asset) external view returns (uint256);

    /// @notice One holding with balance and value: for shares the payment of a full exit, at any rate.
    /// @dev Reverts with `Portfolio_UnknownAsset`, `Portfolio_Busy`, and as the oracle does.
    function positionOf(address asset) external view returns (Position memory);

    /// @notice Amount that an ERC-4626 holding is below its target, within its cap and its own limit.
    /// @dev Calls this holding alone. Reverts with `Portfolio_UnknownAsset` and `Portfolio_Busy`.
    /// @param asset The holding.
    /// @param portfolioValue Value that the portfolio will have, of which the target is a part.
    /// @param whole The value of which the cap is a part.
    /// @return gap Amount that it can take, in settlement units, with the target rounded up. 0 where that is at most
    /// dust; for holdings of other kinds; and for one that cannot be valued, does not answer, is marked down, or pays
    /// less than its least rate.
    function gapOf(address asset, uint256 portfolioValue, uint256 whole) external view returns (uint256 gap);

    /// @notice Value of all holdings that count, for withdrawals, in settlement units; including settlement tokens
    /// where the portfolio stands alone. A marked holding counts at the lower value. ERC-4626 shares above their
    /// maximum rate count at that rate while their counted value, or the value left out, is at most a thousandth of the
    /// sum.
    /// @dev Otherwise reverts with `Portfolio_RateAboveMaximum`; with `Portfolio_Busy`, and as oracle, venue and
    /// strategy do where the price of a holding that counts, and is not marked down, cannot be read.
    /// @return The value.
    function value() external view returns (uint256);

    /// @notice As `value`, for deposits: a holding that cannot be valued in full closes them.
    /// @dev Reverts with `Portfolio_EntryClosed`, and as `value` does.
    /// @return The value.
    function entryValue() external view returns (uint256);

    /// @notice As `value`, for redemptions that others than their owners may serve: they are not paid at a price that
    /// is too low for a moment.
    /// @dev Reverts with `Portfolio_RateBelowMinimum` while a holding that is not marked down pays less than its least
    /// rate, and as `value` does.
    /// @return The value.
    function redemptionValue() external view returns (uint256);

    /// @notice Whether deposits may be served at `value`: no holding on the list is marked down, and each that counts
    /// has a price and pays at least its least rate.
    /// @dev Reverts only with `Portfolio_Busy`, and with `BoundedCall_OutOfGas` where the caller gave too little gas.
    /// @return open Whether deposits are open.
    /// @return closedBy The last holding that closes them; 0 if there is none.
    function entryOpen() external view returns (bool open, address closedBy);

    /// @notice The receiver of tokens that do not count; 0 for none.
    function skimReceiver() external view returns (address);

    /// @notice Value of one holding, in settlement units; the lower one while it is marked down, 0 when it does not
    /// count.
    /// @dev Reverts with `Portfolio_UnknownAsset`, `Portfolio_Busy`, `Portfolio_RateAboveMaximum`, and as oracle, venue
    /// and strategy do.
    /// @param asset A holding on the list.
    /// @return The value.
    function valueOf(address asset) external view returns (uint256);
}
