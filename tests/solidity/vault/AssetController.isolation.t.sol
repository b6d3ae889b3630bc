// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";

import {Strategy} from "../doubles/Strategy.sol";
import {System} from "../support/System.sol";

/// @title One broken holding of L2 stops only itself
/// @notice It is broken in every way that a market can fail, for moves into L1 and out of L1. The other holding is
/// sound.
/// forge-config: default.isolate = true
contract AssetControllerIsolationTest is System {
    uint8 private constant WAYS = 10;

    function setUp() public override {
        super.setUp();
        vm.warp(block.timestamp + 1);
        _invest();
    }

    function testFuzz_rebalance__toL1__drawsFromTheOther(uint8 way) public {
        _openBands();
        _setTargets(2_000, 2_000);
        _break(way);
        vm.prank(keeper);
        controller.rebalance(true);
        assertGe(vault.idle(), 199_990 * USD, "100,000 are missing, and marketB has 150,000");
    }

    function testFuzz_allocateToLayer__toL1__drawsFromTheOther(uint8 way) public {
        _break(way);
        vm.prank(keeper);
        assertGe(controller.allocateToLayer(0, 100_000 * USD), 99_990 * USD, "moved");
    }

    function testFuzz_waterfall__toL1__drawsFromTheOthers(uint8 way) public {
        _break(way);
        vm.prank(keeper);
        uint256 idle = controller.executeWaterfallLiquidation(500_000 * USD, 2);
        assertGe(idle, 499_990 * USD, "100,000 were idle, marketB has 150,000, L3 the rest");
    }

    /// A sale and a purchase of the broken one may fail; the others' run, and the book is right about them.
    function testFuzz_executeActions__oneBroken__othersRun(uint8 way) public {
        _break(way);
        IAssetController.Step[] memory steps = new IAssetController.Step[](5);
        steps[0] = _step(0, 2, address(marketA), 1_000 * USD, 0);
        steps[1] = _step(1, 2, address(marketB), 1_000 * USD, 0);
        steps[2] = _step(2, 1, address(marketA), 1_000 * USD, 0);
        steps[3] = _step(3, 2, address(weth), 1e18, 0);
        steps[4] = _step(4, 1, address(fund), 3_000 * USD, 8);
        vm.prank(keeper);
        uint64 done = controller.executeActions(steps);
        assertEq(done & 26, 26, "the others");
        (uint256[3] memory values,) = controller.bookValues();
        assertGe(values[2], 600_000 * USD, "L3 in the book");
        assertEq(values[0], vault.idle(), "L1 in the book");
    }

    /// Only the broken holding is passed over, with a known price or without.
    function testFuzz_rebalance__fromL1__fillsTheOther(uint8 way) public {
        usdt.mint(address(vault), 500_000 * USD);
        _break(way);
        uint256 before = usdt.balanceOf(address(marketB));
        vm.prank(keeper);
        controller.rebalance(true);
        assertGe(usdt.balanceOf(address(marketB)), before + 70_000 * USD, "its own gap");
    }

    function _step(uint8 index, uint8 verb, address asset, uint256 amount, uint64 dependsOn)
        private
        pure
        returns (IAssetController.Step memory)
    {
        IPlanLedger.Action memory action = IPlanLedger.Action(verb, asset, amount, 0, keccak256(""), dependsOn);
        return IAssetController.Step(index, 0, action, "");
    }

    function _setTargets(uint16 first, uint16 second) private {
        uint16[14] memory bounds = controller.bounds();
        (bounds[1], bounds[4], bounds[7]) = (first, second, 10_000 - first - second);
        controller.setBounds(bounds);
    }

    function _break(uint8 way) private {
        way = uint8(bound(way, 0, WAYS));
        if (way == 0) marketA.setMood(Strategy.Mood.Bombs, 0);
        if (way == 1) marketA.setMood(Strategy.Mood.BurnsGas, 0);
        if (way == 2) marketA.setMood(Strategy.Mood.Skims, 500);
        if (way == 3) marketA.setMood(Strategy.Mood.BurnsShares, 500);
        if (way == 4) marketA.setMood(Strategy.Mood.TakesLess, 500);
        if (way == 5) _mockRevert(marketA.previewRedeem.selector);
        if (way == 6) _mock(marketA.previewRedeem.selector, "");
        if (way == 7) _mock(marketA.maxWithdraw.selector, "");
        if (way == 8) _mock(marketA.maxWithdraw.selector, new bytes(100_000));
        if (way == 9) _mockRevert(marketA.maxWithdraw.selector);
        if (way == 10) _mock(marketA.previewRedeem.selector, abi.encode(0));
        if (way == 5 || way == 9 || way == 7) _mockRevert(marketA.deposit.selector);
    }

    function _mock(bytes4 selector, bytes memory answer) private {
        vm.mockCall(address(marketA), abi.encodeWithSelector(selector), answer);
    }

    function _mockRevert(bytes4 selector) private {
        vm.mockCallRevert(address(marketA), abi.encodeWithSelector(selector), "paused");
    }
}
