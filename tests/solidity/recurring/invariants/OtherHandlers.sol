// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

import {Booker} from "../../doubles/Booker.sol";
import {MoodyFunder} from "../../doubles/MoodyFunder.sol";
import {MoodyTarget} from "../../doubles/MoodyTarget.sol";
import {RecurringHandler, RecurringWorld} from "./RecurringHandler.sol";

/// @title Handler of executors: advances the time and executes one or several bookings, honestly or not
contract ExecutorHandler is RecurringHandler {
    /// @dev State by which an execution is judged.
    struct Look {
        uint256 id;
        ITransactionScheduler.Transaction booking;
        address executor;
        uint256 earned;
        uint256 account;
        uint256 calls;
    }

    constructor(RecurringWorld memory world_) RecurringHandler(world_) {}

    function wait(uint256 seed) external watched("wait") {
        vm.warp(block.timestamp + bound(seed, 1, seed % 40 == 0 ? 40 days : 600));
    }

    function changeBaseFee(uint256 seed) external watched("changeBaseFee") {
        uint256 baseFee = bound(seed, 1 gwei, seed % 16 == 0 ? 500 gwei : 60 gwei);
        chain.fee(baseFee);
        chain.txGasPrice(baseFee + bound(seed >> 128, 0, 50 gwei));
    }

    /// @dev Executes a random record when it is due.
    function executeNext(uint256 seed) external watched("executeNext") {
        uint256 number = _number(seed);
        (, ITransactionScheduler.Transaction memory booking) = world.scheduler.bookingOf(number);
        if (booking.status != ITransactionScheduler.Status.Scheduled) return;
        if (booking.timestamp > block.timestamp + 30 days) return;
        if (booking.timestamp > block.timestamp) vm.warp(booking.timestamp);
        _execute(number, seed >> 128);
    }

    /// @dev Executes a random record, due or not.
    function execute(uint256 seed) external watched("execute") {
        _execute(_number(seed), seed >> 128);
    }

    /// @dev R10, R28: repeated ids in any state. Nothing is executed twice, and nothing causes a revert.
    function executeBatch(uint256 seed) external watched("executeBatch") {
        uint256[] memory ids = new uint256[](4);
        for (uint256 i = 0; i < 4; ++i) {
            (ids[i],) = world.scheduler.bookingOf(_number(seed >> (i * 32)));
        }
        ids[3] = ids[0];
        address executor = executors[seed % 3];
        uint256 earned = _balance(executor, executor);
        vm.prank(executor);
        uint256 executed = world.scheduler.executeBatch(ids, new bytes[](0), executor);
        world.diary.pay(_balance(executor, executor) - earned);
        _check(executed & 9 != 9, "R10");
        for (uint256 i = 0; i < 4; ++i) {
            if (executed >> i & 1 == 0) continue;
            _check(world.scheduler.statusOf(ids[i]) == ITransactionScheduler.Status.Executed, "R04");
            world.diary.ran(ids[i] >> 32, 0, 0);
        }
    }

    /// @dev R29.
    function withdraw(uint256 seed) external watched("withdraw earnings") {
        address executor = executors[seed % 3];
        uint256 amount = bound(seed >> 8, 0, _balance(executor, executor));
        vm.prank(executor);
        (bool ok,) =
            address(world.scheduler).call(abi.encodeCall(world.scheduler.withdraw, (executor, address(0xF00D), amount)));
        _check(ok, "R29");
        world.diary.withdrew(amount);
    }

    function expire(uint256 seed) external watched("expire") {
        (uint256 id, ITransactionScheduler.Transaction memory booking) = world.scheduler.bookingOf(_number(seed));
        address executor = executors[seed % 3];
        uint256 earned = _balance(executor, executor);
        vm.prank(executor);
        (bool ok,) = address(world.scheduler).call(abi.encodeCall(world.scheduler.expire, (id)));
        if (!ok) return;
        world.diary.pay(_balance(executor, executor) - earned);
        _check(block.timestamp > uint256(booking.timestamp) + world.scheduler.terms().lifetime, "R05");
    }

    function _execute(uint256 number, uint256 seed) private {
        Look memory look = _look(number, seed);
        bool due = look.booking.status == ITransactionScheduler.Status.Scheduled
            && block.timestamp >= look.booking.timestamp
            && block.timestamp <= uint256(look.booking.timestamp) + world.scheduler.terms().lifetime;
        uint256 most = world.scheduler.payoutOf(look.id);
        vm.prank(look.executor);
        (bool done, bytes memory answer) =
            address(world.scheduler).call(abi.encodeCall(world.scheduler.execute, (look.id, "", look.executor)));
        // R5: neither before its time nor after its lifetime. R7: otherwise always, whatever its handler does.
        _check(done == due, due ? "R07" : "R05");
        if (!done) return;
        world.ledger.count("executed");
        _judgePay(look, most);
        _judgeHandler(look, abi.decode(answer, (bool)));
        _mustFail(
            look.executor,
            address(world.scheduler),
            abi.encodeCall(world.scheduler.execute, (look.id, "", look.executor)),
            "R10"
        );
    }

    /// @dev R7, R8, R9: pay is at most the fee and the possible cost of the gas; the payer of record gets the rest.
    function _judgePay(Look memory look, uint256 most) private {
        uint256 pay = _balance(look.executor, look.executor) - look.earned;
        world.diary.pay(pay);
        _check(pay <= look.booking.fee, "R07");
        _check(pay <= most + 150_000 * (block.basefee + world.scheduler.terms().tipCap), "R08");
        if (_meddles(look)) return;
        (, ITransactionScheduler.Transaction memory next) = world.scheduler.bookingOf(look.id >> 32);
        bool again = next.status == ITransactionScheduler.Status.Scheduled;
        uint256 account = look.account + look.booking.fee - pay;
        bool asked = next.payer == address(world.funder) || next.payer == address(world.purse);
        // An external funder sends the required amount, perhaps more, which is credited to it.
        if (asked) _check(_balance(look.booking.payer, look.booking.handler) >= account, "R09");
        else _check(_balance(look.booking.payer, look.booking.handler) + (again ? next.fee : 0) == account, "R09");
    }

    /// @dev Whether the handler may have booked or cancelled other bookings of the same payer meanwhile.
    function _meddles(Look memory look) private view returns (bool) {
        if (look.booking.handler == address(world.booker)) return world.booker.mood() == Booker.Mood.Calls;
        address target = _jobOf(look.id >> 32, look.booking.handler).target;
        return target != address(0) && MoodyTarget(target).mood() == MoodyTarget.Mood.Calls;
    }

    function _judgeHandler(Look memory look, bool ok) private {
        if (look.booking.handler == address(world.booker)) return _judgeBooker(look, ok);
        // R11: rebalancers and supervisor never fail, whatever targets and funders do.
        _check(ok, "R11");
        if (look.booking.handler == address(world.supervisor)) return _judgeTick(look.id >> 32);
        _judgeJob(look);
    }

    /// @dev R6: the handler is called once, with its effort.
    function _judgeBooker(Look memory look, bool ok) private {
        _check(world.booker.calls() == look.calls + (ok ? 1 : 0), "R06");
        if (!ok) return;
        _check(world.booker.lastId() == look.id, "R06");
        uint256 seen = world.booker.gasSeen();
        _check(seen <= look.booking.effort && seen + 2_000 >= look.booking.effort, "R06");
    }

    /// @dev R22: the next tick is booked unless money is missing or bookings are paused.
    function _judgeTick(uint256 number) private {
        uint256 needed = world.scheduler.rearmFee(number, world.supervisor.schedule().marginBps);
        bool able =
            !world.scheduler.paused() && _balance(address(world.supervisor), address(world.supervisor)) >= needed;
        _check(!able || world.scheduler.isBooked(number), "R22");
    }

    /// @dev R14: one interval between successful runs. R15: time of the next run. R18: a halted job is not booked.
    function _judgeJob(Look memory look) private {
        uint256 number = look.id >> 32;
        IRecurringJobs.Job memory job = _jobOf(number, look.booking.handler);
        (, ITransactionScheduler.Transaction memory next) = world.scheduler.bookingOf(number);
        bool booked = world.scheduler.isBooked(number);
        if (job.halted) _check(!booked, "R18");
        uint256 due = block.timestamp + (uint256(job.config.interval) << job.failures);
        if (booked) _check(next.timestamp == due, "R15");
        if (job.failures == 0) {
            uint256 last = world.diary.lastSuccess(number);
            _check(last == 0 || block.timestamp >= last + world.diary.intervalThen(number), "R14");
            world.diary.ran(number, block.timestamp, job.config.interval);
        }
    }

    function _look(uint256 number, uint256 seed) private view returns (Look memory look) {
        (look.id, look.booking) = world.scheduler.bookingOf(number);
        look.executor = executors[seed % 3];
        look.earned = _balance(look.executor, look.executor);
        look.account = _balance(look.booking.payer, look.booking.handler);
        look.calls = world.booker.calls();
    }
}

