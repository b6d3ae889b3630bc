// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IRecurringRebalancer} from "../interfaces/IRecurringRebalancer.sol";
import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {RecurringJobs} from "./RecurringJobs.sol";

/// @title The standard recurring rebalancer: one target, owned, paid and configured by its user
/// @dev The constructor books nothing: once there is money, `fixReschedule` books the first run.
contract RecurringRebalancer is IRecurringRebalancer, RecurringJobs, Ownable2Step {
    /// @inheritdoc IRecurringRebalancer
    address public immutable target;
    /// @inheritdoc IRecurringRebalancer
    uint256 public immutable number;
    /// @inheritdoc IRecurringRebalancer
    bool public closed;

    /// @dev With a configuration whose `txFunder` is 0 the rebalancer pays itself.
    constructor(
        ITransactionScheduler scheduler_,
        address target_,
        address owner_,
        uint8 maxFailures_,
        RecurringConfig memory config
    ) RecurringJobs(scheduler_, maxFailures_) Ownable(owner_) {
        require(target_.code.length != 0, RecurringRebalancer_InvalidAddress(target_));
        if (config.txFunder == address(0)) config.txFunder = address(this);
        _requireSound(config);
        target = target_;
        number = _create(target_, config);
        emit ConfigChanged(target_, config);
    }

    /// @dev A funder sends the requested amount; value of others goes into the account that pays.
    receive() external payable {
        if (_isAsked(msg.sender)) return;
        scheduler.deposit{value: msg.value}(address(this), address(this));
    }

    /// @inheritdoc IRecurringRebalancer
    function fixReschedule() external returns (bool) {
        return !closed && _fix(number);
    }

    /// @inheritdoc IRecurringRebalancer
    function revive() external {
        _revive(number);
        _fix(number);
    }

    /// @inheritdoc IRecurringRebalancer
    function refreshFee() external returns (bool) {
        return _refresh(number);
    }

    /// @inheritdoc IRecurringRebalancer
    function setRecurringConfig(RecurringConfig calldata config) external onlyOwner alone {
        require(!closed, RecurringRebalancer_Closed());
        _configure(number, config);
    }

    /// @inheritdoc IRecurringRebalancer
    function cancelAllScheduledTransactions() external onlyOwner alone {
        _cancel(number);
    }

    /// @inheritdoc IRecurringRebalancer
    function close() external onlyOwner alone {
        require(!closed, RecurringRebalancer_Closed());
        closed = true;
        delete _jobs[number];
        emit Closed();
        _cancel(number);
    }

    /// @inheritdoc IRecurringRebalancer
    function withdraw(address to, uint256 amount) external onlyOwner {
        scheduler.withdraw(address(this), to, amount);
    }

    /// @inheritdoc IRecurringRebalancer
    function setCaps(uint40 perRun, uint40 perDay) external onlyOwner {
        scheduler.setSpender(address(this), perRun, perDay);
    }

    /// @inheritdoc IRecurringRebalancer
    function nextExecutionTimestamp() external view returns (uint40) {
        return nextExecutionTimestampOf(number);
    }

    /// @inheritdoc IRecurringRebalancer
    function recurringConfig() external view returns (RecurringConfig memory) {
        return jobOf(number).config;
    }

    /// @inheritdoc IRecurringRebalancer
    function lastRebalanceTimestamp() external view returns (uint40) {
        return jobOf(number).lastRebalance;
    }
}
