// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

import {RecurringHandler, RecurringWorld} from "./RecurringHandler.sol";

/// @title Handler of a user who owns the standard rebalancer and the handles of the paid ones
contract UserHandler is RecurringHandler {
    mapping(address target => uint256) private _stale;

    constructor(RecurringWorld memory world_) RecurringHandler(world_) {}

    function create(uint256 seed) external watched("create") {
        address target = _target(seed);
        bool there = world.registry.handleOf(target) != 0;
        vm.prank(world.user);
        (bool ok,) = address(world.registry).call(abi.encodeCall(world.registry.createPaidRebalancer, (target)));
        _check(!(there && ok), "R23");
        if (ok && !world.supervisor.isListed(target)) world.supervisor.addPaidRebalancer(target);
    }

    /// @dev R24: nothing is booked, the payer has its refund, nothing can be booked again, and the old handle is
    /// invalid.
    function remove(uint256 seed) external watched("remove") {
        address target = _target(seed);
        uint256 handle = world.registry.handleOf(target);
        uint256 old = _stale[target];
        if (old != 0) {
            _mustFail(
                world.user, address(world.registry), abi.encodeCall(world.registry.deletePaidRebalancer, (old)), "R23"
            );
        }
        if (handle == 0) return;
        uint256 number = world.registry.entryOf(target).number;
        (uint256 id, ITransactionScheduler.Transaction memory booking) = world.scheduler.bookingOf(number);
        uint256 before = _balance(booking.payer, address(world.registry));
        vm.prank(world.user);
        world.registry.deletePaidRebalancer(handle);
        _stale[target] = handle;
        _check(!world.scheduler.isBooked(number), "R24");
        uint256 refund = uint256(booking.fee) * world.scheduler.terms().refundBps / 10_000;
        _check(_balance(booking.payer, address(world.registry)) == before + refund, "R09");
        _check(!world.registry.fixReschedule(target), "R24");
        if (booking.status == ITransactionScheduler.Status.Scheduled) _cannotComeBack(id);
    }

    function configure(uint256 seed) external watched("configure") {
        uint256 number = world.standard.number();
        (, ITransactionScheduler.Transaction memory booking) = world.scheduler.bookingOf(number);
        uint256 before = _balance(booking.payer, address(world.standard));
        bool external_ = booking.payer == address(world.funder) || booking.payer == address(world.purse);
        vm.prank(world.user);
        (bool ok,) = address(world.standard).call(abi.encodeCall(world.standard.setRecurringConfig, (_own(seed))));
        if (!ok) return;
        world.diary.ran(number, 0, 0);
        uint256 refund = uint256(booking.fee) * world.scheduler.terms().refundBps / 10_000;
        if (external_) _check(_balance(booking.payer, address(world.standard)) >= before + refund, "R09");
        _check(world.scheduler.isBooked(number), "R13");
    }

    function cancel(uint256) external watched("cancel") {
        uint256 number = world.standard.number();
        (uint256 id, ITransactionScheduler.Transaction memory booking) = world.scheduler.bookingOf(number);
        vm.prank(world.user);
        world.standard.cancelAllScheduledTransactions();
        _check(!world.scheduler.isBooked(number), "R10");
        if (booking.status == ITransactionScheduler.Status.Scheduled) _cannotComeBack(id);
    }

    /// @dev R29: the whole balance of an account can be withdrawn, paused or not.
    function withdraw(uint256 amount) external watched("withdraw") {
        uint256 balance = _balance(address(world.standard), address(world.standard));
        amount = bound(amount, 0, balance);
        vm.prank(world.user);
        (bool ok,) = address(world.standard).call(abi.encodeCall(world.standard.withdraw, (address(0xF00D), amount)));
        _check(ok, "R29");
    }

    function deposit(uint256 amount) external watched("deposit") {
        amount = bound(amount, 1, 1 ether);
        world.scheduler.deposit{value: amount}(address(world.standard), address(world.standard));
    }

    /// @dev R10: a cancelled booking is neither executed nor cancelled again.
    function _cannotComeBack(uint256 id) private {
        address scheduler = address(world.scheduler);
        _mustFail(executors[0], scheduler, abi.encodeCall(world.scheduler.execute, (id, "", address(0))), "R10");
        address handler = world.scheduler.transactionOf(id).handler;
        _mustFail(handler, scheduler, abi.encodeCall(world.scheduler.cancel, (id)), "R10");
    }

    function _own(uint256 seed) private view returns (IRecurringJobs.RecurringConfig memory config) {
        config = _config(seed);
        if (config.txFunder == world.admin) config.txFunder = address(world.standard);
    }
}

/// @title Handler of the admin, who allows, configures, sets prices and pauses, and of the payer with its caps
contract AdminHandler is RecurringHandler {
    constructor(RecurringWorld memory world_) RecurringHandler(world_) {}

    function allow(uint256 seed) external watched("allow") {
        vm.prank(world.admin);
        world.registry.allowTarget(_target(seed), world.user);
    }

    function disallow(uint256 seed) external watched("disallow") {
        address target = _target(seed);
        uint256 number = world.registry.entryOf(target).number;
        vm.prank(world.guardian);
        world.registry.disallowTarget(target);
        _check(number == 0 || !world.scheduler.isBooked(number), "R24");
    }

    function configureTarget(uint256 seed) external watched("configureTarget") {
        address target = _target(seed >> 200);
        uint256 number = world.registry.entryOf(target).number;
        vm.prank(world.admin);
        (bool ok,) =
            address(world.registry).call(abi.encodeCall(world.registry.updateRecurringConfig, (target, _config(seed))));
        if (!ok) return;
        world.diary.ran(number, 0, 0);
        _check(world.scheduler.isBooked(number), "R13");
    }

    function configureDefault(uint256 seed) external watched("configureDefault") {
        vm.prank(world.admin);
        world.registry.updateDefaultRecurringConfig(_config(seed));
    }

    /// @dev R26: prices are in order or refused.
    function price(uint256 seed) external watched("price") {
        ITransactionScheduler.Prices memory prices;
        prices.low = uint24(bound(seed, 9_000, 13_000));
        prices.medium = uint24(bound(seed >> 32, 9_000, 14_000));
        prices.high = uint24(bound(seed >> 64, 9_000, 16_000));
        (prices.floorPrice, prices.tip) = (uint48(seed >> 96) % 10 gwei, uint48(seed >> 144) % 3 gwei);
        bool sound = prices.low >= 10_000 && prices.medium > prices.low && prices.high > prices.medium;
        vm.prank(world.admin);
        (bool ok,) = address(world.scheduler).call(abi.encodeCall(world.scheduler.setPrices, (prices)));
        _check(ok == sound, "R26");
    }

    function pause(uint256 seed) external watched("pause") {
        bool on = seed % 4 == 0;
        vm.prank(on ? world.guardian : world.admin);
        if (on) world.scheduler.pause();
        else world.scheduler.unpause();
    }

    function fund(uint256 amount) external watched("fund") {
        amount = bound(amount, 1, 0.2 ether);
        world.scheduler.deposit{value: amount}(world.admin, address(world.registry));
        world.diary.fund(amount);
    }

    function fundSupervisor(uint256 amount) external watched("fundSupervisor") {
        (bool ok,) = address(world.supervisor).call{value: bound(amount, 1, 0.3 ether)}("");
        _check(ok, "R22");
    }
}
