// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {AssetController} from "@ballast/vault/AssetController.sol";
import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";
import {RedemptionQueue} from "@ballast/vault/RedemptionQueue.sol";

import {Feed} from "../doubles/Feed.sol";
import {GreedyVenue} from "../doubles/GreedyVenue.sol";
import {Test} from "../support/Test.sol";
import {Vm} from "../support/Vm.sol";

/// @notice Contracts and assets that the thief attacks.
struct Prey {
    AssetController controller;
    LiquidityVault vault;
    RedemptionQueue queue;
    Portfolio l2;
    Portfolio l3;
    GreedyVenue venue;
    address[] assets;
    Feed[] feeds;
    address thief;
}

/// @title Handler of a thief with the keeper's key and a listed venue that pays kickbacks
/// @notice Makes any call with any arguments, for weeks. Prices are constant and markets earn nothing, so every missing
/// unit was lost to the thief's actions.
contract ThiefHandler is Test {
    Prey private prey;
    /// @notice Successful calls, each of which may lose two units to rounding per source.
    uint256 public successes;
    /// @notice Amounts bought and sold without a plan.
    uint256 public bought;
    uint256 public sold;

    constructor(Prey memory prey_) {
        prey = prey_;
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 2 days));
        for (uint256 i = 0; i < prey.feeds.length; ++i) {
            prey.feeds[i].set(prey.feeds[i].answer());
        }
    }

    /// @dev Sets the venue's cut, mostly near the edge of the bounds.
    function greed(uint256 bps) external {
        prey.venue.setKeptBps(bps % 4 == 0 ? bound(bps, 0, 300) : bound(bps, 90, 101));
    }

    function purchase(uint256 which, uint256 amount, uint256 minOut, bytes calldata data) external {
        amount = bound(amount, 1, 60_000e6);
        bytes memory call = abi.encodeCall(AssetController.purchaseAsset, (_asset(which), amount, minOut % 2, data));
        if (_asThief(address(prey.controller), call)) bought += amount;
    }

    function redeem(uint256 which, uint256 part) external {
        address asset = _asset(which);
        uint256 balance = _held(asset) * bound(part, 1, 100) / 100;
        uint256 before = prey.vault.idle();
        bytes memory call = abi.encodeCall(AssetController.redeemAsset, (asset, balance, 0, ""));
        if (_asThief(address(prey.controller), call)) sold += prey.vault.idle() - before;
    }

    /// @dev Up to four steps with any dependencies, some of which fail. What a purchase spent is in its event.
    function actions(uint256 seed, uint8 count, uint32 gas) external {
        IAssetController.Step[] memory steps = _steps(seed, 1 + count % 4, uint32(bound(gas, 0, 2_000_000)));
        vm.recordLogs();
        bytes memory call = abi.encodeCall(AssetController.executeActions, (steps));
        vm.prank(prey.thief);
        (bool ran, bytes memory answer) = address(prey.controller).call(call);
        if (!ran) return;
        _countSteps(steps, abi.decode(answer, (uint64)), vm.getRecordedLogs());
    }

    function switchAsset(uint256 from, uint256 to, uint256 part) external {
        uint256 balance = _held(_asset(from)) * bound(part, 1, 20) / 100;
        bytes memory call = abi.encodeCall(AssetController.switchAsset, (_asset(from), balance, _asset(to), 0, "", ""));
        _asThief(address(prey.controller), call);
    }

    function allocate(uint8 tier, uint256 amount) external {
        _asThief(
            address(prey.controller),
            abi.encodeCall(AssetController.allocateToLayer, (tier % 4, bound(amount, 1, 60_000e6)))
        );
    }

    function buffer(bool force) external {
        _asThief(address(prey.controller), abi.encodeCall(AssetController.rebalance, (force)));
    }

    function waterfall(uint256 needed, uint8 maxTier) external {
        uint256 amount = prey.vault.idle() + bound(needed, 1, 60_000e6);
        _asThief(
            address(prey.controller), abi.encodeCall(AssetController.executeWaterfallLiquidation, (amount, maxTier % 4))
        );
    }

    /// @dev A plan without approvals, and an action of a plan that was never opened.
    function plan(uint256 which, uint256 amount, bytes32 preState) external {
        IPlanLedger.Plan memory forged;
        forged.header = IPlanLedger.Header(
            address(prey.controller), prey.thief, amount, uint40(block.timestamp + 1 hours), 0, preState
        );
        forged.actions = new IPlanLedger.Action[](1);
        forged.actions[0] = IPlanLedger.Action(1, _asset(which), amount, 0, keccak256(""), 0);
        uint256[3] memory state;
        bytes memory call = abi.encodeCall(AssetController.openPlan, (forged, state, new IPlanLedger.Signature[](0)));
        _mustFail(address(prey.controller), call);
        bytes32[] memory leaves = new bytes32[](1);
        call = abi.encodeCall(AssetController.execute, (forged.header, leaves, 0, forged.actions[0], ""));
        _mustFail(address(prey.controller), call);
        IAssetController.Step[] memory steps = new IAssetController.Step[](1);
        steps[0] = IAssetController.Step(0, 0, forged.actions[0], "");
        call = abi.encodeCall(AssetController.executePlan, (forged.header, leaves, steps));
        _mustFail(address(prey.controller), call);
        // The thief as the controller itself, and with approvals of its own.
        IAssetController.Run memory run;
        run.keeper = prey.thief;
        call = abi.encodeCall(AssetController.runStep, (run, 2, forged.actions[0], ""));
        _mustFail(address(prey.controller), call);
    }

    /// @dev Any call to any contract.
    function anything(uint256 target, uint256 function_, uint256 a, uint256 b, address account) external {
        if (function_ % 3 == 0) account = prey.thief;
        address callee = _target(target);
        bytes4[12] memory selectors = [
            LiquidityVault.pay.selector,
            LiquidityVault.supply.selector,
            LiquidityVault.settle.selector,
            LiquidityVault.escrow.selector,
            LiquidityVault.setController.selector,
            bytes4(keccak256("transfer(address,uint256)")),
            bytes4(keccak256("setOperator(address,bool)")),
            Portfolio.release.selector,
            Portfolio.buy.selector,
            IAssetController.drawFrom.selector,
            RedemptionQueue.fulfil.selector,
            IAssetController.sync.selector
        ];
        bytes memory call = abi.encodeWithSelector(selectors[function_ % 12], account, bound(a, 0, 1e13), b, account);
        _asThief(callee, call);
    }

    function _steps(uint256 seed, uint256 count, uint32 gas)
        internal
        view
        returns (IAssetController.Step[] memory steps)
    {
        steps = new IAssetController.Step[](count);
        for (uint8 i = 0; i < count; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            address asset = _asset(draw >> 8);
            uint8 verb = draw % 2 == 0 ? 1 : 2;
            uint256 amount = verb == 1 ? bound(draw >> 16, 1, 60_000e6) : _held(asset) * bound(draw >> 16, 1, 30) / 100;
            uint64 dependsOn = uint64((draw >> 64) & (draw >> 96) & ((uint256(1) << i) - 1));
            IPlanLedger.Action memory action =
                IPlanLedger.Action(verb, asset, amount, draw >> 128 & 1, keccak256(""), dependsOn);
            steps[i] = IAssetController.Step(i, gas, action, "");
        }
    }

    /// @dev Forge records events of undone calls too, so a failed step may have one before its failure.
    function _countSteps(IAssetController.Step[] memory steps, uint64 done, Vm.Log[] memory logs) internal {
        uint256 next = 0;
        for (uint256 i = 0; i < steps.length; ++i) {
            bool ran = done >> i & 1 != 0;
            bytes32 topic = IAssetController.ActionFailed.selector;
            if (ran) {
                bool buys = steps[i].action.verb == 1;
                topic = buys ? IAssetController.AssetPurchased.selector : IAssetController.AssetRedeemed.selector;
            }
            while (logs[next].emitter != address(prey.controller) || logs[next].topics[0] != topic) ++next;
            if (ran) {
                ++successes;
                (, uint256 amount, uint256 received) = abi.decode(logs[next].data, (uint8, uint256, uint256));
                if (steps[i].action.verb == 1) bought += amount;
                else sold += received;
            }
            ++next;
        }
    }

    function _asThief(address callee, bytes memory call) internal returns (bool done) {
        vm.prank(prey.thief);
        (done,) = callee.call(call);
        if (done) ++successes;
    }

    function _mustFail(address callee, bytes memory call) internal {
        require(!_asThief(callee, call), "a forged plan");
    }

    function _asset(uint256 which) internal view returns (address) {
        return prey.assets[which % prey.assets.length];
    }

    function _held(address asset) internal view returns (uint256) {
        Portfolio holder = prey.controller.tierOf(asset) == 1 ? prey.l2 : prey.l3;
        return holder.positionOf(asset).balance;
    }

    function _target(uint256 which) internal view returns (address) {
        address[5] memory targets =
            [address(prey.vault), address(prey.l2), address(prey.l3), address(prey.queue), address(prey.controller)];
        return targets[which % 5];
    }
}
