// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IPaidRebalancerRegistry} from "@ballast/interfaces/IPaidRebalancerRegistry.sol";
import {IRebalanceSupervisor} from "@ballast/interfaces/IRebalanceSupervisor.sol";
import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ISchedulerLens} from "@ballast/interfaces/ISchedulerLens.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {PaidRebalancerRegistry} from "@ballast/recurring/PaidRebalancerRegistry.sol";
import {RebalanceSupervisor} from "@ballast/recurring/RebalanceSupervisor.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";

import {Booker} from "../doubles/Booker.sol";
import {MoodyFunder} from "../doubles/MoodyFunder.sol";
import {MoodyTarget} from "../doubles/MoodyTarget.sol";
import {EventLog} from "./EventLog.sol";

contract PaidRebalancerRegistryTest is EventLog {
    function test_create__notAllowed__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IPaidRebalancerRegistry.PaidRebalancerRegistry_NotAllowed.selector, address(target), alice
            )
        );
        vm.prank(alice);
        registry.createPaidRebalancer(address(target));
        registry.allowTarget(address(target), alice);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPaidRebalancerRegistry.PaidRebalancerRegistry_NotAllowed.selector, address(target), outsider
            )
        );
        vm.prank(outsider);
        registry.createPaidRebalancer(address(target));
    }

    function test_create__noDefault__reverts() public {
        PaidRebalancerRegistry bare = new PaidRebalancerRegistry(address(manager), scheduler, MAX_FAILURES);
        _permit(address(bare), PaidRebalancerRegistry.allowTarget.selector, CONFIGURATOR);
        bare.allowTarget(address(target), alice);
        vm.expectRevert(IPaidRebalancerRegistry.PaidRebalancerRegistry_NoDefaultConfig.selector);
        vm.prank(alice);
        bare.createPaidRebalancer(address(target));
    }

    function test_create__emptyFunder__isThereAndStuck() public {
        scheduler.withdraw(address(registry), address(this), _balance(address(this), address(registry)));
        _createPaid(address(target));
        assertTrue(registry.isStuck(address(target)), "stuck");
        assertEq(_count(IRecurringJobs.FailedRecurringSchedule.selector), 1, "told");
        scheduler.deposit{value: 1 ether}(address(this), address(registry));
        assertTrue(registry.fixReschedule(address(target)), "found");
        assertFalse(registry.isStuck(address(target)), "fixed");
        (, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(1);
        assertEq(booking.timestamp, START + INTERVAL, "an interval after its creation");
    }

    function test_handle__afterRecreation__isStale() public {
        uint256 first = _createPaid(address(target));
        vm.prank(alice);
        registry.deletePaidRebalancer(first);
        vm.prank(alice);
        uint256 second = registry.createPaidRebalancer(address(target));
        assertTrue(first != second, "another generation");
        vm.expectRevert(
            abi.encodeWithSelector(IPaidRebalancerRegistry.PaidRebalancerRegistry_StaleHandle.selector, first)
        );
        vm.prank(alice);
        registry.deletePaidRebalancer(first);
        assertEq(registry.handleOf(address(target)), second, "the second stays");
    }

    function test_handle__transferred__isTheOthers() public {
        uint256 handle = _createPaid(address(target));
        vm.prank(alice);
        registry.transferPaidRebalancer(handle, outsider);
        vm.expectRevert(abi.encodeWithSelector(IPaidRebalancerRegistry.PaidRebalancerRegistry_NotOwner.selector, alice));
        vm.prank(alice);
        registry.deletePaidRebalancer(handle);
        vm.prank(outsider);
        registry.deletePaidRebalancer(handle);
    }

    function test_transfer__toNobody__reverts() public {
        uint256 handle = _createPaid(address(target));
        vm.expectRevert(
            abi.encodeWithSelector(IPaidRebalancerRegistry.PaidRebalancerRegistry_InvalidAddress.selector, address(0))
        );
        vm.prank(alice);
        registry.transferPaidRebalancer(handle, address(0));
        assertEq(registry.entryOf(address(target)).owner, alice, "hers still");
    }

    function test_allowTarget__withoutCodeOrOwner__reverts() public {
        bytes4 invalid = IPaidRebalancerRegistry.PaidRebalancerRegistry_InvalidAddress.selector;
        vm.expectRevert(abi.encodeWithSelector(invalid, outsider));
        registry.allowTarget(outsider, alice);
        vm.expectRevert(abi.encodeWithSelector(invalid, address(0)));
        registry.allowTarget(address(target), address(0));
        assertEq(registry.entryOf(address(target)).owner, address(0), "allowed for nobody");
    }

    function test_delete__refundsThePayer() public {
        uint256 before = _balance(address(this), address(registry));
        uint256 handle = _createPaid(address(target));
        vm.prank(alice);
        registry.deletePaidRebalancer(handle);
        assertEq(_balance(address(this), address(registry)), before, "all of it");
        assertFalse(registry.fixReschedule(address(target)), "gone");
        assertEq(registry.paidJobOf(address(target)).target, address(0), "no job");
    }

    function test_delete__duringTheRun__reverts() public {
        uint256 handle = _createPaid(address(target));
        vm.prank(alice);
        registry.transferPaidRebalancer(handle, address(target));
        target.setCall(address(registry), abi.encodeCall(registry.deletePaidRebalancer, (handle)));
        _advance(INTERVAL);
        assertFalse(target.callOk(), "refused");
        assertFalse(registry.isStuck(address(target)), "booked");
        assertEq(registry.handleOf(address(target)), handle, "there");
    }

    function test_disallow__removes() public {
        _createPaid(address(target));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        registry.disallowTarget(address(target));
        vm.prank(guardian);
        registry.disallowTarget(address(target));
        assertEq(registry.handleOf(address(target)), 0, "removed");
        vm.expectRevert(
            abi.encodeWithSelector(
                IPaidRebalancerRegistry.PaidRebalancerRegistry_NotAllowed.selector, address(target), alice
            )
        );
        vm.prank(alice);
        registry.createPaidRebalancer(address(target));
    }

    function test_executeTransaction__onlyTheScheduler() public {
        _createPaid(address(target));
        uint256 id = _idOf(address(target));
        vm.expectRevert(abi.encodeWithSelector(IRecurringJobs.Recurring_NotScheduler.selector, address(this), id));
        registry.executeTransaction(id, "");
    }

    function test_receive__stranger__isRefused() public {
        (bool ok,) = address(registry).call{value: 1}("");
        assertFalse(ok, "refused");
    }

    function test_fixRescheduleBatch__fixesThoseThatNeedIt() public {
        address[] memory targets = new address[](4);
        for (uint256 i = 0; i < 3; ++i) {
            targets[i] = address(new MoodyTarget());
            _createPaid(targets[i]);
        }
        _advanceWithoutMoney();
        assertEq(registry.fixRescheduleBatch(targets), 3, "three");
        assertEq(registry.fixRescheduleBatch(targets), 0, "none");
    }
}

