// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILendingPosition} from "@ballast/interfaces/ILendingPosition.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";
import {TransactionScheduler} from "@ballast/recurring/TransactionScheduler.sol";
import {LendingPosition} from "@ballast/recurring/examples/LendingPosition.sol";

import {FairVenue} from "../doubles/FairVenue.sol";
import {WeightJudgeTest} from "../weights/WeightJudgeTest.sol";

interface TargetsVm {
    function deal(address account, uint256 balance) external;
}

/// @title Recurring rebalancers of the vault's controller, of a portfolio and of a lending position
/// forge-config: default.isolate = true
contract RecurringTargetsTest is WeightJudgeTest {
    uint32 private constant INTERVAL = 1 hours;
    uint8 private constant MAX_FAILURES = 3;

    TransactionScheduler private scheduler;
    address private immutable borrower = address(0xB0B);

    function setUp() public override {
        super.setUp();
        TargetsVm(address(vm)).deal(address(this), 1_000 ether);
        ITransactionScheduler.Terms memory terms;
        (terms.refundBps, terms.premiumBps, terms.latePremiumBps) = (10_000, 1_000, 4_000);
        (terms.transactionGas, terms.settlementGas, terms.tipCap) = (27_000, 7_000, 2 gwei);
        (terms.minEffort, terms.maxEffort, terms.lifetime) = (20_000, 15_000_000, 30 days);
        terms.treasury = address(this);
        scheduler = new TransactionScheduler(
            address(manager), terms, ITransactionScheduler.Prices(15_000, 12_500, 11_000, 1 gwei, 1 gwei, 0)
        );
    }

    function test_controller__belowItsBand__isRefilledOnTime() public {
        RecurringRebalancer rebalancer = _rebalancerOf(address(controller), false);
        _allowNow(address(rebalancer));
        vm.prank(alice);
        vault.withdraw(60_000 * USD, alice, alice);
        assertEq(vault.idle(), 40_000 * USD, "below");
        _run(rebalancer);
        assertEq(vault.idle(), 94_000 * USD, "a tenth");
        assertEq(_job(rebalancer).failures, 0, "ran");
    }

    function test_controller__insideItsBand__skipsAndGoesOn() public {
        RecurringRebalancer rebalancer = _rebalancerOf(address(controller), false);
        _allowNow(address(rebalancer));
        _assertSkips(rebalancer, address(controller), IRebalanceable.Reason.InsideDrift);
    }

    function test_controller__withoutLimits__skipsAndGoesOn() public {
        RecurringRebalancer rebalancer = _rebalancerOf(address(controller), false);
        vm.prank(alice);
        vault.withdraw(60_000 * USD, alice, alice);
        _assertSkips(rebalancer, address(controller), IRebalanceable.Reason.BucketEmpty);
    }

    function test_portfolio__drifted__isBroughtBack() public {
        RecurringRebalancer rebalancer = _rebalancerOf(address(basket), false);
        _assertSkips(rebalancer, address(basketJudge), IRebalanceable.Reason.InsideDrift);
        _setPrices(WETH_PRICE * 3 / 2, BOND_PRICE);
        _run(rebalancer);
        assertEq(basketExecutor.lastRun(), block.timestamp, "it traded");
        assertEq(_job(rebalancer).failures, 0, "ran");
    }

    function test_portfolio__forced__needsTheRole() public {
        RecurringRebalancer rebalancer = _rebalancerOf(address(basket), true);
        _setPrices(WETH_PRICE * 103 / 100, BOND_PRICE);
        _run(rebalancer);
        assertEq(_job(rebalancer).failures, 1, "refused");
        basketExecutor.raiseLimit(LimitKeys.automatic(address(rebalancer)), AMPLE, 1, 0);
        _run(rebalancer);
        assertEq(_job(rebalancer).failures, 0, "ran");
        assertEq(basketExecutor.lastRun(), block.timestamp, "it traded");
    }

    /// @dev R3: an executor moves a venue's price, executes for pay, and moves the price back. Fails if that delays the
    /// portfolio by a whole interval each time: honest executors can run it minutes later.
    function test_R3_portfolio__executedBesideAMovedPrice__isTriedAgainSoon() public {
        RecurringRebalancer rebalancer = _rebalancerOf(address(basket), false);
        _setPrices(WETH_PRICE * 3 / 2, BOND_PRICE);
        (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(rebalancer.number());
        vm.warp(booking.timestamp);
        FairVenue(address(venue)).setSpotBps(10_200);
        vm.expectEmit(address(basketJudge));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.SpotOffOracle);
        scheduler.execute(id, "", outsider);
        FairVenue(address(venue)).setSpotBps(10_000);
        assertEq(basketExecutor.lastRun(), 0, "suppressed");
        (id, booking) = scheduler.bookingOf(rebalancer.number());
        assertEq(booking.timestamp, block.timestamp + 5 minutes, "and tried again soon");
        vm.warp(booking.timestamp);
        scheduler.execute(id, "", outsider);
        assertEq(basketExecutor.lastRun(), block.timestamp, "traded");
    }

    function test_lending__unhealthy__isToppedUp() public {
        LendingPosition position = _position();
        RecurringRebalancer rebalancer = _rebalancerOf(address(position), false);
        _assertSkips(rebalancer, address(position), IRebalanceable.Reason.InsideDrift);
        _setPrices(WETH_PRICE * 70 / 100, BOND_PRICE);
        assertLe(position.health(), 11_999, "below the minimum");
        _run(rebalancer);
        assertGe(position.health(), 12_999, "at the target");
        _setPrices(WETH_PRICE * 2, BOND_PRICE);
        _run(rebalancer);
        assertLe(position.health(), 13_001, "at the target again");
    }

    function test_lending__beyondHelp__haltsAndIsRevived() public {
        LendingPosition position = _position();
        RecurringRebalancer rebalancer = _rebalancerOf(address(position), false);
        vm.prank(borrower);
        position.setAccounts(address(0), borrower);
        _setPrices(WETH_PRICE / 2, BOND_PRICE);
        for (uint256 i = 0; i < MAX_FAILURES; ++i) {
            _run(rebalancer);
        }
        assertTrue(_job(rebalancer).halted, "halted");
        vm.prank(borrower);
        position.setAccounts(borrower, borrower);
        vm.prank(outsider);
        rebalancer.revive();
        assertGe(position.health(), 12_999, "at the target");
        assertTrue(scheduler.isBooked(rebalancer.number()), "goes on");
    }

    function test_lending__stalePrice__skips() public {
        LendingPosition position = _position();
        RecurringRebalancer rebalancer = _rebalancerOf(address(position), false);
        vm.warp(block.timestamp + 2 days);
        _assertSkips(rebalancer, address(position), IRebalanceable.Reason.StalePrice);
    }

    function test_lending__forced__needsAnOperator() public {
        LendingPosition position = _position();
        RecurringRebalancer rebalancer = _rebalancerOf(address(position), true);
        _run(rebalancer);
        assertEq(_job(rebalancer).failures, 1, "refused");
        vm.prank(borrower);
        position.setOperator(address(rebalancer), true);
        _run(rebalancer);
        assertEq(_job(rebalancer).failures, 0, "ran");
    }

    function test_lending__borrowing__isTold() public {
        LendingPosition position = _position();
        vm.expectEmit(address(position));
        emit ILendingPosition.Borrowed(outsider, 1_000 * USD, 15_000);
        vm.prank(borrower);
        position.borrow(1_000 * USD, outsider);
        assertEq(position.debt(), 16_000 * USD, "owed");
        assertEq(usdt.balanceOf(outsider), 1_000 * USD, "lent");
    }

    function test_lending__tooMuch__isRefused() public {
        LendingPosition position = _position();
        // 24,000 count against 19,000: below the target of 1.3.
        vm.expectRevert(abi.encodeWithSelector(ILendingPosition.LendingPosition_TooMuch.selector, 12_631));
        vm.prank(borrower);
        position.borrow(4_000 * USD, borrower);
        assertEq(position.debt(), 15_000 * USD, "as before");
    }

    /// @dev Below its minimum but still covered: without a source the run is skipped and is no failure.
    function test_lending__unhealthyWithoutASource__skips() public {
        LendingPosition position = _position();
        vm.prank(borrower);
        position.setAccounts(address(0), borrower);
        _setPrices(WETH_PRICE * 70 / 100, BOND_PRICE);
        _assertNothingToMove(position);
    }

    function test_lending__roomWithoutASink__skips() public {
        LendingPosition position = _position();
        vm.prank(borrower);
        position.setAccounts(borrower, address(0));
        _setPrices(WETH_PRICE * 2, BOND_PRICE);
        _assertNothingToMove(position);
    }

    function test_lending__unsoundBounds__areRefused() public {
        ILendingPosition.Bounds[4] memory bad = [
            ILendingPosition.Bounds(10_000, 13_000, 17_000, 8_000),
            ILendingPosition.Bounds(12_000, 12_000, 17_000, 8_000),
            ILendingPosition.Bounds(12_000, 13_000, 13_000, 8_000),
            ILendingPosition.Bounds(12_000, 13_000, 17_000, 10_001)
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(ILendingPosition.LendingPosition_InvalidBounds.selector);
            new LendingPosition(borrower, address(weth), address(usdt), address(oracle), address(this), bad[i]);
        }
    }

    function test_lending__withoutOneOfItsAccounts__isRefused() public {
        address[4] memory accounts = [address(weth), address(usdt), address(oracle), address(this)];
        for (uint256 i = 0; i < accounts.length; ++i) {
            address account = accounts[i];
            accounts[i] = address(0);
            vm.expectRevert(
                abi.encodeWithSelector(ILendingPosition.LendingPosition_InvalidAddress.selector, address(0))
            );
            new LendingPosition(
                borrower,
                accounts[0],
                accounts[1],
                accounts[2],
                accounts[3],
                ILendingPosition.Bounds(12_000, 13_000, 17_000, 8_000)
            );
            accounts[i] = account;
        }
    }

    /// @dev Ten WETH against a debt of 15,000; 80 % count: a health of 1.6, with bounds 1.2, 1.3 and 1.7.
    function _position() private returns (LendingPosition position) {
        position = new LendingPosition(
            borrower,
            address(weth),
            address(usdt),
            address(oracle),
            address(this),
            ILendingPosition.Bounds(12_000, 13_000, 17_000, 8_000)
        );
        weth.mint(address(this), 10e18);
        weth.approve(address(position), 10e18);
        position.addCollateral(10e18);
        usdt.mint(address(this), 100_000 * USD);
        usdt.approve(address(position), type(uint256).max);
        usdt.mint(borrower, 50_000 * USD);
        vm.startPrank(borrower);
        usdt.approve(address(position), type(uint256).max);
        position.setAccounts(borrower, borrower);
        position.borrow(15_000 * USD, borrower);
        vm.stopPrank();
    }

    function _assertNothingToMove(LendingPosition position) private {
        uint256 debt = position.debt();
        vm.expectEmit(address(position));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.NothingToMove);
        (bool skipped, IRebalanceable.Reason reason) = position.rebalance(false);
        assertTrue(skipped && reason == IRebalanceable.Reason.NothingToMove, "and said so");
        assertEq(position.debt(), debt, "as before");
    }

    function _rebalancerOf(address target, bool force) private returns (RecurringRebalancer rebalancer) {
        rebalancer = new RecurringRebalancer(
            scheduler,
            target,
            address(this),
            MAX_FAILURES,
            IRecurringJobs.RecurringConfig({
                interval: INTERVAL,
                priority: ITransactionScheduler.Priority.Medium,
                executionEffort: 4_000_000,
                estimationMargin: 10_500,
                forceRebalance: force,
                funderKind: IRecurringJobs.FunderKind.Ledger,
                txFunder: address(0)
            })
        );
        scheduler.deposit{value: 10 ether}(address(rebalancer), address(rebalancer));
        rebalancer.fixReschedule();
    }

    /// @dev Runs the rebalancer as a stranger when it is due, at unchanged prices.
    function _run(RecurringRebalancer rebalancer) private {
        (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(rebalancer.number());
        if (block.timestamp < booking.timestamp) vm.warp(booking.timestamp);
        wethFeed.set(wethFeed.answer());
        bondFeed.set(bondFeed.answer());
        usdtFeed.set(usdtFeed.answer());
        vm.prank(outsider);
        assertTrue(scheduler.execute(id, "", outsider), "ok");
    }

    function _assertSkips(RecurringRebalancer rebalancer, address teller, IRebalanceable.Reason reason) private {
        (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(rebalancer.number());
        if (block.timestamp < booking.timestamp) vm.warp(booking.timestamp);
        vm.expectEmit(teller);
        emit IRebalanceable.RebalanceSkipped(reason);
        scheduler.execute(id, "", outsider);
        assertEq(_job(rebalancer).failures, 0, "no failure");
        assertTrue(scheduler.isBooked(rebalancer.number()), "goes on");
    }

    function _job(RecurringRebalancer rebalancer) private view returns (IRecurringJobs.Job memory) {
        return rebalancer.jobOf(rebalancer.number());
    }
}
