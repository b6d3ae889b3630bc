// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {PaidRebalancerRegistry} from "@ballast/recurring/PaidRebalancerRegistry.sol";
import {TransactionScheduler} from "@ballast/recurring/TransactionScheduler.sol";

import {System} from "../support/System.sol";

/// @title Cheat code used only by these tests
interface MoneyVm {
    function deal(address account, uint256 balance) external;
}

/// @title Unlisted token whose transfer executes a booking
contract ExecutingToken {
    TransactionScheduler private immutable _scheduler;
    uint256 private _id;

    constructor(TransactionScheduler scheduler) {
        _scheduler = scheduler;
    }

    function skimFrom(Portfolio portfolio, uint256 id) external {
        _id = id;
        portfolio.skim(address(this));
    }

    function transfer(address receiver, uint256) external returns (bool) {
        return _scheduler.execute(_id, "", receiver);
    }

    function balanceOf(address) external pure returns (uint256) {
        return 1;
    }
}

/// @title Paid runs of a controller that refills L1 from two markets, at the deployment's default effort
/// forge-config: default.isolate = true
contract ControllerJobsTest is System {
    uint32 private constant DAY = 1 days;
    uint24 private constant DEFAULT_EFFORT = 4_500_000;
    uint256 private constant EXECUTION_GAS = 6_000_000;

    TransactionScheduler private scheduler;
    PaidRebalancerRegistry private registry;

    function setUp() public override {
        super.setUp();
        MoneyVm(address(vm)).deal(address(this), 100 ether);
        scheduler = new TransactionScheduler(
            address(manager), _terms(), ITransactionScheduler.Prices(15_000, 12_500, 11_000, 1 gwei, 1 gwei, 0)
        );
        registry = new PaidRebalancerRegistry(address(manager), scheduler, 5);
        scheduler.setSpender(address(registry), type(uint40).max, type(uint40).max);
        scheduler.deposit{value: 100 ether}(address(this), address(registry));
        registry.updateDefaultRecurringConfig(
            IRecurringJobs.RecurringConfig({
                interval: DAY,
                priority: ITransactionScheduler.Priority.Medium,
                executionEffort: DEFAULT_EFFORT,
                estimationMargin: 10_500,
                forceRebalance: false,
                funderKind: IRecurringJobs.FunderKind.Ledger,
                txFunder: address(this)
            })
        );
        _allowNow(address(registry));
        registry.allowTarget(address(controller), alice);
        vm.prank(alice);
        registry.createPaidRebalancer(address(controller));
        _invest();
        vm.prank(alice);
        vault.withdraw(80_000 * USD, alice, alice);
    }

    function _terms() private pure returns (ITransactionScheduler.Terms memory terms) {
        (terms.refundBps, terms.tipCap, terms.premiumBps, terms.latePremiumBps) = (10_000, 2 gwei, 1_000, 4_000);
        (terms.rampMedium, terms.rampLow) = (24, 300);
        (terms.transactionGas, terms.settlementGas) = (27_000, 7_000);
        (terms.minEffort, terms.maxEffort) = (20_000, 5_000_000);
        (terms.lifetime, terms.treasury) = (30 days, address(0x7EA5));
    }

    function test_soundMarkets__refills() public {
        _refills();
    }

    function test_oneMarketReverts__refillsFromTheOther() public {
        vm.etch(address(marketA), hex"5f5ffd");
        _refills();
    }

    function test_oneMarketBurnsItsGas__refillsFromTheOther() public {
        vm.etch(address(marketA), hex"fe");
        _refills();
    }

    function test_executedInsideASkim__isTriedAgainInMinutes() public {
        ExecutingToken token = new ExecutingToken(scheduler);
        l2.setSkimReceiver(outsider);
        uint256 idle = vault.idle();
        (uint256 id, uint256 due) = _warpToDue();
        token.skimFrom{gas: EXECUTION_GAS}(l2, id);
        assertEq(vault.idle(), idle, "nothing could be drawn");
        _isPostponed(due);
        _refills();
    }

    function test_marketsWithoutCashForAMoment__isTriedAgainInMinutes() public {
        (uint256 id, uint256 due) = _warpToDue();
        vm.mockCall(address(marketA), abi.encodePacked(marketA.maxWithdraw.selector), abi.encode(0));
        vm.mockCall(address(marketB), abi.encodePacked(marketB.maxWithdraw.selector), abi.encode(0));
        scheduler.execute{gas: EXECUTION_GAS}(id, "", outsider);
        vm.clearMockedCalls();
        _isPostponed(due);
        _refills();
    }

    function _refills() private {
        uint256 idle = vault.idle();
        (uint256 id,) = _warpToDue();
        scheduler.execute{gas: EXECUTION_GAS}(id, "", outsider);
        assertTrue(vault.idle() > idle, "refilled");
        assertEq(registry.paidJobOf(address(controller)).failures, 0, "no failure");
    }

    function _isPostponed(uint256 due) private view {
        (, ITransactionScheduler.Transaction memory next) = _booking();
        assertEq(next.timestamp - due, 5 minutes, "soon");
    }

    function _warpToDue() private returns (uint256 id, uint256 due) {
        ITransactionScheduler.Transaction memory booked;
        (id, booked) = _booking();
        vm.warp(booked.timestamp);
        wethFeed.set(WETH_PRICE);
        bondFeed.set(BOND_PRICE);
        usdtFeed.set(1e8);
        due = booked.timestamp;
    }

    function _booking() private view returns (uint256 id, ITransactionScheduler.Transaction memory booked) {
        return scheduler.bookingOf(registry.entryOf(address(controller)).number);
    }
}
