// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {BookingWords} from "../libraries/BookingWords.sol";
import {Bps} from "../libraries/Bps.sol";
import {SetupWords} from "../libraries/SetupWords.sol";
import {SchedulerAccounts} from "./SchedulerAccounts.sol";
import {SchedulerSlots} from "./SchedulerSlots.sol";
import {SchedulerTerms} from "./SchedulerTerms.sol";

/// @title Makes and cancels bookings
/// @dev A booking takes two slots, and a recurring one keeps them. One that is not kept is cleared once executed.
abstract contract SchedulerBook is SchedulerAccounts, SchedulerSlots {
    using BookingWords for uint256;
    using SetupWords for uint256;

    uint256 internal constant GENERATION_BITS = 32;

    mapping(uint256 number => BookingWords.Booking booking) internal _bookings;
    mapping(uint256 number => bytes32 dataHash) internal _dataHashes;
    /// @dev Final status of bookings whose record was booked again since, unless they were executed.
    mapping(uint256 id => Status status) private _endings;
    /// @inheritdoc ITransactionScheduler
    uint256 public transient executing;

    /// @inheritdoc ITransactionScheduler
    function schedule(Request calldata request, bytes calldata data)
        external
        payable
        returns (uint256 id, uint40 timestamp)
    {
        uint256 flags = request.recurring ? BookingWords.RECURRING : 0;
        uint256 number = _nextRecord();
        if (data.length != 0) {
            // Recurring records are booked again without data.
            bool sound = data.length <= MAX_DATA && !request.recurring;
            require(sound, TransactionScheduler_Refused(Refusal.DataTooLarge));
            flags = BookingWords.HAS_DATA;
            _dataHashes[number] = keccak256(data);
        }
        BookingWords.Booking memory booking = BookingWords.Booking({
            first: BookingWords.empty(msg.sender).withTerms(request.priority, flags),
            second: BookingWords.payment(request.payer, request.effort)
        });
        (id, timestamp) = _book(number, booking, request.timestamp, request.marginBps, data.length);
        uint72 fee = uint72(booking.second.fee());
        emit Scheduled(id, msg.sender, request.payer, timestamp, request.priority, request.effort, fee);
    }

    /// @inheritdoc ITransactionScheduler
    function reserve(Priority priority, uint24 effort, address payer) external returns (uint256 number) {
        number = _nextRecord();
        _setTerms(number, BookingWords.empty(msg.sender).withTerms(priority, BookingWords.RECURRING), effort, payer);
    }

    /// @inheritdoc ITransactionScheduler
    function amend(uint256 number, Priority priority, uint24 effort, address payer) external {
        BookingWords.Booking memory booking = _freeRecord(number);
        uint256 id = _idOf(number, booking.first.generation());
        require(executing != id, TransactionScheduler_AlreadyScheduled(id));
        _setTerms(number, booking.first.withTerms(priority, BookingWords.RECURRING), effort, payer);
    }

    /// @inheritdoc ITransactionScheduler
    function rearm(uint256 number, uint40 timestamp, uint16 marginBps)
        external
        payable
        returns (uint256 id, uint40 booked)
    {
        BookingWords.Booking memory booking = _freeRecord(number);
        (id, booked) = _book(number, booking, timestamp, marginBps, 0);
        emit Rearmed(id, booked, uint72(booking.second.fee()));
    }

    /// @inheritdoc ITransactionScheduler
    function cancel(uint256 id) external returns (uint256 returned) {
        BookingWords.Booking memory booking = _waiting(id);
        _requireHandler(booking);
        uint256 fee = booking.second.fee();
        returned = _returnOf(fee);
        _end(id, booking, Status.Canceled);
        _refund(booking.second.payer(), msg.sender, returned);
        if (fee != returned) _credit(_treasury, fee - returned);
        emit Canceled(id, returned, fee - returned);
    }

    /// @inheritdoc ITransactionScheduler
    function expire(uint256 id) external {
        BookingWords.Booking memory booking = _waiting(id);
        uint256 expiresAt = booking.first.timestamp() + _lifetime;
        // As in `_isExpired`.
        // slither-disable-next-line timestamp
        require(_isExpired(booking.first.timestamp()), TransactionScheduler_Expiry(block.timestamp, expiresAt));
        uint256 fee = booking.second.fee();
        uint256 reward = Math.min(fee, _expiryReward);
        _end(id, booking, Status.Expired);
        _refund(booking.second.payer(), booking.first.handler(), fee - reward);
        _credit(msg.sender, reward);
        emit Expired(id, msg.sender, fee - reward, reward);
    }

    /// @inheritdoc ITransactionScheduler
    function topUp(uint256 id) external payable {
        BookingWords.Booking memory booking = _waiting(id);
        uint256 fee = booking.second.fee();
        uint256 room = type(uint72).max - fee;
        require(msg.value <= room, TransactionScheduler_InvalidAmount(msg.value, room));
        _setFee(id, booking, fee + msg.value);
    }

    /// @inheritdoc ITransactionScheduler
    function raiseFee(uint256 id, uint16 marginBps) external returns (uint72) {
        BookingWords.Booking memory booking = _waiting(id);
        _requireHandler(booking);
        require(marginBps >= Bps.ONE, TransactionScheduler_Refused(Refusal.InvalidMargin));
        uint256 fee = booking.second.fee();
        uint256 present = _presentFee(booking, marginBps);
        if (present <= fee) return uint72(fee);
        _requireRun(booking.second.payer(), msg.sender, present);
        _debit(booking.second.payer(), msg.sender, present - fee);
        _setFee(id, booking, present);
        return uint72(present);
    }

    /// @inheritdoc ITransactionScheduler
    function estimate(uint40 timestamp, Priority priority, uint24 effort, uint256 dataLength)
        external
        view
        returns (uint72 fee, uint40 slot, Refusal refusal)
    {
        uint256 setup = _readSetup();
        (slot, refusal) = _admit(setup, timestamp, priority, effort);
        if (dataLength > MAX_DATA) return (0, 0, Refusal.DataTooLarge);
        fee = _feeOf(setup, priority, effort, dataLength);
    }

    /// @inheritdoc ITransactionScheduler
    function statusOf(uint256 id) external view returns (Status) {
        return _statusOf(id, _bookings[id >> GENERATION_BITS].first);
    }

    /// @inheritdoc ITransactionScheduler
    function transactionOf(uint256 id) external view returns (Transaction memory told) {
        BookingWords.Booking memory booking = _bookings[id >> GENERATION_BITS];
        Status status = _statusOf(id, booking.first);
        if (uint32(id) == booking.first.generation()) return _tell(booking, status);
        // For earlier generations only these values are still known.
        (told.handler, told.generation, told.status) = (booking.first.handler(), uint32(id), status);
        told.recurring = booking.first.isRecurring();
    }

    /// @inheritdoc ITransactionScheduler
    function bookingOf(uint256 number) external view returns (uint256 id, Transaction memory told) {
        BookingWords.Booking memory booking = _bookings[number];
        uint256 generation = booking.first.generation();
        if (generation == 0) return (0, _tell(booking, Status.Unknown));
        id = _idOf(number, generation);
        told = _tell(booking, _statusOf(id, booking.first));
    }

    /// @inheritdoc ITransactionScheduler
    function rearmFee(uint256 number, uint16 marginBps) external view returns (uint72) {
        return uint72(_presentFee(_bookings[number], marginBps));
    }

    /// @inheritdoc ITransactionScheduler
    function isBooked(uint256 number) external view returns (bool) {
        // The second word is not needed, and reading it would cost gas.
        uint256 first = _bookings[number].first;
        if (!first.isScheduled()) return false;
        // As in `_isExpired`.
        // slither-disable-next-line timestamp
        return !_isExpired(first.timestamp()) || executing == _idOf(number, first.generation());
    }

    /// @inheritdoc ITransactionScheduler
    function pending(uint256 first, uint256 count) external view returns (uint256[] memory ids, uint256 next) {
        uint256 end = records() + 1;
        next = Math.saturatingAdd(first, count);
        (next, end) = next < end ? (next, next) : (0, end);
        ids = new uint256[](end > first ? end - first : 0);
        uint256 found = 0;
        for (uint256 number = first; number < end; ++number) {
            uint256 word = _bookings[number].first;
            uint256 id = _idOf(number, word.generation());
            if (word.isScheduled() && id != executing) ids[found++] = id;
        }
        // The list is only shortened.
        assembly ("memory-safe") {
            mstore(ids, found)
        }
    }

    /// @dev Books a record, and takes the fee.
    function _book(
        uint256 number,
        BookingWords.Booking memory booking,
        uint256 timestamp,
        uint256 marginBps,
        uint256 dataLength
    ) private returns (uint256 id, uint40 dueAt) {
        uint256 setup = _readSetup();
        (uint256 first, uint256 second) = (booking.first, booking.second);
        Priority priority = first.priority();
        Refusal refusal;
        (dueAt, refusal) = _admit(setup, timestamp, priority, second.effort());
        if (marginBps < Bps.ONE) refusal = Refusal.InvalidMargin;
        if (refusal != Refusal.None) revert TransactionScheduler_Refused(refusal);
        if (setup.isLimited()) _takeSlot(dueAt, priority, second.effort());
        if (!first.isScheduled()) _keepEnding(number, first);
        // A caller that sends value has included its own margin.
        if (msg.value != 0) marginBps = Bps.ONE;
        uint256 fee = _feeWithMargin(setup, priority, second.effort(), dataLength, marginBps);
        booking.second = second.withFee(_take(second.payer(), fee));
        booking.first = first.booked(dueAt);
        BookingWords.Booking storage slot = _bookings[number];
        (slot.first, slot.second) = (booking.first, booking.second);
        id = _idOf(number, booking.first.generation());
    }

    /// @dev Takes a fee: the whole value sent, or the required amount from the payer's account.
    function _take(address payer, uint256 fee) private returns (uint256) {
        if (msg.value == 0) {
            _debit(payer, msg.sender, fee);
            return fee;
        }
        bool enough = msg.value >= fee && msg.value <= type(uint72).max;
        if (!enough) revert TransactionScheduler_InsufficientFee(fee, msg.value);
        return msg.value;
    }

    /// @dev Stores the status of an overwritten booking, unless it was executed.
    function _keepEnding(uint256 number, uint256 first) private {
        Status status = first.status();
        bool lost = status == Status.Canceled || status == Status.Expired;
        if (lost) _endings[_idOf(number, first.generation())] = status;
    }

    /// @dev Ends a booking that was not executed. The caller handles the fee.
    function _end(uint256 id, BookingWords.Booking memory booking, Status status) private {
        if (_readSetup().isLimited()) {
            _freeSlot(booking.first.timestamp(), booking.first.priority(), booking.second.effort());
        }
        booking.first = booking.first.withStatus(status);
        _bookings[id >> GENERATION_BITS].first = booking.first;
    }

    function _setFee(uint256 id, BookingWords.Booking memory booking, uint256 fee) private {
        _bookings[id >> GENERATION_BITS].second = booking.second.withFee(fee);
        emit FeeRaised(id, msg.sender, uint72(fee));
    }

    function _setTerms(uint256 number, uint256 first, uint24 effort, address payer) private {
        require(_isEffort(effort), TransactionScheduler_Refused(Refusal.InvalidEffort));
        _bookings[number] = BookingWords.Booking(first, BookingWords.payment(payer, effort));
        emit Reserved(number, msg.sender, payer, first.priority(), effort);
    }

    /// @dev The caller's record, with no booking except perhaps the one being executed. An expired booking is cleared,
    /// without a reward.
    function _freeRecord(uint256 number) private returns (BookingWords.Booking memory booking) {
        booking = _bookings[number];
        _requireHandler(booking);
        uint256 id = _idOf(number, booking.first.generation());
        if (!booking.first.isRecurring()) revert TransactionScheduler_AlreadyScheduled(id);
        if (!booking.first.isScheduled() || executing == id) return booking;
        if (!_isExpired(booking.first.timestamp())) revert TransactionScheduler_AlreadyScheduled(id);
        uint256 fee = booking.second.fee();
        _end(id, booking, Status.Expired);
        _refund(booking.second.payer(), msg.sender, fee);
        emit Expired(id, msg.sender, fee, 0);
    }

    /// @dev A waiting booking.
    function _waiting(uint256 id) private view returns (BookingWords.Booking memory booking) {
        booking = _bookings[id >> GENERATION_BITS];
        Status status = _statusOf(id, booking.first);
        require(status == Status.Scheduled, TransactionScheduler_NotScheduled(id, status));
    }

    function _requireHandler(BookingWords.Booking memory booking) private view {
        if (booking.first.handler() != msg.sender) revert TransactionScheduler_NotHandler(msg.sender);
    }

    function _presentFee(BookingWords.Booking memory booking, uint256 marginBps) private view returns (uint256) {
        return _feeWithMargin(_readSetup(), booking.first.priority(), booking.second.effort(), 0, marginBps);
    }

    function _admit(uint256 setup, uint256 timestamp, Priority priority, uint256 effort)
        private
        view
        returns (uint40 slot, Refusal refusal)
    {
        if (setup.isPaused()) return (0, Refusal.Paused);
        // One second earlier or later does not matter.
        // slither-disable-next-line timestamp
        if (timestamp <= block.timestamp) return (0, Refusal.InvalidTimestamp);
        if (!_isEffort(effort)) return (0, Refusal.InvalidEffort);
        if (!setup.isLimited()) return (uint40(timestamp), Refusal.None);
        slot = _findSlot(timestamp, priority, effort);
        if (slot == 0) refusal = Refusal.SlotFull;
    }

    /// @dev An empty record, if it ever existed, was executed and is not recurring.
    function _statusOf(uint256 id, uint256 first) internal view returns (Status) {
        uint256 generation = uint32(id);
        if (first == 0) {
            uint256 number = id >> GENERATION_BITS;
            return number != 0 && number <= records() && generation == 1 ? Status.Executed : Status.Unknown;
        }
        uint256 present = first.generation();
        if (generation == 0 || generation > present) return Status.Unknown;
        if (generation == present) return executing == id ? Status.Executing : first.status();
        Status ended = _endings[id];
        return ended == Status.Unknown ? Status.Executed : ended;
    }

    function _isExpired(uint256 dueAt) internal view returns (bool) {
        unchecked {
            // Lifetimes are long; a validator's freedom of some seconds does not matter.
            // slither-disable-next-line timestamp
            return block.timestamp > dueAt + _lifetime;
        }
    }

    function _tell(BookingWords.Booking memory booking, Status status) private pure returns (Transaction memory told) {
        (uint256 first, uint256 second) = (booking.first, booking.second);
        (told.handler, told.payer) = (first.handler(), second.payer());
        (told.timestamp, told.generation) = (uint40(first.timestamp()), uint32(first.generation()));
        (told.priority, told.effort, told.status) = (first.priority(), uint24(second.effort()), status);
        (told.recurring, told.hasData) = (first.isRecurring(), first.hasData());
        if (status == Status.Scheduled || status == Status.Executing) told.fee = uint72(second.fee());
    }

    function _idOf(uint256 number, uint256 generation) internal pure returns (uint256) {
        return (number << GENERATION_BITS) | generation;
    }
}
