// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Account for a custodian's withdrawals
/// @notice One for each custodian and asset. Its address stays when the route is replaced, since it is on the
/// custodian's list. Its whole balance is not booked yet; it leaves only to the treasury.
interface IInbox {
    /// @notice The route was set.
    event RouteSet(address route);

    /// @notice Tokens went to the treasury.
    event Released(uint256 amount);

    /// @notice Tokens that belong to no transfer went to the treasury.
    event Swept(address indexed token, uint256 amount);

    /// @notice The treasury has no code.
    error Inbox_InvalidTreasury(address treasury);

    /// @notice The token has no code.
    error Inbox_InvalidToken(address token);

    /// @notice The caller is not the route.
    error Inbox_NotRoute(address caller);

    /// @notice Sets the route that books arrivals.
    /// @dev Who: the configurator's role. Emits `RouteSet`.
    function setRoute(address newRoute) external;

    /// @notice Sends a booked amount to the treasury.
    /// @dev Who: the route. Emits `Released`. Reverts with `Inbox_NotRoute`.
    function release(uint256 amount) external;

    /// @notice Sends tokens that arrived here by mistake to the treasury, of this token or another.
    /// @dev Who: the configurator's role. Emits `Swept`.
    function sweep(address stray, uint256 amount) external;

    /// @notice The route that books arrivals.
    function route() external view returns (address);

    /// @notice The treasury that receives the tokens.
    function treasury() external view returns (address);

    /// @notice The token of the withdrawals.
    function token() external view returns (address);

    /// @notice The amount that has arrived and is not booked.
    function unbooked() external view returns (uint256);
}
