// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CctpAttesters} from "@network/CctpAttesters.sol";
import {CctpPausable} from "@network/CctpPausable.sol";

/// @title Who handles a message of CCTP
interface ICctpHandler {
    function handleReceiveFinalizedMessage(
        uint32 sourceDomain,
        bytes32 sender,
        uint32 finalityThresholdExecuted,
        bytes calldata messageBody
    ) external returns (bool);

    function handleReceiveUnfinalizedMessage(
        uint32 sourceDomain,
        bytes32 sender,
        uint32 finalityThresholdExecuted,
        bytes calldata messageBody
    ) external returns (bool);
}

/// @title Sends and takes messages of CCTP, for the local network
/// @notice Written for Ballast. It behaves like Circle's MessageTransmitterV2 where a caller or an attester can tell:
/// functions, events, the bytes of messages, order and texts of the checks. There is no proxy and no rescuer.
contract CctpTransmitter is CctpPausable, CctpAttesters {
    uint32 private constant VERSION = 1;
    uint32 private constant FINALIZED = 2_000;
    uint256 private constant BODY = 148;

    uint32 public immutable localDomain;
    uint32 public immutable version = VERSION;

    uint256 public maxMessageBodySize = 8_192;
    /// @notice 1 when a nonce was used.
    mapping(bytes32 nonce => uint256) public usedNonces;

    event MessageSent(bytes message);
    event MessageReceived(
        address indexed caller,
        uint32 sourceDomain,
        bytes32 indexed nonce,
        bytes32 sender,
        uint32 indexed finalityThresholdExecuted,
        bytes messageBody
    );
    event MaxMessageBodySizeUpdated(uint256 newMaxMessageBodySize);

    constructor(address owner_, uint32 domain, address attester) CctpPausable(owner_) CctpAttesters(attester) {
        localDomain = domain;
        // Messages have this nonce until they are attested, so none is ever received under it.
        usedNonces[0] = 1;
    }

    /// @notice Sends a message; anybody may. Nonce and executed threshold are zero until the attesters fill them in.
    function sendMessage(
        uint32 destinationDomain,
        bytes32 recipient,
        bytes32 destinationCaller,
        uint32 minFinalityThreshold,
        bytes calldata messageBody
    ) external whenNotPaused {
        require(destinationDomain != localDomain, "Domain is local domain");
        require(messageBody.length <= maxMessageBodySize, "Message body exceeds max size");
        require(recipient != 0, "Recipient must be nonzero");
        bytes memory head = abi.encodePacked(VERSION, localDomain, destinationDomain, bytes32(0), _word(msg.sender));
        bytes memory rest = abi.encodePacked(recipient, destinationCaller, minFinalityThreshold, uint32(0));
        emit MessageSent(bytes.concat(head, rest, messageBody));
    }

    /// @notice Takes an attested message, once, and has its recipient handle it.
    function receiveMessage(bytes calldata message, bytes calldata attestation) external whenNotPaused returns (bool) {
        _verify(message, attestation);
        require(message.length >= BODY, "Invalid message: too short");
        require(_uint32(message, 8) == localDomain, "Invalid destination domain");
        bytes32 caller = _bytes32(message, 108);
        require(caller == 0 || caller == _word(msg.sender), "Invalid caller for message");
        require(_uint32(message, 0) == VERSION, "Invalid message version");
        bytes32 nonce = _bytes32(message, 12);
        require(usedNonces[nonce] == 0, "Nonce already used");
        usedNonces[nonce] = 1;
        _handle(message);
        emit MessageReceived(
            msg.sender, _uint32(message, 4), nonce, _bytes32(message, 44), _uint32(message, 144), message[BODY:]
        );
        return true;
    }

    /// @notice Sets how long a message may be. Owner only.
    function setMaxMessageBodySize(uint256 newMaxMessageBodySize) external onlyOwner {
        maxMessageBodySize = newMaxMessageBodySize;
        emit MaxMessageBodySizeUpdated(newMaxMessageBodySize);
    }

    function _handle(bytes calldata message) private {
        ICctpHandler recipient = ICctpHandler(address(uint160(uint256(_bytes32(message, 76)))));
        (uint32 domain, bytes32 sender) = (_uint32(message, 4), _bytes32(message, 44));
        uint32 executed = _uint32(message, 144);
        bytes calldata body = message[BODY:];
        if (executed < FINALIZED) {
            bool handled = recipient.handleReceiveUnfinalizedMessage(domain, sender, executed, body);
            require(handled, "handleReceiveUnfinalizedMessage() failed");
        } else {
            bool handled = recipient.handleReceiveFinalizedMessage(domain, sender, executed, body);
            require(handled, "handleReceiveFinalizedMessage() failed");
        }
    }

    function _uint32(bytes calldata message, uint256 offset) private pure returns (uint32) {
        return uint32(bytes4(message[offset:offset + 4]));
    }

    function _bytes32(bytes calldata message, uint256 offset) private pure returns (bytes32) {
        return bytes32(message[offset:offset + 32]);
    }

    function _word(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
