// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";

/// @title Bookings in two words
/// @notice The first: `handler 160 | timestamp 40 | generation 32 | state 8`, from the highest bit used; it alone shows
/// whether something is booked. The second: `payer 160 | fee 72 | effort 24`. The state is the status in three bits,
/// the priority in two, and one bit each for `recurring` and `hasData`. The fee has no meaning once the booking has
/// ended.
/// @dev Members are read from the words where they are needed: the compiler would read and write a structure member by
/// member.
library BookingWords {
    struct Booking {
        uint256 first;
        uint256 second;
    }

    uint256 internal constant RECURRING = 1 << 5;
    uint256 internal constant HAS_DATA = 1 << 6;
    uint256 private constant STATUS_MASK = 7;
    uint256 private constant PRIORITY_SHIFT = 3;
    uint256 private constant PRIORITY_MASK = 3;
    uint256 private constant GENERATION_SHIFT = 8;
    uint256 private constant TIMESTAMP_SHIFT = 40;
    uint256 private constant HANDLER_SHIFT = 80;
    uint256 private constant FEE_SHIFT = 24;
    uint256 private constant PAYER_SHIFT = 96;
    /// @dev The first word except timestamp, generation and status.
    uint256 private constant LASTING_MASK = ~uint256((1 << HANDLER_SHIFT) - (1 << GENERATION_SHIFT) | STATUS_MASK);
    uint256 private constant FEE_MASK = ((1 << 72) - 1) << FEE_SHIFT;

    /// @dev A record with nothing booked.
    function empty(address handler_) internal pure returns (uint256) {
        return uint256(uint160(handler_)) << HANDLER_SHIFT;
    }

    /// @dev The first word with other terms, and the same status.
    function withTerms(uint256 first, ITransactionScheduler.Priority priority_, uint256 flags)
        internal
        pure
        returns (uint256)
    {
        uint256 kept = first & ~(uint256(type(uint8).max) ^ STATUS_MASK);
        return kept | (uint256(priority_) << PRIORITY_SHIFT) | flags;
    }

    /// @dev The second word, without a fee.
    function payment(address payer_, uint256 effort_) internal pure returns (uint256) {
        return (uint256(uint160(payer_)) << PAYER_SHIFT) | effort_;
    }

    /// @dev The first word of the next booking.
    function booked(uint256 first, uint256 timestamp_) internal pure returns (uint256) {
        unchecked {
            uint256 next = uint32(first >> GENERATION_SHIFT) + 1;
            return (first & LASTING_MASK) | (timestamp_ << TIMESTAMP_SHIFT) | (next << GENERATION_SHIFT)
                | uint256(ITransactionScheduler.Status.Scheduled);
        }
    }

    function withFee(uint256 second, uint256 fee_) internal pure returns (uint256) {
        return (second & ~FEE_MASK) | (fee_ << FEE_SHIFT);
    }

    function withStatus(uint256 first, ITransactionScheduler.Status status_) internal pure returns (uint256) {
        return (first & ~STATUS_MASK) | uint256(status_);
    }

    function isScheduled(uint256 first) internal pure returns (bool) {
        return first & STATUS_MASK == uint256(ITransactionScheduler.Status.Scheduled);
    }

    function status(uint256 first) internal pure returns (ITransactionScheduler.Status) {
        return ITransactionScheduler.Status(first & STATUS_MASK);
    }

    function priority(uint256 first) internal pure returns (ITransactionScheduler.Priority) {
        return ITransactionScheduler.Priority((first >> PRIORITY_SHIFT) & PRIORITY_MASK);
    }

    function generation(uint256 first) internal pure returns (uint256) {
        return uint32(first >> GENERATION_SHIFT);
    }

    function timestamp(uint256 first) internal pure returns (uint256) {
        return uint40(first >> TIMESTAMP_SHIFT);
    }

    function handler(uint256 first) internal pure returns (address) {
        return address(uint160(first >> HANDLER_SHIFT));
    }

    function isRecurring(uint256 first) internal pure returns (bool) {
        return first & RECURRING != 0;
    }

    function hasData(uint256 first) internal pure returns (bool) {
        return first & HAS_DATA != 0;
    }

    function payer(uint256 second) internal pure returns (address) {
        return address(uint160(second >> PAYER_SHIFT));
    }

    function fee(uint256 second) internal pure returns (uint256) {
        return uint72(second >> FEE_SHIFT);
    }

    function effort(uint256 second) internal pure returns (uint256) {
        return uint24(second);
    }
}
