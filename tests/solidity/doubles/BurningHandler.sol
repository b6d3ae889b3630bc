// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Contract that emits one event of a rebalancer and answers every call badly in the same way
contract BurningHandler {
    enum Way {
        Reverts,
        Burns,
        ReturnsNothing,
        ReturnsGarbage,
        Floods,
        IsSlow,
        Lies
    }

    event FailedRecurringSchedule(address indexed target, uint8 indexed code, uint256 expected, uint256 available);

    uint256 private constant MEGABYTE = 1_000_000;
    uint256 private constant LEFT = 3_000;

    Way private immutable _way;

    constructor(Way way) {
        _way = way;
        emit FailedRecurringSchedule(address(this), 1, 0, 0);
    }

    receive() external payable {}

    fallback() external payable {
        _misbehave(_way);
    }

    /// @dev `IsSlow` uses nearly all its gas and returns nothing; `Lies` returns true for everything.
    function _misbehave(Way way) internal {
        if (way == Way.Reverts) revert("hostile");
        if (way == Way.IsSlow) while (gasleft() > LEFT) {}
        assembly {
            if eq(way, 1) { invalid() }
            if eq(way, 3) {
                mstore(0, not(0))
                return(0, 0x1f)
            }
            if eq(way, 4) { return(0, MEGABYTE) }
            if eq(way, 6) {
                mstore(0, 1)
                return(0, 0x20)
            }
        }
    }
}
