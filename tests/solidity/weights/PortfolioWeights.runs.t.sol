// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {WanderingVenue} from "../doubles/OddVenues.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {WeighedPortfolio} from "./WeighedPortfolio.sol";
import {WeightsTest} from "./WeightsTest.sol";

/// @title Tests of runs that trade
contract PortfolioWeightsRunsTest is WeightsTest {
    function test_rebalance__drifted__reachesTheTargets() public {
        vm.expectEmit(address(portfolio));
        emit IPortfolioWeights.Rebalanced(outsider, IPortfolioWeights.Mode.Open, 29_000 * USD, 0, 0);
        _runs(portfolio);
        assertEq(_valueOf(portfolio, btc), 18_000 * USD, "BTC");
        assertEq(_valueOf(portfolio, eth), 18_000 * USD, "ETH");
        assertEq(_valueOf(portfolio, bnb), 18_000 * USD, "BNB");
        assertEq(usdt.balanceOf(address(portfolio)), 6_000 * USD, "settlement token");
        assertEq(usdt.balanceOf(address(rebalancer)), 0, "nothing at the executor");
    }

    function test_rebalance__ofATier__restGoesHome() public {
        usdt.mint(address(tier), 7 * USD);
        _runs(tier);
        assertEq(usdt.balanceOf(address(tier)), 7 * USD, "what it had is no part of the run");
        assertEq(usdt.balanceOf(address(tierRebalancer)), 0, "nothing at the executor");
        assertEq(_worth(tier) + usdt.balanceOf(home), 49_007 * USD, "nothing lost");
        assertLe(usdt.balanceOf(home), 2, "rounding");
    }

    function test_rebalance__ofATierThatMayBuyLittle__sellsNoMore() public {
        _mayBuyLittle();
        _runs(tier);
        // 15,300 are above their targets, and 10,000 can be bought.
        assertLe(usdt.balanceOf(home), 5, "rounding");
        _assertClose(_worth(tier) + usdt.balanceOf(home), 49_000 * USD);
        _assertClose(_valueOf(tier, eth), 10_000 * USD);
        _assertClose(_valueOf(tier, bnb), 19_000 * USD);
    }

    function test_reweigh__ofATierThatMayBuyLittle__sendsTheRestHome() public {
        _mayBuyLittle();
        _reweigh(tier, _swaps());
        // 15,300 were received.
        assertEq(usdt.balanceOf(home), 5_300 * USD, "the rest");
        _assertClose(_valueOf(tier, eth), 10_000 * USD);
        _assertClose(_valueOf(tier, bnb), 19_000 * USD);
    }

    /// @dev An asset with less room than the minimum trade takes nothing of the proceeds; others are bought up to their
    /// maximum.
    function test_rebalance__roomForACrumb__doesNotBlockTheOthers() public {
        tier.setMaxima(address(eth), type(uint256).max, 10 * USD - 1);
        uint256 ethBefore = _valueOf(tier, eth);
        tier.setMaxima(address(bnb), type(uint256).max, 5_000 * USD);
        uint256 bnbBefore = _valueOf(tier, bnb);
        _runs(tier);
        assertEq(_valueOf(tier, eth), ethBefore, "no crumb");
        _assertClose(_valueOf(tier, bnb), bnbBefore + 5_000 * USD);
        assertLe(usdt.balanceOf(home), 5, "rounding");
    }

    function test_rebalance__mayPayLessThanTheMinimum__buysNothingOfIt() public {
        portfolio.setMaxima(address(eth), type(uint256).max, 10 * USD - 1);
        _runs(portfolio);
        assertEq(_valueOf(portfolio, eth), 9_000 * USD, "ETH");
        portfolio.setMaxima(address(eth), type(uint256).max, 10 * USD);
        _reweigh(portfolio, _swaps());
        _assertClose(_valueOf(portfolio, eth), 9_010 * USD);
    }

    function test_rebalance__maySellLess__sellsThat() public {
        portfolio.setMaxima(address(btc), 0.1e8, type(uint256).max);
        _runs(portfolio);
        assertEq(btc.balanceOf(address(portfolio)), 0.5e8, "BTC");
    }

    function test_rebalance__maySellLessThanTheMinimum__sellsNothingOfIt() public {
        portfolio.setMaxima(address(btc), 19_999, type(uint256).max);
        _runs(portfolio);
        assertEq(btc.balanceOf(address(portfolio)), 0.6e8, "BTC");
        vm.warp(block.timestamp + 1 hours);
        portfolio.setMaxima(address(btc), 20_000, type(uint256).max);
        eth.mint(address(portfolio), 5e18);
        _runs(portfolio);
        assertEq(btc.balanceOf(address(portfolio)), 0.6e8 - 20_000, "BTC at the minimum");
    }

    function test_rebalance__twiceInOneGo__tradesOnce() public {
        _runs(portfolio);
        vm.warp(block.timestamp + 1 hours);
        uint40 last = rebalancer.lastRun();
        portfolio.rebalance(false);
        assertEq(rebalancer.lastRun(), last, "traded again");
    }

    function test_rebalance__strategies__areDepositedIntoAndRedeemed() public {
        Strategy a = new Strategy(address(usdt), "A");
        Strategy b = new Strategy(address(usdt), "B");
        Strategy c = new Strategy(address(usdt), "C");
        WeighedPortfolio.Item[] memory items = new WeighedPortfolio.Item[](3);
        items[0] = WeighedPortfolio.Item(address(a), address(0), 4_000, 10, false);
        items[1] = WeighedPortfolio.Item(address(b), address(0), 4_000, 10, false);
        items[2] = WeighedPortfolio.Item(address(c), address(0), 2_000, 10, false);
        _invest(a, 8_000 * USD);
        _invest(b, 2_000 * USD);
        // The shares gained a half.
        usdt.mint(address(a), 4_000 * USD);
        tier.setItems(items, 0);
        _runs(tier);
        _assertClose(a.previewRedeem(a.balanceOf(address(tier))), 5_600 * USD);
        _assertClose(b.previewRedeem(b.balanceOf(address(tier))), 5_600 * USD);
        _assertClose(c.previewRedeem(c.balanceOf(address(tier))), 2_800 * USD);
        assertEq(usdt.allowance(address(tier), address(b)), 0, "allowance");
        assertEq(tierRebalancer.available(LimitKeys.LOSS_ADD), 10_000 * USD, "rounding is free");
    }

    function test_rebalance__strategyCannotBePriced__skips() public {
        WeighedPortfolio.Item[] memory items = new WeighedPortfolio.Item[](1);
        items[0] = WeighedPortfolio.Item(address(new UnpricedStrategy()), address(0), 10_000, 10, false);
        tier.setItems(items, 0);
        _assertSkips(tier, IRebalanceable.Reason.StalePrice);
    }

    function test_reweigh__terms__areKept() public {
        WanderingVenue odd = new WanderingVenue(address(oracle));
        portfolio.setItems(_items(address(odd), 3_000, 3_000, 3_000), 1_000);
        IPortfolioWeights.Swap[] memory swaps = _swaps();
        (swaps[0].minOut, swaps[1].minOut, swaps[2].minOut) = (12_000 * USD, 3e18, 16e18);
        swaps[2].data = "last";
        swaps[0].minOut += 1;
        vm.expectRevert("minOut");
        _reweigh(portfolio, swaps);
        swaps[0].minOut -= 1;
        swaps[1].minOut += 1;
        vm.expectRevert("minOut");
        _reweigh(portfolio, swaps);
        swaps[1].minOut -= 1;
        vm.expectEmit(address(portfolio));
        emit IPortfolioWeights.Rebalanced(keeper, IPortfolioWeights.Mode.Keeper, 29_000 * USD, 0, 0);
        _reweigh(portfolio, swaps);
        assertTrue(keccak256(odd.lastData()) == keccak256("last"), "data");
    }

    function test_reweigh__notNamed__isLeftAlone() public {
        IPortfolioWeights.Swap[] memory swaps = new IPortfolioWeights.Swap[](1);
        swaps[0] = IPortfolioWeights.Swap(address(eth), 0, "");
        _reweigh(portfolio, swaps);
        assertEq(btc.balanceOf(address(portfolio)), 0.6e8, "BTC");
        assertEq(bnb.balanceOf(address(portfolio)), 20e18, "BNB");
        // The whole surplus over the settlement token's own target, which is less than ETH's gap.
        _assertClose(_valueOf(portfolio, eth), 14_000 * USD);
    }

    function test_reweigh__noTerms__tradesNothing() public {
        vm.expectRevert(
            abi.encodeWithSelector(IRebalanceable.Rebalance_Refused.selector, IRebalanceable.Reason.NotImproved)
        );
        _reweigh(portfolio, new IPortfolioWeights.Swap[](0));
    }

    function test_reweigh__anybody__isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IWeightRebalancer.WeightRebalancer_NotKeeper.selector, outsider));
        vm.prank(outsider);
        portfolio.reweigh(_swaps());
    }

    function test_reweigh__insideDriftAndCoolDown__trades() public {
        _runs(portfolio);
        eth.mint(address(portfolio), 0.1e18);
        _reweigh(portfolio, _swaps());
        _assertClose(_valueOf(portfolio, eth), 18_090 * USD);
    }

    function test_reweigh__fees__areChargedAsLossesButForRounding() public {
        venue.setFeeBps(50);
        uint256 before = _worth(portfolio);
        _reweigh(portfolio, _swaps());
        uint256 lost = before - _worth(portfolio);
        uint256 charged = 10_000 * USD - rebalancer.available(LimitKeys.LOSS_ADD);
        // Values are rounded down to base units here.
        assertLe(charged, lost - 3, "rounding is free");
        assertGe(charged, lost - 8, "charged");
        assertTrue(rebalancer.available(LimitKeys.automatic(keeper)) < 972_000 * USD, "turnover");
        assertEq(rebalancer.lastRun(), block.timestamp, "last run");
    }

    /// @dev Without slippage, a run trades exactly the announced amounts.
    function testFuzz_rebalanceAmounts__withoutSlippage__areWhatARunTrades(uint32 a, uint32 b, uint32 c, uint32 cash)
        public
    {
        _hold(portfolio, a, uint256(b) * 1e12, uint256(c) * 1e13, uint256(cash) * 10);
        rebalancer.raiseLimit(LimitKeys.automatic(keeper), 1_000_000_000 * USD, 1 days, 0);
        vm.warp(block.timestamp + 1 days);
        _refreshFeeds();
        uint256[4] memory before = _balances();
        (address[] memory assets, int256[] memory amounts) = portfolio.rebalanceAmounts();
        assertEq(assets.length, 4, "assets");
        assertEq(assets[3], address(usdt), "settlement token last");
        vm.prank(keeper);
        try portfolio.reweigh(_swaps()) {}
        catch (bytes memory answer) {
            // Nothing to trade, so no improvement.
            IRebalanceable.Reason reason = IRebalanceable.Reason.NotImproved;
            bytes memory refusal = abi.encodeWithSelector(IRebalanceable.Rebalance_Refused.selector, reason);
            assertTrue(keccak256(answer) == keccak256(refusal), "failed");
        }
        uint256[4] memory current = _balances();
        for (uint256 i = 0; i < 4; ++i) {
            assertTrue(int256(before[i]) - int256(current[i]) == amounts[i], "amount");
        }
    }

    function test_rebalanceAmounts__example__positiveSellsAndNegativeBuys() public view {
        (address[] memory assets, int256[] memory amounts) = portfolio.rebalanceAmounts();
        assertEq(amounts.length, 4, "amounts");
        assertEq(assets[0], address(btc), "asset");
        assertTrue(amounts[0] == 0.24e8, "BTC");
        assertTrue(amounts[1] == -3e18, "ETH");
        assertTrue(amounts[2] == -16e18, "BNB");
        assertTrue(amounts[3] == int256(5_000 * USD), "settlement token");
    }

    function test_rebalanceAmounts__insideTheDrift__areAKeepers() public {
        _runs(portfolio);
        eth.mint(address(portfolio), 0.1e18);
        (, int256[] memory amounts) = portfolio.rebalanceAmounts();
        // 18,300 of 60,300 must become 18,090.
        assertTrue(amounts[1] == 0.07e18, "ETH");
    }

    function test_rebalanceAmounts__noExecutor__fails() public {
        portfolio.setRebalancer(address(0));
        vm.expectRevert(IPortfolioWeights.PortfolioWeights_NoRebalancer.selector);
        portfolio.rebalanceAmounts();
        vm.expectRevert(IPortfolioWeights.PortfolioWeights_NoRebalancer.selector);
        portfolio.rebalance(false);
    }

    /// @dev With any holdings and fees a run leaves nothing behind, loses at most its bound and improves the weights,
    /// or does nothing.
    function testFuzz_rebalance__anyHoldingsAndFees__improvesWithinTheBoundOrDoesNothing(
        uint32 a,
        uint32 b,
        uint32 c,
        uint32 cash,
        uint16 fee,
        bool alone
    ) public {
        WeighedPortfolio held = alone ? portfolio : tier;
        _hold(held, a, uint256(b) * 1e12, uint256(c) * 1e13, alone ? uint256(cash) * 10 : 0);
        venue.setFeeBps(fee % 200);
        (bytes32 state, uint256 worth) = (_stateOf(held), _worth(held));
        uint256 atHome = usdt.balanceOf(home);
        held.rebalance(false);
        address executor = held.rebalancer();
        if (WeightRebalancer(executor).lastRun() != block.timestamp) {
            assertTrue(_stateOf(held) == state, "something happened");
            return;
        }
        assertEq(usdt.balanceOf(executor), 0, "left at the executor");
        uint256 current = _worth(held) + usdt.balanceOf(home) - atHome;
        // Values are rounded down to base units here.
        assertGe(current + 3, worth - worth * 30 / WHOLE, "lost");
    }

    function test_setRebalancer__ofAnother__fails() public {
        bytes4 invalid = IPortfolioWeights.PortfolioWeights_InvalidRebalancer.selector;
        vm.expectRevert(abi.encodeWithSelector(invalid, address(tierRebalancer)));
        portfolio.setRebalancer(address(tierRebalancer));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, outsider));
        vm.prank(outsider);
        portfolio.setRebalancer(address(0));
        vm.expectEmit(address(portfolio));
        emit IPortfolioWeights.RebalancerSet(address(0));
        portfolio.setRebalancer(address(0));
    }

    function _balances() private view returns (uint256[4] memory) {
        address held = address(portfolio);
        return [btc.balanceOf(held), eth.balanceOf(held), bnb.balanceOf(held), usdt.balanceOf(held)];
    }

    function _invest(Strategy strategy, uint256 assets) private {
        usdt.mint(address(this), assets);
        usdt.approve(address(strategy), assets);
        strategy.deposit(assets, address(tier));
    }

    function _mayBuyLittle() private {
        tier.setMaxima(address(eth), type(uint256).max, 1_000 * USD);
        tier.setMaxima(address(bnb), type(uint256).max, 9_000 * USD);
    }

    function _assertClose(uint256 actual, uint256 expected) private pure {
        assertLe(actual, expected + 5, "too much");
        assertGe(actual + 5, expected, "too little");
    }
}

/// @title Strategy whose preview always reverts
contract UnpricedStrategy {
    uint8 public constant decimals = 6;

    function balanceOf(address) external pure returns (uint256) {
        return 0;
    }

    function previewRedeem(uint256) external pure {
        revert("no price");
    }
}
