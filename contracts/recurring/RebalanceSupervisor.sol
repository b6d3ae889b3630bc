// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPaidRebalancerRegistry} from "../interfaces/IPaidRebalancerRegistry.sol";
import {IRebalanceSupervisor} from "../interfaces/IRebalanceSupervisor.sol";
import {IScheduledHandler} from "../interfaces/IScheduledHandler.sol";
import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {IAutomationCompatible} from "../interfaces/external/IAutomationCompatible.sol";
import {Bps} from "../libraries/Bps.sol";

/// @title Calls `fixReschedule` on paid rebalancers, at an interval, through the scheduler
/// @dev An entry is called with separate gas, and a word of its answer is copied. If the gas is not available, the pass
/// ends before the call: so an entry can fail only through its own fault.
contract RebalanceSupervisor is IRebalanceSupervisor, AccessManaged {
    uint256 private constant GENERATION_BITS = 32;
    /// @dev Gas of one entry: enough for the worst booking.
    uint256 private constant ITEM_GAS = 400_000;
    /// @dev Gas reserved for the end of a pass, and besides an entry's call.
    uint256 private constant TAIL_GAS = 30_000;
    /// @dev Gas of booking the next tick.
    uint256 private constant BOOKING_GAS = 150_000;
    uint256 private constant UPKEEP_ENTRIES = 1_000;

    /// @inheritdoc IRebalanceSupervisor
    ITransactionScheduler public immutable scheduler;
    /// @inheritdoc IRebalanceSupervisor
    IPaidRebalancerRegistry public immutable registry;
    /// @inheritdoc IRebalanceSupervisor
    uint256 public number;
    /// @inheritdoc IRebalanceSupervisor
    uint256 public cursor;
    Schedule private _schedule;
    address[] private _targets;
    /// @dev Place in the list, from 1.
    mapping(address target => uint256 place) private _places;
    bool private transient _busy;

    modifier alone() {
        require(!_busy, RebalanceSupervisor_Busy());
        _busy = true;
        _;
        _busy = false;
    }

    constructor(address manager, IPaidRebalancerRegistry registry_) AccessManaged(manager) {
        registry = registry_;
        scheduler = registry_.scheduler();
    }

    /// @dev All value received pays for ticks.
    receive() external payable {
        scheduler.deposit{value: msg.value}(address(this), address(this));
    }

    /// @inheritdoc IScheduledHandler
    function executeTransaction(uint256 id, bytes calldata) external alone {
        bool sound = msg.sender == address(scheduler) && id >> GENERATION_BITS == number;
        require(sound, RebalanceSupervisor_NotScheduler(msg.sender, id));
        // First, so that no later step can prevent it.
        _book(false);
        emit Executed(id);
        _pass(id, type(uint256).max);
    }

    /// @inheritdoc IRebalanceSupervisor
    function addPaidRebalancer(address target) external alone {
        bool sound = _places[target] == 0 && registry.handleOf(target) != 0;
        require(sound, RebalanceSupervisor_CannotAdd(target));
        _targets.push(target);
        _places[target] = _targets.length;
        emit AddedPaidRebalancer(target);
    }

    /// @inheritdoc IRebalanceSupervisor
    function removePaidRebalancer(address target) external alone {
        uint256 place = _places[target];
        IPaidRebalancerRegistry.Entry memory entry = registry.entryOf(target);
        bool sound = place != 0 && (entry.number == 0 || entry.owner == msg.sender);
        require(sound, RebalanceSupervisor_CannotRemove(target, msg.sender));
        _drop(target, place - 1);
    }

    /// @inheritdoc IRebalanceSupervisor
    function poke(uint256 maximum) external alone returns (uint256 scanned) {
        _book(true);
        return _pass(0, maximum);
    }

    /// @inheritdoc IRebalanceSupervisor
    function fixReschedule() external alone returns (bool) {
        return _book(true);
    }

    /// @inheritdoc IAutomationCompatible
    function performUpkeep(bytes calldata performData) external alone {
        address[] memory targets = abi.decode(performData, (address[]));
        _book(true);
        uint256 failed = 0;
        for (uint256 i = 0; i < targets.length && _hasGas(); ++i) {
            (bool ok,) = _fix(targets[i]);
            if (!ok) ++failed;
        }
        emit SupervisorTick(0, 0, targets.length, 0, failed);
    }

    /// @inheritdoc IRebalanceSupervisor
    function setSchedule(Schedule calldata newSchedule) external restricted alone {
        bool sound = newSchedule.interval != 0 && newSchedule.marginBps >= Bps.ONE
            && newSchedule.priority != ITransactionScheduler.Priority.High
            && newSchedule.effort >= BOOKING_GAS + ITEM_GAS + 2 * TAIL_GAS;
        require(sound, RebalanceSupervisor_InvalidSchedule());
        _schedule = newSchedule;
        emit ScheduleSet(newSchedule);
        _setTerms(newSchedule);
        _book(true);
    }

    /// @inheritdoc IRebalanceSupervisor
    function withdraw(address to, uint256 amount) external restricted {
        scheduler.withdraw(address(this), to, amount);
    }

    /// @inheritdoc IRebalanceSupervisor
    function checkUpkeep(bytes calldata checkData) external view returns (bool upkeepNeeded, bytes memory performData) {
        (uint256 start, uint256 count) = (0, UPKEEP_ENTRIES);
        if (checkData.length != 0) (start, count) = abi.decode(checkData, (uint256, uint256));
        address[] memory stuck = targetsAt(start, count);
        uint256 found = 0;
        for (uint256 i = 0; i < stuck.length; ++i) {
            // A view of a trusted contract; the caller chooses the number of calls.
            // slither-disable-next-line calls-loop
            if (registry.isStuck(stuck[i])) stuck[found++] = stuck[i];
        }
        // The list is only shortened.
        assembly ("memory-safe") {
            mstore(stuck, found)
        }
        return (found != 0 || (number != 0 && !scheduler.isBooked(number)), abi.encode(stuck));
    }

    /// @inheritdoc IRebalanceSupervisor
    function targetsAt(uint256 start, uint256 count) public view returns (address[] memory list) {
        uint256 end = Math.min(Math.saturatingAdd(start, count), _targets.length);
        list = new address[](end > start ? end - start : 0);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = _targets[start + i];
        }
    }

    /// @inheritdoc IRebalanceSupervisor
    function isListed(address target) external view returns (bool) {
        return _places[target] != 0;
    }

    /// @inheritdoc IRebalanceSupervisor
    function length() external view returns (uint256) {
        return _targets.length;
    }

    /// @inheritdoc IRebalanceSupervisor
    function schedule() external view returns (Schedule memory) {
        return _schedule;
    }

    /// @inheritdoc IRebalanceSupervisor
    function nextExecutionTimestamp() public view returns (uint40) {
        uint256 interval = _schedule.interval;
        return interval == 0 ? 0 : uint40((block.timestamp / interval + 1) * interval);
    }

    /// @dev Books the next tick. In a tick the record is free; otherwise it must be checked.
    function _book(bool look) private returns (bool) {
        if (number == 0 || (look && scheduler.isBooked(number))) return false;
        uint40 timestamp = nextExecutionTimestamp();
        // The scheduler calls nobody when it books, and all callers hold the lock.
        // slither-disable-next-line reentrancy-benign,reentrancy-events
        try scheduler.rearm{gas: BOOKING_GAS}(number, timestamp, _schedule.marginBps) returns (
            uint256 id, uint40 dueAt
        ) {
            if (look) emit SupervisorRescheduled(id, dueAt);
            return true;
        } catch {
            emit SupervisorRescheduleFailed(_reasonHead());
            return false;
        }
    }

    /// @dev Visits the list from the cursor on, each entry at most once.
    function _pass(uint256 id, uint256 maximum) private returns (uint256 scanned) {
        (uint256 start, uint256 size) = (cursor, _targets.length);
        (uint256 place, uint256 pruned, uint256 failed) = (start, 0, 0);
        uint256 most = Math.min(maximum, size);
        for (; scanned < most && _hasGas(); ++scanned) {
            if (place >= size) place = 0;
            address target = _targets[place];
            (bool ok, bool found) = _fix(target);
            if (ok && !found) {
                // The last entry takes this place, and is visited next.
                _drop(target, place);
                (--size, ++pruned);
            } else {
                if (!ok) ++failed;
                ++place;
            }
        }
        cursor = place;
        emit SupervisorTick(id, start, scanned, pruned, failed);
    }

    /// @dev Lets the registry fix one entry.
    function _fix(address target) private returns (bool ok, bool found) {
        bytes memory input = abi.encodeCall(IPaidRebalancerRegistry.fixReschedule, (target));
        address called = address(registry);
        assembly ("memory-safe") {
            mstore(0, 0)
            ok := call(ITEM_GAS, called, 0, add(input, 0x20), mload(input), 0, 0x20)
            found := and(ok, iszero(iszero(mload(0))))
        }
        if (!ok) emit SupervisorItemFailed(target, _reasonHead());
    }

    /// @dev The last entry takes the place of the removed one.
    function _drop(address target, uint256 place) private {
        address last = _targets[_targets.length - 1];
        _targets.pop();
        if (last != target) {
            _targets[place] = last;
            _places[last] = place + 1;
        }
        delete _places[target];
        emit RemovedPaidRebalancer(target);
    }

    /// @dev Changes the record's terms; a booking on the old ones is cancelled.
    function _setTerms(Schedule calldata terms) private {
        if (number == 0) {
            number = scheduler.reserve(terms.priority, terms.effort, address(this));
            return;
        }
        (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(number);
        // The refund is in the account.
        // slither-disable-next-line unused-return
        if (booking.status == ITransactionScheduler.Status.Scheduled) scheduler.cancel(id);
        scheduler.amend(number, terms.priority, terms.effort, address(this));
    }

    /// @dev Whether the gas suffices for an entry and the end of the pass.
    function _hasGas() private view returns (bool) {
        return gasleft() > ITEM_GAS + ITEM_GAS / 63 + TAIL_GAS;
    }

    function _reasonHead() private pure returns (bytes32 head) {
        assembly ("memory-safe") {
            let size := returndatasize()
            if gt(size, 0x20) { size := 0x20 }
            mstore(0, 0)
            returndatacopy(0, 0, size)
            head := mload(0)
        }
    }
}