contract RebalanceSupervisorTest is EventLog {
    uint256 private constant ENTRIES = 12;
    address[] private targets;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < ENTRIES; ++i) {
            targets.push(address(new MoodyTarget()));
            _createPaid(targets[i]);
            supervisor.addPaidRebalancer(targets[i]);
        }
        scheduler.deposit{value: 100 ether}(address(supervisor), address(supervisor));
        supervisor.setSchedule(
            IRebalanceSupervisor.Schedule(1 hours, 2_000_000, 10_000, ITransactionScheduler.Priority.Medium)
        );
    }

    function test_tick__booksItsNextFirst() public {
        uint256 number = supervisor.number();
        (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(number);
        assertEq(booking.timestamp, (START / 1 hours + 1) * 1 hours, "on the hour");
        vm.warp(booking.timestamp);
        _execute(id);
        (uint256 nextId, ITransactionScheduler.Transaction memory next) = scheduler.bookingOf(number);
        assertEq(nextId, id + 1, "in place");
        assertEq(next.timestamp, booking.timestamp + 1 hours, "an hour on");
    }

    function test_executeTransaction__othersOrAnotherRecord__reverts() public {
        uint256 id = _idOfTick();
        bytes4 refusal = IRebalanceSupervisor.RebalanceSupervisor_NotScheduler.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, outsider, id));
        vm.prank(outsider);
        supervisor.executeTransaction(id, "");
        uint256 other = _idOf(targets[0]);
        vm.expectRevert(abi.encodeWithSelector(refusal, address(scheduler), other));
        vm.prank(address(scheduler));
        supervisor.executeTransaction(other, "");
    }

    function test_setSchedule__unsound__reverts() public {
        IRebalanceSupervisor.Schedule memory current = supervisor.schedule();
        for (uint256 member = 0; member < 4; ++member) {
            IRebalanceSupervisor.Schedule memory schedule = supervisor.schedule();
            if (member == 0) schedule.interval = 0;
            // Bookings of one entry and of the next tick, and the end of each: 150,000, 400,000 and twice 30,000.
            if (member == 1) schedule.effort = 609_999;
            if (member == 2) schedule.marginBps = 9_999;
            if (member == 3) schedule.priority = ITransactionScheduler.Priority.High;
            vm.expectRevert(IRebalanceSupervisor.RebalanceSupervisor_InvalidSchedule.selector);
            supervisor.setSchedule(schedule);
        }
        assertTrue(keccak256(abi.encode(supervisor.schedule())) == keccak256(abi.encode(current)), "as before");
    }

    /// @dev A funder is called during a pass and may make any call.
    function test_funder__callsTheSupervisor__isRefused() public {
        MoodyFunder funder = new MoodyFunder();
        chain.deal(address(funder), 10 ether);
        IRecurringJobs.RecurringConfig memory config = _config();
        (config.txFunder, config.funderKind) = (address(funder), IRecurringJobs.FunderKind.External);
        registry.updateRecurringConfig(targets[0], config);
        bytes[6] memory calls = [
            abi.encodeCall(supervisor.poke, (1)),
            abi.encodeCall(supervisor.fixReschedule, ()),
            abi.encodeCall(supervisor.addPaidRebalancer, (address(target))),
            abi.encodeCall(supervisor.removePaidRebalancer, (targets[0])),
            abi.encodeCall(supervisor.performUpkeep, (abi.encode(targets))),
            abi.encodeCall(supervisor.executeTransaction, (_idOfTick(), ""))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            funder.set(MoodyFunder.Mood.Fails);
            _advance(INTERVAL);
            assertTrue(registry.isStuck(targets[0]), "stuck");
            funder.setCall(address(supervisor), calls[i]);
            supervisor.poke(ENTRIES);
            assertFalse(registry.isStuck(targets[0]), "fixed, so the funder was asked");
            assertFalse(funder.callOk(), "refused");
            assertTrue(bytes4(funder.callAnswer()) == IRebalanceSupervisor.RebalanceSupervisor_Busy.selector, "busy");
        }
    }

    /// @dev A failing entry is reported and counted, and the next one is still tried.
    function test_upkeep__entriesFail__areToldAndCounted() public {
        chain.etch(address(registry), hex"fe");
        address[] memory two = new address[](2);
        (two[0], two[1]) = (targets[0], targets[1]);
        for (uint256 i = 0; i < two.length; ++i) {
            vm.expectEmit(address(supervisor));
            emit IRebalanceSupervisor.SupervisorItemFailed(two[i], 0);
        }
        vm.expectEmit(address(supervisor));
        emit IRebalanceSupervisor.SupervisorTick(0, 0, 2, 0, 2);
        supervisor.performUpkeep(abi.encode(two));
    }

    function test_add__twiceOrUnknown__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IRebalanceSupervisor.RebalanceSupervisor_CannotAdd.selector, targets[0]));
        supervisor.addPaidRebalancer(targets[0]);
        vm.expectRevert(
            abi.encodeWithSelector(IRebalanceSupervisor.RebalanceSupervisor_CannotAdd.selector, address(target))
        );
        supervisor.addPaidRebalancer(address(target));
    }

    function test_remove__ownerOrStale__only() public {
        vm.expectRevert(
            abi.encodeWithSelector(IRebalanceSupervisor.RebalanceSupervisor_CannotRemove.selector, targets[0], outsider)
        );
        vm.prank(outsider);
        supervisor.removePaidRebalancer(targets[0]);
        vm.prank(alice);
        supervisor.removePaidRebalancer(targets[0]);
        assertFalse(supervisor.isListed(targets[0]), "dropped");
        assertTrue(supervisor.isListed(targets[ENTRIES - 1]), "moved");
        vm.prank(guardian);
        registry.removePaidRebalancer(targets[1]);
        vm.prank(outsider);
        supervisor.removePaidRebalancer(targets[1]);
        assertEq(supervisor.length(), ENTRIES - 2, "two fewer");
    }

    function test_poke__pages__visitsAll() public {
        _stickAll();
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(supervisor.poke(4), 4, "four");
        }
        for (uint256 i = 0; i < ENTRIES; ++i) {
            assertFalse(registry.isStuck(targets[i]), "fixed");
        }
        assertEq(supervisor.poke(100), ENTRIES, "each once");
    }

    function test_poke__stale__prunesWithoutSkipping() public {
        _stickAll();
        for (uint256 i = 0; i < ENTRIES; i += 2) {
            vm.prank(guardian);
            registry.removePaidRebalancer(targets[i]);
        }
        supervisor.poke(ENTRIES);
        assertEq(supervisor.length(), ENTRIES / 2, "pruned");
        for (uint256 i = 1; i < ENTRIES; i += 2) {
            assertFalse(registry.isStuck(targets[i]), "fixed");
        }
    }

    function test_poke__ownBooking__isRevived() public {
        uint256 balance = _balance(address(supervisor), address(supervisor));
        supervisor.withdraw(address(this), balance);
        _advance(1 hours);
        assertEq(_count(IRebalanceSupervisor.SupervisorRescheduleFailed.selector), 1, "told");
        assertFalse(scheduler.isBooked(supervisor.number()), "dead");
        (bool ok,) = address(supervisor).call{value: 1 ether}("");
        assertTrue(ok, "funded");
        vm.prank(outsider);
        supervisor.poke(0);
        assertTrue(scheduler.isBooked(supervisor.number()), "lives");
    }

    function test_tick__littleGas__goesOnNextTime() public {
        _stickAll();
        uint256 start = supervisor.cursor();
        supervisor.poke{gas: 500_000}(ENTRIES);
        uint256 cursor = supervisor.cursor();
        assertTrue(cursor > start && cursor < ENTRIES, "part");
        assertFalse(registry.isStuck(targets[start]), "the first is fixed");
        assertTrue(registry.isStuck(targets[ENTRIES - 1]), "the last is not");
        supervisor.poke(ENTRIES);
        assertFalse(registry.isStuck(targets[ENTRIES - 1]), "now it is");
    }

    function test_upkeep__stuck__isFoundAndFixed() public {
        (bool needed,) = supervisor.checkUpkeep("");
        assertFalse(needed, "nothing");
        _stickAll();
        bytes memory performData;
        (needed, performData) = supervisor.checkUpkeep(abi.encode(0, 5));
        assertTrue(needed, "stuck");
        assertEq(abi.decode(performData, (address[])).length, 5, "five");
        supervisor.performUpkeep(performData);
        assertFalse(registry.isStuck(targets[4]), "fixed");
        assertTrue(registry.isStuck(targets[5]), "not asked for");
    }

    function test_lens__tellsWhatToDo() public {
        _stickAll();
        RecurringRebalancer standard = _createStandard(address(target));
        vm.warp(block.timestamp + INTERVAL);
        (uint256[] memory due, uint256[] memory payouts, uint256[] memory stuck, uint256 next) = lens.sweep(1, 100);
        assertEq(due.length, 1, "one due");
        assertEq(due[0] >> 32, standard.number(), "the standard one");
        assertEq(payouts[0], scheduler.payoutOf(due[0]), "pays");
        assertEq(stuck.length, ENTRIES, "stuck");
        assertEq(next, 0, "end");
        (address handler, address fixedTarget, bool paid) = lens.fixOf(stuck[0]);
        assertTrue(handler == address(registry) && fixedTarget == targets[0] && paid, "paid");
        (handler,, paid) = lens.fixOf(standard.number());
        assertTrue(handler == address(standard) && !paid, "standard");
        (ISchedulerLens.Row[] memory rows, uint256 more) = lens.page(1, 5);
        assertEq(rows.length, 5, "page");
        assertEq(more, 6, "on");
        assertTrue(rows[0].stuck && rows[0].target == targets[0], "row");
        assertEq(rows[0].available, scheduler.availableTo(address(this), address(registry)), "available");
        assertEq(rows[0].nextRun, block.timestamp + 1, "next");
    }

    function test_lens__hostileHandler__isLeftWithoutAJob() public {
        Booker booker = new Booker(scheduler);
        scheduler.deposit{value: 10 ether}(address(booker), address(booker));
        booker.book(
            ITransactionScheduler.Request({
                timestamp: uint40(block.timestamp + 1),
                priority: ITransactionScheduler.Priority.Low,
                effort: 100_000,
                marginBps: 10_000,
                recurring: true,
                payer: address(booker)
            }),
            ""
        );
        ISchedulerLens.Row memory row = lens.rowOf(scheduler.records());
        assertEq(row.target, address(0), "no job");
        assertFalse(row.stuck, "not stuck");
    }

    function _idOfTick() private view returns (uint256 id) {
        (id,) = scheduler.bookingOf(supervisor.number());
    }

    function _stickAll() private {
        _advanceWithoutMoney();
        for (uint256 i = 0; i < ENTRIES; ++i) {
            assertTrue(registry.isStuck(targets[i]), "stuck");
        }
    }
}
