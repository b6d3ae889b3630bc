// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";

import {MoodyVenue} from "../doubles/MoodyVenue.sol";
import {Ledger} from "../invariants/Ledger.sol";
import {MarketHandler, RunHandler, WeightsWorld} from "./WeightJudgeHandler.sol";
import {WeightJudgeTest} from "./WeightJudgeTest.sol";

/// @title Properties of every run of a real portfolio, after any events
/// @notice Handlers measure each run from outside and record violations; the numbers are those of the design's list of
/// properties.
/// forge-config: default.isolate = true
/// forge-config: default.invariant.runs = 16
contract WeightJudgeInvariants is WeightJudgeTest {
    uint256 private constant LOSS_CAP = 5_000 * USD;
    uint256 private constant DAY = 1 days;

    Ledger private ledger;
    RunHandler private runs;
    MarketHandler private market;
    Portfolio[2] private portfolios;
    uint256 private began;

    function setUp() public override {
        super.setUp();
        ledger = new Ledger();
        MoodyVenue moody = new MoodyVenue(address(oracle));
        l3.setHoldings(_yields(address(moody)));
        basket.setHoldings(_basketHoldings(address(moody)));
        IWeightRebalancer.Terms memory terms = _terms();
        terms.coolDown = 10 minutes;
        _limit(executor, terms);
        _limit(basketExecutor, terms);
        vm.warp(block.timestamp + DAY);
        usdtFeed.set(1e8);
        wethFeed.set(WETH_PRICE);
        bondFeed.set(BOND_PRICE);
        began = block.timestamp;
        WeightsWorld memory world = WeightsWorld({
            usdt: usdt,
            weth: weth,
            bond: bond,
            fund: fund,
            usdtFeed: usdtFeed,
            wethFeed: wethFeed,
            bondFeed: bondFeed,
            venue: moody,
            vault: vault,
            keeper: keeper,
            outsider: outsider,
            guardian: guardian,
            ledger: ledger
        });
        portfolios = [l3, basket];
        runs = new RunHandler(world, portfolios);
        market = new MarketHandler(world, portfolios);
    }

    /// @notice Lists the contracts that forge may call: only the handlers.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (address(runs), address(market));
    }

    /// @dev Checks that the handlers make runs in both portfolios.
    function test_handlers__makeRuns() public {
        market.movePoolBack();
        for (uint256 i = 0; i < 2; ++i) {
            market.setPrices(uint256(i == 0 ? WETH_PRICE : WETH_PRICE * 3 / 2) * 3 / 2, uint256(BOND_PRICE));
            runs.reweigh(i, 0x020100, 3, 1);
            market.wait(1 hours, false);
            market.setPrices(uint256(i == 0 ? WETH_PRICE : WETH_PRICE * 3 / 2), uint256(BOND_PRICE));
            runs.rebalance(i, false);
        }
        assertEq(ledger.counts("runs"), 4, "runs");
        assertGe(ledger.counts("purchases"), 4, "purchases");
        assertEq(ledger.total(), 0, "violations");
        assertGe(runs.lost(0), 1, "fees were lost");
        runs.giveToExecutor(0, 1);
        assertTrue(runs.gifted(0), "gift");
    }

    function invariant_C26__deviationFalls() external view {
        assertEq(ledger.violations("C26"), 0, "C26");
    }

    function invariant_C27__noAssetCrossesItsTarget() external view {
        assertEq(ledger.violations("C27"), 0, "C27");
    }

    function invariant_C28__lossIsWithinBoundAndLimit() external view {
        assertEq(ledger.violations("C28"), 0, "C28");
    }

    function invariant_C30__tradesDeliverTheirMinimum() external view {
        assertEq(ledger.violations("C30"), 0, "C30");
    }

    function invariant_C31__purchasesAreWithinTheBudget() external view {
        assertEq(ledger.violations("C31"), 0, "C31");
    }

    function invariant_C32__noPurchaseIsAboveItsGap() external view {
        assertEq(ledger.violations("C32"), 0, "C32");
    }

    function invariant_C33__whatIsNotTradedKeepsItsBalance() external view {
        assertEq(ledger.violations("C33"), 0, "C33");
    }

    function invariant_E43__nothingGoesElsewhere() external view {
        assertEq(ledger.violations("E43"), 0, "E43");
        address[7] memory others =
            [keeper, outsider, guardian, address(judge), address(basketJudge), address(runs), address(manager)];
        address[4] memory tokens = [address(usdt), address(weth), address(bond), address(fund)];
        for (uint256 i = 0; i < others.length; ++i) {
            for (uint256 j = 0; j < tokens.length; ++j) {
                assertEq(IERC20(tokens[j]).balanceOf(others[i]), 0, "E43");
            }
        }
    }

    function invariant_E44__nothingIsLeftOpen() external view {
        for (uint256 i = 0; i < 2; ++i) {
            assertFalse(portfolios[i].inRun(), "in a run");
            address trader = _executorOf(portfolios[i]);
            assertTrue(runs.gifted(i) || usdt.balanceOf(trader) == 0, "executor's settlement tokens");
            assertEq(weth.balanceOf(trader) + bond.balanceOf(trader) + fund.balanceOf(trader), 0, "executor's");
            address[4] memory spenders = [address(fund), trader, portfolios[i].weights(), outsider];
            for (uint256 j = 0; j < spenders.length; ++j) {
                assertEq(usdt.allowance(address(portfolios[i]), spenders[j]), 0, "portfolio's allowance");
                assertEq(usdt.allowance(trader, spenders[j]), 0, "executor's allowance");
                assertEq(fund.allowance(address(portfolios[i]), spenders[j]), 0, "allowance of shares");
            }
        }
    }

    /// @notice All runs together lose at most the limit and its refill.
    function invariant_losses__areWithinTheLimit() external view {
        uint256 most = LOSS_CAP + LOSS_CAP * (block.timestamp - began) / DAY;
        assertLe(runs.lost(0), most, "L3");
        assertLe(runs.lost(1), most, "basket");
    }

    function _limit(WeightRebalancer trader, IWeightRebalancer.Terms memory terms) private {
        trader.setTerms(terms);
        trader.raiseLimit(LimitKeys.LOSS_ADD, LOSS_CAP, uint32(DAY), 0);
    }
}
