// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {WeightsTest} from "./WeightsTest.sol";

/// @title Tests of the terms of runs, of who may change them, and of charges for a run
contract WeightRebalancerTest is WeightsTest {
    function test_constructor__noPortfolio__fails() public {
        bytes4 invalid = IWeightRebalancer.WeightRebalancer_InvalidPortfolio.selector;
        vm.expectRevert(abi.encodeWithSelector(invalid, outsider));
        new WeightRebalancer(address(manager), outsider, address(killSwitch));
        vm.expectRevert(abi.encodeWithSelector(IWeightRebalancer.WeightRebalancer_InvalidKillSwitch.selector, outsider));
        new WeightRebalancer(address(manager), address(portfolio), outsider);
    }

    function test_constructor__portfolio__isServed() public view {
        assertEq(rebalancer.portfolio(), address(portfolio), "portfolio");
        assertEq(rebalancer.lastRun(), 0, "never ran");
        assertFalse(rebalancer.paused(), "not paused");
    }

    function testFuzz_setTerms__sound__areStored(IWeightRebalancer.Terms memory terms) public {
        terms.maxLossBps = terms.maxLossBps % 1_001;
        terms.openMaxLossBps = terms.openMaxLossBps % (terms.maxLossBps + 1);
        (terms.driftBps, terms.spotToleranceBps) = (terms.driftBps % 10_001, terms.spotToleranceBps % 10_001);
        vm.prank(guardian);
        rebalancer.pause();
        vm.expectEmit(address(rebalancer));
        emit IWeightRebalancer.TermsSet(terms);
        rebalancer.setTerms(terms);
        assertTrue(keccak256(abi.encode(rebalancer.terms())) == keccak256(abi.encode(terms)), "terms");
        assertTrue(rebalancer.paused(), "still paused");
    }

    function test_setTerms__afterARun__lastRunStays() public {
        _runs(portfolio);
        rebalancer.setTerms(_terms());
        assertEq(rebalancer.lastRun(), block.timestamp, "last run");
    }

    function test_setTerms__atTheBounds__areStored() public {
        IWeightRebalancer.Terms memory terms = IWeightRebalancer.Terms({
            driftBps: 10_000,
            coolDown: type(uint32).max,
            maxLossBps: 1_000,
            openMaxLossBps: 1_000,
            spotToleranceBps: 10_000,
            minimumTrade: type(uint96).max
        });
        rebalancer.setTerms(terms);
        assertTrue(keccak256(abi.encode(rebalancer.terms())) == keccak256(abi.encode(terms)), "terms");
    }

    function test_setTerms__outOfRange__fails() public {
        IWeightRebalancer.Terms memory terms = _terms();
        terms.maxLossBps = 1_001;
        _assertInvalid(terms);
        (terms.maxLossBps, terms.openMaxLossBps) = (29, 30);
        _assertInvalid(terms);
        terms = _terms();
        terms.driftBps = 10_001;
        _assertInvalid(terms);
        terms = _terms();
        terms.spotToleranceBps = 10_001;
        _assertInvalid(terms);
    }

    function test_tightenTerms__anyTighter__areStored() public {
        IWeightRebalancer.Terms memory terms = _terms();
        _tighten(terms);
        terms.driftBps += 1;
        _tighten(terms);
        terms.coolDown += 1;
        _tighten(terms);
        terms.openMaxLossBps -= 1;
        _tighten(terms);
        terms.maxLossBps -= 1;
        _tighten(terms);
        terms.spotToleranceBps -= 1;
        _tighten(terms);
        terms.minimumTrade += 1;
        vm.expectEmit(address(rebalancer));
        emit IWeightRebalancer.TermsSet(terms);
        _tighten(terms);
        assertTrue(keccak256(abi.encode(rebalancer.terms())) == keccak256(abi.encode(terms)), "terms");
    }

    function test_tightenTerms__anyLooser__fails() public {
        IWeightRebalancer.Terms memory terms = _terms();
        terms.driftBps -= 1;
        _assertNotTightened(terms);
        terms = _terms();
        terms.coolDown -= 1;
        _assertNotTightened(terms);
        terms = _terms();
        terms.openMaxLossBps += 1;
        _assertNotTightened(terms);
        terms = _terms();
        terms.maxLossBps += 1;
        _assertNotTightened(terms);
        terms = _terms();
        terms.spotToleranceBps += 1;
        _assertNotTightened(terms);
        terms = _terms();
        terms.minimumTrade -= 1;
        _assertNotTightened(terms);
    }

    function test_tightenTerms__keepersBoundBelowTheOthers__isInvalid() public {
        IWeightRebalancer.Terms memory terms = _terms();
        terms.maxLossBps = terms.openMaxLossBps - 1;
        vm.expectRevert(IWeightRebalancer.WeightRebalancer_InvalidTerms.selector);
        _tighten(terms);
    }

    function test_pause__andUnpause__tell() public {
        vm.expectEmit(address(rebalancer));
        emit IWeightRebalancer.Paused(guardian);
        vm.prank(guardian);
        rebalancer.pause();
        assertTrue(rebalancer.paused(), "paused");
        vm.expectEmit(address(rebalancer));
        emit IWeightRebalancer.Unpaused(address(this));
        rebalancer.unpause();
        assertFalse(rebalancer.paused(), "paused");
        assertTrue(keccak256(abi.encode(rebalancer.terms())) == keccak256(abi.encode(_terms())), "terms stay");
    }

    function test_restricted__anybody__isRefused() public {
        bytes memory refusal = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, outsider);
        vm.startPrank(outsider);
        vm.expectRevert(refusal);
        rebalancer.setTerms(_terms());
        vm.expectRevert(refusal);
        rebalancer.tightenTerms(_terms());
        vm.expectRevert(refusal);
        rebalancer.pause();
        vm.expectRevert(refusal);
        rebalancer.unpause();
        vm.stopPrank();
    }

    function test_execute__notThePortfolio__isRefused() public {
        IPortfolioWeights.Scales memory scales = portfolio.scales();
        IWeightRebalancer.Charge memory charge;
        bytes memory refusal =
            abi.encodeWithSelector(IWeightRebalancer.WeightRebalancer_NotPortfolio.selector, address(this));
        vm.expectRevert(refusal);
        rebalancer.execute(scales, IPortfolioWeights.Mode.Keeper, _swaps());
        vm.expectRevert(refusal);
        rebalancer.settle(charge);
    }

    function test_admit__whoAsks__hasABoundOfItsOwn() public view {
        assertEq(rebalancer.admit(outsider, IPortfolioWeights.Mode.Open), 30, "anybody");
        assertEq(rebalancer.admit(keeper, IPortfolioWeights.Mode.Forced), 200, "a keeper by force");
        assertEq(rebalancer.admit(keeper, IPortfolioWeights.Mode.Keeper), 200, "a keeper");
    }

    function testFuzz_settle__anyLoss__isChargedButForRounding(uint32 lost, uint8 trades) public {
        uint256 free = 2 * uint256(trades);
        _settle(rebalancer, lost, trades);
        uint256 charged = 10_000 * USD - rebalancer.available(LimitKeys.LOSS_ADD);
        assertEq(charged, lost > free ? lost - free : 0, "charged");
    }

    function test_settle__noMoreThanRounding__needsNoLimit() public {
        WeightRebalancer executor = new WeightRebalancer(address(manager), address(portfolio), address(killSwitch));
        _permit(address(executor), IRateLimits.raiseLimit.selector, ROLE);
        executor.raiseLimit(LimitKeys.automatic(keeper), USD, 1 days, 0);
        _settle(executor, 6, 3);
        assertEq(executor.lastRun(), block.timestamp, "settled");
        vm.expectRevert(abi.encodeWithSelector(IRateLimits.RateLimits_NotSet.selector, LimitKeys.LOSS_ADD));
        _settle(executor, 7, 3);
    }

    function test_settle__nothingLeft__transfersNothing() public {
        vm.expectCall(address(usdt), abi.encodeCall(IERC20.transfer, (address(portfolio), 0)), 0);
        _settle(rebalancer, 0, 0);
        usdt.mint(address(rebalancer), 1);
        uint256 before = usdt.balanceOf(address(portfolio));
        _settle(rebalancer, 0, 0);
        assertEq(usdt.balanceOf(address(portfolio)), before + 1, "sent home");
    }

    function _settle(WeightRebalancer executor, uint256 lost, uint256 trades) private {
        IWeightRebalancer.Charge memory charge;
        (charge.caller, charge.mode) = (keeper, IPortfolioWeights.Mode.Keeper);
        (charge.lost, charge.trades) = (lost, trades);
        vm.prank(address(portfolio));
        executor.settle(charge);
    }

    function _tighten(IWeightRebalancer.Terms memory terms) private {
        vm.prank(guardian);
        rebalancer.tightenTerms(terms);
    }

    function _assertInvalid(IWeightRebalancer.Terms memory terms) private {
        vm.expectRevert(IWeightRebalancer.WeightRebalancer_InvalidTerms.selector);
        rebalancer.setTerms(terms);
    }

    function _assertNotTightened(IWeightRebalancer.Terms memory terms) private {
        vm.expectRevert(IWeightRebalancer.WeightRebalancer_NotTightened.selector);
        _tighten(terms);
    }
}
