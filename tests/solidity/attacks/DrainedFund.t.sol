// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {Erc7540Venue} from "@ballast/venues/Erc7540Venue.sol";

import {AsyncVault} from "../doubles/AsyncVault.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {WeightJudgeTest} from "../weights/WeightJudgeTest.sol";

/// @title Fund that is being drained
/// @notice It pays far less than its minimum rate, so deposits are closed and the queue waits. By value it is the most
/// underweight holding, so every automatic move would buy it, for strangers and keepers. Nothing may be bought, and
/// strangers may not cause a sale either; keepers may sell.
/// forge-config: default.isolate = true
contract DrainedFundTest is WeightJudgeTest {
    bytes4 private constant TOO_LOW = IPortfolio.Portfolio_RateBelowMinimum.selector;
    /// @dev 150,000 less this amount is a rate of 0.587; the minimum rate is 0.9.
    uint256 private constant LOSS = 62_000 * USD;
    uint256 private constant ROUNDING = 8;

    IPortfolioWeights private markets;

    function setUp() public override {
        super.setUp();
        (IPortfolioWeights ofL2,) = _attach(l2);
        markets = ofL2;
        vm.warp(block.timestamp + 1);
        _setMarkets(5_000, 5_000);
    }

    // Runs of weights.

    function test_strangersRun__moneyOfAHealthyFund__staysThere() public {
        marketA.lose(LOSS);
        (bool open, address closedBy) = l2.entryOpen();
        assertTrue(!open && closedBy == address(marketA), "nobody enters");
        uint256[2] memory before = _shares();
        vm.prank(outsider);
        (bool skipped, IRebalanceable.Reason reason) = l2.rebalance(false);
        assertTrue(skipped && reason == IRebalanceable.Reason.NotImproved, "skipped");
        vm.prank(keeper);
        (skipped, reason) = l2.rebalance(true);
        assertTrue(skipped && reason == IRebalanceable.Reason.NotImproved, "skipped");
        _assertSame(before);
    }

    /// @dev The fund can be overweight while its rate is too low for a moment.
    function test_strangersRun__rateTooLowForAMoment__sellsNothingOfIt() public {
        _setMarkets(1_000, 9_000);
        marketA.lose(LOSS);
        uint256[2] memory before = _shares();
        vm.prank(outsider);
        (bool skipped,) = l2.rebalance(false);
        assertTrue(skipped, "by anybody");
        vm.prank(keeper);
        (skipped,) = l2.rebalance(true);
        assertTrue(skipped, "forced");
        _assertSame(before);
        usdt.mint(address(marketA), LOSS);
        vm.prank(outsider);
        (skipped,) = l2.rebalance(false);
        assertFalse(skipped, "once the rate is back");
        assertLe(marketA.balanceOf(address(l2)), before[0] - 1, "sold");
    }

    function test_keepersRun__mayLeave__andPutNothingIn() public {
        _setMarkets(1_000, 9_000);
        marketA.lose(LOSS);
        uint256[2] memory before = _shares();
        IPortfolioWeights.Swap[] memory swaps = _both();
        swaps[0].minOut = 60_000 * USD;
        vm.prank(keeper);
        markets.reweigh(swaps);
        assertLe(marketA.balanceOf(address(l2)), before[0] / 3, "sold");
        assertGe(marketB.balanceOf(address(l2)), before[1] + 60_000 * USD, "and the other bought");
        _setMarkets(9_000, 1_000);
        before = _shares();
        IPortfolioWeights.Scales memory scales = markets.scales();
        assertEq(scales.constituents[0].maxPayment, 0, "no room");
        assertEq(scales.constituents[0].maxSale, before[0], "a way out");
        vm.expectPartialRevert(IRebalanceable.Rebalance_Refused.selector);
        vm.prank(keeper);
        markets.reweigh(_both());
        _assertSame(before);
    }

    /// @dev A listed fund that is not held blocks no run of the other assets, neither by its rate nor by a gift of it.
    function testFuzz_run__drainedFundThatIsNotHeld__othersAreTraded(uint256 gift) public {
        (bool gifted, Strategy added) = (gift % 3 != 0, new Strategy(address(usdt), "NEW"));
        _fundWith(added, gifted ? 1 + gift % 20_000 : 0);
        IPortfolio.Holding[] memory before = _yields(address(venue));
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](4);
        (list[0], list[1], list[2]) = (before[0], before[1], before[2]);
        list[3] = _tight(address(added), 0);
        (list[0].targetBps, list[3].targetBps) = (3_000, 1_000);
        l3.setHoldings(list);
        uint256 shares = added.balanceOf(address(l3));
        _setPrices(6_000e8, BOND_PRICE);
        _runs(l3);
        assertEq(added.balanceOf(address(l3)), shares, "not bought");
        assertLe(weth.balanceOf(address(l3)), 60e18, "what rose was sold");
        _setPrices(12_000e8, BOND_PRICE);
        _force(l3);
        _setPrices(24_000e8, BOND_PRICE);
        _reweigh(l3, _swaps());
        assertFalse(l3.positionOf(address(added)).held, "not held");
    }

    // Moves of the controller.

    function test_rebalance__cash__goesIntoTheOthersAlone() public {
        _deposit(alice, 300_000 * USD);
        marketA.lose(LOSS);
        uint256[2] memory before = _shares();
        vm.prank(keeper);
        (bool skipped,) = controller.rebalance(false);
        assertFalse(skipped, "the other has room");
        assertEq(marketA.balanceOf(address(l2)), before[0], "nothing into this one");
        assertGe(marketB.balanceOf(address(l2)), before[1] + 1, "but into the other");
        assertEq(l2.gapOf(address(marketA), DEPOSIT, DEPOSIT), 0, "no gap");
    }

    /// @dev The rate of a market that is not held is not read beforehand; its purchase is reverted.
    function test_rebalance__drainedMarketThatIsNotHeld__isPassedOver() public {
        uint256 shares = marketA.balanceOf(address(l2));
        _fundWith(marketA, 0);
        vm.prank(keeper);
        controller.redeemAsset(address(marketA), shares, 0, "");
        marketA.lose(marketA.totalAssets() / 2);
        assertFalse(l2.positionOf(address(marketA)).held, "not held");
        _deposit(alice, 300_000 * USD);
        uint256 before = marketB.balanceOf(address(l2));
        vm.prank(keeper);
        (bool skipped,) = controller.rebalance(true);
        assertFalse(skipped, "the other has room");
        assertFalse(l2.positionOf(address(marketA)).held, "still not held");
        assertGe(marketB.balanceOf(address(l2)), before + 1, "bought");
        assertTrue(_isOpen(l2), "nobody is kept out");
        vm.prank(keeper);
        vm.expectRevert(_error(TOO_LOW, address(marketA)));
        controller.purchaseAsset(address(marketA), 1_000 * USD, 0, "");
    }

    function test_purchases__belowTheLeastRate__areRefused() public {
        marketA.lose(LOSS);
        vm.startPrank(keeper);
        vm.expectRevert(_error(TOO_LOW, address(marketA)));
        controller.purchaseAsset(address(marketA), 1_000 * USD, 0, "");
        vm.expectRevert(_error(TOO_LOW, address(marketA)));
        controller.switchAsset(address(marketB), 1_000 * USD, address(marketA), 0, "", "");
        IPortfolio.Position memory position = l2.positionOf(address(marketA));
        assertTrue(position.low && position.known && position.capBps == 0, "as a keeper reads it");
        assertFalse(l2.positions()[1].low, "the other");
    }

    function test_exits__belowTheLeastRate__goOn() public {
        marketA.lose(LOSS);
        vm.startPrank(keeper);
        controller.redeemAsset(address(marketA), 10_000 * USD, 5_000 * USD, "");
        controller.switchAsset(address(marketA), 10_000 * USD, address(marketB), 0, "", "");
        uint256 wanted = vault.idle() + 100_000 * USD;
        assertGe(controller.executeWaterfallLiquidation(wanted, 1) + ROUNDING, wanted, "all that was wanted");
        assertEq(marketA.balanceOf(address(l2)), 0, "from this one first");
    }

    // Purchases by stand-alone portfolios.

    function test_buy__belowTheLeastRate__isRefused() public {
        IPortfolio.Holding[] memory list = _basketHoldings(address(venue));
        list[2] = _tight(address(fund), list[2].targetBps);
        basket.setHoldings(list);
        usdt.mint(address(basket), 1_000 * USD);
        fund.lose(usdt.balanceOf(address(fund)) / 2);
        vm.expectRevert(_error(TOO_LOW, address(fund)));
        basket.buy(address(fund), 1_000 * USD, 0, "");
        basket.sell(address(fund), 1_000 * USD, 0, "");
    }

    function test_buy__asynchronousFundBelowItsLeastRate__isRefused() public {
        AsyncVault slow = new AsyncVault(address(usdt), false, 18);
        address desk = address(new Erc7540Venue(address(l3), address(slow)));
        IPortfolio.Holding[] memory list = _yields(address(venue));
        list[1] = IPortfolio.Holding(address(slow), IPortfolio.Kind.Async, 3_000, 10, 10_000, desk, 1.5e6, 6_000);
        vm.startPrank(keeper);
        controller.redeemAsset(address(bond), bond.balanceOf(address(l3)), 0, "");
        vm.stopPrank();
        l3.setHoldings(list);
        vm.mockCall(address(slow), abi.encodeCall(slow.convertToAssets, (1e18)), abi.encode(0.8e6));
        vm.startPrank(keeper);
        vm.expectRevert(_error(TOO_LOW, address(slow)));
        controller.purchaseAsset(address(slow), 1_000 * USD, 0, "");
        vm.clearMockedCalls();
        controller.purchaseAsset(address(slow), 1_000 * USD, 0, "");
        assertEq(l3.valueOf(address(slow)), 1_000 * USD, "requested");
    }

    function _setMarkets(uint16 targetA, uint16 targetB) private {
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](2);
        (list[0], list[1]) = (_tight(address(marketA), targetA), _tight(address(marketB), targetB));
        l2.setHoldings(list);
    }

    /// @dev Maximum rate 1.5, minimum rate 60 % of that.
    function _tight(address asset, uint16 targetBps) private pure returns (IPortfolio.Holding memory holding) {
        holding = _strategy(asset, targetBps);
        (holding.maxRate, holding.minRateBps) = (1.5e6, 6_000);
    }

    /// @dev Fund with other depositors at a rate of 0.5, and a gift of its shares to L3.
    function _fundWith(Strategy target, uint256 gift) private {
        usdt.mint(address(this), 2_000 * USD + gift);
        usdt.approve(address(target), 2_000 * USD + gift);
        IERC4626(address(target)).deposit(2_000 * USD, address(this));
        if (gift != 0) IERC4626(address(target)).deposit(gift, address(l3));
        if (target != marketA) target.lose(target.totalAssets() / 2);
    }

    function _both() private view returns (IPortfolioWeights.Swap[] memory swaps) {
        swaps = new IPortfolioWeights.Swap[](2);
        swaps[0] = IPortfolioWeights.Swap(address(marketA), 0, "");
        swaps[1] = IPortfolioWeights.Swap(address(marketB), 0, "");
    }

    function _shares() private view returns (uint256[2] memory) {
        return [marketA.balanceOf(address(l2)), marketB.balanceOf(address(l2))];
    }

    function _assertSame(uint256[2] memory before) private view {
        assertEq(marketA.balanceOf(address(l2)), before[0], "the drained one");
        assertEq(marketB.balanceOf(address(l2)), before[1], "the healthy one");
    }

    function _isOpen(Portfolio held) private view returns (bool open) {
        (open,) = held.entryOpen();
    }
}
