// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-7575: an ERC-4626 entry point whose shares belong to another contract
/// @notice Every function is declared here and not inherited: the interface id, 0x2f0a18c5, is computed from all of
/// them.
interface IERC7575 {
    /// @notice Assets were paid to `receiver` for `shares` of `owner`.
    event Withdraw(
        address indexed sender, address indexed receiver, address indexed owner, uint256 assets, uint256 shares
    );

    /// @notice Deposits `assets` and mints shares for them.
    function deposit(uint256 assets, address receiver) external returns (uint256 shares);

    /// @notice Mints `shares` and takes the assets for them.
    function mint(uint256 shares, address receiver) external returns (uint256 assets);

    /// @notice Pays `assets`.
    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256 shares);

    /// @notice Pays for `shares`.
    function redeem(uint256 shares, address receiver, address owner) external returns (uint256 assets);

    /// @notice The token that is paid.
    function asset() external view returns (address);

    /// @notice The token whose units are the shares.
    function share() external view returns (address);

    /// @notice Assets that back the shares.
    function totalAssets() external view returns (uint256);

    /// @notice Shares that `assets` are worth.
    function convertToShares(uint256 assets) external view returns (uint256);

    /// @notice Assets that `shares` are worth.
    function convertToAssets(uint256 shares) external view returns (uint256);

    /// @notice Most that can be deposited.
    function maxDeposit(address receiver) external view returns (uint256);

    /// @notice Shares that a deposit would mint.
    function previewDeposit(uint256 assets) external view returns (uint256);

    /// @notice Most that can be minted.
    function maxMint(address receiver) external view returns (uint256);

    /// @notice Assets that a mint would take.
    function previewMint(uint256 shares) external view returns (uint256);

    /// @notice Most that can be withdrawn.
    function maxWithdraw(address owner) external view returns (uint256);

    /// @notice Shares that a withdrawal would take.
    function previewWithdraw(uint256 assets) external view returns (uint256);

    /// @notice Most that can be redeemed.
    function maxRedeem(address owner) external view returns (uint256);

    /// @notice Assets that a redemption would pay.
    function previewRedeem(uint256 shares) external view returns (uint256);
}
