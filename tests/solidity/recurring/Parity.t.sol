// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IPaidRebalancerRegistry} from "@ballast/interfaces/IPaidRebalancerRegistry.sol";
import {IRebalanceSupervisor} from "@ballast/interfaces/IRebalanceSupervisor.sol";
import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

import {EventLog} from "./EventLog.sol";

/// @title Test cases of the source document's own implementation, by their names, with its economics
/// @notice Fees are kept whole, a cancellation returns half, priorities cost 10, 5 and 2, and slots of one second hold
/// 15,000, 7,500 and 2,500 thousand gas.
contract ParityTest is EventLog {
    uint40 private constant MUCH = type(uint40).max;
    bytes32 private constant REBALANCED = IRecurringJobs.Rebalanced.selector;
    bytes32 private constant FIXED = IRecurringJobs.FixedReschedule.selector;

    /// @dev Payer by default; the test contract's own account pays nothing here.
    address private immutable funder = address(0xF0);
    uint256 private handle;

    function setUp() public override {
        super.setUp();
        scheduler.setCapacity(ITransactionScheduler.Capacity(1, 15_000_000, 7_500_000, 2_500_000));
        _fund(funder, 1_000 ether);
        registry.updateDefaultRecurringConfig(_paidBy(funder, INTERVAL));
        handle = _createPaid(address(target));
        supervisor.setSchedule(
            IRebalanceSupervisor.Schedule(1 hours, 2_000_000, 10_000, ITransactionScheduler.Priority.Medium)
        );
        scheduler.deposit{value: 100 ether}(address(supervisor), address(supervisor));
        supervisor.fixReschedule();
        assertEq(_count(IRecurringJobs.CreatedRebalancer.selector), 1, "one created");
    }

    function test_on_time() public {
        _advance(90);
        assertEq(_count(REBALANCED), 0, "at 90 s");
        _advance(10);
        assertEq(_count(REBALANCED), 1, "at 100 s");
        _advance(90);
        assertEq(_count(REBALANCED), 1, "at 190 s");
        _advance(10);
        assertEq(_count(REBALANCED), 2, "at 200 s");
    }

    function test_delayed_rebalance() public {
        _advance(10 * INTERVAL);
        assertEq(_count(REBALANCED), 1, "ten missed are one");
        _advance(1);
        assertEq(_count(REBALANCED), 1, "a second later");
        _advance(99);
        assertEq(_count(REBALANCED), 2, "an interval later");
    }

    function test_fix_reschedule_idempotent() public {
        assertEq(_count(FIXED), 1, "creation");
        registry.fixReschedule(address(target));
        _advance(10);
        registry.fixReschedule(address(target));
        registry.fixReschedule(address(target));
        _advance(90);
        registry.fixReschedule(address(target));
        _advance(10);
        registry.fixReschedule(address(target));
        assertEq(_count(REBALANCED), 1, "one run");
        assertEq(_count(FIXED), 1, "only creation");
    }

    function test_fix_reschedule_no_funds() public {
        _advance(100);
        assertEq(_count(REBALANCED), 1, "first run");
        _drain(funder);
        _advance(100);
        assertEq(_count(REBALANCED), 2, "the second is paid for");
        assertEq(_count(IRecurringJobs.FailedRecurringSchedule.selector), 1, "the third is not");
        _advance(1_000);
        assertEq(_count(REBALANCED), 2, "stuck");
        _fund(funder, 10 ether);
        registry.fixReschedule(address(target));
        assertEq(_count(FIXED), 2, "fixed");
        _advance(1);
        assertEq(_count(REBALANCED), 3, "third run");
    }

    function test_flo17_refund_goes_to_old_funder_not_new_funder() public {
        address fresh = address(0xF1);
        _fund(fresh, 10 ether);
        (uint256 oldBefore, uint256 newBefore) = (_balanceOf(funder), _balanceOf(fresh));
        uint256 fee = scheduler.transactionOf(_idOf(address(target))).fee;
        registry.updateRecurringConfig(address(target), _paidBy(fresh, INTERVAL));
        assertEq(_balanceOf(funder), oldBefore + fee / 2, "half to the old");
        assertTrue(_balanceOf(fresh) < newBefore, "the new one pays");
    }

    function test_two_paid_rebalancers_same_position() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IPaidRebalancerRegistry.PaidRebalancerRegistry_RebalancerExists.selector, address(target)
            )
        );
        vm.prank(alice);
        registry.createPaidRebalancer(address(target));
        assertEq(_count(IPaidRebalancerRegistry.CreatedRebalancerPaid.selector), 1, "one");
    }

    function test_change_recurring_config_as_user() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        registry.updateRecurringConfig(address(target), _paidBy(funder, 1_000));
    }

    function test_change_recurring_config() public {
        _advance(100);
        assertEq(_count(REBALANCED), 1, "first run");
        registry.updateRecurringConfig(address(target), _paidBy(funder, 1_000));
        _advance(980);
        assertEq(_count(REBALANCED), 1, "at 980 s");
        _advance(20);
        assertEq(_count(REBALANCED), 2, "at 1,000 s");
        registry.updateRecurringConfig(address(target), _paidBy(funder, 50));
        _advance(45);
        assertEq(_count(REBALANCED), 2, "at 45 s");
        _advance(5);
        assertEq(_count(REBALANCED), 3, "at 50 s");
    }

    function test_delete_rebalancer() public {
        _advance(100);
        vm.prank(alice);
        registry.deletePaidRebalancer(handle);
        _advance(1_000);
        assertEq(_count(REBALANCED), 1, "none any more");
    }

    function test_public_fix_reschedule() public {
        vm.prank(outsider);
        assertTrue(registry.fixReschedule(address(target)), "found");
    }

    function test_supervisor_executed() public {
        _toNextHour();
        assertEq(_count(IRebalanceSupervisor.Executed.selector), 1, "first tick");
        _advance(1 hours);
        assertEq(_count(IRebalanceSupervisor.Executed.selector), 2, "second tick");
    }

    function test_supervisor_stale_uuid_does_not_panic() public {
        supervisor.addPaidRebalancer(address(target));
        vm.prank(alice);
        registry.deletePaidRebalancer(handle);
        _toNextHour();
        assertEq(_count(IRebalanceSupervisor.Executed.selector), 1, "the tick survives");
        assertEq(_count(IRebalanceSupervisor.RemovedPaidRebalancer.selector), 1, "dropped");
        bytes32 dropped = _last(IRebalanceSupervisor.RemovedPaidRebalancer.selector).topics[1];
        assertEq(address(uint160(uint256(dropped))), address(target), "that one");
        _advance(1 hours);
        assertEq(_count(IRebalanceSupervisor.RemovedPaidRebalancer.selector), 1, "once");
    }

    function test_supervisor() public {
        supervisor.addPaidRebalancer(address(target));
        _advance(100);
        _drain(funder);
        _advance(100);
        assertEq(_count(REBALANCED), 2, "the second is paid for");
        _toNextHour();
        assertEq(_count(REBALANCED), 2, "stuck");
        assertEq(_count(FIXED), 1, "not fixed without money");
        _fund(funder, 10 ether);
        _toNextHour();
        assertEq(_count(FIXED), 2, "fixed by the tick");
        _advance(10);
        assertEq(_count(REBALANCED), 3, "third run");
    }

    function _terms() internal view override returns (ITransactionScheduler.Terms memory terms) {
        terms = super._terms();
        (terms.flat, terms.refundBps) = (true, 5_000);
    }

    function _prices() internal pure override returns (ITransactionScheduler.Prices memory) {
        return ITransactionScheduler.Prices(100_000, 50_000, 20_000, 1 gwei, 1 gwei, 1e13);
    }

    function _paidBy(address payer, uint32 interval)
        private
        view
        returns (IRecurringJobs.RecurringConfig memory config)
    {
        config = _config();
        (config.txFunder, config.interval) = (payer, interval);
    }

    function _fund(address payer, uint256 amount) private {
        scheduler.deposit{value: amount}(payer, address(registry));
        vm.prank(payer);
        scheduler.setSpender(address(registry), MUCH, MUCH);
    }

    function _drain(address payer) private {
        uint256 balance = _balanceOf(payer);
        vm.prank(payer);
        scheduler.withdraw(address(registry), payer, balance);
    }

    function _balanceOf(address payer) private view returns (uint256) {
        return _balance(payer, address(registry));
    }

    function _toNextHour() private {
        _advance(1 hours - block.timestamp % 1 hours);
    }
}
