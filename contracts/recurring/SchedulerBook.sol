// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {Bps} from "../libraries/Bps.sol";
import {SchedulerAccounts} from "./SchedulerAccounts.sol";
import {SchedulerSlots} from "./SchedulerSlots.sol";
import {SchedulerTerms} from "./SchedulerTerms.sol";

/// @title Bookings: making them and taking them back
/// @dev A booking takes two slots, and a recurring one keeps them. One that is not kept is cleared once executed.
abstract contract SchedulerBook is SchedulerAccounts, SchedulerSlots {
    /// @dev `state` is the status in three bits, the priority in two, and one bit each for `recurring` and `hasData`.
    /// The fee means nothing once the booking has ended. Whether a record is booked takes its first slot only.
    struct Booking {
        address handler;
        uint40 timestamp;
        uint32 generation;
        uint8 state;
        address payer;
        uint72 fee;
        uint24 effort;
    }

    uint256 internal constant GENERATION_BITS = 32;
    uint8 private constant STATUS_MASK = 7;
    uint8 private constant PRIORITY_SHIFT = 3;
    uint8 private constant PRIORITY_MASK = 3;
    uint8 internal constant RECURRING = 1 << 5;
    uint8 internal constant HAS_DATA = 1 << 6;

    mapping(uint256 number => Booking booking) internal _bookings;
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
        Booking memory booking;
        booking.handler = msg.sender;
        (booking.effort, booking.payer) = (request.effort, request.payer);
        booking.state = _stateOf(request.priority, request.recurring ? RECURRING : 0);
        uint256 number = ++_setup.records;
        if (data.length != 0) {
            // Records that are kept are booked again without data.
            bool sound = data.length <= MAX_DATA && !request.recurring;
            require(sound, TransactionScheduler_Refused(Refusal.DataTooLarge));
            booking.state |= HAS_DATA;
            _dataHashes[number] = keccak256(data);
        }
        (id, timestamp) = _book(number, booking, [uint256(request.timestamp), request.marginBps, data.length]);
        emit Scheduled(id, msg.sender, request.payer, timestamp, request.priority, request.effort, booking.fee);
    }

    /// @inheritdoc ITransactionScheduler
    function reserve(Priority priority, uint24 effort, address payer) external returns (uint256 number) {
        number = ++_setup.records;
        Booking memory booking;
        booking.handler = msg.sender;
        _setTerms(number, booking, priority, effort, payer);
    }

    /// @inheritdoc ITransactionScheduler
    function amend(uint256 number, Priority priority, uint24 effort, address payer) external {
        Booking memory booking = _freeRecord(number);
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
        Booking memory booking = _freeRecord(number);
        (id, booked) = _book(number, booking, [uint256(timestamp), marginBps, 0]);
        emit Rearmed(id, booked, booking.fee);
    }

    /// @inheritdoc ITransactionScheduler
    function cancel(uint256 id) external returns (uint256 returned) {
        Booking storage booking = _waiting(id);
        require(booking.handler == msg.sender, TransactionScheduler_NotHandler(msg.sender));
        uint256 fee = booking.fee;
        returned = _returnOf(fee);
        _end(booking, Status.Canceled);
        _refund(booking.payer, msg.sender, returned);
        if (fee != returned) _credit(_treasury, fee - returned);
        emit Canceled(id, returned, fee - returned);
    }

    /// @inheritdoc ITransactionScheduler
    function expire(uint256 id) external {
        Booking storage booking = _waiting(id);
        uint256 expiresAt = uint256(booking.timestamp) + _lifetime;
        require(_isExpired(booking.timestamp), TransactionScheduler_Expiry(block.timestamp, expiresAt));
        uint256 fee = booking.fee;
        uint256 reward = fee < _expiryReward ? fee : _expiryReward;
        _end(booking, Status.Expired);
        _refund(booking.payer, booking.handler, fee - reward);
        _credit(msg.sender, reward);
        emit Expired(id, msg.sender, fee - reward, reward);
    }

    /// @inheritdoc ITransactionScheduler
    function topUp(uint256 id) external payable {
        Booking storage booking = _waiting(id);
        uint256 room = type(uint72).max - booking.fee;
        require(msg.value <= room, TransactionScheduler_InvalidAmount(msg.value, room));
        uint72 fee = booking.fee + uint72(msg.value);
        booking.fee = fee;
        emit FeeRaised(id, msg.sender, fee);
    }

    /// @inheritdoc ITransactionScheduler
    function raiseFee(uint256 id, uint16 marginBps) external returns (uint72 fee) {
        Booking storage booking = _waiting(id);
        require(booking.handler == msg.sender, TransactionScheduler_NotHandler(msg.sender));
        require(marginBps >= Bps.ONE, TransactionScheduler_Refused(Refusal.InvalidMargin));
        fee = booking.fee;
        uint256 present = _feeWithMargin(_setup, _priorityOf(booking.state), booking.effort, 0, marginBps);
        if (present <= fee) return fee;
        _debit(booking.payer, msg.sender, present - fee);
        fee = uint72(present);
        booking.fee = fee;
        emit FeeRaised(id, msg.sender, fee);
    }

    /// @inheritdoc ITransactionScheduler
    function estimate(uint40 timestamp, Priority priority, uint24 effort, uint256 dataLength)
        external
        view
        returns (uint72 fee, uint40 slot, Refusal refusal)
    {
        Setup memory setup = _setup;
        (slot, refusal) = _admit(setup, timestamp, priority, effort);
        if (dataLength > MAX_DATA) return (0, 0, Refusal.DataTooLarge);
        fee = _feeOf(setup, priority, effort, dataLength);
    }

    /// @inheritdoc ITransactionScheduler
    function statusOf(uint256 id) public view returns (Status) {
        return _statusOf(id, _bookings[id >> GENERATION_BITS]);
    }

    /// @inheritdoc ITransactionScheduler
    function transactionOf(uint256 id) public view returns (Transaction memory) {
        Booking memory booking = _bookings[id >> GENERATION_BITS];
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
        Booking memory present = _bookings[number];
        booking = _tell(present);
        if (present.generation == 0) return (0, booking);
        id = _idOf(number, present.generation);
        booking.status = _statusOf(id, present);
    }

    /// @inheritdoc ITransactionScheduler
    function isBooked(uint256 number) external view returns (bool) {
        Booking storage booking = _bookings[number];
        if (_statusIn(booking.state) != Status.Scheduled) return false;
        return !_isExpired(booking.timestamp) || executing == _idOf(number, booking.generation);
    }

    /// @inheritdoc ITransactionScheduler
    function rearmFee(uint256 number, uint16 marginBps) external view returns (uint72) {
        Booking storage booking = _bookings[number];
        return uint72(_feeWithMargin(_setup, _priorityOf(booking.state), booking.effort, 0, marginBps));
    }

    /// @inheritdoc ITransactionScheduler
    function pending(uint256 first, uint256 count) external view returns (uint256[] memory ids, uint256 next) {
        uint256 last = _setup.records;
        next = first + count;
        if (next > last) next = 0;
        if (next != 0) last = next - 1;
        ids = new uint256[](first > last ? 0 : last + 1 - first);
        uint256 found = 0;
        for (uint256 number = first; number <= last; ++number) {
            Booking storage booking = _bookings[number];
            uint256 id = _idOf(number, booking.generation);
            if (_statusIn(booking.state) == Status.Scheduled && id != executing) ids[found++] = id;
        }
        // The list is only ever shortened.
        assembly ("memory-safe") {
            mstore(ids, found)
        }
    }

    /// @dev Books a record for `terms`: timestamp, margin, length of the data. Writes it, and takes the fee.
    function _book(uint256 number, Booking memory booking, uint256[3] memory terms_)
        private
        returns (uint256 id, uint40 timestamp)
    {
        Setup memory setup = _setup;
        Priority priority = _priorityOf(booking.state);
        Refusal refusal;
        (timestamp, refusal) = _admit(setup, terms_[0], priority, booking.effort);
        if (terms_[1] < Bps.ONE) refusal = Refusal.InvalidMargin;
        if (refusal != Refusal.None) revert TransactionScheduler_Refused(refusal);
        if (setup.limited) _takeSlot(timestamp, priority, booking.effort);
        booking.fee = _pay(setup, booking, terms_);
        booking.timestamp = timestamp;
        _keepEnding(number, booking);
        booking.generation += 1;
        booking.state = (booking.state & ~STATUS_MASK) | uint8(Status.Scheduled);
        _bookings[number] = booking;
        id = _idOf(number, booking.generation);
    }

    /// @dev Takes the fee: what was sent, or what is needed from the payer's account.
    function _pay(Setup memory setup, Booking memory booking, uint256[3] memory terms_) private returns (uint72) {
        // Who sends value has thought of a margin.
        uint256 margin = msg.value == 0 ? terms_[1] : Bps.ONE;
        uint256 fee = _feeWithMargin(setup, _priorityOf(booking.state), booking.effort, terms_[2], margin);
        if (msg.value == 0) {
            _debit(booking.payer, msg.sender, fee);
            return uint72(fee);
        }
        bool enough = msg.value >= fee && msg.value <= type(uint72).max;
        if (!enough) revert TransactionScheduler_InsufficientFee(fee, msg.value);
        return uint72(msg.value);
    }

    /// @dev What is overwritten and cannot be told from what was executed.
    function _keepEnding(uint256 number, Booking memory booking) private {
        Status status = _statusIn(booking.state);
        bool lost = status == Status.Canceled || status == Status.Expired;
        if (lost) _endings[_idOf(number, booking.generation)] = status;
    }

    /// @dev Ends a booking that was not executed. The fee is the caller's to deal with.
    function _end(Booking storage booking, Status status) private {
        if (_setup.limited) _freeSlot(booking.timestamp, _priorityOf(booking.state), booking.effort);
        booking.state = (booking.state & ~STATUS_MASK) | uint8(status);
    }

    function _setTerms(uint256 number, Booking memory booking, Priority priority, uint24 effort, address payer)
        private
    {
        require(_isEffort(effort), TransactionScheduler_Refused(Refusal.InvalidEffort));
        (booking.effort, booking.payer) = (effort, payer);
        booking.state = (booking.state & STATUS_MASK) | _stateOf(priority, RECURRING);
        _bookings[number] = booking;
        emit Reserved(number, msg.sender, payer, priority, effort);
    }

    /// @dev Clears away what has expired, for whoever books the record again. Nobody is rewarded.
    function _clearExpired(uint256 id, Booking memory booking) private {
        if (_setup.limited) _freeSlot(booking.timestamp, _priorityOf(booking.state), booking.effort);
        _refund(booking.payer, booking.handler, booking.fee);
        booking.state = (booking.state & ~STATUS_MASK) | uint8(Status.Expired);
        emit Expired(id, msg.sender, booking.fee, 0);
    }

    /// @dev The caller's record, with nothing booked but perhaps what is being executed.
    function _freeRecord(uint256 number) private returns (Booking memory booking) {
        booking = _bookings[number];
        if (booking.handler != msg.sender) revert TransactionScheduler_NotHandler(msg.sender);
        uint256 id = _idOf(number, booking.generation);
        if (booking.state & RECURRING == 0) revert TransactionScheduler_AlreadyScheduled(id);
        if (_statusIn(booking.state) != Status.Scheduled || executing == id) return booking;
        if (!_isExpired(booking.timestamp)) revert TransactionScheduler_AlreadyScheduled(id);
        _clearExpired(id, booking);
    }

    /// @dev A booking that waits.
    function _waiting(uint256 id) private view returns (Booking storage booking) {
        booking = _bookings[id >> GENERATION_BITS];
        Status status = _statusOf(id, booking);
        require(status == Status.Scheduled, TransactionScheduler_NotScheduled(id, status));
    }

    function _admit(Setup memory setup, uint256 timestamp, Priority priority, uint256 effort)
        private
        view
        returns (uint40 slot, Refusal refusal)
    {
        if (setup.paused) return (0, Refusal.Paused);
        // Whether it is the next second or the one after does not matter.
        // slither-disable-next-line timestamp
        if (timestamp <= block.timestamp) return (0, Refusal.InvalidTimestamp);
        if (!_isEffort(effort)) return (0, Refusal.InvalidEffort);
        if (!setup.limited) return (uint40(timestamp), Refusal.None);
        slot = _findSlot(timestamp, priority, effort);
        if (slot == 0) refusal = Refusal.SlotFull;
    }

    /// @dev An empty record was executed and not kept, if there ever was one.
    function _statusOf(uint256 id, Booking memory booking) internal view returns (Status) {
        uint256 generation = uint32(id);
        if (booking.handler == address(0)) {
            uint256 number = id >> GENERATION_BITS;
            return number != 0 && number <= _setup.records && generation == 1 ? Status.Executed : Status.Unknown;
        }
        if (generation == 0 || generation > booking.generation) return Status.Unknown;
        if (generation < booking.generation) {
            Status ended = _endings[id];
            return ended == Status.Unknown ? Status.Executed : ended;
        }
        return executing == id ? Status.Executing : _statusIn(booking.state);
    }

    function _tell(Booking memory booking) private pure returns (Transaction memory) {
        return Transaction(
            booking.handler,
            booking.timestamp,
            booking.effort,
            booking.generation,
            booking.payer,
            _statusIn(booking.state) == Status.Scheduled ? booking.fee : 0,
            _priorityOf(booking.state),
            _statusIn(booking.state),
            booking.state & RECURRING != 0,
            booking.state & HAS_DATA != 0
        );
    }

    function _isExpired(uint256 timestamp) internal view returns (bool) {
        // Lifetimes are long; a validator's leeway of seconds does not count.
        // slither-disable-next-line timestamp
        return block.timestamp > timestamp + _lifetime;
    }

    function _stateOf(Priority priority, uint8 flags) private pure returns (uint8) {
        return (uint8(priority) << PRIORITY_SHIFT) | flags;
    }

    function _statusIn(uint8 state) internal pure returns (Status) {
        return Status(state & STATUS_MASK);
    }

    function _priorityOf(uint8 state) internal pure returns (Priority) {
        return Priority((state >> PRIORITY_SHIFT) & PRIORITY_MASK);
    }

    function _executedState(uint8 state) internal pure returns (uint8) {
        return (state & ~STATUS_MASK) | uint8(Status.Executed);
    }

    function _idOf(uint256 number, uint256 generation) internal pure returns (uint256) {
        return (number << GENERATION_BITS) | generation;
    }
}
