// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {PaidRebalancerRegistry} from "@ballast/recurring/PaidRebalancerRegistry.sol";
import {RebalanceSupervisor} from "@ballast/recurring/RebalanceSupervisor.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";
import {SchedulerLens} from "@ballast/recurring/SchedulerLens.sol";
import {SchedulerSlots} from "@ballast/recurring/SchedulerSlots.sol";
import {SchedulerTerms} from "@ballast/recurring/SchedulerTerms.sol";
import {TransactionScheduler} from "@ballast/recurring/TransactionScheduler.sol";

import {MoodyTarget} from "../doubles/MoodyTarget.sol";
import {Test} from "../support/Test.sol";

/// @title Cheat codes used only by these tests
interface ChainVm {
    function deal(address account, uint256 balance) external;
    function fee(uint256 basefee) external;
    function txGasPrice(uint256 price) external;
    function etch(address account, bytes calldata code) external;
    function prank(address sender, address origin) external;
}

/// @title Scheduler, registry and supervisor with permissions as on a chain, and a payer with money
/// @notice The test contract is admin and configurator, and its own account is the payer's.
abstract contract RecurringTest is Test {
    ChainVm internal constant chain = ChainVm(address(vm));
    uint256 internal constant START = 1_750_000_000;
    uint64 internal constant CONFIGURATOR = 1;
    uint64 internal constant GUARDIAN = 2;
    uint256 internal constant BASE_FEE = 20 gwei;
    uint256 internal constant TIP_CAP = 2 gwei;
    uint32 internal constant INTERVAL = 100;
    uint24 internal constant EFFORT = 600_000;
    uint16 internal constant MARGIN = 10_500;
    uint8 internal constant MAX_FAILURES = 5;
    uint256 internal constant DAY = 1 days;

    address internal immutable alice = address(0xA11CE);
    address internal immutable executor = address(0xE8EC);
    address internal immutable guardian = address(0x64A4D);
    address internal immutable outsider = address(0xBAD);
    address internal immutable treasury = address(0x7EA5);

    AccessManager internal manager;
    TransactionScheduler internal scheduler;
    PaidRebalancerRegistry internal registry;
    RebalanceSupervisor internal supervisor;
    SchedulerLens internal lens;
    MoodyTarget internal target;

    receive() external payable {}

    function setUp() public virtual {
        vm.warp(START);
        chain.fee(BASE_FEE);
        chain.txGasPrice(BASE_FEE + 1 gwei);
        chain.deal(address(this), 1_000_000 ether);
        manager = new AccessManager(address(this));
        manager.grantRole(CONFIGURATOR, address(this), 0);
        manager.grantRole(GUARDIAN, guardian, 0);
        scheduler = new TransactionScheduler(address(manager), _terms(), _prices());
        registry = new PaidRebalancerRegistry(address(manager), scheduler, MAX_FAILURES);
        supervisor = new RebalanceSupervisor(address(manager), registry);
        lens = new SchedulerLens(scheduler);
        _restrict();
        target = new MoodyTarget();
        scheduler.setSpender(address(registry), type(uint40).max, type(uint40).max);
        scheduler.deposit{value: 1_000 ether}(address(this), address(registry));
        registry.updateDefaultRecurringConfig(_config());
    }

    function _terms() internal view virtual returns (ITransactionScheduler.Terms memory terms) {
        terms.refundBps = 10_000;
        terms.tipCap = uint64(TIP_CAP);
        terms.premiumBps = 1_000;
        terms.latePremiumBps = 4_000;
        (terms.rampMedium, terms.rampLow) = (24, 300);
        (terms.transactionGas, terms.settlementGas) = (27_000, 7_000);
        (terms.minEffort, terms.maxEffort) = (20_000, 15_000_000);
        terms.lifetime = 30 days;
        terms.expiryReward = 0.0005 ether;
        terms.treasury = treasury;
    }

    function _prices() internal pure virtual returns (ITransactionScheduler.Prices memory) {
        return ITransactionScheduler.Prices(15_000, 12_500, 11_000, 1 gwei, 1 gwei, 0);
    }

    function _config() internal view virtual returns (IRecurringJobs.RecurringConfig memory) {
        return IRecurringJobs.RecurringConfig({
            interval: INTERVAL,
            priority: ITransactionScheduler.Priority.Medium,
            executionEffort: EFFORT,
            estimationMargin: MARGIN,
            forceRebalance: false,
            funderKind: IRecurringJobs.FunderKind.Ledger,
            txFunder: address(this)
        });
    }

    function _restrict() internal {
        _permit(address(scheduler), SchedulerTerms.setPrices.selector, CONFIGURATOR);
        _permit(address(scheduler), SchedulerSlots.setCapacity.selector, CONFIGURATOR);
        _permit(address(scheduler), SchedulerTerms.pause.selector, GUARDIAN);
        _permit(address(scheduler), SchedulerTerms.unpause.selector, CONFIGURATOR);
        _permit(address(registry), PaidRebalancerRegistry.allowTarget.selector, CONFIGURATOR);
        _permit(address(registry), PaidRebalancerRegistry.disallowTarget.selector, GUARDIAN);
        _permit(address(registry), PaidRebalancerRegistry.removePaidRebalancer.selector, GUARDIAN);
        _permit(address(registry), PaidRebalancerRegistry.updateDefaultRecurringConfig.selector, CONFIGURATOR);
        _permit(address(registry), PaidRebalancerRegistry.updateRecurringConfig.selector, CONFIGURATOR);
        _permit(address(supervisor), RebalanceSupervisor.setSchedule.selector, CONFIGURATOR);
        _permit(address(supervisor), RebalanceSupervisor.withdraw.selector, CONFIGURATOR);
    }

    function _permit(address contract_, bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(contract_, selectors, role);
    }

    /// @dev Creates a paid rebalancer of `target_`, owned by Alice.
    function _createPaid(address target_) internal returns (uint256 handle) {
        registry.allowTarget(target_, alice);
        vm.prank(alice);
        return registry.createPaidRebalancer(target_);
    }

    /// @dev Creates a standard rebalancer that pays itself, owned by Alice.
    function _createStandard(address target_) internal returns (RecurringRebalancer rebalancer) {
        IRecurringJobs.RecurringConfig memory config = _config();
        config.txFunder = address(0);
        rebalancer = new RecurringRebalancer(scheduler, target_, alice, MAX_FAILURES, config);
        scheduler.deposit{value: 100 ether}(address(rebalancer), address(rebalancer));
        rebalancer.fixReschedule();
    }

    /// @dev Returns the current booking of a target's paid rebalancer.
    function _idOf(address target_) internal view returns (uint256 id) {
        (id,) = scheduler.bookingOf(registry.entryOf(target_).number);
    }

    function _execute(uint256 id) internal returns (bool) {
        vm.prank(executor);
        return scheduler.execute(id, "", executor);
    }

    function _skip(uint256 time) internal {
        vm.warp(block.timestamp + time);
    }

    function _balance(address owner, address spender) internal view returns (uint256) {
        return scheduler.accountOf(owner, spender).balance;
    }
}
