// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The part of CCTP's message transmitter, version 2, that Ballast uses
interface IMessageTransmitterV2 {
    /// @notice Hands in a message with its attestation, once, and has its recipient handle it.
    /// @dev Reverts with "Invalid attestation length", "Invalid signature: not attester", "Invalid signature order or
    /// dupe", "Invalid destination domain", "Invalid caller for message", "Nonce already used", "Pausable: paused",
    /// and with what the recipient reverts with.
    /// @param message As attested: with nonce, executed threshold, fee and expiry filled in.
    /// @param attestation Signatures of 65 bytes over the message's hash, in ascending order of the signers.
    function receiveMessage(bytes calldata message, bytes calldata attestation) external returns (bool);

    /// @notice 1 when the message with this nonce was handed in.
    function usedNonces(bytes32 nonce) external view returns (uint256);

    /// @notice Whether sending and receiving messages is paused.
    /// @return Whether it is.
    function paused() external view returns (bool);

    /// @notice CCTP's number of this chain.
    function localDomain() external view returns (uint32);
}
