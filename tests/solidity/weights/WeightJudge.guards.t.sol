// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {WeightJudge} from "@ballast/portfolio/WeightJudge.sol";

import {FlashDepositor} from "../doubles/FlashDepositor.sol";
import {MoodyVenue} from "../doubles/MoodyVenue.sol";
import {ProbingExecutor, RunProbe, StingyCaller} from "./RunProbe.sol";
import {WeightJudgeTest} from "./WeightJudgeTest.sol";

/// @title Permissions during a run of a real portfolio, and assets that runs do not trade
/// forge-config: default.isolate = true
contract WeightJudgeGuardsTest is WeightJudgeTest {
    uint256 private constant ROUNDING = 8;
    bytes4 private constant NOT_OPERATOR = IPortfolio.Portfolio_NotOperator.selector;
    bytes4 private constant BUSY = IPortfolio.Portfolio_Busy.selector;

    RunProbe private probe;
    MoodyVenue private moody;

    function setUp() public override {
        super.setUp();
        probe = new RunProbe();
        moody = new MoodyVenue(address(oracle));
    }

    // Outside runs.

    /// V12: a pause and a removal apply to runs of weights, whoever starts them.
    function test_killSwitch__pausedOrRemoved__noRunsOfWeights() public {
        _setPrices(WETH_PRICE * 11 / 10, BOND_PRICE);
        IPortfolioWeights.Swap[] memory swaps = _swaps();
        bytes32 before = _stateOf(l3);
        vm.prank(guardian);
        killSwitch.pause();
        assertTrue(executor.paused(), "as the keeper reads it");
        _assertRefused(l3, IRebalanceable.Reason.Paused);
        _assertSkips(l3, IRebalanceable.Reason.Paused);
        killSwitch.unpause();
        vm.prank(guardian);
        killSwitch.removeKeeper(keeper);
        bytes memory refusal = _error(IWeightRebalancer.WeightRebalancer_NotKeeper.selector, keeper);
        vm.startPrank(keeper);
        vm.expectRevert(refusal);
        judge.reweigh(swaps);
        vm.expectRevert(refusal);
        l3.rebalance(true);
        vm.expectRevert(refusal);
        l3.rebalance(false);
        vm.stopPrank();
        assertTrue(_stateOf(l3) == before, "nothing moved");
        killSwitch.restoreKeeper(keeper);
        _reweigh(l3, swaps);
        assertFalse(_stateOf(l3) == before, "restored");
    }

    function test_hooks__byOthers__refused() public {
        address[3] memory others = [outsider, address(controller), address(executor)];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory refusal = _error(NOT_OPERATOR, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(refusal);
            l3.beginRun();
            vm.expectRevert(refusal);
            l3.endRun();
            vm.expectRevert(refusal);
            l3.sellTo(address(weth), 1e18, 0, "", others[i]);
            vm.expectRevert(refusal);
            l3.advance(1, others[i]);
            vm.stopPrank();
        }
    }

    function test_hooks__outsideOfRuns__refused() public {
        usdt.mint(address(l3), 1);
        vm.startPrank(address(judge));
        vm.expectRevert(IPortfolio.Portfolio_NotInRun.selector);
        l3.sellTo(address(weth), 1e18, 0, "", outsider);
        vm.expectRevert(IPortfolio.Portfolio_NotInRun.selector);
        l3.advance(1, outsider);
        vm.expectRevert(_error(NOT_OPERATOR, address(judge)));
        l3.buy(address(weth), 1, 0, "");
        vm.expectRevert(_error(NOT_OPERATOR, address(judge)));
        l3.sell(address(weth), 1, 0, "");
        vm.stopPrank();
    }

    function test_rebalanceFor__byOthers__refused() public {
        vm.expectRevert(_error(IPortfolioWeights.PortfolioWeights_NotInSession.selector, outsider));
        vm.prank(outsider);
        judge.rebalanceFor(keeper, true);
    }

    function test_rebalance__withoutJudge__fails() public {
        l3.setWeights(address(0));
        (bool succeeded,) = address(l3).call(abi.encodeCall(l3.rebalance, (false)));
        assertFalse(succeeded, "there is nobody to do it");
    }

    function test_setWeights__ofAnotherPortfolio__refused() public {
        vm.expectRevert(_error(IPortfolio.Portfolio_InvalidAddress.selector, address(basketJudge)));
        l3.setWeights(address(basketJudge));
        vm.expectEmit(address(l3));
        emit IPortfolio.WeightsSet(address(0));
        l3.setWeights(address(0));
        assertEq(l3.weights(), address(0), "none");
        WeightJudge next = new WeightJudge(address(manager), address(l3));
        vm.expectEmit(address(l3));
        emit IPortfolio.WeightsSet(address(next));
        l3.setWeights(address(next));
    }

    function test_setWeights__byOthers__refused() public {
        vm.expectPartialRevert(bytes4(keccak256("AccessManagedUnauthorized(address)")));
        vm.prank(outsider);
        l3.setWeights(address(0));
    }

    // During runs.

    /// @dev Between the trades of a run only the state of the run refuses others: neither portfolio nor controller is
    /// locked.
    function test_inRun__betweenTrades__nobodyElseGetsIn() public {
        bytes4[] memory errors = _prepareAttempts();
        ProbingExecutor prober = new ProbingExecutor(judge, address(venue), probe);
        judge.setRebalancer(address(prober));
        _setPrices(3_750e8, BOND_PRICE);
        vm.prank(outsider);
        l3.rebalance(false);
        assertEq(executor.lastRun(), 0, "another executor");
        _assertNear(l3.valueOf(address(bond)), 198_000 * USD, ROUNDING, "it traded");
        _assertAttemptsFailed(errors);
        // Afterwards the calls would succeed.
        assertGe(vault.maxDeposit(alice), 1, "values are there again");
        vm.prank(address(probe));
        l3.hold(address(bond));
    }

    /// @dev Calls from within a trade.
    function test_inRun__fromAVenue__nobodyElseGetsIn() public {
        bytes4[] memory errors = _prepareAttempts();
        moody.setMood(10_000, false, address(probe), abi.encodeCall(probe.go, ()));
        l3.setHoldings(_yields(address(moody)));
        _setPrices(3_750e8, BOND_PRICE);
        _runs(l3);
        RunProbe.Attempt[] memory list = probe.attempts();
        assertGe(probe.rounds(), 2, "sale and purchase");
        for (uint256 i = 0; i < errors.length; ++i) {
            bool answered = errors[i] == bytes4(0);
            assertTrue(list[i].succeeded == answered, vm.toString(i));
        }
    }

    function test_inRun__vaultShowsTheBook() public {
        probe.add(address(vault), abi.encodeCall(vault.totalAssets, ()));
        probe.add(address(vault), abi.encodeCall(vault.maxDeposit, (address(probe))));
        probe.add(address(vault), abi.encodeCall(vault.maxWithdraw, (alice)));
        probe.add(address(l3), abi.encodeCall(l3.inRun, ()));
        moody.setMood(10_000, false, address(probe), abi.encodeCall(probe.go, ()));
        l3.setHoldings(_yields(address(moody)));
        uint256 booked = vault.totalAssets();
        _setPrices(3_750e8, BOND_PRICE);
        _runs(l3);
        RunProbe.Attempt[] memory list = probe.attempts();
        // The book's value, without new prices or amounts in transit.
        assertEq(abi.decode(list[0].answer, (uint256)), booked, "total");
        assertEq(abi.decode(list[1].answer, (uint256)), 0, "nobody gets in");
        assertEq(abi.decode(list[2].answer, (uint256)), 0, "nobody gets out");
        assertTrue(abi.decode(list[3].answer, (bool)), "in a run");
    }

    /// @dev The controller of the home is in an action of another tier, so only its lock shows that it is busy.
    function test_run__fromInsideAnAction__isBusy() public {
        _setPrices(3_750e8, BOND_PRICE);
        marketA.setCall(address(l3), abi.encodeCall(l3.rebalance, (false)));
        bytes32 before = _stateOf(l3);
        vm.expectEmit(address(judge));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.Busy);
        vm.prank(keeper);
        controller.redeemAsset(address(marketA), 1_000 * USD, 0, "");
        assertTrue(marketA.callSucceeded(), "it was asked");
        assertEq(executor.lastRun(), 0, "no run");
        assertTrue(before != _stateOf(l3), "the action went on");
        // The same run by a keeper fails.
        _allow(address(probe));
        executor.raiseLimit(LimitKeys.automatic(address(probe)), AMPLE, 1, 0);
        vm.warp(block.timestamp + 1);
        probe.add(address(judge), abi.encodeCall(judge.reweigh, (_swaps())));
        marketA.setCall(address(probe), abi.encodeCall(probe.go, ()));
        vm.prank(keeper);
        controller.redeemAsset(address(marketA), 1_000 * USD, 0, "");
        bytes memory refusal =
            abi.encodeWithSelector(IRebalanceable.Rebalance_Refused.selector, IRebalanceable.Reason.Busy);
        assertTrue(keccak256(probe.attempts()[0].answer) == keccak256(refusal), "refused as busy");
    }

    /// @dev A stand-alone basket has no home to check.
    function test_run__fromInsideATrade__isSkipped() public {
        basket.setHoldings(_basketHoldings(address(moody)));
        moody.setMood(10_000, false, address(basket), abi.encodeCall(basket.rebalance, (false)));
        usdt.mint(address(basket), 50_000 * USD);
        vm.expectEmit(address(basketJudge));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.StalePrice);
        basket.sell(address(weth), 1e18, 0, "");
        assertEq(basketExecutor.lastRun(), 0, "no run");
    }

    // Assets that are not traded.

    function test_gift__unheld__isNeitherWeighedNorTraded() public {
        (Portfolio fresh,) = _withoutBonds();
        bond.mint(address(fresh), 500e18);
        usdt.mint(address(fresh), 10_000 * USD);
        IPortfolioWeights runner = IPortfolioWeights(fresh.weights());
        assertEq(runner.scales().basket.quantities[1], 0, "not weighed");
        _force(fresh);
        assertEq(bond.balanceOf(address(fresh)), 500e18, "not traded");
        assertFalse(fresh.positionOf(address(bond)).held, "not held");
    }

    function test_gift__unheldDust__isWeighedAndTraded() public {
        (Portfolio fresh,) = _withoutBonds();
        // A hundredth of a dollar is not dust; one unit less is.
        bond.mint(address(fresh), 1e14);
        IPortfolioWeights runner = IPortfolioWeights(fresh.weights());
        assertEq(runner.scales().basket.quantities[1], 0, "a hundredth");
        vm.prank(address(fresh));
        bond.transfer(outsider, 1e12);
        assertEq(runner.scales().basket.quantities[1], 1e14 - 1e12, "dust");
        vm.expectEmit(address(fresh));
        emit IPortfolio.HeldSet(address(bond), true);
        _force(fresh);
        assertTrue(fresh.positionOf(address(bond)).held, "held");
        _assertNear(fresh.valueOf(address(bond)), fresh.value() / 5, 20_000, "at its target");
    }

    function test_gift__unheldShares__likewise() public {
        Portfolio fresh = _withoutFund();
        usdt.mint(address(this), 100 * USD);
        usdt.approve(address(fund), 100 * USD);
        fund.deposit(100 * USD, address(fresh));
        IPortfolioWeights runner = IPortfolioWeights(fresh.weights());
        assertEq(runner.scales().basket.quantities[2], 0, "not weighed");
        // With more cash than the fund's part the others can reach their targets.
        usdt.mint(address(fresh), 40_000 * USD);
        _force(fresh);
        assertEq(fund.balanceOf(address(fresh)), 100 * USD, "not traded");
    }

    function test_firstShares__areBoughtAtTheRateOfAWholeOne() public {
        Portfolio fresh = _withoutFund();
        _force(fresh);
        _assertNear(fresh.valueOf(address(fund)), fresh.value() * 3_000 / WHOLE, ROUNDING, "at its target");
        assertTrue(fresh.positionOf(address(fund)).held, "held");
    }

    /// @dev One unit pays 1 while a share pays 1.5: at the unit's rate, only two thirds of the expected shares would
    /// arrive. A gift of one unit, or a purchase by a stolen key, could then stop all runs.
    function testFuzz_fewShares__theRateIsThatOfAWholeOne(uint256 few, bool held) public {
        few = bound(few, 1, 100);
        Portfolio fresh = _withoutFund();
        _setFund(usdt.balanceOf(address(fund)) * 3 / 2);
        usdt.mint(address(this), 1_000);
        usdt.approve(address(fund), 1_000);
        fund.mint(few, address(fresh));
        if (held) fresh.hold(address(fund));
        _force(fresh);
        _assertNear(fresh.valueOf(address(fund)), fresh.value() * 3_000 / WHOLE, ROUNDING, "at its target");
    }

    function test_writtenOff__isNeitherWeighedNorTraded() public {
        _markDown(l3, address(fund), 0);
        uint256 shares = fund.balanceOf(address(l3));
        _setPrices(4_500e8, BOND_PRICE);
        // Proceeds for the fund's gap would stay idle, which is no improvement.
        _assertSkips(l3, IRebalanceable.Reason.NotImproved);
        IPortfolio.Holding[] memory list = _yields(address(venue));
        (list[0].targetBps, list[1].targetBps, list[2].targetBps) = (5_000, 4_000, 1_000);
        l3.setHoldings(list);
        uint256 cash = usdt.balanceOf(address(vault));
        _force(l3);
        // 540,000 count.
        assertEq(fund.balanceOf(address(l3)), shares, "not traded");
        _assertNear(l3.valueOf(address(weth)), 324_000 * USD, ROUNDING, "WETH");
        _assertNear(l3.valueOf(address(bond)), 216_000 * USD, ROUNDING, "bond");
        _assertNear(usdt.balanceOf(address(vault)), cash, ROUNDING, "nothing went home");
    }

    function test_soldOut__doesNotCountAnyMore() public {
        IPortfolio.Holding[] memory list = _yields(address(venue));
        (list[0].targetBps, list[2].targetBps) = (7_000, 0);
        l3.setHoldings(list);
        vm.expectEmit(address(l3));
        emit IPortfolio.HeldSet(address(fund), false);
        _runs(l3);
        assertEq(fund.balanceOf(address(l3)), 0, "sold");
        assertFalse(l3.positionOf(address(fund)).held, "not held");
        _assertNear(l3.valueOf(address(weth)), 420_000 * USD, ROUNDING, "WETH");
    }

    // Bounds of purchases and sales.

    function test_cap__zero__isNotBought() public {
        vm.prank(guardian);
        l3.lowerCap(address(bond), 0);
        uint256 before = bond.balanceOf(address(l3));
        uint256 cash = usdt.balanceOf(address(vault));
        _setPrices(3_750e8, BOND_PRICE);
        _runs(l3);
        assertEq(bond.balanceOf(address(l3)), before, "not bought");
        _assertNear(l3.valueOf(address(fund)), 198_000 * USD, ROUNDING, "the fund is");
        _assertNear(usdt.balanceOf(address(vault)), cash, ROUNDING, "nothing went home");
    }

    function test_cap__isAPartOfTheVaultByItsBook() public {
        vm.prank(guardian);
        l3.lowerCap(address(bond), 1_900);
        _setPrices(3_750e8, BOND_PRICE);
        (uint256[3] memory values,) = controller.bookValues();
        assertEq(values[0] + values[1] + values[2], 1_000_000 * USD, "the book is older than the price");
        _runs(l3);
        _assertNear(l3.valueOf(address(bond)), 190_000 * USD, ROUNDING, "up to its cap");
    }

    /// @dev Anyone may start a run, also with a borrowed deposit as large as the vault.
    function test_cap__borrowedDeposit__isNoPartOfTheVault() public {
        vm.prank(guardian);
        l3.lowerCap(address(bond), 1_900);
        _setPrices(3_750e8, BOND_PRICE);
        FlashDepositor flash = new FlashDepositor(vault);
        flash.rebalance(DEPOSIT, l3);
        assertEq(executor.lastRun(), block.timestamp, "it traded");
        _assertNear(l3.valueOf(address(bond)), 190_000 * USD, ROUNDING, "up to its cap");
    }

    function test_cap__belowWhatIsHeld__isNotBought() public {
        vm.prank(guardian);
        l3.lowerCap(address(bond), 1_700);
        uint256 before = bond.balanceOf(address(l3));
        _setPrices(3_750e8, BOND_PRICE);
        _runs(l3);
        assertEq(bond.balanceOf(address(l3)), before, "neither bought nor sold");
    }

    function test_cap__ofABasket__isItsTarget() public {
        basket.lowerCap(address(bond), 1);
        usdt.mint(address(basket), 30_000 * USD);
        _runs(basket);
        _assertNear(basket.valueOf(address(bond)), 26_000 * USD, ROUNDING, "at its target");
        basket.lowerCap(address(bond), 0);
        uint256 before = bond.balanceOf(address(basket));
        vm.warp(block.timestamp + 1 hours);
        usdt.mint(address(basket), 30_000 * USD);
        _runs(basket);
        assertEq(bond.balanceOf(address(basket)), before, "not bought");
    }

    function test_redemptionsPaused__isNotSold() public {
        _setFund(fund.totalAssets() + 150_000 * USD);
        fund.setWithdrawalsPaused(true);
        uint256 shares = fund.balanceOf(address(l3));
        assertEq(judge.scales().constituents[2].maxSale, 0, "nothing can be sold");
        _assertSkips(l3, IRebalanceable.Reason.NotImproved);
        assertEq(fund.balanceOf(address(l3)), shares, "not sold");
    }

    // Prices.

    function test_price__stale__isSkipped() public {
        _setPrices(3_750e8, BOND_PRICE);
        vm.warp(block.timestamp + HEARTBEAT + 1);
        usdtFeed.set(1e8);
        wethFeed.set(3_750e8);
        _assertSkips(l3, IRebalanceable.Reason.StalePrice);
        _assertSkips(basket, IRebalanceable.Reason.StalePrice);
        _assertRefused(l3, IRebalanceable.Reason.StalePrice);
        bondFeed.set(BOND_PRICE);
        _runs(l3);
    }

    function test_rate__aboveItsMaximum__isSkipped() public {
        _setPrices(3_750e8, BOND_PRICE);
        IPortfolio.Holding[] memory list = _yields(address(venue));
        list[2].maxRate = uint96(1_200_000);
        l3.setHoldings(list);
        _setFund(fund.totalAssets() * 13 / 10);
        _assertSkips(l3, IRebalanceable.Reason.StalePrice);
        _assertRefused(l3, IRebalanceable.Reason.StalePrice);
        list[2].maxRate = ANY_RATE;
        l3.setHoldings(list);
        _force(l3);
    }

    function test_preview__thatFailsForWhatIsNotHeld__isNotBought() public {
        Portfolio fresh = _withoutFund();
        vm.mockCallRevert(address(fund), abi.encodeCall(fund.previewRedeem, (1e6)), "dead");
        _assertSkips(fresh, IRebalanceable.Reason.NotImproved);
        vm.clearMockedCalls();
        _force(fresh);
    }

    /// @dev A dead asset that is listed but not held blocks nothing, with a cap for purchases or without.
    function testFuzz_price__ofADeadFundThatIsNotHeld__stopsNothing(bool closed) public {
        _sellAll(address(fund));
        IPortfolio.Holding[] memory list = _yields(address(venue));
        (list[0].targetBps, list[1].targetBps, list[2].targetBps) = (5_000, 5_000, 0);
        l3.setHoldings(list);
        vm.mockCallRevert(address(fund), abi.encodePacked(fund.previewRedeem.selector), "dead");
        vm.mockCallRevert(address(fund), abi.encodePacked(fund.maxRedeem.selector), "dead");
        _setPrices(4_500e8, BOND_PRICE);
        vm.prank(guardian);
        if (closed) l3.lowerCap(address(fund), 0);
        else l3.lowerCap(address(fund), 1);
        _runs(l3);
        _assertNear(l3.valueOf(address(weth)), 270_000 * USD, ROUNDING, "WETH");
    }

    function test_feed__ofWhatIsNeitherHeldNorBought__isNotAsked() public {
        _sellAll(address(bond));
        IPortfolio.Holding[] memory list = _yields(address(venue));
        (list[0].targetBps, list[1].targetBps, list[2].targetBps) = (5_000, 0, 5_000);
        l3.setHoldings(list);
        bondFeed.set(0);
        _assertSkips(l3, IRebalanceable.Reason.StalePrice);
        vm.prank(guardian);
        l3.lowerCap(address(bond), 0);
        _force(l3);
        _assertNear(l3.valueOf(address(weth)), 210_000 * USD, ROUNDING, "WETH");
    }

    /// @dev Purchases also deliver within the asset's bound.
    function test_loss__ofATrade__isWithinTheBound() public {
        l3.setHoldings(_yields(address(moody)));
        _setPrices(3_750e8, BOND_PRICE);
        // Only the bond has a bound of 1 %.
        IPortfolio.Holding[] memory list = _yields(address(moody));
        list[1].maxLossBps = 100;
        l3.setHoldings(list);
        moody.setMood(9_899, false, address(0), "");
        vm.expectPartialRevert(IPortfolio.Portfolio_InsufficientOutput.selector);
        vm.prank(keeper);
        judge.reweigh(_swaps());
        moody.setMood(9_900, false, address(0), "");
        _reweigh(l3, _swaps());
        moody.setMood(9_799, false, address(0), "");
        _setPrices(4_750e8, BOND_PRICE);
        vm.expectPartialRevert(IPortfolio.Portfolio_InsufficientOutput.selector);
        vm.prank(keeper);
        judge.reweigh(_swaps());
    }

    /// @dev Too little gas for a valuation cannot make a run appear to have a bad price.
    function testFuzz_gas__little__failsOrTrades(uint256 gasLimit) public {
        StingyCaller caller = new StingyCaller();
        _setPrices(3_750e8, BOND_PRICE);
        gasLimit = bound(gasLimit, 30_000, 900_000);
        bool succeeded = caller.call(address(l3), abi.encodeCall(l3.rebalance, (false)), gasLimit);
        assertTrue(succeeded == (executor.lastRun() == block.timestamp), "it failed or it traded");
    }

    function _withoutBonds() private returns (Portfolio fresh, uint256 cash) {
        fresh = new Portfolio(address(manager), address(usdt), address(oracle), address(0));
        fresh.setHoldings(_basketHoldings(address(venue)));
        fresh.setOperator(address(this), true);
        usdt.mint(address(venue), 40_000 * USD);
        cash = 30_000 * USD;
        usdt.mint(address(fresh), 30_000 * USD + cash);
        fresh.buy(address(weth), 40_000 * USD, 0, "");
        fresh.buy(address(fund), 30_000 * USD, 0, "");
        _attach(fresh);
        vm.warp(block.timestamp + 1);
    }

    /// @dev Sells the whole asset, so that it is no longer held.
    function _sellAll(address asset) private {
        uint256 held = IERC20(asset).balanceOf(address(l3));
        vm.prank(keeper);
        controller.redeemAsset(asset, held, 0, "");
    }

    /// @dev A marked asset is weighed at its counted value and not traded.
    function test_markedDown__isWeighedAndNotTraded() public {
        uint256 shares = fund.balanceOf(address(l3));
        _markDown(l3, address(fund), 5_000);
        IPortfolio.Holding[] memory list = _yields(address(venue));
        (list[0].targetBps, list[1].targetBps, list[2].targetBps) = (5_000, 4_000, 1_000);
        l3.setHoldings(list);
        _setPrices(4_500e8, BOND_PRICE);
        _force(l3);
        assertEq(fund.balanceOf(address(l3)), shares, "not traded");
        // Half of 630,000, in which the fund counts as 90,000.
        _assertNear(l3.valueOf(address(weth)), 315_000 * USD, ROUNDING, "WETH");
    }

    function _withoutFund() private returns (Portfolio fresh) {
        fresh = new Portfolio(address(manager), address(usdt), address(oracle), address(0));
        fresh.setHoldings(_basketHoldings(address(venue)));
        fresh.setOperator(address(this), true);
        usdt.mint(address(venue), 60_000 * USD);
        usdt.mint(address(fresh), 40_000 * USD);
        fresh.buy(address(weth), 40_000 * USD, 0, "");
        fresh.buy(address(bond), 20_000 * USD, 0, "");
        _attach(fresh);
        vm.warp(block.timestamp + 1);
    }

    /// @dev Gives the probe all roles: admin, configurator, keeper and operator.
    function _prepareAttempts() private returns (bytes4[] memory errors) {
        manager.grantRole(0, address(probe), 0);
        manager.grantRole(CONFIGURATOR, address(probe), 0);
        l3.setOperator(address(probe), true);
        _allow(address(probe));
        vm.warp(block.timestamp + 1);
        usdt.mint(address(probe), 1_000 * USD);
        vm.prank(address(probe));
        usdt.approve(address(vault), 1_000 * USD);
        usdt.mint(address(venue), 1_000 * USD);

        errors = new bytes4[](25);
        uint256 n = 0;
        errors[n++] = _try(address(l3), abi.encodeCall(l3.buy, (address(weth), 1_000 * USD, 0, "")), NOT_OPERATOR);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.sell, (address(bond), 1e18, 0, "")), NOT_OPERATOR);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.sellUnpriced, (address(bond), 1e18, 1, "")), NOT_OPERATOR);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.withdraw, (address(fund), USD)), NOT_OPERATOR);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.claim, (address(fund))), NOT_OPERATOR);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.hold, (address(bond))), NOT_OPERATOR);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.beginRun, ()), NOT_OPERATOR);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.endRun, ()), NOT_OPERATOR);
        bytes memory sale = abi.encodeCall(l3.sellTo, (address(bond), 1e18, 0, "", address(probe)));
        errors[n++] = _try(address(l3), sale, NOT_OPERATOR);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.advance, (1, address(probe))), NOT_OPERATOR);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.value, ()), BUSY);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.valueOf, (address(bond))), BUSY);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.positions, ()), BUSY);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.positionOf, (address(bond))), BUSY);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.skim, (address(usdt))), BUSY);
        errors[n++] = _try(address(l3), abi.encodeCall(l3.setHoldings, (_yields(address(venue)))), BUSY);
        errors[n++] = _try(
            address(l3), abi.encodeCall(l3.setWeights, (address(0))), IPortfolio.Portfolio_InvalidAddress.selector
        );
        errors[n++] = _try(address(controller), abi.encodeCall(controller.deployedValue, ()), BUSY);
        errors[n++] = _try(address(controller), abi.encodeCall(controller.sync, ()), BUSY);
        bytes memory redemption = abi.encodeCall(controller.redeemAsset, (address(bond), 1e18, 0, ""));
        errors[n++] = _try(address(controller), redemption, NOT_OPERATOR);
        errors[n++] = _try(address(vault), abi.encodeCall(vault.deposit, (USD, address(probe))), BUSY);
        errors[n++] = _try(address(vault), abi.encodeCall(vault.mint, (1e12, address(probe))), BUSY);
        bytes4 locked = bytes4(keccak256("ReentrancyGuardReentrantCall()"));
        errors[n++] = _try(address(l3), abi.encodeCall(l3.rebalance, (true)), locked);
        errors[n++] = _try(address(judge), abi.encodeCall(judge.scales, ()), locked);
        // The book can always be read.
        errors[n++] = _try(address(controller), abi.encodeCall(controller.valuation, ()), bytes4(0));
        assertEq(n, errors.length, "attempts");
    }

    function _try(address callee, bytes memory data, bytes4 refusal) private returns (bytes4) {
        probe.add(callee, data);
        return refusal;
    }

    function _assertAttemptsFailed(bytes4[] memory errors) private view {
        RunProbe.Attempt[] memory list = probe.attempts();
        assertEq(probe.rounds(), 1, "asked once");
        for (uint256 i = 0; i < errors.length; ++i) {
            assertTrue(list[i].succeeded == (errors[i] == bytes4(0)), vm.toString(i));
            if (!list[i].succeeded) assertTrue(bytes4(list[i].answer) == errors[i], vm.toString(i));
        }
    }
}
