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
    /// @dev `Erc4626`: shares of a vault on the settlement token, at `convertToAssets`, by deposit and redemption.
    /// `Venue`: any token with a price feed, at the oracle's price, by a trade in its venue.
    enum Kind {
        Erc4626,
        Venue
    }

    /// @notice An asset and its terms.
    /// @param venue Venue of the asset; 0 for `Erc4626`.
    /// @param targetBps Target weight inside the portfolio.
    /// @param maxLossBps Value that one purchase or sale may lose, of its amount. 0 admits not even a unit of rounding.
    struct Holding {
        address asset;
        Kind kind;
        address venue;
        uint16 targetBps;
        uint16 maxLossBps;
    }

    /// @notice A holding with what is held of it.
    /// @param balance In the asset's base units.
    /// @param value In the settlement token's base units.
    struct Position {
        address asset;
        Kind kind;
        address venue;
        uint16 targetBps;
        uint16 maxLossBps;
        uint256 balance;
        uint256 value;
    }

    /// @notice Settlement tokens were turned into an asset.
    event Bought(address indexed asset, uint256 amount, uint256 received);

    /// @notice An asset was turned into settlement tokens, which went home.
    event Sold(address indexed asset, uint256 amount, uint256 proceeds);

    /// @notice The list of holdings was replaced.
    event HoldingsSet(Holding[] holdings);

    /// @notice An account became an operator, or ceased to be one.
    event OperatorSet(address indexed operator, bool allowed);

    /// @notice The constructor was given an oracle without code, or no home.
    error Portfolio_InvalidAddress(address account);

    /// @notice The caller is no operator.
    error Portfolio_NotOperator(address caller);

    /// @notice The asset is not on the list.
    error Portfolio_UnknownAsset(address asset);

    /// @notice The holding cannot serve: no code, listed twice, the settlement token itself, home's own shares, another
    /// underlying token, no price feed, a venue where none belongs or none where one does, or a loss bound above 10 %.
    error Portfolio_InvalidHolding(address asset);

    /// @notice The target weights do not add up to 10,000 basis points.
    error Portfolio_InvalidTargets(uint256 sumBps);

    /// @notice More holdings than the maximum.
    error Portfolio_TooManyHoldings(uint256 count, uint256 maximum);

    /// @notice A holding left out of the new list still has value: at least one whole settlement token.
    error Portfolio_HoldingNotEmpty(address asset, uint256 balance);

    /// @notice Nothing to trade.
    error Portfolio_ZeroAmount();

    /// @notice The portfolio holds less than is to be sold or spent.
    error Portfolio_InsufficientBalance(address asset, uint256 balance, uint256 needed);

    /// @notice Less was received than the caller's minimum. `minimum` has the unit of `received`.
    error Portfolio_InsufficientOutput(address asset, uint256 received, uint256 minimum);

    /// @notice What was received is worth less, in settlement units, than the asset's loss bound admits.
    error Portfolio_BelowFloor(address asset, uint256 value, uint256 minimum);

    /// @notice Another amount left the portfolio than was to be sold or spent.
    error Portfolio_UnexpectedSpend(address asset, uint256 spent, uint256 amount);

    /// @notice Replaces the list of holdings. Its order is the order of liquidation.
    /// @dev Who: the configurator's role. Emits `HoldingsSet`. Reverts with `Portfolio_InvalidHolding`,
    /// `Portfolio_InvalidTargets`, `Portfolio_TooManyHoldings`, `Portfolio_HoldingNotEmpty`. Dust worth less than one
    /// whole settlement token may stay behind, else anybody could block a removal by sending a few units.
    /// @param newHoldings None, or target weights that add up to 10,000.
    function setHoldings(Holding[] calldata newHoldings) external;

    /// @notice Makes an account an operator, or not any more.
    /// @dev Who: the configurator's role. Emits `OperatorSet`.
    function setOperator(address operator, bool allowed) external;

    /// @notice Turns settlement tokens into an asset. They were pushed before in the same transaction: to the venue, or
    /// to the portfolio itself for an ERC-4626 asset.
    /// @dev Who: operators. Emits `Bought`. Reverts with `Portfolio_NotOperator`, `Portfolio_UnknownAsset`,
    /// `Portfolio_ZeroAmount`, `Portfolio_InsufficientBalance`, `Portfolio_InsufficientOutput`, `Portfolio_BelowFloor`,
    /// `Portfolio_UnexpectedSpend`, and as oracle, venue and strategy do.
    /// @param amount Settlement tokens to spend.
    /// @param minOut Least amount of the asset; the loss bound holds besides.
    /// @param data Passed on to the venue.
    /// @return received What the portfolio's balance of the asset grew by.
    function buy(address asset, uint256 amount, uint256 minOut, bytes calldata data) external returns (uint256 received);

    /// @notice Turns an asset into settlement tokens, which go home.
    /// @dev Who: operators. Emits `Sold`. Reverts as `buy` does.
    /// @param amount Units of the asset; shares of an ERC-4626 asset.
    /// @param minOut Least amount of settlement tokens; the loss bound holds besides.
    /// @param data Passed on to the venue.
    /// @return proceeds What home's balance grew by.
    function sell(address asset, uint256 amount, uint256 minOut, bytes calldata data)
        external
        returns (uint256 proceeds);

    /// @notice Sends home what an asset can give now, at most about `assets` settlement tokens. A venue's asset is sold
    /// by its default path, in the amount that is worth `assets` at the oracle's price; so slippage makes it less.
    /// @dev Who: operators. Emits `Sold` unless it can give nothing. Reverts as `sell` does.
    /// @return proceeds What home's balance grew by; 0 when the source can give nothing now.
    function withdraw(address asset, uint256 assets) external returns (uint256 proceeds);

    /// @notice The token that assets are bought with and sold for.
    function settlement() external view returns (address);

    /// @notice Source of the prices.
    function oracle() external view returns (address);

    /// @notice The account that receives all proceeds.
    function home() external view returns (address);

    /// @notice Whether an account may buy, sell and withdraw.
    function isOperator(address account) external view returns (bool);

    /// @notice Whether an asset is on the list.
    function holds(address asset) external view returns (bool);

    /// @notice The list of holdings, in order of liquidation.
    function holdings() external view returns (Holding[] memory);

    /// @notice The terms of one asset.
    /// @dev Reverts with `Portfolio_UnknownAsset`.
    function holdingOf(address asset) external view returns (Holding memory);

    /// @notice Every holding with balance and value.
    /// @dev Reverts as the oracle does when the price of an asset that is held is bad. Empty positions need no price.
    function positions() external view returns (Position[] memory);

    /// @notice Value of all holdings, in settlement units. Reverts as `positions` does.
    function value() external view returns (uint256);

    /// @notice Value of one holding, in settlement units.
    /// @dev Reverts with `Portfolio_UnknownAsset`, and as the oracle does.
    function valueOf(address asset) external view returns (uint256);
}
