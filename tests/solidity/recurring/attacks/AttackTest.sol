// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";
import {VaultFunder} from "@ballast/recurring/VaultFunder.sol";

import {Vm} from "../../support/Vm.sol";
import {SchedulerTest} from "../SchedulerTest.sol";

/// @title Helpers of the attacks: money, bookings and emitted events
abstract contract AttackTest is SchedulerTest {
    function _external(address funder) internal view returns (IRecurringJobs.RecurringConfig memory config) {
        config = _config();
        (config.funderKind, config.txFunder) = (IRecurringJobs.FunderKind.External, funder);
    }

    /// @dev Returns a standard rebalancer of `target` that a contract funds.
    function _standardOf(address funder) internal returns (RecurringRebalancer) {
        return new RecurringRebalancer(scheduler, address(target), alice, MAX_FAILURES, _external(funder));
    }

    /// @dev Returns a purse with money, which `spender` may use up to `perRun` at once and `perDay` in a day.
    function _purse(uint72 perRun, uint72 perDay) internal returns (VaultFunder purse) {
        purse = new VaultFunder(address(scheduler), address(this));
        chain.deal(address(purse), 100 ether);
        purse.setSpender(address(registry), perRun, perDay);
    }

    /// @dev Creates a paid rebalancer of `target` that `funder` pays for.
    function _createPaidBy(address funder) internal {
        registry.updateDefaultRecurringConfig(_external(funder));
        _createPaid(address(target));
    }

    function _idOfRecord(uint256 number) internal view returns (uint256 id) {
        (id,) = scheduler.bookingOf(number);
    }

    function _earned() internal view returns (uint256) {
        return _balance(executor, executor);
    }

    /// @dev Returns the number of events with a topic since `vm.recordLogs`.
    function _emitted(bytes32 topic) internal returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics.length != 0 && logs[i].topics[0] == topic) ++count;
        }
    }

    /// @dev Returns the gas billed for the last execution.
    function _billed() internal returns (uint256 gasUsed) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != ITransactionScheduler.Executed.selector) continue;
            (, gasUsed,,) = abi.decode(logs[i].data, (bool, uint256, uint256, uint256));
        }
    }
}