/// @title Handler of strangers, who may fix and revive and change nothing else
contract StrangerHandler is RecurringHandler {
    address private constant STRANGER = address(0xBAD);

    constructor(RecurringWorld memory world_) RecurringHandler(world_) {}

    /// @dev R12, R13: a payable job is booked at the right time, and a second call does nothing.
    function fix(uint256 seed) external watched("fix") {
        bool paid = seed & 3 != 0;
        address target = _target(seed >> 8);
        uint256 number = paid ? world.registry.entryOf(target).number : world.standard.number();
        if (number == 0) return;
        bool able = _isAble(number, paid ? address(world.registry) : address(world.standard));
        bool before = world.scheduler.isBooked(number);
        uint256 earliest =
            paid ? world.registry.nextExecutionTimestampOf(number) : world.standard.nextExecutionTimestamp();
        _fix(paid, target);
        bool booked = world.scheduler.isBooked(number);
        if (able) _check(booked, "R13");
        if (!before && booked) {
            (, ITransactionScheduler.Transaction memory booking) = world.scheduler.bookingOf(number);
            _check(booking.timestamp == earliest && earliest > block.timestamp, "R15");
            world.ledger.count("fixed");
        }
        if (!booked) return;
        bytes32 state = _stateOf(number);
        vm.recordLogs();
        _fix(paid, target);
        _check(vm.getRecordedLogs().length == 0, "R12");
        _check(_stateOf(number) == state, "R12");
    }

    function revive(uint256 seed) external watched("revive") {
        address target = _target(seed);
        uint256 number = world.registry.entryOf(target).number;
        bool halted = world.registry.paidJobOf(target).halted;
        vm.prank(STRANGER);
        (bool ok,) = address(world.registry).call(abi.encodeCall(world.registry.revive, (target)));
        _check(!ok || halted, "R18");
        if (ok) world.diary.ran(number, block.timestamp, 1);
    }

    function refresh(uint256 seed) external watched("refresh") {
        address target = _target(seed);
        uint256 number = world.registry.entryOf(target).number;
        (, ITransactionScheduler.Transaction memory before) = world.scheduler.bookingOf(number);
        vm.prank(STRANGER);
        (bool ok, bytes memory answer) =
            address(world.registry).call(abi.encodeCall(world.registry.refreshFee, (target)));
        if (!ok || !abi.decode(answer, (bool))) return;
        (, ITransactionScheduler.Transaction memory booking) = world.scheduler.bookingOf(number);
        // R17: a raised fee is also within the cap of a run.
        if (booking.payer == world.admin) {
            uint256 cap = uint256(world.scheduler.accountOf(world.admin, address(world.registry)).perRun) * 1 gwei;
            _check(booking.fee <= cap, "R17");
        }
        _check(booking.fee > before.fee, "R17");
    }

    function topUp(uint256 seed) external watched("topUp") {
        (uint256 id,) = world.scheduler.bookingOf(_number(seed));
        (bool ok,) = address(world.scheduler).call{value: bound(seed >> 64, 0, 0.01 ether)}(
            abi.encodeCall(world.scheduler.topUp, (id))
        );
        if (ok) world.ledger.count("toppedUp");
    }

    function poke(uint256 seed) external watched("poke") {
        vm.prank(STRANGER);
        (bool ok,) = address(world.supervisor).call(abi.encodeCall(world.supervisor.poke, (seed % 6)));
        _check(ok, "R21");
    }

    /// @dev R19: calls that need an owner or a role.
    function trespass(uint256 seed) external watched("trespass") {
        (uint256 id,) = world.scheduler.bookingOf(_number(seed));
        address target = _target(seed);
        bytes[14] memory inputs = [
            abi.encodeCall(world.scheduler.cancel, (id)),
            abi.encodeCall(world.scheduler.raiseFee, (id, 65_535)),
            abi.encodeCall(world.scheduler.rearm, (id >> 32, type(uint40).max, 10_000)),
            abi.encodeCall(world.scheduler.amend, (id >> 32, ITransactionScheduler.Priority.Low, 500_000, STRANGER)),
            abi.encodeCall(world.scheduler.withdraw, (world.admin, STRANGER, 1)),
            abi.encodeCall(world.scheduler.pause, ()),
            abi.encodeCall(world.registry.updateDefaultRecurringConfig, (_config(seed))),
            abi.encodeCall(world.registry.updateRecurringConfig, (target, _config(seed))),
            abi.encodeCall(world.registry.removePaidRebalancer, (target)),
            abi.encodeCall(world.registry.executeTransaction, (id, "")),
            abi.encodeCall(world.standard.setRecurringConfig, (_config(seed))),
            abi.encodeCall(world.standard.close, ()),
            abi.encodeCall(world.standard.withdraw, (STRANGER, 0)),
            abi.encodeCall(world.purse.withdraw, (STRANGER, 1))
        ];
        uint256 which = (seed >> 200) % 14;
        address callee = address(world.purse);
        if (which < 6) callee = address(world.scheduler);
        else if (which < 10) callee = address(world.registry);
        else if (which < 13) callee = address(world.standard);
        _mustFail(STRANGER, callee, inputs[which], "R19");
    }

    function _fix(bool paid, address target) private {
        vm.prank(STRANGER);
        if (paid) world.registry.fixReschedule(target);
        else world.standard.fixReschedule();
    }

    /// @dev Returns whether the payer can and would pay for a booking now.
    function _isAble(uint256 number, address handler) private view returns (bool) {
        IRecurringJobs.Job memory job = _jobOf(number, handler);
        if (job.target == address(0) || job.halted || world.scheduler.paused()) return false;
        bool external_ = job.config.funderKind == IRecurringJobs.FunderKind.External;
        if (external_ && job.config.txFunder == address(world.funder)) {
            if (world.funder.mood() != MoodyFunder.Mood.Pays) return false;
        }
        if (external_ && job.config.txFunder == world.admin) return false;
        uint256 fee = world.scheduler.rearmFee(number, job.config.estimationMargin);
        if (handler == address(world.registry)) return world.registry.availableFor(number) >= fee;
        return world.standard.availableFor(number) >= fee;
    }

    function _stateOf(uint256 number) private view returns (bytes32) {
        (uint256 id, ITransactionScheduler.Transaction memory booking) = world.scheduler.bookingOf(number);
        return keccak256(
            abi.encode(
                id,
                booking,
                world.registry.jobOf(number),
                world.standard.jobOf(number),
                world.scheduler.accountOf(world.admin, address(world.registry)),
                address(world.scheduler).balance,
                address(world.purse).balance
            )
        );
    }
}

