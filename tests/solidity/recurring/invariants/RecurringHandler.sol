// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {PaidRebalancerRegistry} from "@ballast/recurring/PaidRebalancerRegistry.sol";
import {RebalanceSupervisor} from "@ballast/recurring/RebalanceSupervisor.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";
import {SchedulerLens} from "@ballast/recurring/SchedulerLens.sol";
import {TransactionScheduler} from "@ballast/recurring/TransactionScheduler.sol";
import {VaultFunder} from "@ballast/recurring/VaultFunder.sol";

import {Booker} from "../../doubles/Booker.sol";
import {MoodyFunder} from "../../doubles/MoodyFunder.sol";
import {MoodyTarget} from "../../doubles/MoodyTarget.sol";
import {Ledger} from "../../invariants/Ledger.sol";
import {Test} from "../../support/Test.sol";
import {ChainVm} from "../RecurringTest.sol";

/// @title Facts that the handlers know besides the chain: money in and out, ids seen, and times of last runs
contract Diary {
    uint256 public moneyIn;
    uint256 public moneyOut;
    uint256 public paid;
    uint256 public earningsWithdrawn;
    uint256 public deposited;
    uint256[] private _ids;
    mapping(uint256 id => uint256) public statusOf;
    mapping(uint256 number => uint256) public lastSuccess;
    mapping(uint256 number => uint256) public intervalThen;

    function took(uint256 amount) external {
        moneyIn += amount;
    }

    function gave(uint256 amount) external {
        moneyOut += amount;
    }

    function pay(uint256 amount) external {
        paid += amount;
    }

    function withdrew(uint256 amount) external {
        earningsWithdrawn += amount;
    }

    function fund(uint256 amount) external {
        deposited += amount;
    }

    function see(uint256 id, uint256 status) external {
        if (statusOf[id] == 0) _ids.push(id);
        statusOf[id] = status;
    }

    function ran(uint256 number, uint256 time, uint256 interval) external {
        (lastSuccess[number], intervalThen[number]) = (time, interval);
    }

    function ids() external view returns (uint256[] memory) {
        return _ids;
    }
}

struct RecurringWorld {
    TransactionScheduler scheduler;
    PaidRebalancerRegistry registry;
    RebalanceSupervisor supervisor;
    SchedulerLens lens;
    RecurringRebalancer standard;
    Booker booker;
    VaultFunder purse;
    MoodyFunder funder;
    MoodyTarget[4] targets;
    address admin;
    address guardian;
    address user;
    Ledger ledger;
    Diary diary;
}

/// @title Base of all handlers, with checks before and after each call
abstract contract RecurringHandler is Test {
    ChainVm internal constant chain = ChainVm(address(vm));
    address[3] internal executors = [address(0xE8EC), address(0xE8ED), address(0xE8EE)];
    RecurringWorld internal world;
    uint256 private _calls;

    constructor(RecurringWorld memory world_) {
        world = world_;
    }

    /// @dev R4, R25: bookings end once, in one way, and stay ended. Also records the money in and out of the scheduler.
    modifier watched(string memory what) {
        uint256 before = address(world.scheduler).balance;
        _;
        uint256 present = address(world.scheduler).balance;
        if (present > before) world.diary.took(present - before);
        else world.diary.gave(before - present);
        // An ended booking stays ended, so an occasional check is enough.
        if (++_calls % 4 == 0) _see();
        world.ledger.count(what);
    }

    function _see() internal {
        uint256 records = world.scheduler.records();
        for (uint256 number = 1; number <= records; ++number) {
            (uint256 id,) = world.scheduler.bookingOf(number);
            // A record of a one-shot booking is empty after its execution.
            if (id == 0) id = (number << 32) | 1;
            uint256 before = world.diary.statusOf(id);
            uint256 present = uint256(world.scheduler.statusOf(id));
            if (before == present) continue;
            _check(before <= uint256(ITransactionScheduler.Status.Scheduled), "R04");
            _check(present != uint256(ITransactionScheduler.Status.Unknown), "R25");
            world.diary.see(id, present);
        }
    }

    function _number(uint256 seed) internal view returns (uint256) {
        return bound(seed, 1, world.scheduler.records());
    }

    function _target(uint256 seed) internal view returns (address) {
        return address(world.targets[seed % 4]);
    }

    function _balance(address owner, address spender) internal view returns (uint256) {
        return world.scheduler.accountOf(owner, spender).balance;
    }

    function _jobOf(uint256 number, address handler) internal view returns (IRecurringJobs.Job memory job) {
        if (handler == address(world.registry)) return world.registry.jobOf(number);
        if (handler == address(world.standard)) return world.standard.jobOf(number);
    }

    function _config(uint256 seed) internal view returns (IRecurringJobs.RecurringConfig memory config) {
        config = IRecurringJobs.RecurringConfig({
            interval: uint32(bound(seed >> 8, 60, 3_600)),
            priority: seed & 1 == 0 ? ITransactionScheduler.Priority.Medium : ITransactionScheduler.Priority.Low,
            executionEffort: uint24(bound(seed >> 48, 400_000, 800_000)),
            estimationMargin: uint16(bound(seed >> 80, 10_000, 15_000)),
            forceRebalance: seed & 2 == 0,
            funderKind: IRecurringJobs.FunderKind.Ledger,
            txFunder: world.admin
        });
        if (seed & 12 == 0) config.txFunder = address(world.purse);
        if (seed & 12 == 4) config.txFunder = address(world.funder);
        if (seed & 8 == 0) config.funderKind = IRecurringJobs.FunderKind.External;
    }

    function _check(bool holds, string memory property) internal {
        world.ledger.check(holds, property);
    }

    /// @dev Checks that a forbidden call fails.
    function _mustFail(address sender, address callee, bytes memory input, string memory property) internal {
        vm.prank(sender);
        (bool ok,) = callee.call(input);
        _check(!ok, property);
    }
}
