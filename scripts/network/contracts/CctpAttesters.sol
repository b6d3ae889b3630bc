// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Attesters of CCTP messages, for the local network
/// @notice Functions, order of checks and texts are those of Circle's MessageTransmitterV2.
abstract contract CctpAttesters is Ownable {
    uint256 private constant SIGNATURE_LENGTH = 65;

    address public attesterManager;
    uint256 public signatureThreshold;
    uint256 public getNumEnabledAttesters = 1;
    mapping(address attester => bool) public isEnabledAttester;

    event AttesterEnabled(address indexed attester);
    event AttesterDisabled(address indexed attester);
    event SignatureThresholdUpdated(uint256 oldSignatureThreshold, uint256 newSignatureThreshold);
    event AttesterManagerUpdated(address indexed previousAttesterManager, address indexed newAttesterManager);

    modifier onlyAttesterManager() {
        require(msg.sender == attesterManager, "Caller not attester manager");
        _;
    }

    constructor(address owner_, address attester) Ownable(owner_) {
        attesterManager = owner_;
        (signatureThreshold, isEnabledAttester[attester]) = (1, true);
    }

    /// @notice Adds an attester. Attester manager only.
    function enableAttester(address newAttester) external onlyAttesterManager {
        require(newAttester != address(0), "New attester must be nonzero");
        require(!isEnabledAttester[newAttester], "Attester already enabled");
        (isEnabledAttester[newAttester], getNumEnabledAttesters) = (true, getNumEnabledAttesters + 1);
        emit AttesterEnabled(newAttester);
    }

    /// @notice Removes an attester, if enough remain. Attester manager only.
    function disableAttester(address attester) external onlyAttesterManager {
        require(getNumEnabledAttesters > 1, "Too few enabled attesters");
        require(getNumEnabledAttesters > signatureThreshold, "Signature threshold is too low");
        require(isEnabledAttester[attester], "Attester already disabled");
        (isEnabledAttester[attester], getNumEnabledAttesters) = (false, getNumEnabledAttesters - 1);
        emit AttesterDisabled(attester);
    }

    /// @notice Sets how many must sign. Attester manager only.
    function setSignatureThreshold(uint256 newSignatureThreshold) external onlyAttesterManager {
        require(newSignatureThreshold != 0, "Invalid signature threshold");
        require(newSignatureThreshold <= getNumEnabledAttesters, "New signature threshold too high");
        require(newSignatureThreshold != signatureThreshold, "Signature threshold already set");
        emit SignatureThresholdUpdated(signatureThreshold, newSignatureThreshold);
        signatureThreshold = newSignatureThreshold;
    }

    /// @notice Hands the management of attesters on. Owner only.
    function updateAttesterManager(address newAttesterManager) external onlyOwner {
        require(newAttesterManager != address(0), "Invalid attester manager address");
        emit AttesterManagerUpdated(attesterManager, newAttesterManager);
        attesterManager = newAttesterManager;
    }

    /// @dev Exactly as many signatures as needed, by attesters in ascending order.
    function _verify(bytes calldata message, bytes calldata attestation) internal view {
        require(attestation.length == SIGNATURE_LENGTH * signatureThreshold, "Invalid attestation length");
        bytes32 digest = keccak256(message);
        address previous = address(0);
        for (uint256 i = 0; i < signatureThreshold; ++i) {
            bytes calldata signature = attestation[i * SIGNATURE_LENGTH:(i + 1) * SIGNATURE_LENGTH];
            address signer = ECDSA.recover(digest, signature);
            require(signer > previous, "Invalid signature order or dupe");
            require(isEnabledAttester[signer], "Invalid signature: not attester");
            previous = signer;
        }
    }
}
