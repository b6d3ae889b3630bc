// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAsyncVenue} from "./IAsyncVenue.sol";

/// @title Requests deposits and redemptions of one asynchronous vault (ERC-7540), for one portfolio
/// @notice Each issuer has a separate venue, so that returned tokens are attributed to it and a dead issuer blocks no
/// other.
/// @notice For vaults of the portfolio's settlement token that are their own share token. The venue is owner and
/// controller of every request, so an issuer that admits holders one by one must admit it as well as the portfolio.
/// `trade` takes no minimum, since the issuer sets the price later, and needs no data; its receiver must be the account
/// that will get the output: the portfolio for a purchase, its home for a sale.
/// @notice There is one request at a time in each direction of a vault, unless the vault gives the next one the same
/// id: then the two are one.
/// @notice The vault's report of a request is believed up to the requested amount. A deposit is worth at most the
/// assets sent; a gain of its shares since the settlement becomes visible with the claim. A redemption is worth at most
/// the shares sent at the vault's rate at the request or now, whichever is higher. Below that the vault is believed, as
/// its share price is.
/// @notice Requests are not cancelled here (ERC-7887): an issuer that refuses one sends the tokens back or makes them
/// claimable. Tokens that reach the venue without a claim are passed on like claimed ones by the next `claim`, and
/// count in `pendingValue` before that: all shares, and settlement tokens up to the missing amount of a deposit, once.
interface IErc7540Venue is IAsyncVenue {
    /// @notice A deposit was requested.
    event DepositRequested(address indexed vault, uint256 indexed requestId, uint256 assets);

    /// @notice A redemption was requested.
    event RedemptionRequested(address indexed vault, uint256 indexed requestId, uint256 shares);

    /// @notice Shares went to the portfolio, settlement tokens to its home.
    event Claimed(address indexed vault, uint256 shares, uint256 assets);

    /// @notice A part of a claim failed without blocking the rest: the claim of shares, the claim of assets, or the
    /// transfer of tokens that arrived unasked.
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

    /// @notice The output of this request will go to another account.
    error Erc7540Venue_InvalidReceiver(address receiver, address expected);

    /// @notice A minimum was requested, which a later price cannot guarantee.
    error Erc7540Venue_MinimumNotSupported(uint256 minOut);

    /// @notice The input was not pushed before.
    error Erc7540Venue_MissingInput(address tokenIn, uint256 balance, uint256 amountIn);

    /// @notice The vault took less or more than was requested.
    error Erc7540Venue_InputMismatch(address tokenIn, uint256 taken, uint256 amountIn);

    /// @notice Another request of this direction is not yet claimed.
    error Erc7540Venue_RequestPending(address vault, uint256 requestId);

    /// @notice The caller gave too little gas to determine why a call failed.
    error Erc7540Venue_OutOfGas();

    /// @notice Delivery is later, at an unknown price.
    error Erc7540Venue_NoSpot();

    /// @notice The vault whose requests are made here.
    function vault() external view returns (address);

    /// @notice The portfolio that may trade and claim here.
    function portfolio() external view returns (address);

    /// @notice Account that gets claimed settlement tokens.
    function home() external view returns (address);

    /// @notice The settlement token.
    function settlement() external view returns (address);

    /// @notice Assets that were sent for shares and that the vault reports neither as pending nor as claimable: they
    /// were returned here, or are lost.
    /// @dev Reverts as the vault does.
    /// @return assets Settlement units.
    function missing() external view returns (uint256 assets);

    /// @notice The ids of the last requests.
    /// @return depositId Of the last deposit.
    /// @return redeemId Of the last redemption.
    function requestIds() external view returns (uint256 depositId, uint256 redeemId);
}
