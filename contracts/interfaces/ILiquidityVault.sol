// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

/// @title The depositors' vault: shares, and the cash tier L1
/// @notice A plain ERC-4626 vault whose assets are its idle settlement tokens and what its controller has deployed in
/// the other tiers. It pays withdrawals from idle tokens only. While the controller is at work deposits and withdrawals
/// refuse, so the share supply cannot change under it, and `totalAssets` reverts instead of showing a half-done state.
///
/// The `max*` functions never revert: they answer 0 while the controller is at work, while there is none, and while a
/// price that `totalAssets` needs is bad. The other functions then revert with the typed error.
interface ILiquidityVault is IERC4626 {
    /// @notice The controller was replaced.
    event ControllerSet(address indexed previous, address indexed current);

    /// @notice Idle tokens went into a strategy.
    event Supplied(address indexed strategy, address indexed receiver, uint256 assets, uint256 shares);

    /// @notice Idle tokens were paid out for a trade.
    event Paid(address indexed receiver, uint256 assets);

    /// @notice Only the controller moves the vault's assets.
    error LiquidityVault_NotController(address caller);

    /// @notice The controller is at work; try again in another transaction.
    error LiquidityVault_ControllerLocked();

    /// @notice No controller is set yet.
    error LiquidityVault_NoController();

    /// @notice The new controller does not serve this vault, or would leave value behind in other portfolios.
    error LiquidityVault_InvalidController(address controller);

    /// @notice The strategy took another amount than it was given.
    error LiquidityVault_UnexpectedSpend(address strategy, uint256 spent, uint256 assets);

    /// @notice Another amount arrived than was deposited: the token takes a fee.
    error LiquidityVault_UnexpectedReceipt(uint256 received, uint256 assets);

    /// @notice Sets or replaces the controller.
    /// @dev Who: the configurator's role. Emits `ControllerSet`. Reverts with `LiquidityVault_InvalidController` unless
    /// the new one names this vault and works on the same portfolios (others only once the old ones are worth nothing);
    /// with `LiquidityVault_ControllerLocked` while the old one is at work.
    function setController(address newController) external;

    /// @notice Deposits idle tokens into an ERC-4626 strategy. No allowance remains.
    /// @dev Who: the controller. Emits `Supplied`. Reverts with `LiquidityVault_NotController`,
    /// `LiquidityVault_UnexpectedSpend`, and as the strategy does. The caller judges whether the shares are worth it.
    /// @param receiver Account that gets the strategy's shares.
    /// @return shares What the receiver's share balance grew by, whatever the strategy answered.
    function supply(IERC4626 strategy, uint256 assets, address receiver) external returns (uint256 shares);

    /// @notice Pays idle tokens to a venue, for a trade in the same transaction.
    /// @dev Who: the controller. Emits `Paid`. Reverts with `LiquidityVault_NotController`.
    function pay(address receiver, uint256 assets) external;

    /// @notice The only account that can move the vault's assets; 0 before it is set.
    function controller() external view returns (address);

    /// @notice L1: the settlement tokens that the vault holds.
    function idle() external view returns (uint256);

    /// @notice Deposits made in this very transaction, less withdrawals. The controller leaves them out when it judges
    /// bands, so that a deposit withdrawn again at the end of the transaction cannot widen them.
    function freshDeposits() external view returns (uint256);
}
