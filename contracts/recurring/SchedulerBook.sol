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

/// @title Bookings: making them and taking them back
/// @dev A booking takes two slots, and a recurring one keeps them. One that is not kept is cleared once executed.
abstract contract SchedulerBook is SchedulerAccounts, SchedulerSlots {
    using BookingWords for BookingWords.Booking;
    using BookingWords for BookingWords.Words;
    using SetupWords for uint256;

    uint256 internal constant GENERATION_BITS = 32;

    mapping(uint256 number => BookingWords.Words words) internal _bookings;
    mapping(uint256 number => bytes32 dataHash) internal _dataHashes;
    /// @dev How bookings ended whose record has been booked again since, unless they were executed.
    mapping(uint256 id => Status status) private _endings;
    /// @inheritdoc ITransactionScheduler
    uint256 public transient executing;

    /// @inheritdoc ITransactionScheduler
    function schedule(Request calldata request, bytes calldata data)
        external
        payable
        returns (uint256 id, uint40 timestamp)
    {
        BookingWords.Booking memory booking;
        booking.handler = msg.sender;
        (booking.effort, booking.payer) = (request.effort, request.payer);
        booking.setTerms(request.priority, request.recurring ? BookingWords.RECURRING : 0);
        uint256 number = _nextRecord();
        if (data.length != 0) {
            // Records that are kept are booked again without data.
            bool sound = data.length <= MAX_DATA && !request.recurring;
            require(sound, TransactionScheduler_Refused(Refusal.DataTooLarge));
            booking.state |= BookingWords.HAS_DATA;
            _dataHashes[number] = keccak256(data);
        }
        (id, timestamp) = _book(number, booking, [uint256(request.timestamp), request.marginBps, data.length]);
        emit Scheduled(id, msg.sender, request.payer, timestamp, request.priority, request.effort, uint72(booking.fee));
    }

    /// @inheritdoc ITransactionScheduler
    function reserve(Priority priority, uint24 effort, address payer) external returns (uint256 number) {
        number = _nextRecord();
        BookingWords.Booking memory booking;
        booking.handler = msg.sender;
        _setTerms(number, booking, priority, effort, payer);
    }

    /// @inheritdoc ITransactionScheduler
    function amend(uint256 number, Priority priority, uint24 effort, address payer) external {
        BookingWords.Booking memory booking = _freeRecord(number);
        uint256 id = _idOf(number, booking.generation);
        require(executing != id, TransactionScheduler_AlreadyScheduled(id));
        _setTerms(number, booking, priority, effort, payer);
    }

    /// @inheritdoc ITransactionScheduler
    function rearm(uint256 number, uint40 timestamp, uint16 marginBps)
        external
        payable
        returns (uint256 id, uint40 booked)
    {
        BookingWords.Booking memory booking = _freeRecord(number);
        (id, booked) = _book(number, booking, [uint256(timestamp), marginBps, 0]);
        emit Rearmed(id, booked, uint72(booking.fee));
    }

    /// @inheritdoc ITransactionScheduler
    function cancel(uint256 id) external returns (uint256 returned) {
        BookingWords.Booking memory booking = _waiting(id);
        require(booking.handler == msg.sender, TransactionScheduler_NotHandler(msg.sender));
        returned = _returnOf(booking.fee);
        _end(id, booking, Status.Canceled);
        _refund(booking.payer, msg.sender, returned);
        if (booking.fee != returned) _credit(_treasury, booking.fee - returned);
        emit Canceled(id, returned, booking.fee - returned);
    }

    /// @inheritdoc ITransactionScheduler
    function expire(uint256 id) external {
        BookingWords.Booking memory booking = _waiting(id);
        bool expired = _isExpired(booking.timestamp);
        require(expired, TransactionScheduler_Expiry(block.timestamp, booking.timestamp + _lifetime));
        uint256 reward = Math.min(booking.fee, _expiryReward);
        _end(id, booking, Status.Expired);
        _refund(booking.payer, booking.handler, booking.fee - reward);
        _credit(msg.sender, reward);
        emit Expired(id, msg.sender, booking.fee - reward, reward);
    }

    /// @inheritdoc ITransactionScheduler
    function topUp(uint256 id) external payable {
        BookingWords.Booking memory booking = _waiting(id);
        uint256 room = type(uint72).max - booking.fee;
        require(msg.value <= room, TransactionScheduler_InvalidAmount(msg.value, room));
        booking.fee += msg.value;
        _bookings[id >> GENERATION_BITS].store(booking);
        emit FeeRaised(id, msg.sender, uint72(booking.fee));
    }

    /// @inheritdoc ITransactionScheduler
    function raiseFee(uint256 id, uint16 marginBps) external returns (uint72) {
        BookingWords.Booking memory booking = _waiting(id);
        require(booking.handler == msg.sender, TransactionScheduler_NotHandler(msg.sender));
        require(marginBps >= Bps.ONE, TransactionScheduler_Refused(Refusal.InvalidMargin));
        uint256 fee = _feeWithMargin(_readSetup(), booking.priorityOf(), booking.effort, 0, marginBps);
        if (fee <= booking.fee) return uint72(booking.fee);
        _debit(booking.payer, msg.sender, fee - booking.fee);
        booking.fee = fee;
        _bookings[id >> GENERATION_BITS].store(booking);
        emit FeeRaised(id, msg.sender, uint72(fee));
        return uint72(fee);
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
    function statusOf(uint256 id) public view returns (Status) {
        return _statusOf(id, _bookings[id >> GENERATION_BITS].load());
    }

    /// @inheritdoc ITransactionScheduler
    function transactionOf(uint256 id) public view returns (Transaction memory) {
        BookingWords.Booking memory booking = _bookings[id >> GENERATION_BITS].load();
        Transaction memory told = _tell(booking);
        told.status = _statusOf(id, booking);
        if (uint32(id) == booking.generation) return told;
        // Of earlier generations only this is still known.
        return Transaction(
            booking.handler, 0, 0, uint32(id), address(0), 0, Priority.High, told.status, told.recurring, false
        );
    }

    /// @inheritdoc ITransactionScheduler
    function bookingOf(uint256 number) public view returns (uint256 id, Transaction memory booking) {
        BookingWords.Booking memory present = _bookings[number].load();
        booking = _tell(present);
        if (present.generation == 0) return (0, booking);
        id = _idOf(number, present.generation);
        booking.status = _statusOf(id, present);
    }

    /// @inheritdoc ITransactionScheduler
    function isBooked(uint256 number) external view returns (bool) {
        (Status status, uint256 timestamp, uint256 generation) = _bookings[number].peek();
        if (status != Status.Scheduled) return false;
        return !_isExpired(timestamp) || executing == _idOf(number, generation);
    }

    /// @inheritdoc ITransactionScheduler
    function rearmFee(uint256 number, uint16 marginBps) external view returns (uint72) {
        BookingWords.Booking memory booking = _bookings[number].load();
        return uint72(_feeWithMargin(_readSetup(), booking.priorityOf(), booking.effort, 0, marginBps));
    }

    /// @inheritdoc ITransactionScheduler
    function pending(uint256 first, uint256 count) external view returns (uint256[] memory ids, uint256 next) {
        uint256 last = records();
        next = first + count;
        if (next > last) next = 0;
        if (next != 0) last = next - 1;
        ids = new uint256[](first > last ? 0 : last + 1 - first);
        uint256 found = 0;
        for (uint256 number = first; number <= last; ++number) {
            (Status status,, uint256 generation) = _bookings[number].peek();
            uint256 id = _idOf(number, generation);
            if (status == Status.Scheduled && id != executing) ids[found++] = id;
        }
        // The list is only ever shortened.
        assembly ("memory-safe") {
            mstore(ids, found)
        }
    }

    /// @dev Books a record for `terms`: timestamp, margin, length of the data. Writes it, and takes the fee.
    function _book(uint256 number, BookingWords.Booking memory booking, uint256[3] memory terms_)
        private
        returns (uint256 id, uint40 timestamp)
    {
        uint256 setup = _readSetup();
        Priority priority = booking.priorityOf();
        Refusal refusal;
        (timestamp, refusal) = _admit(setup, terms_[0], priority, booking.effort);
        if (terms_[1] < Bps.ONE) refusal = Refusal.InvalidMargin;
        if (refusal != Refusal.None) revert TransactionScheduler_Refused(refusal);
        if (setup.isLimited()) _takeSlot(timestamp, priority, booking.effort);
        booking.fee = _pay(setup, booking, terms_);
        booking.timestamp = timestamp;
        _keepEnding(number, booking);
        booking.generation += 1;
        booking.setStatus(Status.Scheduled);
        _bookings[number].store(booking);
        id = _idOf(number, booking.generation);
    }

    /// @dev Takes the fee: what was sent, or what is needed from the payer's account.
    function _pay(uint256 setup, BookingWords.Booking memory booking, uint256[3] memory terms_)
        private
        returns (uint256)
    {
        // Who sends value has thought of a margin.
        uint256 margin = msg.value == 0 ? terms_[1] : Bps.ONE;
        uint256 fee = _feeWithMargin(setup, booking.priorityOf(), booking.effort, terms_[2], margin);
        if (msg.value == 0) {
            _debit(booking.payer, msg.sender, fee);
            return fee;
        }
        bool enough = msg.value >= fee && msg.value <= type(uint72).max;
        if (!enough) revert TransactionScheduler_InsufficientFee(fee, msg.value);
        return msg.value;
    }

    /// @dev What is overwritten and cannot be told from what was executed.
    function _keepEnding(uint256 number, BookingWords.Booking memory booking) private {
        Status status = booking.statusOf();
        bool lost = status == Status.Canceled || status == Status.Expired;
        if (lost) _endings[_idOf(number, booking.generation)] = status;
    }

    /// @dev Ends a booking that was not executed. The fee is the caller's to deal with.
    function _end(uint256 id, BookingWords.Booking memory booking, Status status) private {
        if (_readSetup().isLimited()) _freeSlot(booking.timestamp, booking.priorityOf(), booking.effort);
        _bookings[id >> GENERATION_BITS].end(status);
    }

    function _setTerms(
        uint256 number,
        BookingWords.Booking memory booking,
        Priority priority,
        uint24 effort,
        address payer
    ) private {
        require(_isEffort(effort), TransactionScheduler_Refused(Refusal.InvalidEffort));
        (booking.effort, booking.payer) = (effort, payer);
        booking.setTerms(priority, BookingWords.RECURRING);
        _bookings[number].store(booking);
        emit Reserved(number, msg.sender, payer, priority, effort);
    }

    /// @dev Clears away what has expired, for whoever books the record again. Nobody is rewarded.
    function _clearExpired(uint256 id, BookingWords.Booking memory booking) private {
        if (_readSetup().isLimited()) _freeSlot(booking.timestamp, booking.priorityOf(), booking.effort);
        _refund(booking.payer, booking.handler, booking.fee);
        booking.setStatus(Status.Expired);
        emit Expired(id, msg.sender, booking.fee, 0);
    }

    /// @dev The caller's record, with nothing booked but perhaps what is being executed.
    function _freeRecord(uint256 number) private returns (BookingWords.Booking memory booking) {
        booking = _bookings[number].load();
        if (booking.handler != msg.sender) revert TransactionScheduler_NotHandler(msg.sender);
        uint256 id = _idOf(number, booking.generation);
        if (booking.state & BookingWords.RECURRING == 0) revert TransactionScheduler_AlreadyScheduled(id);
        if (booking.statusOf() != Status.Scheduled || executing == id) return booking;
        if (!_isExpired(booking.timestamp)) revert TransactionScheduler_AlreadyScheduled(id);
        _clearExpired(id, booking);
    }

    /// @dev A booking that waits.
    function _waiting(uint256 id) private view returns (BookingWords.Booking memory booking) {
        booking = _bookings[id >> GENERATION_BITS].load();
        Status status = _statusOf(id, booking);
        require(status == Status.Scheduled, TransactionScheduler_NotScheduled(id, status));
    }

    function _admit(uint256 setup, uint256 timestamp, Priority priority, uint256 effort)
        private
        view
        returns (uint40 slot, Refusal refusal)
    {
        if (setup.isPaused()) return (0, Refusal.Paused);
        // Whether it is the next second or the one after does not matter.
        // slither-disable-next-line timestamp
        if (timestamp <= block.timestamp) return (0, Refusal.InvalidTimestamp);
        if (!_isEffort(effort)) return (0, Refusal.InvalidEffort);
        if (!setup.isLimited()) return (uint40(timestamp), Refusal.None);
        slot = _findSlot(timestamp, priority, effort);
        if (slot == 0) refusal = Refusal.SlotFull;
    }

    /// @dev An empty record was executed and not kept, if there ever was one.
    function _statusOf(uint256 id, BookingWords.Booking memory booking) internal view returns (Status) {
        uint256 generation = uint32(id);
        if (booking.handler == address(0)) {
            uint256 number = id >> GENERATION_BITS;
            return number != 0 && number <= records() && generation == 1 ? Status.Executed : Status.Unknown;
        }
        if (generation == 0 || generation > booking.generation) return Status.Unknown;
        if (generation < booking.generation) {
            Status ended = _endings[id];
            return ended == Status.Unknown ? Status.Executed : ended;
        }
        return executing == id ? Status.Executing : booking.statusOf();
    }

    function _tell(BookingWords.Booking memory booking) private pure returns (Transaction memory) {
        Status status = booking.statusOf();
        return Transaction(
            booking.handler,
            uint40(booking.timestamp),
            uint24(booking.effort),
            uint32(booking.generation),
            booking.payer,
            status == Status.Scheduled ? uint72(booking.fee) : 0,
            booking.priorityOf(),
            status,
            booking.state & BookingWords.RECURRING != 0,
            booking.state & BookingWords.HAS_DATA != 0
        );
    }

    function _isExpired(uint256 timestamp) internal view returns (bool) {
        // Lifetimes are long; a validator's leeway of seconds does not count.
        // slither-disable-next-line timestamp
        return block.timestamp > timestamp + _lifetime;
    }

    function _idOf(uint256 number, uint256 generation) internal pure returns (uint256) {
        return (number << GENERATION_BITS) | generation;
    }
}
