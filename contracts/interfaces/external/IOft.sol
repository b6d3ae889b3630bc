// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What Ballast uses of a LayerZero V2 omnichain fungible token
/// @notice Also a token's adapter, which locks what the token on other chains mints. Amounts that end in LD are in the
/// decimals of the chain where the function is called.
interface IOft {
    /// @param to Who gets the tokens there.
    /// @param minAmountLD Least that must arrive.
    /// @param extraOptions Gas for the calls there, in LayerZero's encoding.
    /// @param composeMsg Goes with the tokens; empty for none.
    /// @param oftCmd Empty.
    struct SendParam {
        uint32 dstEid;
        bytes32 to;
        uint256 amountLD;
        uint256 minAmountLD;
        bytes extraOptions;
        bytes composeMsg;
        bytes oftCmd;
    }

    /// @notice Least and most that can be sent now.
    struct OFTLimit {
        uint256 minAmountLD;
        uint256 maxAmountLD;
    }

    /// @notice A fee that is taken from the amount; negative for a reward.
    struct OFTFeeDetail {
        int256 feeAmountLD;
        string description;
    }

    /// @notice What leaves, and what arrives.
    struct OFTReceipt {
        uint256 amountSentLD;
        uint256 amountReceivedLD;
    }

    /// @notice What the message costs.
    struct MessagingFee {
        uint256 nativeFee;
        uint256 lzTokenFee;
    }

    /// @notice The message that was sent.
    struct MessagingReceipt {
        bytes32 guid;
        uint64 nonce;
        MessagingFee fee;
    }

    /// @notice Sends tokens of the caller.
    /// @param refundAddress Who gets back what the fee does not use.
    function send(SendParam calldata sendParam, MessagingFee calldata fee, address refundAddress)
        external
        payable
        returns (MessagingReceipt memory, OFTReceipt memory);

    /// @notice What would arrive, and between which amounts. The limits depend on the implementation.
    function quoteOFT(SendParam calldata sendParam)
        external
        view
        returns (OFTLimit memory, OFTFeeDetail[] memory, OFTReceipt memory);

    /// @notice What the message would cost.
    function quoteSend(SendParam calldata sendParam, bool payInLzToken) external view returns (MessagingFee memory);

    /// @notice The token that is sent: this contract, or the one that it adapts.
    function token() external view returns (address);

    /// @notice Whether the caller must approve the amount.
    function approvalRequired() external view returns (bool);

    /// @notice The endpoint that its messages go through.
    function endpoint() external view returns (address);
}
