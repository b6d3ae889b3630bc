// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-7540, the operators. Interface id 0xe3bc4e65
interface IERC7540Operator {
    /// @notice `controller` lets `operator` act for it, or does so no more.
    event OperatorSet(address indexed controller, address indexed operator, bool approved);

    /// @notice Lets an account act for the caller, or does so no more.
    function setOperator(address operator, bool approved) external returns (bool);

    /// @notice Whether `operator` acts for `controller`.
    function isOperator(address controller, address operator) external view returns (bool);
}

/// @title ERC-7540, asynchronous redemptions. Interface id 0x620ee8e4
interface IERC7540Redeem {
    /// @notice `shares` of `owner` wait to be redeemed for `controller`.
    event RedeemRequest(
        address indexed controller, address indexed owner, uint256 indexed requestId, address sender, uint256 shares
    );

    /// @notice Asks that `shares` of `owner` be redeemed; `controller` may claim what comes out.
    function requestRedeem(uint256 shares, address controller, address owner) external returns (uint256 requestId);

    /// @notice Shares that wait.
    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares);

    /// @notice Shares whose assets can be claimed.
    function claimableRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares);
}
