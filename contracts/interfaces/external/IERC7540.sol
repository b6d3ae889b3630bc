// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-7540, operators. Interface id 0xe3bc4e65
interface IERC7540Operator {
    /// @notice `controller` made `operator` its operator, or removed it.
    event OperatorSet(address indexed controller, address indexed operator, bool approved);

    /// @notice Makes an account the caller's operator, or removes it.
    function setOperator(address operator, bool approved) external returns (bool);

    /// @notice Whether `operator` is an operator of `controller`.
    function isOperator(address controller, address operator) external view returns (bool);
}

/// @title ERC-7540, asynchronous redemptions. Interface id 0x620ee8e4
interface IERC7540Redeem {
    /// @notice `shares` of `owner` wait to be redeemed for `controller`.
    event RedeemRequest(
        address indexed controller, address indexed owner, uint256 indexed requestId, address sender, uint256 shares
    );

    /// @notice Requests that `shares` of `owner` be redeemed; `controller` may claim the assets.
    function requestRedeem(uint256 shares, address controller, address owner) external returns (uint256 requestId);

    /// @notice Shares that wait.
    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares);

    /// @notice Shares whose assets can be claimed.
    function claimableRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares);
}