/// @title Handler of hostile targets and of a hostile handler with its own bookings
contract HostileHandler is RecurringHandler {
    constructor(RecurringWorld memory world_) RecurringHandler(world_) {}

    function setTarget(uint256 seed) external watched("setTarget") {
        MoodyTarget target = MoodyTarget(_target(seed));
        uint256 mood = (seed >> 8) % 8;
        if (mood < 5) return target.set(MoodyTarget.Mood(mood));
        if (mood == 5) {
            target.setCall(address(world.registry), abi.encodeCall(world.registry.fixReschedule, (_target(seed >> 16))));
        } else if (mood == 6) {
            target.setCall(address(world.registry), abi.encodeCall(world.registry.revive, (_target(seed >> 16))));
        } else {
            (uint256 id,) = world.scheduler.bookingOf(_number(seed >> 16));
            target.setCall(address(world.scheduler), abi.encodeCall(world.scheduler.execute, (id, "", address(target))));
        }
    }

    function setBooker(uint256 seed) external watched("setBooker") {
        uint256 mood = seed % 6;
        (uint256 id,) = world.scheduler.bookingOf(_number(seed >> 16));
        if (mood < 4) world.booker.set(Booker.Mood(mood));
        else if (mood == 4) world.booker.setRearm(uint40(bound(seed >> 8, 1, 1_000)));
        else world.booker.setCall(address(world.scheduler), abi.encodeCall(world.scheduler.cancel, (id)));
    }

    /// @dev R27: the charged fee equals the estimate. R2: few records, since each check visits all of them.
    function book(uint256 seed) external watched("book") {
        if (world.scheduler.records() >= 11) return;
        ITransactionScheduler.Request memory request = ITransactionScheduler.Request({
            timestamp: uint40(block.timestamp + bound(seed, 0, 1_000)),
            priority: ITransactionScheduler.Priority((seed >> 32) % 3),
            effort: uint24(bound(seed >> 64, 10_000, 600_000)),
            marginBps: 10_000,
            recurring: seed >> 255 == 1,
            payer: address(world.booker)
        });
        (uint72 fee,, ITransactionScheduler.Refusal refusal) =
            world.scheduler.estimate(request.timestamp, request.priority, request.effort, 0);
        uint256 before = _balance(address(world.booker), address(world.booker));
        (bool ok,) = address(world.booker).call(abi.encodeCall(world.booker.book, (request, "")));
        bool able = refusal == ITransactionScheduler.Refusal.None && before >= fee;
        _check(ok == able, "R27");
        if (ok) _check(before - _balance(address(world.booker), address(world.booker)) == fee, "R27");
    }

    function rebook(uint256 seed) external watched("rebook") {
        (uint256 id, ITransactionScheduler.Transaction memory booking) = world.scheduler.bookingOf(_number(seed));
        if (booking.handler != address(world.booker)) return;
        bytes memory input = seed >> 128 & 1 == 0
            ? abi.encodeCall(world.scheduler.cancel, (id))
            : abi.encodeCall(world.scheduler.rearm, (id >> 32, uint40(block.timestamp + 100), 10_000));
        (bool ok,) = address(world.booker).call(abi.encodeCall(world.booker.ask, (input)));
        if (ok) world.ledger.count("rebooked");
    }
}

/// @title Handler of a hostile funder and of an honest purse whose owner moves money
contract FunderHandler is RecurringHandler {
    constructor(RecurringWorld memory world_) RecurringHandler(world_) {}

    function setMood(uint256 seed) external watched("setMood") {
        uint256 mood = (seed >> 8) % 12;
        if (mood > uint256(MoodyFunder.Mood.Mute)) mood = 0;
        if (mood != uint256(MoodyFunder.Mood.Calls)) return world.funder.set(MoodyFunder.Mood(mood));
        bytes memory input = abi.encodeCall(world.registry.fixReschedule, (_target(seed)));
        world.funder.setCall(address(world.registry), input);
    }

    function fund(uint256 seed) external watched("fundFunder") {
        chain.deal(address(world.funder), bound(seed, 0, 2 ether));
    }

    function collect(uint256 seed) external watched("collect") {
        world.purse.collect(seed & 1 == 0 ? address(world.registry) : address(world.standard));
    }
}
