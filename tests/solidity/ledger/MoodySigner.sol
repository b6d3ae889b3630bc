// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @dev Declares `write` as view, so that a signer can try to write.
interface ILyingWriter {
    function write() external view;
}

/// @title ERC-1271 signer whose answer is determined by the signature
contract MoodySigner is IERC1271 {
    uint256 public written;

    error MoodySigner_Reverted();

    function isValidSignature(bytes32, bytes calldata signature) external view returns (bytes4) {
        bytes32 mood = keccak256(signature);
        require(mood != keccak256("revert"), MoodySigner_Reverted());
        if (mood == keccak256("short")) _answer(0x1626ba7e << 224, 31);
        if (mood == keccak256("nothing")) _answer(0, 0);
        if (mood == keccak256("dirty")) _answer((0x1626ba7e << 224) | 1, 32);
        if (mood == keccak256("write")) ILyingWriter(address(this)).write();
        return mood == keccak256("good") || mood == keccak256("write") ? this.isValidSignature.selector : bytes4(0);
    }

    function write() external {
        written = 1;
    }

    function _answer(uint256 word, uint256 size) internal pure {
        assembly {
            mstore(0, word)
            return(0, size)
        }
    }
}
