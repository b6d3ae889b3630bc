// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {SchedulerTerms} from "./SchedulerTerms.sol";

/// @title Capacity for bookings at the same time
/// @dev Off unless a width is set. A slot's word has the effort booked for it, by priority.
abstract contract SchedulerSlots is SchedulerTerms {
    /// @dev Slots that are checked for a booking that may move.
    uint256 private constant MAX_SHIFT = 32;
    uint256 private constant USED_BITS = 64;
    uint256 private constant WIDTH_BITS = 32;

    Capacity private _capacity;
    mapping(uint256 slot => uint256 word) private _used;

    /// @inheritdoc ITransactionScheduler
    function setCapacity(Capacity calldata newCapacity) external restricted {
        bool sound = newCapacity.width == 0
            || (newCapacity.high > newCapacity.medium && newCapacity.medium > newCapacity.low && newCapacity.low != 0);
        require(sound, TransactionScheduler_InvalidParameters());
        _capacity = newCapacity;
        _setLimited(newCapacity.width != 0);
        emit CapacitySet(newCapacity);
    }

    /// @inheritdoc ITransactionScheduler
    function capacity() external view returns (Capacity memory) {
        return _capacity;
    }

    /// @dev Takes capacity for a booking, and returns its time. The slot must have been found with `_findSlot`.
    function _takeSlot(uint256 timestamp, Priority priority, uint256 effort) internal {
        _used[_slotOf(timestamp, _capacity.width)] += effort << _shiftOf(priority);
    }

    /// @dev Returns capacity.
    function _freeSlot(uint256 timestamp, Priority priority, uint256 effort) internal {
        uint256 width = _capacity.width;
        if (width == 0) return;
        uint256 slot = _slotOf(timestamp, width);
        uint256 word = _used[slot];
        // Slots may have had another width, or none, when this was booked.
        uint256 rest = Math.min(effort, _usedOf(word, priority));
        _used[slot] = word - (rest << _shiftOf(priority));
    }

    /// @dev First time from `timestamp` on with capacity; 0 when there is none nearby.
    function _findSlot(uint256 timestamp, Priority priority, uint256 effort) internal view returns (uint40) {
        Capacity memory room = _capacity;
        uint256 most = room.low;
        if (priority == Priority.High) most = room.high;
        else if (priority == Priority.Medium) most = room.medium;
        uint256 slots = priority == Priority.High ? 1 : MAX_SHIFT;
        for (uint256 i = 0; i < slots && effort <= most && timestamp <= type(uint40).max; ++i) {
            uint256 slot = _slotOf(timestamp, room.width);
            if (_usedOf(_used[slot], priority) + effort <= most) return uint40(timestamp);
            timestamp = (timestamp / room.width + 1) * room.width;
        }
        return 0;
    }

    /// @dev Slots of one width are distinct from those of another, which may have been full long ago.
    function _slotOf(uint256 timestamp, uint256 width) private pure returns (uint256) {
        return (timestamp / width) << WIDTH_BITS | width;
    }

    function _usedOf(uint256 word, Priority priority) private pure returns (uint256) {
        return uint64(word >> _shiftOf(priority));
    }

    function _shiftOf(Priority priority) private pure returns (uint256) {
        return uint256(priority) * USED_BITS;
    }
}
