// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITradeVenue} from "./ITradeVenue.sol";

/// @title Trades against desks, by quotes that they sign
/// @notice A quote is EIP-712 typed data of this venue on this chain, signed by an account or by a contract (ERC-1271).
/// It is valid once, for one trader, for its whole amount, until its deadline. `trade` takes `data = abi.encode(Quote
/// quote, bytes signature)`: the input, pushed before, goes to the desk, and the output comes from the desk, which has
/// approved this venue, straight to the receiver.
/// @notice Whatever the quote, the output is worth at least the input less `maxLossBps` at the oracle's prices. Only
/// this side is bounded. A quote that is far too good for the trader is a mistake of the desk, which signed it and can
/// cancel it; refusing it would protect none of the accounts that this venue serves.
interface IOtcVenue is ITradeVenue {
    /// @notice A desk's offer.
    /// @param desk Account that signs, gets the input and gives the output.
    /// @param trader Account that may take the quote.
    /// @param tokenIn Token that the desk gets.
    /// @param tokenOut Token that the desk gives.
    /// @param amountIn Whole amount that the desk gets, in base units; a quote is not taken in part.
    /// @param amountOut Least amount that the receiver gets, in base units.
    /// @param nonce Any number that the desk has not used: each is valid once, in any order.
    /// @param deadline Last second in which the quote is valid.
    struct Quote {
        address desk;
        address trader;
        address tokenIn;
        address tokenOut;
        uint256 amountIn;
        uint256 amountOut;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice A desk was admitted or removed.
    event DeskSet(address indexed desk, bool allowed);

    /// @notice An account was admitted to trade or removed.
    event TraderSet(address indexed trader, bool allowed);

    /// @notice The most that a trade may lose at the oracle's prices was set.
    event MaxLossSet(uint16 maxLossBps);

    /// @notice A desk made one of its nonces void.
    event QuoteCancelled(address indexed desk, uint256 indexed nonce);

    /// @notice A trade went through.
    event Traded(
        address indexed desk,
        uint256 indexed nonce,
        address indexed trader,
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 amountOut,
        address receiver
    );

    /// @notice The constructor's oracle has no code.
    error OtcVenue_InvalidOracle(address oracle);

    /// @notice The loss bound is above 10 %, or is to be lowered and is not lower than the present one.
    error OtcVenue_InvalidMaxLoss(uint16 maxLossBps);

    /// @notice The caller is not admitted.
    error OtcVenue_NotTrader(address caller);

    /// @notice The desk is not admitted.
    error OtcVenue_NotDesk(address desk);

    /// @notice The quote is for another trader.
    error OtcVenue_OtherTrader(address quoted, address caller);

    /// @notice The quote is for other tokens.
    error OtcVenue_OtherTokens(address quotedIn, address quotedOut);

    /// @notice The quote is for another amount.
    error OtcVenue_OtherAmount(uint256 quoted, uint256 amountIn);

    /// @notice The quote's deadline has passed.
    error OtcVenue_Expired(uint256 deadline);

    /// @notice The quote was taken, or its nonce by another one, or the desk has cancelled it.
    error OtcVenue_NonceUsed(address desk, uint256 nonce);

    /// @notice The desk has not signed the quote.
    error OtcVenue_InvalidSignature(bytes32 quoteHash, address desk);

    /// @notice The quote gives less than the caller asks for.
    error OtcVenue_BelowMinimum(uint256 quoted, uint256 minimum);

    /// @notice The quote gives less than the oracle's prices and the loss bound admit.
    error OtcVenue_BelowFloor(uint256 quoted, uint256 floor);

    /// @notice The input was not pushed before.
    error OtcVenue_MissingInput(address tokenIn, uint256 balance, uint256 amountIn);

    /// @notice Less arrived at the receiver than the quote says.
    error OtcVenue_InsufficientOutput(address tokenOut, uint256 received, uint256 quoted);

    /// @notice Desks quote for each trade; there is no spot price.
    error OtcVenue_NoSpot();

    /// @notice Admits a desk, or removes it.
    /// @dev Who: the configurator's role. Emits `DeskSet`.
    function setDesk(address desk, bool allowed) external;

    /// @notice Removes a desk: its quotes are void from now on.
    /// @dev Who: the guardian's role. Emits `DeskSet`. Reverts with `OtcVenue_NotDesk`.
    function removeDesk(address desk) external;

    /// @notice Admits an account, a portfolio, to trade here, or removes it.
    /// @dev Who: the configurator's role. Emits `TraderSet`.
    function setTrader(address trader, bool allowed) external;

    /// @notice Sets the loss bound, in basis points of the input's value, at most 1,000.
    /// @dev Who: the configurator's role. Emits `MaxLossSet`. Reverts with `OtcVenue_InvalidMaxLoss`.
    function setMaxLoss(uint16 newMaxLossBps) external;

    /// @notice Lowers the loss bound.
    /// @dev Who: the guardian's role. Emits `MaxLossSet`. Reverts with `OtcVenue_InvalidMaxLoss`.
    function lowerMaxLoss(uint16 newMaxLossBps) external;

    /// @notice Makes a nonce of the caller void, and so the quotes with it.
    /// @dev Who: anybody, of its own nonces. Emits `QuoteCancelled`. Reverts with `OtcVenue_NonceUsed`.
    function cancelQuote(uint256 nonce) external;

    /// @notice Source of the prices.
    function oracle() external view returns (address);

    /// @notice The most that a trade may lose at the oracle's prices, in basis points of the input's value.
    function maxLossBps() external view returns (uint16);

    /// @notice Whether an account may trade here.
    function isTrader(address account) external view returns (bool);

    /// @notice Whether the quotes of an account are valid here.
    function isDesk(address account) external view returns (bool);

    /// @notice Whether a nonce of a desk was used or made void.
    function isNonceUsed(address desk, uint256 nonce) external view returns (bool);

    /// @notice The hash that a desk signs: the EIP-712 hash of a quote, under the domain of `eip712Domain`.
    function hashOf(Quote calldata quote) external view returns (bytes32);
}
