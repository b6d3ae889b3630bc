// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceSupervisor} from "@ballast/interfaces/IRebalanceSupervisor.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {IScheduledHandler} from "@ballast/interfaces/IScheduledHandler.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";

import {RecurringTest} from "../recurring/RecurringTest.sol";
import {Vm} from "../support/Vm.sol";
import {Ceilings} from "./Ceilings.sol";
import {GasTest} from "./GasTest.sol";

/// @title Target that counts in a word that is not zero
contract Counter is IRebalanceable {
    uint256 public runs = 1;

    function rebalance(bool) external returns (bool, Reason) {
        ++runs;
    }
}

/// @title Target that does nothing
contract Still is IRebalanceable {
    function rebalance(bool) external returns (bool, Reason) {}
}

/// @title Handler that books itself and does nothing
contract Idler is IScheduledHandler {
    function book(ITransactionScheduler scheduler, ITransactionScheduler.Request calldata request)
        external
        payable
        returns (uint256 id)
    {
        (id,) = scheduler.schedule{value: msg.value}(request, "");
    }

    function executeTransaction(uint256, bytes calldata) external {}
}

/// @title Gas of scheduling, executing and supervising, with all guards
/// @notice Each job has run before, and all accounts have money. The gas price has risen since booking, so that each
/// fee changes. In isolation, base fee and gas price are 0: prices come from the scheduler's floor, and the cost of
/// writing the executor's pay is added. Targets do nothing, as in the systems compared with; one that writes a word is
/// measured too.
/// forge-config: default.isolate = true
contract RecurringGasTest is RecurringTest, GasTest {
    uint256 private constant ENTRIES = 20;
    /// @dev Additional gas of writing a word that is already read.
    uint256 private constant WRITE = 2_900;
    /// @dev Gas of the first read of a word.
    uint256 private constant READ = 2_100;
    /// @dev Gas of a write that changes nothing.
    uint256 private constant UNCHANGED = 100;
    /// @dev Refund for a word that ends with its old value, such as an account that paid and received the same amount.
    uint256 private constant RESTORED = 2_800;
    Idler private idler;
    RecurringRebalancer private standard;
    uint256 private oneShot;
    address[] private targets;
    uint256[] private standards;

    function setUp() public override {
        super.setUp();
        idler = new Idler();
        for (uint256 i = 0; i < ENTRIES; ++i) {
            targets.push(i % 2 == 0 ? address(new Counter()) : address(new Still()));
            registry.allowTarget(targets[i], alice);
            if (i != 0) _createPaid(targets[i]);
        }
        for (uint256 i = 0; i < 10; ++i) {
            standard = _createStandard(address(new Still()));
            standards.push(standard.number());
        }
        scheduler.deposit{value: 1}(executor, executor);
        scheduler.deposit{value: 1}(address(idler), address(idler));
        scheduler.setPrices(ITransactionScheduler.Prices(15_000, 12_500, 11_000, uint48(BASE_FEE), 1 gwei, 0));
        _runAll();
        oneShot = _bookIdler();
        vm.warp(block.timestamp + INTERVAL);
    }

    function test_gas__recurring__schedule() public {
        _bookIdler();
        _tell("recurring: schedule a one-shot", _lastTransaction());
    }

    function test_gas__recurring__executeOneShot() public {
        vm.prank(executor);
        assertTrue(scheduler.executePlain(oneShot), "ok");
        uint256 gas = _lastTransaction() + WRITE - UNCHANGED;
        _tellWithin("recurring: execute a one-shot", gas, Ceilings.ONE_SHOT);
    }

    function test_gas__recurring__cycleOfContract() public {
        uint256 gas = _cycle(_standardId(9)) + RESTORED;
        _tellWithin("recurring: full cycle, separate contract", gas, Ceilings.CYCLE_CONTRACT);
    }

    function test_gas__recurring__cycleOfRecord() public {
        uint256 gas = _cycle(_idOf(targets[1]));
        _tellAbove("recurring: full cycle, registry record", gas, Ceilings.CYCLE_RECORD);
    }

    function test_gas__recurring__cycleOfRecordWithAnotherFee() public {
        scheduler.setPrices(ITransactionScheduler.Prices(15_000, 12_500, 11_000, uint48(BASE_FEE * 11 / 10), 1 gwei, 0));
        uint256 gas = _cycle(_idOf(targets[1]));
        _tell("recurring: full cycle, registry record, price of gas has changed", gas);
    }

    function test_gas__recurring__cycleOfRecordThatWrites() public {
        uint256 gas = _cycle(_idOf(targets[2]));
        _tell("recurring: full cycle, registry record, target writes a word", gas);
    }

    function test_gas__recurring__batchOfContracts() public {
        uint256[] memory ids = new uint256[](10);
        for (uint256 i = 0; i < 10; ++i) {
            ids[i] = _standardId(i);
        }
        uint256 gas = _batch(ids);
        _tellWithin("recurring: batch of ten contracts, per job", gas / 10 + RESTORED, Ceilings.BATCH_JOB);
    }

    function test_gas__recurring__batchOfRecords() public {
        uint256[] memory ids = new uint256[](10);
        for (uint256 i = 0; i < 10; ++i) {
            ids[i] = _idOf(targets[2 * i + 1]);
        }
        uint256 gas = _batch(ids);
        _tellWithin("recurring: batch of ten records, per job", gas / 10, Ceilings.BATCH_JOB);
    }

    function test_gas__recurring__createPaid() public {
        vm.prank(alice);
        registry.createPaidRebalancer(targets[0]);
        uint256 gas = _lastTransaction();
        assertTrue(_idOf(targets[0]) != 0, "booked");
        _tellWithin("recurring: create a paid rebalancer", gas, Ceilings.CREATE_PAID);
    }

    function test_gas__recurring__lostRace() public {
        uint256 id = _idOf(targets[1]);
        vm.prank(executor);
        scheduler.execute(id, "", executor);
        vm.prank(executor);
        (bool ok,) = address(scheduler).call(abi.encodeCall(scheduler.execute, (id, "", executor)));
        assertFalse(ok, "lost");
        _tell("recurring: a lost race", _lastTransaction());
    }

    function _runAll() private {
        vm.warp(block.timestamp + INTERVAL);
        for (uint256 number = 1; number <= scheduler.records(); ++number) {
            (uint256 id,) = scheduler.bookingOf(number);
            scheduler.execute(id, "", executor);
        }
    }

    function _cycle(uint256 id) private returns (uint256 gas) {
        vm.recordLogs();
        vm.prank(executor);
        assertTrue(scheduler.executePlain(id), "ok");
        gas = _lastTransaction() + WRITE - UNCHANGED;
        uint256 billed = _billed();
        assertGe(billed, gas, "the bill covers the cost");
        assertLe(billed, gas * 11 / 10, "and not much more");
        assertTrue(scheduler.statusOf(id + 1) == ITransactionScheduler.Status.Scheduled, "booked");
    }

    /// @dev Returns the gas that the executor is paid for, without the premium.
    function _billed() private returns (uint256 gas) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != ITransactionScheduler.Executed.selector) continue;
            (, gas,,) = abi.decode(logs[i].data, (bool, uint256, uint256, uint256));
        }
    }

    function _standardId(uint256 i) private view returns (uint256 id) {
        (id,) = scheduler.bookingOf(standards[i]);
    }

    function _batch(uint256[] memory ids) private returns (uint256 gas) {
        vm.prank(executor);
        uint256 executed = scheduler.executeBatch(ids, new bytes[](0), executor);
        gas = _lastTransaction() + READ + WRITE;
        assertEq(executed, (1 << ids.length) - 1, "executed");
    }

    function _bookIdler() private returns (uint256) {
        ITransactionScheduler.Request memory request = ITransactionScheduler.Request({
            timestamp: uint40(block.timestamp + INTERVAL),
            priority: ITransactionScheduler.Priority.Medium,
            effort: 100_000,
            marginBps: 10_000,
            recurring: false,
            payer: address(idler)
        });
        return idler.book{value: 0.1 ether}(scheduler, request);
    }
}

/// @title Gas of a supervisor's pass per entry that needs nothing
/// forge-config: default.isolate = true
contract SupervisorGasTest is RecurringTest, GasTest {
    uint256 private constant FEW = 10;
    uint256 private constant MANY = 110;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < MANY; ++i) {
            address next = address(new Counter());
            _createPaid(next);
            supervisor.addPaidRebalancer(next);
        }
        supervisor.poke(MANY + 1);
    }

    function test_gas__recurring__passPerEntry() public {
        supervisor.poke(FEW);
        uint256 few = _lastTransaction();
        vm.warp(block.timestamp + 1);
        supervisor.poke(MANY);
        uint256 many = _lastTransaction();
        uint256 each = (many - few) / (MANY - FEW);
        _tellWithin("recurring: supervisor, an entry that needs nothing", each, Ceilings.PASS_ENTRY);
    }
}
