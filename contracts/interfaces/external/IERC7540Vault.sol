// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

/// @title The part of an asynchronous vault (ERC-7540) that Ballast uses
/// @notice Deposits and redemptions are requested, made claimable by the issuer at a later price, and claimed. A
/// request belongs to a controller. Id 0 stands for all requests of a controller at once; otherwise requests of one id
/// become claimable together, and claims are not distinguished by id. `previewDeposit`, `previewMint`, `previewRedeem`
/// and `previewWithdraw` revert; `maxDeposit` and the other maxima return claimable amounts.
interface IERC7540Vault is IERC4626 {
    /// @notice Takes `assets` from `owner` and requests shares.
    function requestDeposit(uint256 assets, address controller, address owner) external returns (uint256 requestId);

    /// @notice Assets of a request that wait for the issuer.
    function pendingDepositRequest(uint256 requestId, address controller) external view returns (uint256 assets);

    /// @notice Assets of a request for which shares can be claimed.
    function claimableDepositRequest(uint256 requestId, address controller) external view returns (uint256 assets);

    /// @notice Claims the shares for `assets` of the controller's claimable requests.
    function deposit(uint256 assets, address receiver, address controller) external returns (uint256 shares);

    /// @notice Takes `shares` from `owner` and requests assets.
    function requestRedeem(uint256 shares, address controller, address owner) external returns (uint256 requestId);

    /// @notice Shares of a request that wait for the issuer.
    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares);

    /// @notice Shares of a request for which assets can be claimed.
    function claimableRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares);
}
