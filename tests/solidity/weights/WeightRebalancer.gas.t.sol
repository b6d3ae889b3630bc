// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";

import {StockVenue} from "../doubles/StockVenue.sol";
import {Token} from "../doubles/Token.sol";
import {WeighedPortfolio} from "./WeighedPortfolio.sol";
import {WeightsTest} from "./WeightsTest.sol";

/// @title The cheat code that tells what the last transaction cost
interface GasVm {
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    function lastCallGas() external view returns (Gas memory);
}

/// @title What a run of four assets costs: one sale, two purchases, through a router with stock
/// @notice With `--isolate` a call is a transaction, and its base of 21,000 counts.
contract WeightRebalancerGasTest is WeightsTest {
    event GasMeasured(string what, uint256 gas, uint256 ceiling);

    uint256 private constant CEILING = 360_000;

    Token private dollar;
    StockVenue private router;
    WeighedPortfolio private held;

    function setUp() public override {
        super.setUp();
        dollar = new Token("USD", 18);
        oracle.setFeed(address(dollar), address(usdtFeed), HEARTBEAT, 0.9e8, 1.1e8);
        router = new StockVenue();
        _list(btc, 50_000e28);
        _list(eth, 3_000e18);
        _list(bnb, 500e18);
        router.setFeeBps(10);
        held = new WeighedPortfolio(address(manager), address(dollar), address(oracle), address(0));
        _configure(held, new WeightRebalancer(address(manager), address(held)), 1e12);
        // The limits start empty.
        vm.warp(block.timestamp + 1 days);
        _refreshFeeds();
        held.setItems(_items(address(router), 3_000, 3_000, 3_000), 1_000);
        _hold(held, 0.6e8, 3e18, 20e18, 0);
        dollar.mint(address(held), 11_000e18);
        dollar.mint(address(router), 1e24);
        // A first run, so that no limit is new.
        _reweigh(held, _swaps());
        btc.mint(address(held), 0.24e8);
        vm.warp(block.timestamp + 2 hours);
    }

    function test_gas__openRun__isBelowTheCeiling() public {
        vm.prank(outsider);
        held.rebalance(false);
        _tell("weights of four assets, by anybody");
    }

    function test_gas__keepersRun__isBelowTheCeiling() public {
        _reweigh(held, _swaps());
        _tell("weights of four assets, by a keeper");
    }

    function _tell(string memory what) private {
        uint256 gas = GasVm(address(vm)).lastCallGas().gasTotalUsed;
        emit GasMeasured(what, gas, CEILING);
        assertLe(gas, CEILING, what);
        assertTrue(WeightRebalancer(held.rebalancer()).lastRun() == block.timestamp, "it traded");
    }

    function _list(Token token, uint256 rate) private {
        router.setRate(address(token), address(dollar), rate);
        router.setRate(address(dollar), address(token), 1e36 / rate);
        token.mint(address(router), 1e24);
    }
}
