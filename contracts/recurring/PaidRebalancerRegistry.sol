// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IPaidRebalancerRegistry} from "../interfaces/IPaidRebalancerRegistry.sol";
import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {RecurringJobs} from "./RecurringJobs.sol";

/// @title Recurring rebalancers that the team pays for, all in one contract
/// @dev A target's entry is one slot and its job another; the rest of a rebalancer's state is its record in the
/// scheduler.
contract PaidRebalancerRegistry is IPaidRebalancerRegistry, RecurringJobs, AccessManaged {
    uint256 private constant TARGET_BITS = 160;
    /// @dev Gas to find out whether a target's job needs booking.
    uint256 private constant LOOKUP_GAS = 20_000;

    mapping(address target => Entry entry) private _entries;
    RecurringConfig private _defaultConfig;

    constructor(address manager, ITransactionScheduler scheduler_, uint8 maxFailures_)
        RecurringJobs(scheduler_, maxFailures_)
        AccessManaged(manager)
    {}

    /// @dev Accepts value only from funders that are being called. Payers deposit in the scheduler.
    receive() external payable {
        require(_isAsked(msg.sender), Recurring_UnexpectedValue(msg.sender));
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function createPaidRebalancer(address target) external returns (uint256 handle) {
        Entry memory entry = _entries[target];
        if (entry.owner != msg.sender) revert PaidRebalancerRegistry_NotAllowed(target, msg.sender);
        if (entry.number != 0) revert PaidRebalancerRegistry_RebalancerExists(target);
        RecurringConfig memory config = _defaultConfig;
        if (config.interval == 0) revert PaidRebalancerRegistry_NoDefaultConfig();
        // The scheduler calls nobody when it assigns a number. A funder is called last.
        // slither-disable-next-line reentrancy-no-eth,reentrancy-events
        uint256 number = _create(target, config);
        entry.generation += 1;
        entry.number = uint64(number);
        _entries[target] = entry;
        handle = _handleOf(target, entry);
        emit CreatedRebalancerPaid(target, msg.sender, handle);
        _fix(number);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function fixReschedule(address target) external returns (bool found) {
        uint256 number = _entries[target].number;
        found = number != 0;
        if (found) _fix(number);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function fixRescheduleBatch(address[] calldata targets) external returns (uint256 count) {
        for (uint256 i = 0; i < targets.length && gasleft() > BOOKING_GAS + LOOKUP_GAS; ++i) {
            uint256 number = _entries[targets[i]].number;
            if (number != 0 && _fix(number)) ++count;
        }
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function revive(address target) external {
        uint256 number = _numberOf(target);
        _revive(number);
        _fix(number);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function refreshFee(address target) external returns (bool) {
        return _refresh(_numberOf(target));
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function deletePaidRebalancer(uint256 handle) external alone {
        _remove(_owned(handle));
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function transferPaidRebalancer(uint256 handle, address to) external {
        address target = _owned(handle);
        require(to != address(0), PaidRebalancerRegistry_InvalidAddress(to));
        _entries[target].owner = to;
        emit HandleTransferred(target, msg.sender, to, handle);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function allowTarget(address target, address owner) external restricted {
        require(target.code.length != 0, PaidRebalancerRegistry_InvalidAddress(target));
        require(owner != address(0), PaidRebalancerRegistry_InvalidAddress(owner));
        _entries[target].owner = owner;
        emit TargetAllowed(target, owner);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function disallowTarget(address target) external restricted alone {
        if (_entries[target].number != 0) _remove(target);
        _entries[target].owner = address(0);
        emit TargetDisallowed(target);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function removePaidRebalancer(address target) external restricted alone {
        // Checks only that the rebalancer exists.
        _numberOf(target);
        _remove(target);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function updateDefaultRecurringConfig(RecurringConfig calldata config) external restricted {
        _requireSound(config);
        _defaultConfig = config;
        emit UpdatedDefaultRecurringConfig(config);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function updateRecurringConfig(address target, RecurringConfig calldata config) external restricted alone {
        _configure(_numberOf(target), config);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function entryOf(address target) external view returns (Entry memory) {
        return _entries[target];
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function handleOf(address target) external view returns (uint256) {
        Entry memory entry = _entries[target];
        return entry.number == 0 ? 0 : _handleOf(target, entry);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function paidJobOf(address target) external view returns (Job memory) {
        return jobOf(_entries[target].number);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function isStuck(address target) external view returns (bool) {
        return _isStuck(_entries[target].number);
    }

    /// @inheritdoc IPaidRebalancerRegistry
    function defaultRecurringConfig() external view returns (RecurringConfig memory) {
        return _defaultConfig;
    }

    /// @dev Removes the job before the scheduler is called; this is not possible during a run, since cancelling then
    /// reverts.
    function _remove(address target) private {
        Entry memory entry = _entries[target];
        _entries[target].number = 0;
        delete _jobs[entry.number];
        emit RemovedRebalancerPaid(target, msg.sender, _handleOf(target, entry));
        _cancel(entry.number);
    }

    /// @dev The target of a handle that is current and the caller's.
    function _owned(uint256 handle) private view returns (address target) {
        target = address(uint160(handle));
        Entry memory entry = _entries[target];
        bool current = entry.number != 0 && handle == _handleOf(target, entry);
        require(current, PaidRebalancerRegistry_StaleHandle(handle));
        require(entry.owner == msg.sender, PaidRebalancerRegistry_NotOwner(msg.sender));
    }

    function _numberOf(address target) private view returns (uint256 number) {
        number = _entries[target].number;
        require(number != 0, PaidRebalancerRegistry_UnknownRebalancer(target));
    }

    function _handleOf(address target, Entry memory entry) private pure returns (uint256) {
        return (uint256(entry.generation) << TARGET_BITS) | uint160(target);
    }
}
