// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceSupervisor} from "@ballast/interfaces/IRebalanceSupervisor.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {PaidRebalancerRegistry} from "@ballast/recurring/PaidRebalancerRegistry.sol";

import {Registrar} from "../doubles/Registrar.sol";
import {RecurringTest} from "./RecurringTest.sol";

/// @title Cheat codes for tests that exceed the gas limit
interface MeteringVm {
    function pauseGasMetering() external;
    function resumeGasMetering() external;
}

/// @title Ten thousand registered rebalancers, a hundred of them stuck
/// @notice Each call of the test is a transaction, so that no call is cheaper through warm storage.
/// forge-config: default.isolate = true
contract ScaleTest is RecurringTest {
    uint256 private constant REGISTERED = 10_000;
    uint256 private constant STUCK = 100;
    uint24 private constant TICK_EFFORT = 15_000_000;
    /// @dev Ticks of that effort for all entries, at most 9,500 gas for an entry that needs nothing.
    uint256 private constant TICKS = 7;

    function setUp() public override {
        super.setUp();
        Registrar registrar = new Registrar();
        manager.grantRole(CONFIGURATOR, address(registrar), 0);
        _permit(address(scheduler), bytes4(keccak256("pause()")), CONFIGURATOR);
        // Only the stuck ones need work during the ticks.
        ITransactionScheduler.Priority priority = ITransactionScheduler.Priority.Medium;
        registry.updateDefaultRecurringConfig(_yearly());
        MeteringVm(address(vm)).pauseGasMetering();
        for (uint256 i = 0; i < REGISTERED; i += STUCK) {
            registrar.register(scheduler, registry, supervisor, STUCK);
        }
        MeteringVm(address(vm)).resumeGasMetering();
        scheduler.deposit{value: 100 ether}(address(supervisor), address(supervisor));
        supervisor.setSchedule(IRebalanceSupervisor.Schedule(1 hours, TICK_EFFORT, 10_000, priority));
    }

    function test_gas_supervisor__tenThousand__getsRoundInSevenTicks() public {
        assertEq(supervisor.length(), REGISTERED, "registered");
        assertEq(_stuck(), STUCK, "stuck");
        for (uint256 tick = 1; tick <= TICKS; ++tick) {
            uint256 start = supervisor.cursor();
            (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(supervisor.number());
            vm.warp(booking.timestamp);
            vm.prank(executor);
            assertTrue(scheduler.executePlain(id), "ok");
            assertTrue(scheduler.isBooked(supervisor.number()), "the next one is booked");
            bool round = supervisor.cursor() <= start;
            assertTrue(round == (tick == TICKS), "round in as many ticks as stated");
        }
        assertEq(_stuck(), 0, "all fixed");
    }

    function test_batch__hundredStuck__areFixedInOneTransaction() public {
        address[] memory targets = new address[](STUCK);
        (,, uint256[] memory stuck,) = lens.sweep(1, REGISTERED + 1);
        for (uint256 i = 0; i < STUCK; ++i) {
            (, targets[i],) = lens.fixOf(stuck[i]);
        }
        assertEq(registry.fixRescheduleBatch(targets), STUCK, "fixed");
        assertEq(_stuck(), 0, "all");
    }

    function _stuck() private returns (uint256) {
        MeteringVm(address(vm)).pauseGasMetering();
        (,, uint256[] memory stuck,) = lens.sweep(1, REGISTERED + 1);
        MeteringVm(address(vm)).resumeGasMetering();
        return stuck.length;
    }

    function _yearly() private view returns (PaidRebalancerRegistry.RecurringConfig memory config) {
        config = _config();
        config.interval = 365 days;
    }
}
