// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RebalanceSupervisor} from "@ballast/recurring/RebalanceSupervisor.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";

import {Booker} from "../../doubles/Booker.sol";
import {MoodyFunder} from "../../doubles/MoodyFunder.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Receiver that executes a due booking when it receives money
contract Executing {
    ITransactionScheduler private immutable _scheduler;
    uint256 private immutable _id;
    bool public ok;

    constructor(ITransactionScheduler scheduler, uint256 id) {
        (_scheduler, _id) = (scheduler, id);
    }

    receive() external payable {
        uint256[] memory ids = new uint256[](1);
        ids[0] = _id;
        ok = _scheduler.executeBatch(ids, new bytes[](0), address(this)) == 1;
        _scheduler.withdraw(address(this), address(0xF00D), 1);
    }

    function withdraw(uint256 amount) external {
        _scheduler.withdraw(address(this), address(this), amount);
    }
}

/// @title Attacks by nested calls
contract ReentrancyAttacks is AttackTest {
    /// @dev Fails without the check of `executing` in `_enter`.
    function test_A09_handlerExecutesAnother__isRefused() public {
        uint256 first = _book();
        uint256 second = _book();
        _skip(DELAY);
        booker.setCall(address(scheduler), abi.encodeCall(scheduler.execute, (second, "", outsider)));
        _execute(first);
        assertFalse(booker.callOk(), "refused");
        assertTrue(bytes4(booker.callAnswer()) == ITransactionScheduler.TransactionScheduler_Reentrancy.selector, "why");
        _assertStatus(second, ITransactionScheduler.Status.Scheduled, "still waits");
    }

    /// @dev Fails if the status during an execution is `Scheduled`: fee and refund would both be paid.
    function test_A09_handlerCancelsItself__isRefused() public {
        uint256 id = _bookRecurring();
        _skip(DELAY);
        booker.setCall(address(scheduler), abi.encodeCall(scheduler.cancel, (id)));
        uint256 before = _worth();
        _execute(id);
        assertFalse(booker.callOk(), "refused");
        assertEq(_worth(), before, "nothing from nowhere");
    }

    /// @dev Fails if the terms of a record can change during its execution: its fee would be lost.
    function test_A09_handlerAmendsItself__isRefused() public {
        uint256 id = _bookRecurring();
        _skip(DELAY);
        ITransactionScheduler.Priority priority = ITransactionScheduler.Priority.Low;
        booker.setCall(address(scheduler), abi.encodeCall(scheduler.amend, (id >> 32, priority, 100_000, outsider)));
        uint256 before = _worth();
        _execute(id);
        assertFalse(booker.callOk(), "refused");
        assertEq(_worth(), before, "nothing from nowhere");
        assertEq(_balance(outsider, address(booker)), 0, "nothing for another payer");
    }

    /// @dev Fails if the settled fee is read after the call: the record then holds the next fee.
    function test_A09_handlerBooksMany__eachIsPaidForOnce() public {
        uint256 id = _bookRecurring();
        uint256 before = _worth();
        booker.setRearm(uint40(DELAY));
        for (uint256 i = 0; i < 5; ++i) {
            // The base fee rises with each run, so each fee differs.
            chain.fee(BASE_FEE * (i + 1));
            _skip(DELAY);
            _execute(id + i);
            assertEq(_worth(), before, "nothing from nowhere");
        }
        _assertStatus(id + 5, ITransactionScheduler.Status.Scheduled, "the last waits");
    }

    /// @dev Fails if calls of a target during its run are not recognised as part of the run.
    function test_A09_targetFixesItself__isBookedOnce() public {
        RecurringRebalancer rebalancer = _createStandard(address(target));
        target.setCall(address(rebalancer), abi.encodeCall(rebalancer.fixReschedule, ()));
        _skip(INTERVAL);
        uint256 id = _idOfRecord(rebalancer.number());
        _execute(id);
        assertTrue(target.callOk(), "did nothing");
        assertEq(_idOfRecord(rebalancer.number()), id + 1, "one generation on");
    }

    /// @dev Fails without `alone`: the funder would change the payer while it is called.
    function test_A09_funderConfigures__isRefused() public {
        MoodyFunder funder = new MoodyFunder();
        chain.deal(address(funder), 10 ether);
        RecurringRebalancer rebalancer = new RecurringRebalancer(
            scheduler, address(target), address(funder), MAX_FAILURES, _external(address(funder))
        );
        IRecurringJobs.RecurringConfig memory other = _config();
        funder.setCall(address(rebalancer), abi.encodeCall(rebalancer.setRecurringConfig, (other)));
        rebalancer.fixReschedule();
        assertFalse(funder.callOk(), "refused");
        assertEq(rebalancer.recurringConfig().txFunder, address(funder), "as it was");
        assertTrue(scheduler.isBooked(rebalancer.number()), "booked");
    }

    /// @dev Fails if an account is charged after its money was sent.
    function test_A09_receiverExecutesAndWithdraws__getsItsOwnOnly() public {
        uint256 id = _book();
        _skip(DELAY);
        Executing receiver = new Executing(scheduler, id);
        scheduler.deposit{value: 1 ether}(address(receiver), address(receiver));
        uint256 before = _worth();
        receiver.withdraw(1 ether);
        assertTrue(receiver.ok(), "executing is anybody's");
        assertEq(address(receiver).balance, 1 ether, "its own");
        assertEq(_worth() + _balance(address(receiver), address(receiver)) + 1, before, "the rest is there");
    }

    /// @dev Booking calls no contract, so no callback can be disguised as a view (Flow #618). The payer is a contract
    /// that would call back and be detected. Fails if booking calls handler or payer.
    function test_A10_booking__callsNobody() public {
        booker.setCall(address(scheduler), abi.encodeCall(scheduler.pause, ()));
        vm.expectCall(address(booker), "", 0);
        ITransactionScheduler.Request memory request = _request();
        vm.prank(address(booker));
        (uint256 id,) = scheduler.schedule(request, "");
        _assertStatus(id, ITransactionScheduler.Status.Scheduled, "booked");
    }

    /// @dev Fails if `Executing` does not count as booked: a second chain of bookings would begin.
    function test_A11_fixDuringTheRun__noSecondChain() public {
        _createPaid(address(target));
        uint256 id = _idOf(address(target));
        target.setCall(address(registry), abi.encodeCall(registry.fixReschedule, (address(target))));
        _skip(INTERVAL);
        _execute(id);
        assertEq(_waitingOf(address(registry)), 1, "one");
    }

    /// @dev Fails if a job can have more than one record.
    function test_A11_twoSupervisors__noSecondChain() public {
        _createPaid(address(target));
        RebalanceSupervisor second = new RebalanceSupervisor(address(manager), registry);
        supervisor.addPaidRebalancer(address(target));
        second.addPaidRebalancer(address(target));
        scheduler.setSpender(address(registry), 1, 1);
        _skip(INTERVAL);
        _execute(_idOf(address(target)));
        scheduler.setSpender(address(registry), type(uint40).max, type(uint40).max);
        assertTrue(registry.isStuck(address(target)), "stuck");
        supervisor.poke(10);
        second.poke(10);
        registry.fixReschedule(address(target));
        assertEq(_waitingOf(address(registry)), 1, "one");
    }

    /// @dev Fails if ended bookings are executed again.
    function test_A11_sameIdTwiceInABatch__isExecutedOnce() public {
        uint256[] memory ids = new uint256[](4);
        ids[0] = ids[1] = _book();
        ids[2] = ids[3] = _bookRecurring();
        _skip(DELAY);
        assertEq(scheduler.executeBatch(ids, new bytes[](0), executor), 5, "the first of each");
        assertEq(booker.calls(), 2, "once each");
    }

    /// @dev Returns all money of the booker and the executors, including escrow.
    function _worth() private view returns (uint256) {
        return lens.escrowed(1, scheduler.records()) + _balance(address(booker), address(booker)) + _earned()
            + _balance(outsider, outsider);
    }

    function _waitingOf(address handler) private view returns (uint256 count) {
        (uint256[] memory ids,) = scheduler.pending(1, scheduler.records());
        for (uint256 i = 0; i < ids.length; ++i) {
            if (scheduler.transactionOf(ids[i]).handler == handler) ++count;
        }
    }
}
