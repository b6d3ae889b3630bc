// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";

/// @title Bookings in two words
/// @notice The first: `handler 160 | timestamp 40 | generation 32 | state 8`, from the highest bit used; it tells
/// whether something is booked. The second: `payer 160 | fee 72 | effort 24`. Packed by hand, since the compiler reads
/// and writes
/// a slot once for each member.
library BookingWords {
    /// @dev As stored.
    struct Words {
        uint256 first;
        uint256 second;
    }

    /// @dev As used. `state` is the status in three bits, the priority in two, and one bit each for `recurring` and
    /// `hasData`. The fee means nothing once the booking has ended.
    struct Booking {
        address handler;
        uint256 timestamp;
        uint256 generation;
        uint256 state;
        address payer;
        uint256 fee;
        uint256 effort;
    }

    uint256 internal constant RECURRING = 1 << 5;
    uint256 internal constant HAS_DATA = 1 << 6;
    uint256 private constant STATUS_MASK = 7;
    uint256 private constant PRIORITY_SHIFT = 3;
    uint256 private constant PRIORITY_MASK = 3;

    function load(Words storage words) internal view returns (Booking memory booking) {
        (uint256 first, uint256 second) = (words.first, words.second);
        booking.handler = address(uint160(first >> 80));
        booking.timestamp = uint40(first >> 40);
        booking.generation = uint32(first >> 8);
        booking.state = uint8(first);
        booking.payer = address(uint160(second >> 96));
        booking.fee = uint72(second >> 24);
        booking.effort = uint24(second);
    }

    /// @dev The members must be in range.
    function store(Words storage words, Booking memory booking) internal {
        words.first = (uint256(uint160(booking.handler)) << 80) | (booking.timestamp << 40) | (booking.generation << 8)
            | booking.state;
        words.second = (uint256(uint160(booking.payer)) << 96) | (booking.fee << 24) | booking.effort;
    }

    /// @dev Changes the status alone.
    function end(Words storage words, ITransactionScheduler.Status status) internal {
        words.first = (words.first & ~STATUS_MASK) | uint256(status);
    }

    /// @dev What the first word tells.
    function peek(Words storage words)
        internal
        view
        returns (ITransactionScheduler.Status status, uint256 timestamp, uint256 generation)
    {
        uint256 first = words.first;
        return (ITransactionScheduler.Status(first & STATUS_MASK), uint40(first >> 40), uint32(first >> 8));
    }

    /// @dev The generation alone.
    function generationOf(Words storage words) internal view returns (uint256) {
        return uint32(words.first >> 8);
    }

    function statusOf(Booking memory booking) internal pure returns (ITransactionScheduler.Status) {
        return ITransactionScheduler.Status(booking.state & STATUS_MASK);
    }

    function priorityOf(Booking memory booking) internal pure returns (ITransactionScheduler.Priority) {
        return ITransactionScheduler.Priority((booking.state >> PRIORITY_SHIFT) & PRIORITY_MASK);
    }

    function setStatus(Booking memory booking, ITransactionScheduler.Status status) internal pure {
        booking.state = (booking.state & ~STATUS_MASK) | uint256(status);
    }

    /// @dev Keeps the status.
    function setTerms(Booking memory booking, ITransactionScheduler.Priority priority, uint256 flags) internal pure {
        booking.state = (booking.state & STATUS_MASK) | (uint256(priority) << PRIORITY_SHIFT) | flags;
    }
}
