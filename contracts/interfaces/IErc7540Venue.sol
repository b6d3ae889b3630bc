// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAsyncVenue} from "./IAsyncVenue.sol";

/// @title Requests deposits and redemptions of one asynchronous vault (ERC-7540), for one portfolio
/// @notice Each issuer has a venue of its own, so that what comes back is its own and one that is dead stops no other.
/// @notice For vaults of the portfolio's settlement token that are their own share token. The venue is owner and
/// controller of every request, so an issuer that admits holders one by one must admit it beside the portfolio. `trade`
/// takes no minimum, since the price is the issuer's at a later time, and needs no data; its receiver must be who will
/// get the output: the portfolio of a purchase, its home of a sale.
/// @notice There is one request at a time in each direction of a vault, unless the vault gives the next one the same
/// id: then the two are one.
/// @notice What the vault says of a request is believed up to what was requested. A deposit is worth the assets sent at
/// most; shares that have gained since the issuer settled it show the gain when they are claimed. A redemption is worth
/// at most the shares sent at the vault's rate, of the request or of now, whichever is higher. Below that the vault is
/// believed, as it is with its share price.
/// @notice Requests are not cancelled here (ERC-7887): an issuer that refuses one sends the tokens back or makes them
/// claimable. Tokens that reach the venue without a claim go where claimed ones go, with the next `claim`, and count in
/// `pendingValue` before that: shares all of them, settlement tokens up to what is missing of a deposit, once.
interface IErc7540Venue is IAsyncVenue {
    /// @notice A deposit was requested.
    event DepositRequested(address indexed vault, uint256 indexed requestId, uint256 assets);

    /// @notice A redemption was requested.
    event RedemptionRequested(address indexed vault, uint256 indexed requestId, uint256 shares);

    /// @notice Shares went to the portfolio, settlement tokens to its home.
    event Claimed(address indexed vault, uint256 shares, uint256 assets);

    /// @notice A part of a claim failed, and keeps nothing of the rest: of shares, of assets, or of what came unasked.
    event ClaimIncomplete(address indexed vault, bytes reason);

    /// @notice The constructor's portfolio has no code.
    error Erc7540Venue_InvalidPortfolio(address portfolio);

    /// @notice The caller is not the portfolio.
    error Erc7540Venue_NotPortfolio(address caller);

    /// @notice The tokens are not the settlement token and the vault's shares.
    error Erc7540Venue_InvalidTokens(address tokenIn, address tokenOut);

    /// @notice Nothing could be claimed, and a part of the claim failed.
    error Erc7540Venue_ClaimFailed(address vault, bytes reason);

    /// @notice The vault is not one of the settlement token, or not this venue's.
    error Erc7540Venue_InvalidVault(address vault);

    /// @notice Nothing to request.
    error Erc7540Venue_InvalidAmount(uint256 amount);

    /// @notice The output of this request will go to somebody else.
    error Erc7540Venue_InvalidReceiver(address receiver, address expected);

    /// @notice A minimum was asked for, which a later price cannot promise.
    error Erc7540Venue_MinimumNotSupported(uint256 minOut);

    /// @notice The input was not pushed before.
    error Erc7540Venue_MissingInput(address tokenIn, uint256 balance, uint256 amountIn);

    /// @notice The vault took less or more than was requested.
    error Erc7540Venue_InputMismatch(address tokenIn, uint256 taken, uint256 amountIn);

    /// @notice Another request of this direction is not yet claimed.
    error Erc7540Venue_RequestPending(address vault, uint256 requestId);

    /// @notice The caller gave too little gas to tell why a call failed.
    error Erc7540Venue_OutOfGas();

    /// @notice What comes out comes later, at a price unknown.
    error Erc7540Venue_NoSpot();

    /// @notice The vault that requests are made of.
    function vault() external view returns (address);

    /// @notice The portfolio that may trade and claim here.
    function portfolio() external view returns (address);

    /// @notice Where claimed settlement tokens go.
    function home() external view returns (address);

    /// @notice The settlement token.
    function settlement() external view returns (address);

    /// @notice What was sent for shares and the vault knows no more, neither as pending nor as claimable: it came back
    /// here, or is gone.
    /// @dev Reverts as the vault does.
    /// @return assets Settlement units.
    function missing() external view returns (uint256 assets);

    /// @notice The ids of the last requests.
    /// @return depositId Of the last deposit.
    /// @return redeemId Of the last redemption.
    function requestIds() external view returns (uint256 depositId, uint256 redeemId);
}
