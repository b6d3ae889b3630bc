// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IHoldingReader} from "./IHoldingReader.sol";

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
    /// @param minRateBps Least rate of shares, as a part of `maxRate`: below it nobody enters (`entryOpen`), against
    /// vaults that answer too little for a moment; 0 for `Venue`.
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

    /// @notice A holding with what is held of it.
    /// @param capBps As in `Holding`; 0 while the holding is marked down or `low`.
    /// @param held Whether it counts: from its first purchase until no more than dust is left.
    /// @param balance In the asset's base units; 0 where the asset does not tell, and where it is marked down to zero,
    /// since it is not asked then.
    /// @param value In the settlement token's base units; 0 when it does not count, and when it is not known.
    /// @param marked Whether it is marked down: `value` is then the lower one, and purchases are halted.
    /// @param known Whether `value` is right: not while the price of a holding that counts cannot be read or believed,
    /// unless it is marked down.
    /// @param low Whether it counts and pays less than its least rate, or is not there at all: nothing more of it is
    /// bought. Not while it is marked down.
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

    /// @notice How far a holding is marked down.
    /// @param rate Value of a base unit, in 1e-36 of a settlement unit.
    /// @param most The most that the whole holding counts for, in settlement units: what it was worth when it was
    /// marked, as far as that was kept. 0: it counts for nothing, and is not asked anything.
    /// @param keptBps Part of what was sent to an asynchronous vault, and not settled, that counts.
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

    /// @notice An asset was turned into settlement tokens, which went home.
    event Sold(address indexed asset, uint256 amount, uint256 proceeds);

    /// @notice What a sale did. All in settlement units.
    /// @param proceeds What home's balance grew by; 0 when it was only requested.
    /// @param before Value of the holding before the sale, as far as it counted.
    /// @param current Value of the holding afterwards, as far as it counts.
    /// @param sold What was sold, or asked to be sold, was worth.
    /// @param taken By how much the sale lowered the worth of a holding that counts, at its price and not at its mark.
    /// @param maxLossBps Loss bound of the asset.
    struct Sale {
        uint256 proceeds;
        uint256 before;
        uint256 current;
        uint256 sold;
        uint256 taken;
        uint16 maxLossBps;
    }

    /// @notice What an issuer had settled was claimed: shares for the portfolio, settlement tokens for its home.
    event Claimed(address indexed asset, uint256 shares, uint256 proceeds);

    /// @notice A holding counts from now on, or does not any more.
    event HeldSet(address indexed asset, bool held);

    /// @notice The cap on purchases of an asset was lowered.
    event CapLowered(address indexed asset, uint16 capBps);

    /// @notice A holding was marked down.
    event MarkedDown(address indexed asset, uint16 keptBps, Mark mark);

    /// @notice A holding counts at its full value again.
    event MarkLifted(address indexed asset);

    /// @notice Who gets the tokens that do not count was set; 0 for nobody.
    event SkimReceiverSet(address indexed receiver);

    /// @notice Tokens that do not count went to the receiver of such tokens, or home.
    event Skimmed(address indexed token, uint256 amount, address indexed receiver);

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

    /// @notice A holding left out of the new list still counts: it is neither sold nor marked down to zero.
    error Portfolio_HoldingNotEmpty(address asset, uint256 balance);

    /// @notice Nothing to trade, or no minimum where there is no price.
    error Portfolio_ZeroAmount();

    /// @notice The portfolio is at work: no second trade, and no reading of values half-way.
    error Portfolio_Busy();

    /// @notice Only during a run.
    error Portfolio_NotInRun();

    /// @notice Nobody enters now: this holding is marked down, has no price, or pays less than its least rate.
    error Portfolio_EntryClosed(address asset);

    /// @notice The mark would not lower what the holding counts for.
    error Portfolio_MarkNotLowered(address asset);

    /// @notice The price of this asset cannot be read, and it was not marked before: it can be marked down to zero
    /// only.
    error Portfolio_MarkNeedsPrice(address asset);

    /// @notice The holding is not marked down.
    error Portfolio_NotMarked(address asset);

    /// @notice The token counts, or there is nobody to send it to.
    error Portfolio_NotSkimmable(address token);

    /// @notice The asset's cap is 0, or it is marked down: it may only be sold.
    error Portfolio_PurchasesHalted(address asset);

    /// @notice The cap would not fall.
    error Portfolio_CapNotLowered(address asset, uint16 capBps, uint16 current);

    /// @notice Only assets of asynchronous vaults have something to claim.
    error Portfolio_NotAsync(address asset);

    /// @notice The portfolio belongs to a home, to which its proceeds go; nothing else leaves it.
    error Portfolio_HasHome(address home);

    /// @notice Shares are said to be worth more than their maximum rate admits.
    error Portfolio_RateAboveMaximum(address asset, uint256 value, uint256 maximum);

    /// @notice Shares pay less than their least rate: nobody else's redemption is served at this price, and nothing is
    /// bought of them.
    error Portfolio_RateBelowMinimum(address asset);

    /// @notice The portfolio holds less than is to be sold or spent.
    error Portfolio_InsufficientBalance(address asset, uint256 balance, uint256 needed);

    /// @notice Less was received than the caller's minimum. `minimum` has the unit of `received`.
    error Portfolio_InsufficientOutput(address asset, uint256 received, uint256 minimum);

    /// @notice What was received is worth less, in settlement units, than the asset's loss bound admits.
    error Portfolio_BelowFloor(address asset, uint256 value, uint256 minimum);

    /// @notice A purchase brought neither units of the asset nor a request: it would count, and be missing.
    error Portfolio_NothingBought(address asset);

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

    /// @notice Marks a holding down, at once. From then on it counts at its value or at the marked one, whichever is
    /// lower, and at the marked one while its price cannot be read; nobody enters, purchases of it are halted, sales go
    /// on. A second mark only lowers. Down to zero it is not asked for anything any more, and can be dropped from the
    /// list; the mark stays with the asset, also when it is listed again.
    /// @dev Who: the guardian's role. Emits `MarkedDown`. Reverts with `Portfolio_UnknownAsset`,
    /// `Portfolio_MarkNotLowered`, and `Portfolio_MarkNeedsPrice` where no price is readable and no earlier mark is
    /// there to be lowered: then only 0 will do.
    /// @param asset A holding on the list.
    /// @param keptBps Part of the present value that is kept, below the whole; of the earlier mark where the price
    /// cannot be read.
    function markDown(address asset, uint16 keptBps) external;

    /// @notice Lifts the mark of a holding, which counts at its full value again: all there is of it. Where nothing is
    /// there it does not count any more.
    /// @dev Who: the configurator's role. Emits `MarkLifted`, and `HeldSet` where that changes. Reverts with
    /// `Portfolio_NotMarked`, and as `valueOf` does while it has no price.
    /// @param asset A holding on the list.
    function liftMark(address asset) external;

    /// @notice Sets who gets the tokens that do not count, rewards say.
    /// @dev Who: the configurator's role. Emits `SkimReceiverSet`.
    /// @param receiver The account; 0 for nobody.
    function setSkimReceiver(address receiver) external;

    /// @notice Sends all of a token that does not count to the receiver of such tokens; settlement tokens that were
    /// left in a portfolio with a home go home.
    /// @dev Who: anybody. Emits `Skimmed`. Reverts with `Portfolio_NotSkimmable` for a token that is on the list or
    /// marked down, and without a receiver; with `Portfolio_Busy` during a run.
    /// @param token The token.
    /// @return amount How much of it was sent.
    function skim(address token) external returns (uint256 amount);

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
    /// `Portfolio_RateBelowMinimum`, `Portfolio_NothingBought`, `Portfolio_UnexpectedSpend`, and as oracle, venue and
    /// strategy do.
    /// @param amount Settlement tokens to spend.
    /// @param minOut Least amount of the asset; the loss bound holds besides.
    /// @param data Passed on to the venue.
    /// @return received What the portfolio's balance of the asset grew by; 0 when it was only requested.
    function buy(address asset, uint256 amount, uint256 minOut, bytes calldata data) external returns (uint256 received);

    /// @notice Turns an asset into settlement tokens, which go home.
    /// @dev Who: operators. Emits `Sold`, and `HeldSet` when no more than dust is left. Reverts as `buy` does, but for
    /// caps, and least and maximum rates, which keep nobody from leaving.
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
    /// @dev Who: operators. Emits `HeldSet` if it did not. Reverts with `Portfolio_UnknownAsset`, with
    /// `Portfolio_PurchasesHalted` for one that is marked down, and with `Portfolio_NothingBought` where nothing is
    /// there.
    /// @param asset A holding on the list.
    function hold(address asset) external;

    /// @notice The token that assets are bought with and sold for.
    function settlement() external view returns (address);

    /// @notice Source of the prices.
    function oracle() external view returns (address);

    /// @notice Who reads what the holdings are worth; answers the views of values in the portfolio's place.
    function reader() external view returns (IHoldingReader);

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

    /// @notice A holding as it is stored, also while the portfolio trades.
    /// @param asset Any asset, on the list or not.
    /// @return terms Its terms.
    /// @return venue Its venue; 0 where it has none.
    /// @return mark How far it is marked down; all zero where it is not, and where it is marked down to zero.
    function termsOf(address asset) external view returns (Terms memory terms, address venue, Mark memory mark);

    /// @notice Every holding with balance and value. One whose value cannot be read or believed says so (`known`), and
    /// does not keep the others from being read.
    /// @dev Reverts with `Portfolio_Busy` while the portfolio trades.
    function positions() external view returns (Position[] memory);

    /// @notice Balance and value of one holding, of which something was bought; the value as of `valueOf`.
    /// @dev Reverts as that does, and with `Portfolio_RateBelowMinimum` while its shares pay less than their least
    /// rate, so that nothing is bought of them.
    function measure(address asset) external view returns (uint256 balance, uint256 worth);

    /// @notice What leaving a holding would pay, with what is pending, whether it counts or not, and however high its
    /// rate: what a sale asks for its floor.
    /// @dev Reverts with `Portfolio_UnknownAsset`, `Portfolio_Busy`, and as oracle and strategies do.
    function exitValueOf(address asset) external view returns (uint256);

    /// @notice One holding with balance and value: of shares what leaving would pay, however high their rate.
    /// @dev Reverts with `Portfolio_UnknownAsset`, `Portfolio_Busy`, and as the oracle does.
    function positionOf(address asset) external view returns (Position memory);

    /// @notice How far an ERC-4626 holding is below its target, as far as its cap and its own limit admit.
    /// @dev Asks this holding alone. Reverts with `Portfolio_UnknownAsset` and `Portfolio_Busy`.
    /// @param asset The holding.
    /// @param portfolioValue Value that the portfolio will have, of which the target is a part.
    /// @param whole What the cap is a part of.
    /// @return gap What it can take, in settlement units, the target rounded up. 0 where that is no more than dust; for
    /// holdings of other kinds; and for one that cannot be valued, does not answer, is marked down, or pays less than
    /// its least rate.
    function gapOf(address asset, uint256 portfolioValue, uint256 whole) external view returns (uint256 gap);

    /// @notice Value of all holdings that count, for those who leave, in settlement units; with the settlement tokens
    /// where the portfolio stands alone. What is marked down counts at the lower value. ERC-4626 shares above their
    /// maximum rate count at that while what they count for, or what is left out, is no more than a thousandth of the
    /// sum.
    /// @dev Otherwise reverts with `Portfolio_RateAboveMaximum`; with `Portfolio_Busy`, and as oracle, venue and
    /// strategy do where the price of a holding that counts, and is not marked down, cannot be read.
    /// @return The value.
    function value() external view returns (uint256);

    /// @notice As `value`, for those who enter: what cannot be valued in full keeps them out.
    /// @dev Reverts with `Portfolio_EntryClosed`, and as `value` does.
    /// @return The value.
    function entryValue() external view returns (uint256);

    /// @notice As `value`, for redemptions that others than their owners may serve: nobody is paid at a price that is
    /// too low for a moment.
    /// @dev Reverts with `Portfolio_RateBelowMinimum` while a holding that is not marked down pays less than its least
    /// rate, and as `value` does.
    /// @return The value.
    function redemptionValue() external view returns (uint256);

    /// @notice Whether entrants may be served at `value`: no holding on the list is marked down, and each that counts
    /// has a price and pays at least its least rate.
    /// @dev Reverts with `Portfolio_Busy` alone, and with `BoundedCall_OutOfGas` where the caller gave too little gas.
    /// @return open Whether they may.
    /// @return closedBy The last holding that keeps them out; 0 where none does.
    function entryOpen() external view returns (bool open, address closedBy);

    /// @notice Who gets the tokens that do not count; 0 for nobody.
    function skimReceiver() external view returns (address);

    /// @notice Value of one holding, in settlement units; the lower one while it is marked down, 0 when it does not
    /// count.
    /// @dev Reverts with `Portfolio_UnknownAsset`, `Portfolio_Busy`, `Portfolio_RateAboveMaximum`, and as oracle, venue
    /// and strategy do.
    /// @param asset A holding on the list.
    /// @return The value.
    function valueOf(address asset) external view returns (uint256);
}
