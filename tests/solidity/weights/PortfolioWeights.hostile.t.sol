// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ReenteringVenue} from "../doubles/HostileVenues.sol";
import {PoolVenue, WanderingVenue} from "../doubles/OddVenues.sol";
import {RogueExecutor} from "./RogueExecutor.sol";
import {WeighedPortfolio} from "./WeighedPortfolio.sol";
import {WeightsTest} from "./WeightsTest.sol";

/// @title Attacks by venues, executors and callers during a run
contract PortfolioWeightsHostileTest is WeightsTest {
    function test_run__venueReenters__isRefused() public {
        ReenteringVenue hostile = new ReenteringVenue(address(oracle));
        portfolio.setItems(_items(address(hostile), 3_000, 3_000, 3_000), 1_000);
        rebalancer.raiseLimit(LimitKeys.automatic(address(portfolio)), 10_000_000 * USD, 1 days, 0);
        IPortfolioWeights.Swap[] memory none = new IPortfolioWeights.Swap[](0);
        IPortfolioWeights.Scales memory scales = portfolio.scales();
        IWeightRebalancer.Charge memory charge;
        bytes4 locked = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        bytes4 closed = IPortfolioWeights.PortfolioWeights_NotInSession.selector;
        bytes4 foreign = IWeightRebalancer.WeightRebalancer_NotPortfolio.selector;
        address target = address(portfolio);
        address executor = address(rebalancer);
        _assertReentryFails(hostile, target, abi.encodeCall(portfolio.rebalance, (false)), locked);
        _assertReentryFails(hostile, target, abi.encodeCall(portfolio.rebalance, (true)), locked);
        _assertReentryFails(hostile, target, abi.encodeCall(portfolio.reweigh, (none)), locked);
        _assertReentryFails(hostile, target, abi.encodeCall(portfolio.setRebalancer, (address(0))), 0);
        _assertReentryFails(hostile, target, abi.encodeCall(portfolio.withdraw, (address(eth), outsider, 1)), locked);
        _assertReentryFails(hostile, target, abi.encodeCall(portfolio.scales, ()), locked);
        _assertReentryFails(hostile, target, abi.encodeCall(portfolio.rebalanceAmounts, ()), locked);
        _assertReentryFails(
            hostile, target, abi.encodeCall(portfolio.runWeights, (keeper, IPortfolioWeights.Mode.Keeper, none)), closed
        );
        _assertReentryFails(hostile, target, abi.encodeCall(portfolio.sellOverweight, (1, 1, 0, "")), closed);
        _assertReentryFails(hostile, target, abi.encodeCall(portfolio.buyUnderweight, (1, 1, 0, "")), closed);
        _assertReentryFails(hostile, target, abi.encodeCall(portfolio.advance, (1)), closed);
        _assertReentryFails(
            hostile,
            executor,
            abi.encodeCall(rebalancer.execute, (scales, IPortfolioWeights.Mode.Keeper, none)),
            foreign
        );
        _assertReentryFails(hostile, executor, abi.encodeCall(rebalancer.settle, (charge)), foreign);
    }

    function test_session__outsideOfRuns__isClosed() public {
        bytes4 closed = IPortfolioWeights.PortfolioWeights_NotInSession.selector;
        vm.startPrank(address(rebalancer));
        vm.expectPartialRevert(closed);
        portfolio.sellOverweight(0, 1, 0, "");
        vm.expectPartialRevert(closed);
        portfolio.buyUnderweight(0, 1, 0, "");
        vm.expectPartialRevert(closed);
        portfolio.advance(1);
        vm.stopPrank();
        // The session is also closed after a run in the same transaction.
        _runs(portfolio);
        vm.prank(address(rebalancer));
        vm.expectPartialRevert(closed);
        portfolio.sellOverweight(0, 1, 0, "");
    }

    function test_run__executorTradesTwice__fails() public {
        _assertRogueFails(RogueExecutor.Plan.SellsTwice, IPortfolioWeights.PortfolioWeights_NotOpen.selector);
    }

    function test_run__executorSellsAndBuysTheSame__fails() public {
        _assertRogueFails(RogueExecutor.Plan.BuysWhatItSold, IPortfolioWeights.PortfolioWeights_NotOpen.selector);
    }

    function test_run__executorTradesWhatIsNotThere__fails() public {
        _assertRogueFails(RogueExecutor.Plan.SellsBeyondTheList, IPortfolioWeights.PortfolioWeights_NotOpen.selector);
    }

    function test_run__executorKeepsProceeds__fails() public {
        _assertRogueFails(RogueExecutor.Plan.KeepsProceeds, IPortfolioWeights.PortfolioWeights_NotReturned.selector);
    }

    function test_run__executorSpendsProceedsElsewhere__isRefused() public {
        _assertRogueIsRefused(RogueExecutor.Plan.LosesProceeds, IRebalanceable.Reason.MaxTotalValueLoss);
    }

    function test_run__executorTakesAnAdvance__isRefused() public {
        _assertRogueIsRefused(RogueExecutor.Plan.LosesAdvance, IRebalanceable.Reason.MaxTotalValueLoss);
    }

    function test_run__executorSellsWhatIsUnderweight__isRefused() public {
        _assertRogueIsRefused(RogueExecutor.Plan.SellsUnderweight, IRebalanceable.Reason.NotImproved);
    }

    function test_run__executorDoesNothing__isRefused() public {
        _assertRogueIsRefused(RogueExecutor.Plan.Nothing, IRebalanceable.Reason.NotImproved);
    }

    function test_run__executorTradesBelowTheLossBound__fails() public {
        RogueExecutor rogue = _rogue(portfolio, RogueExecutor.Plan.SellsOverweight);
        venue.setFeeBps(201);
        vm.expectRevert("minOut");
        portfolio.rebalance(true);
        venue.setFeeBps(200);
        portfolio.rebalance(true);
        rogue.set(RogueExecutor.Plan.BuysUnderweight);
        venue.setFeeBps(201);
        vm.expectRevert("minOut");
        portfolio.rebalance(true);
        venue.setFeeBps(200);
        portfolio.rebalance(true);
    }

    function test_run__executorTradesMoreThanIsAdmitted__fails() public {
        bytes4 above = IPortfolioWeights.PortfolioWeights_AboveMaximum.selector;
        portfolio.setMaxima(address(btc), 0.1e8 - 1, 0);
        portfolio.setMaxima(address(eth), 0, 1_000 * USD - 1);
        RogueExecutor rogue = _rogue(portfolio, RogueExecutor.Plan.SellsOverweight);
        vm.expectRevert(abi.encodeWithSelector(above, 0, 0.1e8, 0.1e8 - 1));
        portfolio.rebalance(true);
        rogue.set(RogueExecutor.Plan.BuysUnderweight);
        vm.expectRevert(abi.encodeWithSelector(above, 1, 1_000 * USD, 1_000 * USD - 1));
        portfolio.rebalance(true);
        portfolio.setMaxima(address(eth), 0, 1_000 * USD);
        portfolio.rebalance(true);
    }

    function test_run__executorWantsAnAdvanceOfATier__fails() public {
        usdt.mint(address(tier), 100 * USD);
        _rogue(tier, RogueExecutor.Plan.LosesAdvance);
        vm.expectPartialRevert(IPortfolioWeights.PortfolioWeights_NotInSession.selector);
        tier.rebalance(true);
    }

    function test_run__venueGivesWhatIsNotTraded__fails() public {
        WanderingVenue odd = new WanderingVenue(address(oracle));
        portfolio.setItems(_items(address(odd), 3_000, 3_000, 3_000), 1_000);
        portfolio.setMaxima(address(bnb), type(uint256).max, 1);
        odd.setGift(address(bnb), 1);
        bytes4 changed = IPortfolioWeights.PortfolioWeights_BalanceChanged.selector;
        vm.expectRevert(abi.encodeWithSelector(changed, address(bnb), 20e18 + 1, 20e18));
        _reweigh(portfolio, _swaps());
    }

    function test_run__giftToTheExecutor__goesHomeAndCountsNowhere() public {
        usdt.mint(address(rebalancer), 50_000 * USD);
        _runs(portfolio);
        assertEq(_valueOf(portfolio, btc), 18_000 * USD, "BTC");
        assertEq(usdt.balanceOf(address(portfolio)), 56_000 * USD, "settlement token");
        usdt.mint(address(tierRebalancer), 50_000 * USD);
        venue.setFeeBps(10);
        _runs(tier);
        assertLe(usdt.balanceOf(home), 50_000 * USD + 2, "the gift and rounding");
        assertGe(usdt.balanceOf(home), 50_000 * USD, "the gift");
        assertTrue(tierRebalancer.available(LimitKeys.LOSS_ADD) < 10_000 * USD, "the gift hides no loss");
    }

    /// @dev Moving the pool before and after a run gains at most the loss bound of open runs, at any size. The check of
    /// the pool's price makes the gain mostly zero.
    function testFuzz_rebalance__attackerMovesThePool__gainsAtMostTheBound(uint256 size, bool buys, uint16 tolerance)
        public
    {
        PoolVenue pool = _deepPool();
        IWeightRebalancer.Terms memory terms = _terms();
        terms.spotToleranceBps = tolerance % 10_001;
        rebalancer.setTerms(terms);
        PoolAttacker attacker = new PoolAttacker(portfolio, pool, address(usdt), address(btc));
        size = bound(size, 1 * USD, 5_000_000 * USD);
        usdt.mint(address(attacker), 5_000_000 * USD);
        btc.mint(address(attacker), 100e8);
        uint256 before = _wealth(address(attacker));
        uint256 worth = _worth(portfolio);
        // A bad price fails the run, and the attack with it.
        try attacker.attack(size, buys) {} catch {}
        uint256 bound_ = worth * 30 / WHOLE;
        assertLe(_wealth(address(attacker)), before + bound_, "the attacker's gain");
        assertGe(_worth(portfolio) + bound_, worth, "the portfolio's loss");
    }

    /// @dev A pool moved by more than the tolerance is not traded.
    function test_rebalance__attackerMovesThePoolFar__skips() public {
        PoolVenue pool = _deepPool();
        PoolAttacker attacker = new PoolAttacker(portfolio, pool, address(usdt), address(btc));
        btc.mint(address(attacker), 100e8);
        vm.expectEmit(address(portfolio));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.SpotOffOracle);
        attacker.attack(20_000 * USD, false);
    }

    /// @dev Trades BTC in a pool of two millions.
    function _deepPool() private returns (PoolVenue pool) {
        pool = new PoolVenue();
        usdt.mint(address(pool), 1_000_000 * USD);
        btc.mint(address(pool), 20e8);
        WeighedPortfolio.Item[] memory items = _items(address(venue), 3_000, 3_000, 3_000);
        (items[0].venue, items[0].maxLossBps) = (address(pool), 1_000);
        portfolio.setItems(items, 1_000);
    }

    function _wealth(address account) private view returns (uint256) {
        return usdt.balanceOf(account) + oracle.convert(address(btc), address(usdt), btc.balanceOf(account));
    }

    function _rogue(WeighedPortfolio held, RogueExecutor.Plan plan) private returns (RogueExecutor rogue) {
        rogue = new RogueExecutor(held, address(usdt), address(venue));
        rogue.set(plan);
        held.setRebalancer(address(rogue));
    }

    function _assertRogueFails(RogueExecutor.Plan plan, bytes4 selector) private {
        _rogue(portfolio, plan);
        vm.expectPartialRevert(selector);
        portfolio.rebalance(true);
    }

    function _assertRogueIsRefused(RogueExecutor.Plan plan, IRebalanceable.Reason reason) private {
        _rogue(portfolio, plan);
        uint256 worth = _worth(portfolio);
        vm.expectEmit(address(portfolio));
        emit IRebalanceable.RebalanceSkipped(reason);
        portfolio.rebalance(true);
        assertEq(_worth(portfolio), worth, "undone");
    }

    function _assertReentryFails(ReenteringVenue hostile, address target, bytes memory data, bytes4 selector) private {
        vm.warp(block.timestamp + 1 days);
        _refreshFeeds();
        btc.mint(address(portfolio), btc.balanceOf(address(portfolio)) / 2);
        hostile.setCall(target, data);
        _runs(portfolio);
        assertFalse(hostile.succeeded(), "re-entered");
        if (selector != 0) assertTrue(bytes4(hostile.answer()) == selector, "for another reason");
    }
}

/// @title Contract that moves the pool, runs the portfolio and moves the pool back in one transaction
contract PoolAttacker {
    WeighedPortfolio private immutable portfolio;
    PoolVenue private immutable pool;
    IToken private immutable usdt;
    IToken private immutable btc;

    constructor(WeighedPortfolio portfolio_, PoolVenue pool_, address usdt_, address btc_) {
        (portfolio, pool, usdt, btc) = (portfolio_, pool_, IToken(usdt_), IToken(btc_));
    }

    function attack(uint256 size, bool buys) external {
        (IToken give, IToken take) = buys ? (usdt, btc) : (btc, usdt);
        uint256 amount = buys ? size : size * 1e8 / 50_000e6;
        uint256 out = _swap(give, take, amount);
        portfolio.rebalance(false);
        _swap(take, give, out);
    }

    function _swap(IToken give, IToken take, uint256 amount) private returns (uint256) {
        give.transfer(address(pool), amount);
        return pool.trade(address(give), address(take), amount, 0, address(this), "");
    }
}

interface IToken {
    function transfer(address to, uint256 amount) external;
}
