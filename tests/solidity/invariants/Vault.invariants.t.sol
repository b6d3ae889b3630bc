// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";

import {MoodyVenue} from "../doubles/MoodyVenue.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {SignerVm} from "../support/Plans.sol";
import {System} from "../support/System.sol";
import {DepositorHandler, World, WorldHandler} from "./Handlers.sol";
import {Ledger} from "./Ledger.sol";
import {PlanHandler} from "./PlanHandler.sol";

/// @title Properties of `properties.md`
contract VaultInvariants is System {
    Ledger private ledger;
    MoodyVenue private moody;
    DepositorHandler private depositors;
    PlanHandler private keeping;
    WorldHandler private rest;

    function setUp() public override {
        super.setUp();
        ledger = new Ledger();
        moody = new MoodyVenue(address(oracle));
        l3.setHoldings(_yields(address(moody)));
        World memory world = World({
            usdt: usdt,
            weth: weth,
            bond: bond,
            wethFeed: wethFeed,
            bondFeed: bondFeed,
            usdtFeed: usdtFeed,
            oracle: oracle,
            vault: vault,
            l2: l2,
            l3: l3,
            controller: controller,
            killSwitch: killSwitch,
            venue: moody,
            marketA: marketA,
            marketB: marketB,
            fund: fund,
            ledger: ledger
        });
        depositors = new DepositorHandler(world);
        keeping = new PlanHandler(world, keeper, _approvers());
        vm.warp(block.timestamp + 1);
        rest = new WorldHandler(world, guardian, address(this));
    }

    /// @notice Lists the contracts that forge may call: only the handlers. The keeper is listed twice, as the main
    /// subject.
    function targetContracts() external view returns (address[] memory list) {
        list = new address[](4);
        (list[0], list[1], list[2], list[3]) = (address(depositors), address(keeping), address(keeping), address(rest));
    }

    function invariant_V2_V6_V7_V8_V9_V10_V12_V14_V15__whatHandlersSaw() external view {
        string[9] memory properties = ["V2", "V6", "V7", "V8", "V9", "V10", "V12", "V14", "V15"];
        for (uint256 i = 0; i < properties.length; ++i) {
            assertEq(ledger.violations(properties[i]), 0, properties[i]);
        }
        assertEq(ledger.total(), 0, "violations");
    }

    /// @dev The handler of plans is worth something only if steps of it run.
    function test_plans__aRun__runsSteps() public {
        keeping.rebalanceBuffer();
        for (uint256 seed = 0; seed < 24; ++seed) {
            keeping.executeActions(seed, 5);
            keeping.executePlan(seed, 5, uint64(seed));
        }
        assertGe(ledger.counts("actions"), 8, "actions");
        assertGe(ledger.counts("plan"), 8, "plans");
        assertEq(ledger.total(), 0, "violations");
    }

    /// @dev Nearly everything is withdrawn from two strategies; the remaining three units are dust and no longer count.
    function test_V1__allButDustIsTaken__dustDoesNotCount() public {
        keeping.rebalanceBuffer();
        keeping.allocateToLayer(0, 2_000_000_000_000);
        assertEq(marketB.balanceOf(address(l2)), 3, "dust");
        assertEq(vault.totalAssets(), 1_000_000 * USD - 3, "not counted");
        _sums();
    }

    function invariant_V1_V3_V4_V5_V11__whatTheChainShows() external view {
        _sums();
        _nothingRests();
        _noAllowances();
        _nobodyGot();
        assertFalse(controller.locked(), "V11");
    }

    /// @dev V1, from balances, without `value`. Without fresh prices there is no sum.
    function _sums() internal view {
        if (vault.maxDeposit(alice) == 0) return;
        uint256 sum = usdt.balanceOf(address(vault));
        sum += _believed(marketA, l2) + _believed(marketB, l2) + _believed(fund, l3);
        sum += _priced(address(weth)) + _priced(address(bond));
        assertEq(vault.totalAssets(), sum, "V1");
    }

    /// @dev Counts at most at the maximum rate; if that leaves out much, there is no sum. The remainder of a holding
    /// that no longer counts was dust at the sale; later losses multiply its shares by less than four.
    function _believed(Strategy strategy, Portfolio holder) internal view returns (uint256) {
        uint256 shares = strategy.balanceOf(address(holder));
        if (!holder.positionOf(address(strategy)).held) {
            assertLe(shares, 4 * holder.dust(), "V1 left");
            return 0;
        }
        return Math.min(strategy.convertToAssets(shares), Math.ceilDiv(shares * ANY_RATE, 10 ** strategy.decimals()));
    }

    function _priced(address token) internal view returns (uint256) {
        if (!l3.positionOf(token).held) return 0;
        return oracle.convert(token, address(usdt), IERC20(token).balanceOf(address(l3)));
    }

    function _nothingRests() internal view {
        address[6] memory tokens = _tokens();
        for (uint256 i = 0; i < tokens.length; ++i) {
            assertEq(IERC20(tokens[i]).balanceOf(address(controller)), 0, "V3 controller");
        }
        assertEq(usdt.balanceOf(address(l2)) + usdt.balanceOf(address(l3)), 0, "V3 portfolios");
    }

    function _noAllowances() internal view {
        address[3] memory owners = [address(vault), address(l2), address(l3)];
        address[8] memory spenders = [
            address(marketA),
            address(marketB),
            address(fund),
            address(moody),
            address(controller),
            keeper,
            outsider,
            address(vault)
        ];
        address[6] memory tokens = _tokens();
        for (uint256 i = 0; i < owners.length; ++i) {
            for (uint256 j = 0; j < spenders.length; ++j) {
                for (uint256 k = 0; k < tokens.length; ++k) {
                    assertEq(IERC20(tokens[k]).allowance(owners[i], spenders[j]), 0, "V4");
                }
            }
        }
    }

    function _nobodyGot() internal view {
        address[4] memory people = [keeper, guardian, outsider, address(keeping)];
        address[6] memory tokens = _tokens();
        for (uint256 i = 0; i < people.length; ++i) {
            for (uint256 k = 0; k < tokens.length; ++k) {
                assertEq(IERC20(tokens[k]).balanceOf(people[i]), 0, "V5");
            }
        }
    }

    /// @dev Two who approve every plan, by ascending address; and limits for what plans buy.
    function _approvers() private returns (uint256[2] memory keys) {
        keys = [uint256(2), 1];
        for (uint256 i = 0; i < 2; ++i) {
            planLedger.raiseApprover(SignerVm(address(vm)).addr(keys[i]), 1);
        }
        address[6] memory tokens = _tokens();
        for (uint256 i = 1; i < tokens.length; ++i) {
            controller.raiseLimit(LimitKeys.forAsset(tokens[i]), AMPLE, 1, 0);
        }
    }

    function _tokens() internal view returns (address[6] memory) {
        return [address(usdt), address(weth), address(bond), address(marketA), address(marketB), address(fund)];
    }
}
