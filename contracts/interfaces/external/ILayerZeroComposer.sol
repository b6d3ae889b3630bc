// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Who gets a LayerZero V2 message after the tokens that it came with
interface ILayerZeroComposer {
    /// @notice Takes the message. It may come in any order and from any executor, once.
    /// @dev Who: the endpoint. LayerZero declares it payable; where no coins are wanted it need not be.
    /// @param from Contract that composed the message on this chain.
    /// @param guid Of the LayerZero message.
    /// @param message What was composed.
    function lzCompose(address from, bytes32 guid, bytes calldata message, address executor, bytes calldata extraData)
        external;
}
