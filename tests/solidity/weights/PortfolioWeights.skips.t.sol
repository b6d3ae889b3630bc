// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {WanderingVenue} from "../doubles/OddVenues.sol";
import {Vm} from "../support/Vm.sol";
import {WeighedPortfolio} from "./WeighedPortfolio.sol";
import {WeightsTest} from "./WeightsTest.sol";

/// @title Reasons for which open runs are skipped without an error
contract PortfolioWeightsSkipsTest is WeightsTest {
    WanderingVenue private odd;

    function setUp() public override {
        super.setUp();
        odd = new WanderingVenue(address(oracle));
        portfolio.setItems(_items(address(odd), 3_000, 3_000, 3_000), 1_000);
    }

    function test_rebalance__paused__skips() public {
        vm.prank(guardian);
        rebalancer.pause();
        _assertSkips(portfolio, IRebalanceable.Reason.Paused);
        _assertRefused(portfolio, IRebalanceable.Reason.Paused);
        rebalancer.unpause();
        _runs(portfolio);
    }

    function test_rebalance__homeBusy__skips() public {
        portfolio.setHomeIsBusy(true);
        _assertSkips(portfolio, IRebalanceable.Reason.Busy);
        _assertRefused(portfolio, IRebalanceable.Reason.Busy);
    }

    function test_rebalance__coolDown__skipsUntilItIsOver() public {
        _runs(portfolio);
        eth.mint(address(portfolio), 10e18);
        vm.warp(block.timestamp + 1 hours - 1);
        _assertSkips(portfolio, IRebalanceable.Reason.CoolDown);
        vm.expectEmit(address(portfolio));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.CoolDown);
        vm.prank(keeper);
        portfolio.rebalance(true);
        vm.warp(block.timestamp + 1);
        _runs(portfolio);
    }

    function test_rebalance__skippedBefore__coolDownCountsFromTheLastTrade() public {
        _runs(portfolio);
        vm.warp(block.timestamp + 1 hours);
        _assertSkips(portfolio, IRebalanceable.Reason.InsideDrift);
        eth.mint(address(portfolio), 10e18);
        _runs(portfolio);
    }

    function test_rebalance__atTheDrift__skipsAndBeyondTrades() public {
        _runs(portfolio);
        vm.warp(block.timestamp + 1 hours);
        // 18,000 of 60,000 become 21,000 of 60,000: 500 bps.
        portfolio.withdraw(address(btc), outsider, 0.06e8);
        eth.mint(address(portfolio), 1e18);
        _assertSkips(portfolio, IRebalanceable.Reason.InsideDrift);
        eth.mint(address(portfolio), 1e15);
        _runs(portfolio);
    }

    function test_rebalance__settlementTokenAloneDrifted__trades() public {
        _runs(portfolio);
        vm.warp(block.timestamp + 1 hours);
        usdt.mint(address(portfolio), 3_800 * USD);
        _runs(portfolio);
    }

    function test_rebalance__worthNothing__skips() public {
        portfolio.withdraw(address(btc), outsider, btc.balanceOf(address(portfolio)));
        portfolio.withdraw(address(eth), outsider, eth.balanceOf(address(portfolio)));
        portfolio.withdraw(address(bnb), outsider, bnb.balanceOf(address(portfolio)));
        portfolio.withdraw(address(usdt), outsider, usdt.balanceOf(address(portfolio)));
        _assertSkips(portfolio, IRebalanceable.Reason.InsideDrift);
        _assertRefused(portfolio, IRebalanceable.Reason.NotImproved);
    }

    function test_rebalance__stalePrice__skips() public {
        vm.warp(block.timestamp + HEARTBEAT + 1);
        _assertSkips(portfolio, IRebalanceable.Reason.StalePrice);
        _assertRefused(portfolio, IRebalanceable.Reason.StalePrice);
    }

    function test_rebalance__priceOutOfBounds__skips() public {
        ethFeed.set(1e8);
        _assertSkips(portfolio, IRebalanceable.Reason.StalePrice);
    }

    function test_rebalance__spotOffBefore__skips() public {
        odd.setSpotBps(10_101);
        _assertSkips(portfolio, IRebalanceable.Reason.SpotOffOracle);
        odd.setSpotBps(9_899);
        _assertSkips(portfolio, IRebalanceable.Reason.SpotOffOracle);
        odd.setSpotBps(9_901);
        _runs(portfolio);
    }

    function test_rebalance__spotOffAfter__skips() public {
        odd.setSpotBpsAfter(9_800);
        _assertSkips(portfolio, IRebalanceable.Reason.SpotOffOracle);
        odd.setSpotBpsAfter(10_200);
        _assertSkips(portfolio, IRebalanceable.Reason.SpotOffOracle);
    }

    function test_rebalance__spotOffOnlyWhereSomethingIsBought__skips() public {
        // Nothing is sold: settlement tokens are spent.
        portfolio.withdraw(address(btc), outsider, 0.3e8);
        usdt.mint(address(portfolio), 10_000 * USD);
        odd.setSpotBps(9_800);
        _assertSkips(portfolio, IRebalanceable.Reason.SpotOffOracle);
        odd.setSpotBps(10_000);
        odd.setSpotBpsAfter(9_800);
        _assertSkips(portfolio, IRebalanceable.Reason.SpotOffOracle);
        odd.setSpotBpsAfter(10_000);
        _runs(portfolio);
    }

    function test_rebalance__spotOffAfterOnlyWhereSomethingIsSold__skips() public {
        WeighedPortfolio.Item[] memory items = _items(address(venue), 3_000, 3_000, 3_000);
        items[0].venue = address(odd);
        portfolio.setItems(items, 1_000);
        odd.setSpotBpsAfter(9_800);
        _assertSkips(portfolio, IRebalanceable.Reason.SpotOffOracle);
        odd.setSpotBps(10_000);
        odd.setSpotBpsAfter(10_000);
        _runs(portfolio);
    }

    function test_rebalance__noSpot__skips() public {
        odd.setHasNoSpot(true, false);
        _assertSkips(portfolio, IRebalanceable.Reason.SpotOffOracle);
    }

    function test_rebalance__spotUsesUpAllGas__fails() public {
        odd.setHasNoSpot(false, true);
        vm.expectRevert(IWeightRebalancer.WeightRebalancer_OutOfGas.selector);
        portfolio.rebalance{gas: 3_000_000}(false);
    }

    function test_reweigh__spotOff__trades() public {
        odd.setSpotBps(5_000);
        odd.setSpotBpsAfter(5_000);
        _reweigh(portfolio, _swaps());
        assertEq(_valueOf(portfolio, btc), 18_000 * USD, "BTC");
    }

    function test_rebalance__turnoverAboveTheBucket__skips() public {
        // 12,000 are sold and 17,000 are paid.
        _cap(LimitKeys.automatic(address(portfolio)), 29_000 * USD - 1);
        _assertSkips(portfolio, IRebalanceable.Reason.BucketEmpty);
        _cap(LimitKeys.automatic(address(portfolio)), 29_000 * USD);
        _runs(portfolio);
        assertEq(rebalancer.available(LimitKeys.automatic(address(portfolio))), 0, "all of it");
        assertEq(rebalancer.available(LimitKeys.automatic(keeper)), 1_000_000 * USD, "not the keeper's");
    }

    function test_rebalance__lossAboveItsBucket__skips() public {
        odd.setFeeBps(10);
        vm.prank(guardian);
        rebalancer.lowerLimit(LimitKeys.LOSS_ADD, 20 * USD, 1 days);
        _assertSkips(portfolio, IRebalanceable.Reason.BucketEmpty);
    }

    function test_rebalance__lossAboveItsBound__skipsAndTheKeepersIsWider() public {
        // 1.2 % of a turnover of 29,000 is more than 30 bps of 60,000 and less than 200 bps.
        odd.setFeeBps(120);
        _assertSkips(portfolio, IRebalanceable.Reason.MaxTotalValueLoss);
        _reweigh(portfolio, _swaps());
        portfolio.withdraw(address(eth), outsider, 1e18);
        IWeightRebalancer.Terms memory terms = _terms();
        (terms.maxLossBps, terms.openMaxLossBps) = (1, 1);
        vm.prank(guardian);
        rebalancer.tightenTerms(terms);
        _assertRefused(portfolio, IRebalanceable.Reason.MaxTotalValueLoss);
    }

    function test_rebalance__nothingCanBeBought__skips() public {
        tier.setMaxima(address(eth), type(uint256).max, 0);
        tier.setMaxima(address(bnb), type(uint256).max, 0);
        _assertSkips(tier, IRebalanceable.Reason.NotImproved);
        _assertRefused(tier, IRebalanceable.Reason.NotImproved);
    }

    function test_rebalance__venueFails__fails() public {
        odd.setFeeBps(300);
        vm.expectRevert("minOut");
        portfolio.rebalance(false);
    }

    /// @dev A run cannot be made to appear skipped by sending little gas.
    function testFuzz_rebalance__littleGas__failsOrTrades(uint256 gas) public {
        gas = bound(gas, 30_000, 1_500_000);
        vm.recordLogs();
        try portfolio.rebalance{gas: gas}(false) {
            assertEq(rebalancer.lastRun(), block.timestamp, "it traded");
        } catch {}
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            assertTrue(logs[i].topics[0] != IRebalanceable.RebalanceSkipped.selector, "skipped");
        }
    }

    function test_force__insideTheDrift__keepersTradeAndOthersMayNot() public {
        _runs(portfolio);
        vm.warp(block.timestamp + 1 hours);
        eth.mint(address(portfolio), 0.1e18);
        _assertSkips(portfolio, IRebalanceable.Reason.InsideDrift);
        vm.expectRevert(abi.encodeWithSelector(IWeightRebalancer.WeightRebalancer_NotKeeper.selector, outsider));
        vm.prank(outsider);
        portfolio.rebalance(true);
        uint256 left = rebalancer.available(LimitKeys.automatic(address(portfolio)));
        vm.prank(keeper);
        portfolio.rebalance(true);
        assertEq(rebalancer.lastRun(), block.timestamp, "it traded");
        assertEq(rebalancer.available(LimitKeys.automatic(address(portfolio))), left, "from the keeper's limit");
        assertTrue(rebalancer.available(LimitKeys.automatic(keeper)) < 1_000_000 * USD, "from the keeper's limit");
    }

    function test_force__spotOff__skips() public {
        odd.setSpotBps(9_000);
        vm.expectEmit(address(portfolio));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.SpotOffOracle);
        vm.prank(keeper);
        portfolio.rebalance(true);
    }

    function test_force__keepersBucketEmpty__skips() public {
        vm.prank(guardian);
        rebalancer.lowerLimit(LimitKeys.automatic(keeper), 1_000 * USD, 1 days);
        vm.expectEmit(address(portfolio));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.BucketEmpty);
        vm.prank(keeper);
        portfolio.rebalance(true);
        bytes4 exceeded = IRateLimits.RateLimits_Exceeded.selector;
        vm.expectPartialRevert(exceeded);
        _reweigh(portfolio, _swaps());
    }

    /// @dev Sets a cap and waits until the limit is full.
    function _cap(bytes32 key, uint256 cap) private {
        rebalancer.raiseLimit(key, cap, 1 days, 0);
        vm.warp(block.timestamp + 1 days);
        _refreshFeeds();
    }
}
