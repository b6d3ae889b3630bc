// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title LayerZero's encodings: options for the executor, and composed messages of tokens
library OftWords {
    uint16 private constant OPTIONS_TYPE = 3;
    uint8 private constant EXECUTOR = 1;
    uint8 private constant LZ_RECEIVE = 1;
    uint8 private constant LZ_COMPOSE = 3;
    /// @dev Bytes of an option's type and its contents.
    uint16 private constant RECEIVE_SIZE = 17;
    uint16 private constant COMPOSE_SIZE = 19;

    uint256 private constant EID = 8;
    uint256 private constant AMOUNT = 12;
    uint256 private constant SENDER = 44;
    uint256 private constant CONTENTS = 76;

    /// @notice Bytes of a composed message of one word.
    uint256 internal constant ONE_WORD = CONTENTS + 32;

    /// @notice Gas for the arrival of the tokens, and for the first composed message.
    function options(uint128 receiveGas, uint128 composeGas) internal pure returns (bytes memory) {
        bytes memory compose = abi.encodePacked(EXECUTOR, COMPOSE_SIZE, LZ_COMPOSE, uint16(0), composeGas);
        return abi.encodePacked(OPTIONS_TYPE, EXECUTOR, RECEIVE_SIZE, LZ_RECEIVE, receiveGas, compose);
    }

    /// @notice LayerZero's number of the chain where the tokens were sent.
    function eid(bytes calldata message) internal pure returns (uint32) {
        return uint32(bytes4(message[EID:AMOUNT]));
    }

    /// @notice The amount that has arrived.
    function amount(bytes calldata message) internal pure returns (uint256) {
        return uint256(bytes32(message[AMOUNT:SENDER]));
    }

    /// @notice Account that sent the tokens on the other chain.
    function sender(bytes calldata message) internal pure returns (bytes32) {
        return bytes32(message[SENDER:CONTENTS]);
    }

    /// @notice The composed message, of one word.
    function word(bytes calldata message) internal pure returns (bytes32) {
        return bytes32(message[CONTENTS:ONE_WORD]);
    }
}
