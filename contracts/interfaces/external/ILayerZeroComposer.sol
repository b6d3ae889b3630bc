// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Receiver of a LayerZero V2 message after the tokens that were sent with it
interface ILayerZeroComposer {
    /// @notice Handles the message. Messages may arrive in any order and from any executor, each once.
    /// @dev Who: the endpoint. LayerZero declares it payable; a contract that accepts no coins need not.
    /// @param from Contract that composed the message on this chain.
    /// @param guid Id of the LayerZero message.
    /// @param message The composed message.
    function lzCompose(address from, bytes32 guid, bytes calldata message, address executor, bytes calldata extraData)
        external;
}
