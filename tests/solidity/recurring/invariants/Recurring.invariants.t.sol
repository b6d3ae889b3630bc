// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPaidRebalancerRegistry} from "@ballast/interfaces/IPaidRebalancerRegistry.sol";
import {IRebalanceSupervisor} from "@ballast/interfaces/IRebalanceSupervisor.sol";
import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";
import {VaultFunder} from "@ballast/recurring/VaultFunder.sol";

import {Booker} from "../../doubles/Booker.sol";
import {MoodyFunder} from "../../doubles/MoodyFunder.sol";
import {MoodyTarget} from "../../doubles/MoodyTarget.sol";
import {Ledger} from "../../invariants/Ledger.sol";
import {RecurringTest} from "../RecurringTest.sol";
import {ExecutorHandler, FunderHandler, HostileHandler, StrangerHandler} from "./OtherHandlers.sol";
import {AdminHandler, UserHandler} from "./OwnHandlers.sol";
import {Diary, RecurringWorld} from "./RecurringHandler.sol";

/// @title Invariants of the recurring contracts, after calls of all roles in any order
contract RecurringInvariants is RecurringTest {
    uint256 private constant FUNDS = 1 ether;
    uint256 private constant PURSE = 100 ether;
    uint40 private constant PER_RUN = 40_000_000;
    uint40 private constant PER_DAY = 200_000_000;

    RecurringWorld private world;
    address[8] private handlers;

    function setUp() public override {
        super.setUp();
        world.ledger = new Ledger();
        world.diary = new Diary();
        (world.scheduler, world.registry, world.supervisor, world.lens) = (scheduler, registry, supervisor, lens);
        (world.admin, world.guardian, world.user) = (address(this), guardian, alice);
        _cap();
        _makeFunders();
        _makeJobs();
        _makeHandlers();
    }

    /// @notice Lists the contracts that forge may call. Executors are listed three times: without them nothing runs.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](8);
        for (uint256 i = 0; i < 8; ++i) {
            list[i] = handlers[i];
        }
    }

    /// @notice Callers of the handlers, which do not matter to them. Otherwise forge would give contracts of the system
    /// money for transactions.
    function targetSenders() external pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = address(0x5E4D);
    }

    /// @dev One function, since each invariant is a separate campaign: R1 to R19, R21 to R27 and R29.
    function invariant_R01_to_R29__whatHandlersSawAndTheChainShows() external view {
        string[21] memory all = [
            "R04",
            "R05",
            "R06",
            "R07",
            "R08",
            "R09",
            "R10",
            "R11",
            "R12",
            "R13",
            "R14",
            "R15",
            "R17",
            "R18",
            "R19",
            "R21",
            "R22",
            "R24",
            "R25",
            "R27",
            "R29"
        ];
        for (uint256 i = 0; i < all.length && world.ledger.total() != 0; ++i) {
            assertEq(world.ledger.violations(all[i]), 0, all[i]);
        }
        assertEq(world.ledger.total(), 0, "violations");
        _money();
        _earnings();
        _caps();
        _bookings();
        _statuses();
        _fees();
    }

    /// @dev Checks that enough calls of the handlers have an effect.
    function test_handlers__aRun__reachesEverything() external {
        for (uint256 i = 0; i < 1_500; ++i) {
            _act(uint256(keccak256(abi.encode(i))));
        }
        assertEq(world.ledger.total(), 0, "violations");
        string[8] memory all =
            ["executed", "fixed", "create", "remove", "executeBatch", "revive", "rebooked", "toppedUp"];
        for (uint256 i = 0; i < all.length; ++i) {
            assertGe(world.ledger.counts(all[i]), 1, all[i]);
        }
    }

    /// @dev R1, R2, R3: the balance equals escrow and accounts, and nothing else.
    function _money() private view {
        uint256 owed = lens.escrowed(1, scheduler.records());
        address[3] memory payers = [address(this), address(world.purse), address(world.funder)];
        for (uint256 i = 0; i < 3; ++i) {
            owed += _balance(payers[i], address(registry)) + _balance(payers[i], address(world.standard));
        }
        for (uint256 i = 0; i < 4; ++i) {
            owed += _balance(address(world.targets[i]), address(world.targets[i]));
        }
        owed += _balance(address(world.standard), address(world.standard)) + _balance(treasury, treasury);
        owed += _balance(address(world.booker), address(world.booker));
        owed += _balance(address(supervisor), address(supervisor)) + _executors();
        assertEq(address(scheduler).balance, owed, "R01");
        assertEq(address(registry).balance, 0, "R01: nothing rests in the registry");
        assertEq(address(world.standard).balance, 0, "R01: nor in a rebalancer");
    }

    /// @dev R3: executors have their pay, less their withdrawals.
    function _earnings() private view {
        assertEq(_executors() + world.diary.earningsWithdrawn(), world.diary.paid(), "R03");
    }

    /// @dev R17: over the whole time at most a day's cap and its refill, whatever was booked.
    function _caps() private view {
        uint256 time = block.timestamp - START;
        uint256 most = uint256(PER_DAY) * 1 gwei;
        most += most * time / 1 days + 1 gwei;
        uint256 given = FUNDS + world.diary.deposited();
        uint256 left = _balance(address(this), address(registry));
        assertLe(given > left ? given - left : 0, most, "R17");
        left = address(world.purse).balance;
        assertLe(PURSE > left ? PURSE - left : 0, 2 * most, "R17: purse");
    }

    /// @dev R11, R23: each waiting booking of a rebalancer is the only one of its job, and each job the only one of its
    /// target.
    function _bookings() private view {
        (uint256[] memory ids,) = scheduler.pending(1, scheduler.records());
        for (uint256 i = 0; i < ids.length; ++i) {
            if (scheduler.transactionOf(ids[i]).handler != address(registry)) continue;
            IRecurringJobs.Job memory job = registry.jobOf(ids[i] >> 32);
            assertTrue(job.target != address(0), "R24: of a job");
            assertEq(registry.entryOf(job.target).number, ids[i] >> 32, "R11, R23: the target's only one");
        }
        for (uint256 i = 0; i < 4; ++i) {
            IPaidRebalancerRegistry.Entry memory entry = registry.entryOf(address(world.targets[i]));
            if (entry.number == 0) continue;
            assertEq(registry.jobOf(entry.number).target, address(world.targets[i]), "R23");
        }
    }

    /// @dev R4, R25: an ended booking keeps its status, and no booking is lost.
    function _statuses() private view {
        uint256[] memory ids = world.diary.ids();
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 status = uint256(scheduler.statusOf(ids[i]));
            uint256 seen = world.diary.statusOf(ids[i]);
            bool waits = seen == uint256(ITransactionScheduler.Status.Scheduled);
            assertTrue(waits ? status != 0 : status == seen, "R25");
        }
        assertEq(scheduler.executing(), 0, "R04: nothing is being executed");
    }

    /// @dev R26: fees rise with priority and effort.
    function _fees() private view {
        uint256 low = scheduler.calculateFee(ITransactionScheduler.Priority.Low, EFFORT, 0);
        uint256 medium = scheduler.calculateFee(ITransactionScheduler.Priority.Medium, EFFORT, 0);
        uint256 high = scheduler.calculateFee(ITransactionScheduler.Priority.High, EFFORT, 0);
        assertTrue(low < medium && medium < high, "R26");
        assertGe(scheduler.calculateFee(ITransactionScheduler.Priority.Low, EFFORT + 1, 0), low + 1, "R26: effort");
    }

    function _executors() private view returns (uint256 sum) {
        for (uint160 i = 0; i < 3; ++i) {
            address account = address(uint160(executor) + i);
            sum += _balance(account, account);
        }
    }

    function _terms() internal view override returns (ITransactionScheduler.Terms memory terms) {
        terms = super._terms();
        terms.refundBps = 9_000;
    }

    /// @dev Limits the payer's money and caps, so that jobs get stuck.
    function _cap() private {
        scheduler.withdraw(address(registry), address(this), 1_000 ether - FUNDS);
        scheduler.setSpender(address(registry), PER_RUN, PER_DAY);
    }

    function _makeFunders() private {
        world.funder = new MoodyFunder();
        world.purse = new VaultFunder(address(scheduler), address(this));
        chain.deal(address(world.funder), 1 ether);
        chain.deal(address(world.purse), PURSE);
        world.booker = new Booker(scheduler);
        scheduler.deposit{value: 5 ether}(address(world.booker), address(world.booker));
    }

    function _makeJobs() private {
        for (uint256 i = 0; i < 4; ++i) {
            world.targets[i] = new MoodyTarget();
            _createPaid(address(world.targets[i]));
            supervisor.addPaidRebalancer(address(world.targets[i]));
        }
        world.standard = _createStandard(address(target));
        uint72 perRun = uint72(PER_RUN) * 1 gwei;
        world.purse.setSpender(address(registry), perRun, uint72(PER_DAY) * 1 gwei);
        world.purse.setSpender(address(world.standard), perRun, uint72(PER_DAY) * 1 gwei);
        scheduler.deposit{value: 2 ether}(address(supervisor), address(supervisor));
        supervisor.setSchedule(
            IRebalanceSupervisor.Schedule(1 hours, 2_000_000, 10_000, ITransactionScheduler.Priority.Medium)
        );
    }

    function _makeHandlers() private {
        handlers[0] = address(new UserHandler(world));
        handlers[1] = address(new AdminHandler(world));
        handlers[2] = address(new ExecutorHandler(world));
        (handlers[3], handlers[4]) = (handlers[2], handlers[2]);
        handlers[5] = address(new StrangerHandler(world));
        handlers[6] = address(new HostileHandler(world));
        handlers[7] = address(new FunderHandler(world));
        for (uint256 i = 0; i < 8; ++i) {
            chain.deal(handlers[i], 10_000 ether);
        }
    }

    /// @dev Makes a call whose handler and kind are chosen by `draw`.
    function _act(uint256 draw) private {
        uint256 seed = uint256(keccak256(abi.encode(draw)));
        uint256 kind = (draw >> 8) % 7;
        uint256 which = draw % 8;
        if (which == 0) _actAsUser(kind, seed);
        else if (which == 1) _actAsAdmin(kind, seed);
        else if (which < 5) _actAsExecutor(kind, seed);
        else if (which == 5) _actAsStranger(kind, seed);
        else if (which == 6) _actAsHostile(kind, seed);
        else _actAsFunder(kind, seed);
    }

    function _actAsUser(uint256 kind, uint256 seed) private {
        UserHandler handler = UserHandler(handlers[0]);
        if (kind < 3) handler.create(seed);
        else if (kind == 3) handler.remove(seed);
        else if (kind == 4) handler.configure(seed);
        else if (kind == 5) handler.cancel(seed);
        else handler.deposit(seed);
    }

    function _actAsAdmin(uint256 kind, uint256 seed) private {
        AdminHandler handler = AdminHandler(handlers[1]);
        if (kind < 2) handler.configureTarget(seed);
        else if (kind == 2) handler.configureDefault(seed);
        else if (kind == 3) handler.price(seed);
        else if (kind == 4) handler.pause(seed);
        else if (kind == 5) handler.fund(seed);
        else handler.fundSupervisor(seed);
    }

    function _actAsExecutor(uint256 kind, uint256 seed) private {
        ExecutorHandler handler = ExecutorHandler(handlers[2]);
        if (kind < 3) handler.executeNext(seed);
        else if (kind == 3) handler.execute(seed);
        else if (kind == 4) handler.executeBatch(seed);
        else if (kind == 5) handler.wait(seed);
        else handler.changeBaseFee(seed);
    }

    function _actAsStranger(uint256 kind, uint256 seed) private {
        StrangerHandler handler = StrangerHandler(handlers[5]);
        if (kind < 2) handler.fix(seed);
        else if (kind == 2) handler.revive(seed);
        else if (kind == 3) handler.refresh(seed);
        else if (kind == 4) handler.topUp(seed);
        else if (kind == 5) handler.poke(seed);
        else handler.trespass(seed);
    }

    function _actAsHostile(uint256 kind, uint256 seed) private {
        HostileHandler handler = HostileHandler(handlers[6]);
        if (kind < 2) handler.setTarget(seed);
        else if (kind == 2) handler.setBooker(seed);
        else if (kind < 5) handler.book(seed);
        else handler.rebook(seed);
    }

    function _actAsFunder(uint256 kind, uint256 seed) private {
        FunderHandler handler = FunderHandler(handlers[7]);
        if (kind < 3) handler.setMood(seed);
        else if (kind < 5) handler.fund(seed);
        else handler.collect(seed);
    }
}
