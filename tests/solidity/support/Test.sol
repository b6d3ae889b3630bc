// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @title Assertions and access to forge's cheat codes
abstract contract Test {
    /// @dev Forge's address of the cheat codes: keccak256("hevm cheat code").
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(string what, uint256 actual, uint256 expected);
    error NotAtMost(string what, uint256 actual, uint256 most);
    error NotAtLeast(string what, uint256 actual, uint256 least);
    error NotTrue(string what);

    function assertEq(uint256 actual, uint256 expected, string memory what) internal pure {
        require(actual == expected, NotEqual(what, actual, expected));
    }

    function assertEq(address actual, address expected, string memory what) internal pure {
        require(actual == expected, NotEqual(what, uint160(actual), uint160(expected)));
    }

    function assertLe(uint256 actual, uint256 most, string memory what) internal pure {
        require(actual <= most, NotAtMost(what, actual, most));
    }

    function assertGe(uint256 actual, uint256 least, string memory what) internal pure {
        require(actual >= least, NotAtLeast(what, actual, least));
    }

    function assertTrue(bool condition, string memory what) internal pure {
        require(condition, NotTrue(what));
    }

    function assertFalse(bool condition, string memory what) internal pure {
        require(!condition, NotTrue(what));
    }

    /// @dev Maps a fuzzed number into a range.
    function bound(uint256 x, uint256 least, uint256 most) internal pure returns (uint256) {
        if (x >= least && x <= most) return x;
        uint256 size = most - least + 1;
        return size == 0 ? x : least + x % size;
    }
}
