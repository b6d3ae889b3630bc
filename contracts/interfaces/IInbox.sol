// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Where a custodian sends withdrawals
/// @notice One for each custodian and asset. Its address stays when the route is replaced, since it is on the
/// custodian's list. All that it holds is not booked yet; it leaves to the treasury only.
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

    /// @notice Sets who books what arrives.
    /// @dev Who: the configurator's role. Emits `RouteSet`.
    function setRoute(address newRoute) external;

    /// @notice Gives the treasury what was booked.
    /// @dev Who: the route. Emits `Released`. Reverts with `Inbox_NotRoute`.
    function release(uint256 amount) external;

    /// @notice Gives the treasury what came here by mistake, of this token or another.
    /// @dev Who: the configurator's role. Emits `Swept`.
    function sweep(address stray, uint256 amount) external;

    /// @notice Who books what arrives.
    function route() external view returns (address);

    /// @notice Where it goes.
    function treasury() external view returns (address);

    /// @notice What arrives.
    function token() external view returns (address);

    /// @notice What has arrived and is not booked.
    function unbooked() external view returns (uint256);
}
