// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITradeVenue} from "./ITradeVenue.sol";

/// @title Trades in one of a short list of venues, which the caller names
/// @notice The best venue is found off-chain, by quotes; this contract limits the choice to the list of the pair.
/// `trade` takes `data = abi.encode(address venue, bytes data)` with the terms of that venue, or no data for the first
/// venue of the list, which then gets no data either. So the first venue must trade without terms.
/// @notice For the venues of the list this contract is the trader: they must admit it, and a desk's quote names it. Any
/// trader admitted here may take such a quote. The contract gives no allowance and keeps nothing: the input that was
/// pushed to it goes on to the venue, and the output straight to the receiver, where it is measured.
/// @notice `spot` is that of the first venue, which executes trades without data: a caller that trades by default
/// compares the price at which it will trade. It reverts as that venue's does.
interface IAutoVenue is ITradeVenue {
    /// @notice The venues of a pair were set, in this order; none when it is not traded any more.
    event VenuesSet(address indexed tokenIn, address indexed tokenOut, address[] venues);

    /// @notice An account was admitted to trade, or not any more.
    event TraderSet(address indexed trader, bool allowed);

    /// @notice A trade went through.
    event Traded(
        address indexed venue,
        address indexed tokenIn,
        address indexed tokenOut,
        uint256 amountIn,
        uint256 amountOut,
        address receiver
    );

    /// @notice A token is not traded for itself.
    error AutoVenue_InvalidPair(address tokenIn, address tokenOut);

    /// @notice More than 8 venues.
    error AutoVenue_TooManyVenues(uint256 count);

    /// @notice The venue has no code, is this contract, or is listed twice.
    error AutoVenue_InvalidVenue(address venue);

    /// @notice The venue is not listed for the pair.
    error AutoVenue_VenueNotListed(address tokenIn, address tokenOut, address venue);

    /// @notice No venue is listed for the pair.
    error AutoVenue_NoVenue(address tokenIn, address tokenOut);

    /// @notice The caller is not admitted.
    error AutoVenue_NotTrader(address caller);

    /// @notice Nothing to trade.
    error AutoVenue_InvalidAmount(uint256 amount);

    /// @notice The input was not pushed before.
    error AutoVenue_MissingInput(address tokenIn, uint256 balance, uint256 amountIn);

    /// @notice The trade left some input or output here, or took more than the input.
    error AutoVenue_Leftover(address token, uint256 balance, uint256 expected);

    /// @notice The receiver got less than asked for.
    error AutoVenue_InsufficientOutput(address tokenOut, uint256 received, uint256 minimum);

    /// @notice Sets the venues of a pair, at most 8, the default first; none to end its trading.
    /// @dev Who: the configurator's role. Emits `VenuesSet`. Reverts with `AutoVenue_InvalidPair`,
    /// `AutoVenue_TooManyVenues` and `AutoVenue_InvalidVenue`.
    function setVenues(address tokenIn, address tokenOut, address[] calldata venues) external;

    /// @notice Removes a venue of a pair; the others keep their order, so the second becomes the default when the first
    /// goes.
    /// @dev Who: the guardian's role. Emits `VenuesSet`. Reverts with `AutoVenue_VenueNotListed`.
    function removeVenue(address tokenIn, address tokenOut, address venue) external;

    /// @notice Admits an account, a portfolio, to trade here, or not any more.
    /// @dev Who: the configurator's role. Emits `TraderSet`.
    function setTrader(address trader, bool allowed) external;

    /// @notice Whether an account may trade here.
    function isTrader(address account) external view returns (bool);

    /// @notice The venues of a pair, the default first. No other kind of venue has this function: keepers recognise by
    /// it that there is a choice.
    function venuesOf(address tokenIn, address tokenOut) external view returns (address[] memory);
}
