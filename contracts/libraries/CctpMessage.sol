// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Reads the burn of a CCTP message of version 2
/// @notice The header is 148 bytes, and the burn's body after it 228, before the hook data. Callers check the length
/// first.
library CctpMessage {
    /// @notice Bytes before the hook data.
    uint256 internal constant HOOK_DATA = 376;

    uint256 private constant SOURCE_DOMAIN = 4;
    uint256 private constant RECIPIENT = 76;
    uint256 private constant BODY = 148;
    uint256 private constant BURN_TOKEN = BODY + 4;
    uint256 private constant MINT_RECIPIENT = BODY + 36;
    uint256 private constant MESSAGE_SENDER = BODY + 100;

    /// @notice CCTP's number of the chain where the message was sent.
    function sourceDomain(bytes memory message) internal pure returns (uint32) {
        return uint32(uint256(_word(message, SOURCE_DOMAIN)) >> 224);
    }

    /// @notice The contract that handles the message here.
    function recipient(bytes memory message) internal pure returns (bytes32) {
        return _word(message, RECIPIENT);
    }

    /// @notice The token that was burnt there.
    function burnToken(bytes memory message) internal pure returns (bytes32) {
        return _word(message, BURN_TOKEN);
    }

    /// @notice Account that gets the tokens here.
    function mintRecipient(bytes memory message) internal pure returns (bytes32) {
        return _word(message, MINT_RECIPIENT);
    }

    /// @notice Account that burnt the tokens there.
    function messageSender(bytes memory message) internal pure returns (bytes32) {
        return _word(message, MESSAGE_SENDER);
    }

    /// @notice The hook data's first word.
    function hook(bytes memory message) internal pure returns (bytes32) {
        return _word(message, HOOK_DATA);
    }

    function _word(bytes memory message, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(message, 0x20), offset))
        }
    }
}
