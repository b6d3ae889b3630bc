// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The part of a LayerZero V2 omnichain fungible token that Ballast uses
/// @notice Also a token's adapter, which locks what the token on other chains mints. Amounts that end in LD are in the
/// decimals of the chain where the function is called.
interface IOft {
    /// @param to Receiver of the tokens on the other chain.
    /// @param minAmountLD Least that must arrive.
    /// @param extraOptions Gas for the calls there, in LayerZero's encoding.
    /// @param composeMsg Message sent with the tokens; empty for none.
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

    /// @notice Amounts that leave and arrive.
    struct OFTReceipt {
        uint256 amountSentLD;
        uint256 amountReceivedLD;
    }

    /// @notice Fee of the message.
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
    /// @param refundAddress Account that gets the unused part of the fee.
    function send(SendParam calldata sendParam, MessagingFee calldata fee, address refundAddress)
        external
        payable
        returns (MessagingReceipt memory, OFTReceipt memory);

    /// @notice Amount that would arrive, and the bounds of the amount. The limits depend on the implementation.
    function quoteOFT(SendParam calldata sendParam)
        external
        view
        returns (OFTLimit memory, OFTFeeDetail[] memory, OFTReceipt memory);

    /// @notice Cost of the message.
    function quoteSend(SendParam calldata sendParam, bool payInLzToken) external view returns (MessagingFee memory);

    /// @notice The token that is sent: this contract, or the one that it adapts.
    function token() external view returns (address);

    /// @notice Whether the caller must approve the amount.
    function approvalRequired() external view returns (bool);

    /// @notice The endpoint that its messages go through.
    function endpoint() external view returns (address);
}
