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
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";

import {System} from "../support/System.sol";

/// @title The vault's L3 and a stand-alone basket, each with its judge and executor
/// @notice L3 is that of `System`, 600,000 at target weights. The basket holds 100,000 at target weights: WETH 40 %,
/// bonds 20 %, the fund 30 % and settlement tokens 10 %. The test contract is the admin, whose role applies to every
/// function without another role. With `isolate` each call is a transaction, so a deposit can be invested in the next
/// call.
abstract contract WeightJudgeTest is System {
    uint256 internal constant WHOLE = 10_000;

    WeightJudge internal judge;
    WeightRebalancer internal executor;
    Portfolio internal basket;
    WeightJudge internal basketJudge;
    WeightRebalancer internal basketExecutor;

    function setUp() public virtual override {
        super.setUp();
        _invest();
        (judge, executor) = _attach(l3);
        basket = new Portfolio(address(manager), address(usdt), address(oracle), address(0));
        basket.setHoldings(_basketHoldings(address(venue)));
        basket.setOperator(address(this), true);
        _fill(basket);
        (basketJudge, basketExecutor) = _attach(basket);
        // The limits start empty.
        vm.warp(block.timestamp + 1);
    }

    function _attach(Portfolio held) internal returns (WeightJudge judgeOf, WeightRebalancer executorOf) {
        judgeOf = new WeightJudge(address(manager), address(held));
        executorOf = new WeightRebalancer(address(manager), address(judgeOf), address(killSwitch));
        judgeOf.setRebalancer(address(executorOf));
        held.setWeights(address(judgeOf));
        executorOf.setTerms(_terms());
        executorOf.raiseLimit(LimitKeys.automatic(keeper), AMPLE, 1, 0);
        executorOf.raiseLimit(LimitKeys.automatic(address(held)), AMPLE, 1, 0);
        executorOf.raiseLimit(LimitKeys.LOSS_ADD, AMPLE, 1, 0);
    }

    function _terms() internal pure returns (IWeightRebalancer.Terms memory) {
        return IWeightRebalancer.Terms({
            driftBps: 500,
            coolDown: 1 hours,
            maxLossBps: 200,
            openMaxLossBps: 30,
            spotToleranceBps: 100,
            minimumTrade: uint96(USD)
        });
    }

    function _basketHoldings(address tradedAt) internal view returns (IPortfolio.Holding[] memory list) {
        list = _yields(tradedAt);
        list[1].targetBps = 2_000;
    }

    /// @dev Buys 40,000 of WETH, 20,000 of bonds and 30,000 of the fund, and keeps 10,000 settlement tokens.
    function _fill(Portfolio held) internal {
        usdt.mint(address(venue), 60_000 * USD);
        usdt.mint(address(held), 40_000 * USD);
        held.buy(address(weth), 40_000 * USD, 0, "");
        held.buy(address(bond), 20_000 * USD, 0, "");
        held.buy(address(fund), 30_000 * USD, 0, "");
    }

    function _setPrices(int256 wethPrice, int256 bondPrice) internal {
        wethFeed.set(wethPrice);
        bondFeed.set(bondPrice);
    }

    /// @dev Sets the fund's assets by a gain or a loss.
    function _setFund(uint256 assets) internal {
        uint256 current = usdt.balanceOf(address(fund));
        if (assets > current) usdt.mint(address(fund), assets - current);
        else fund.lose(current - assets);
    }

    function _runs(Portfolio held) internal {
        vm.recordLogs();
        vm.prank(outsider);
        held.rebalance(false);
        assertEq(WeightRebalancer(_executorOf(held)).lastRun(), block.timestamp, "it traded");
        _assertNothingRests(held);
    }

    function _force(Portfolio held) internal {
        vm.prank(keeper);
        held.rebalance(true);
        assertEq(WeightRebalancer(_executorOf(held)).lastRun(), block.timestamp, "it traded");
        _assertNothingRests(held);
    }

    function _reweigh(Portfolio held, IPortfolioWeights.Swap[] memory swaps) internal {
        IPortfolioWeights runner = IPortfolioWeights(held.weights());
        vm.prank(keeper);
        runner.reweigh(swaps);
        _assertNothingRests(held);
    }

    /// @dev Returns terms for every asset, without minimum outputs.
    function _swaps() internal view returns (IPortfolioWeights.Swap[] memory swaps) {
        swaps = new IPortfolioWeights.Swap[](3);
        swaps[0] = IPortfolioWeights.Swap(address(weth), 0, "");
        swaps[1] = IPortfolioWeights.Swap(address(bond), 0, "");
        swaps[2] = IPortfolioWeights.Swap(address(fund), 0, "");
    }

    function _assertSkips(Portfolio held, IRebalanceable.Reason reason) internal {
        bytes32 before = _stateOf(held);
        address runner = held.weights();
        vm.expectEmit(runner);
        emit IRebalanceable.RebalanceSkipped(reason);
        vm.prank(outsider);
        held.rebalance(false);
        assertTrue(_stateOf(held) == before, "nothing moved");
        assertFalse(held.inRun(), "the run ended");
    }

    function _assertRefused(Portfolio held, IRebalanceable.Reason reason) internal {
        IPortfolioWeights runner = IPortfolioWeights(held.weights());
        vm.expectRevert(abi.encodeWithSelector(IRebalanceable.Rebalance_Refused.selector, reason));
        vm.prank(keeper);
        runner.reweigh(_swaps());
    }

    function _assertNothingRests(Portfolio held) internal view {
        address runner = held.weights();
        address trader = _executorOf(held);
        assertFalse(held.inRun(), "the run ended");
        address[4] memory tokens = [address(usdt), address(weth), address(bond), address(fund)];
        address[4] memory owners = [address(held), runner, trader, address(vault)];
        address[5] memory spenders = [address(venue), address(fund), runner, trader, held.home()];
        for (uint256 i = 0; i < tokens.length; ++i) {
            assertEq(IERC20(tokens[i]).balanceOf(runner), 0, "judge's balance");
            assertEq(IERC20(tokens[i]).balanceOf(trader), 0, "executor's balance");
            for (uint256 j = 0; j < owners.length; ++j) {
                for (uint256 k = 0; k < spenders.length; ++k) {
                    assertEq(IERC20(tokens[i]).allowance(owners[j], spenders[k]), 0, "allowance");
                }
            }
        }
    }

    function _stateOf(Portfolio held) internal view returns (bytes32) {
        WeightRebalancer trader = WeightRebalancer(_executorOf(held));
        uint256[5] memory balances = [
            weth.balanceOf(address(held)),
            bond.balanceOf(address(held)),
            fund.balanceOf(address(held)),
            usdt.balanceOf(held.home()),
            usdt.balanceOf(address(trader))
        ];
        uint256[2] memory limits =
            [trader.available(LimitKeys.automatic(address(held))), trader.available(LimitKeys.LOSS_ADD)];
        return keccak256(abi.encode(balances, limits, trader.lastRun()));
    }

    function _executorOf(Portfolio held) internal view returns (address) {
        return IPortfolioWeights(held.weights()).rebalancer();
    }

    function _assertNear(uint256 actual, uint256 expected, uint256 distance, string memory what) internal pure {
        assertLe(actual, expected + distance, what);
        assertGe(actual + distance, expected, what);
    }
}
