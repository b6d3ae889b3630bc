// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {CctpSignatures} from "@network/CctpSignatures.sol";

/// @title Attesters of CCTP messages, for the local network
/// @notice Functions, order of checks and texts are those of Circle's MessageTransmitterV2.
abstract contract CctpAttesters is Ownable {
    using EnumerableSet for EnumerableSet.AddressSet;

    uint256 private constant SIGNATURE_LENGTH = 65;

    address public attesterManager;
    uint256 public signatureThreshold;
    EnumerableSet.AddressSet private _attesters;

    event AttesterEnabled(address indexed attester);
    event AttesterDisabled(address indexed attester);
    event SignatureThresholdUpdated(uint256 oldSignatureThreshold, uint256 newSignatureThreshold);
    event AttesterManagerUpdated(address indexed previousAttesterManager, address indexed newAttesterManager);

    modifier onlyAttesterManager() {
        require(msg.sender == attesterManager, "Caller not attester manager");
        _;
    }

    constructor(address attester) {
        (attesterManager, signatureThreshold) = (owner(), 1);
        _attesters.add(attester);
    }

    /// @notice Adds an attester. Attester manager only.
    function enableAttester(address newAttester) external onlyAttesterManager {
        require(newAttester != address(0), "New attester must be nonzero");
        require(_attesters.add(newAttester), "Attester already enabled");
        emit AttesterEnabled(newAttester);
    }

    /// @notice Removes an attester, if enough remain. Attester manager only.
    function disableAttester(address attester) external onlyAttesterManager {
        require(_attesters.length() > 1, "Too few enabled attesters");
        require(_attesters.length() > signatureThreshold, "Signature threshold is too low");
        require(_attesters.remove(attester), "Attester already disabled");
        emit AttesterDisabled(attester);
    }

    /// @notice Sets how many must sign. Attester manager only.
    function setSignatureThreshold(uint256 newSignatureThreshold) external onlyAttesterManager {
        require(newSignatureThreshold != 0, "Invalid signature threshold");
        require(newSignatureThreshold <= _attesters.length(), "New signature threshold too high");
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

    /// @notice The attester at a place, in no lasting order.
    /// @param index Its place.
    /// @return The attester.
    function getEnabledAttester(uint256 index) external view returns (address) {
        require(index < _attesters.length(), "EnumerableSet: index out of bounds");
        return _attesters.at(index);
    }

    /// @notice How many attesters there are.
    function getNumEnabledAttesters() external view returns (uint256) {
        return _attesters.length();
    }

    /// @notice Whether an account is an attester.
    function isEnabledAttester(address attester) external view returns (bool) {
        return _attesters.contains(attester);
    }

    /// @dev Exactly as many signatures as needed, by attesters in ascending order.
    function _verify(bytes calldata message, bytes calldata attestation) internal view {
        require(attestation.length == SIGNATURE_LENGTH * signatureThreshold, "Invalid attestation length");
        bytes32 digest = keccak256(message);
        address previous = address(0);
        for (uint256 i = 0; i < signatureThreshold; ++i) {
            bytes calldata signature = attestation[i * SIGNATURE_LENGTH:(i + 1) * SIGNATURE_LENGTH];
            address signer = CctpSignatures.recover(digest, signature);
            require(signer > previous, "Invalid signature order or dupe");
            require(_attesters.contains(signer), "Invalid signature: not attester");
            previous = signer;
        }
    }
}
