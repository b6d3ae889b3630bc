// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {WeightJudge} from "@ballast/portfolio/WeightJudge.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";
import {KillSwitch} from "@ballast/security/KillSwitch.sol";
import {PriceOracle} from "@ballast/security/PriceOracle.sol";

import {Feed} from "../doubles/Feed.sol";
import {StockVenue} from "../doubles/StockVenue.sol";
import {Token} from "../doubles/Token.sol";
import {Ceilings} from "./Ceilings.sol";
import {GasTest} from "./GasTest.sol";

/// @title Gas of a run of four assets: one sale and two purchases, through a router with stock
/// @notice BTC 50,000, ETH 3,000, BNB 500; targets 30 % each and 10 % settlement tokens. The test contract holds every
/// role.
/// forge-config: default.isolate = true
contract WeightsGasTest is GasTest {
    uint256 private constant STOCK = 1e24;
    uint32 private constant HEARTBEAT = 1 days;
    /// @dev Limits of a token with 18 decimals count millionths.
    uint8 private constant EXP = 12;

    Token private dollar;
    Token private btc;
    PriceOracle private oracle;
    StockVenue private router;
    Portfolio private held;
    WeightJudge private judge;
    WeightRebalancer private executor;

    function setUp() public {
        vm.warp(1_750_000_000);
        address authority = address(new AccessManager(address(this)));
        oracle = new PriceOracle(authority);
        router = new StockVenue();
        router.setFeeBps(10);
        dollar = new Token("USD", 18);
        dollar.mint(address(router), STOCK);
        oracle.setFeed(address(dollar), address(new Feed(8, 1e8)), HEARTBEAT, 0.9e8, 1.1e8);
        held = new Portfolio(authority, address(dollar), address(oracle), address(0));
        _fill();
        judge = new WeightJudge(authority, address(held));
        executor = new WeightRebalancer(authority, address(judge), address(new KillSwitch(authority)));
        held.setWeights(address(judge));
        judge.setRebalancer(address(executor));
        executor.setTerms(IWeightRebalancer.Terms(500, 1 hours, 200, 30, 100, 10e18));
        executor.raiseLimit(LimitKeys.automatic(address(this)), STOCK, 1 hours, EXP);
        executor.raiseLimit(LimitKeys.automatic(address(held)), STOCK, 1 hours, EXP);
        executor.raiseLimit(LimitKeys.LOSS_ADD, STOCK, 1 hours, EXP);
        // The limits start empty; after two runs none of them is new.
        vm.warp(block.timestamp + 2 hours);
        btc.mint(address(held), 0.24e8);
        held.rebalance(true);
        vm.warp(block.timestamp + 2 hours);
        held.rebalance(false);
        btc.mint(address(held), 0.24e8);
        vm.warp(block.timestamp + 2 hours);
    }

    function test_gas__weights__openRun() public {
        held.rebalance(false);
        _tellRun("E, weights of four assets, by anybody");
    }

    function test_gas__weights__keepersRun() public {
        IPortfolioWeights.Swap[] memory swaps = new IPortfolioWeights.Swap[](3);
        address[] memory assets = held.assets();
        for (uint256 i = 0; i < assets.length; ++i) {
            swaps[i].asset = assets[i];
        }
        judge.reweigh(swaps);
        _tellRun("E, weights of four assets, by a keeper");
    }

    function _tellRun(string memory what) private {
        uint256 gas = _lastTransaction();
        assertEq(executor.lastRun(), block.timestamp, "it traded");
        _tellAbove(what, gas, Ceilings.FOUR_ASSETS);
    }

    /// @dev Buys about 16,000 of each asset and keeps 5,000 settlement tokens.
    function _fill() private {
        btc = new Token("BTC", 8);
        address[3] memory assets = [address(btc), address(new Token("ETH", 18)), address(new Token("BNB", 18))];
        uint256[3] memory prices = [uint256(50_000), 3_000, 500];
        IPortfolio.Holding[] memory list = new IPortfolio.Holding[](3);
        for (uint256 i = 0; i < 3; ++i) {
            address feed = address(new Feed(8, int256(prices[i] * 1e8)));
            oracle.setFeed(assets[i], feed, HEARTBEAT, uint128(prices[i] * 1e7), uint128(prices[i] * 1e9));
            uint256 rate = prices[i] * (i == 0 ? 1e28 : 1e18);
            router.setRate(assets[i], address(dollar), rate);
            router.setRate(address(dollar), assets[i], 1e36 / rate);
            Token(assets[i]).mint(address(router), STOCK);
            list[i] = IPortfolio.Holding(assets[i], IPortfolio.Kind.Venue, 3_000, 200, 10_000, address(router), 0, 0);
        }
        held.setHoldings(list);
        held.setOperator(address(this), true);
        dollar.mint(address(held), 5_000e18);
        for (uint256 i = 0; i < 3; ++i) {
            held.buy(assets[i], 16_000e18, 0, "");
        }
    }
}
