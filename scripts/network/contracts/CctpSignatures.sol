// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The signer of a signature, as Circle's contracts recover it
/// @notice Written for Ballast. Circle's contracts are built with an older library than ours: the same signatures are
/// accepted, and what is refused is refused with these texts.
library CctpSignatures {
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice Recovers who signed a digest.
    /// @param digest What was signed.
    /// @param signature 65 bytes: r, s and v.
    /// @return signer The account; never zero.
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address signer) {
        (bytes32 r, bytes32 s, uint8 v) = (bytes32(signature[:32]), bytes32(signature[32:64]), uint8(signature[64]));
        require(uint256(s) <= HALF_ORDER, "ECDSA: invalid signature 's' value");
        require(v == 27 || v == 28, "ECDSA: invalid signature 'v' value");
        signer = ecrecover(digest, v, r, s);
        require(signer != address(0), "ECDSA: invalid signature");
    }
}
