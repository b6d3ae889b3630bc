// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";

import {SignerVm} from "../support/Plans.sol";
import {KeeperHandler, World} from "./Handlers.sol";

/// @title A keeper that also sends several actions in one call, with a plan that two have approved or without
contract PlanHandler is KeeperHandler {
    SignerVm private constant signer = SignerVm(address(vm));
    uint8 private constant PURCHASE = 1;
    uint8 private constant REDEEM = 2;
    uint256 private constant MOST = 6;
    uint32 private constant STEP_GAS = 2_000_000;

    /// @dev Keys of the approvers, by ascending address.
    uint256[2] private keys;
    uint256 private nonce;

    constructor(World memory world_, address keeper_, uint256[2] memory keys_) KeeperHandler(world_, keeper_) {
        keys = keys_;
    }

    function executeActions(uint256 seed, uint8 count) external {
        IPlanLedger.Action[] memory actions = _draw(seed, count);
        uint256[] memory worths = _worthsOf(actions);
        IAssetController.Step[] memory steps = _stepsOf(actions, type(uint64).max);
        Before memory before = _look();
        bool paused = world.controller.paused();
        vm.prank(keeper);
        uint64 done = world.controller.executeActions(steps);
        _judgeSteps(before, actions, worths, 0, done);
        if (paused) world.ledger.check(!_buys(actions, done), "V10");
        if (done != 0) world.ledger.count("actions");
    }

    /// @dev Opens a plan, and executes a part of it and then all of it: nothing runs twice.
    function executePlan(uint256 seed, uint8 count, uint64 first) external {
        IPlanLedger.Plan memory plan = _open(_draw(seed, count));
        uint64 done = _execute(plan, 0, first);
        done |= _execute(plan, done, type(uint64).max);
        if (done != 0) world.ledger.count("plan");
    }

    function _execute(IPlanLedger.Plan memory plan, uint64 ranBefore, uint64 mask) private returns (uint64 done) {
        IAssetController.Step[] memory steps = _stepsOf(plan.actions, mask);
        uint256[] memory worths = _worthsOf(plan.actions);
        bytes32[] memory leaves = _leavesOf(plan.actions);
        Before memory before = _look();
        vm.prank(keeper);
        done = world.controller.executePlan(plan.header, leaves, steps);
        _judgeSteps(before, plan.actions, worths, ranBefore, done);
        IPlanLedger ledger = IPlanLedger(world.controller.ledger());
        uint64 known = ledger.statusOf(address(world.controller), ledger.hashOf(plan)).done;
        world.ledger.check(done & ranBefore == 0 && done & ~mask == 0 && known == ranBefore | done, "V14");
    }

    /// @dev V2, V6 and V7 as of single actions, of all that ran together; V14 and V15.
    function _judgeSteps(
        Before memory before,
        IPlanLedger.Action[] memory actions,
        uint256[] memory worths,
        uint64 ranBefore,
        uint64 done
    ) private {
        uint256 sum = 0;
        bool funded = true;
        uint8 tier = 0;
        for (uint256 i = 0; i < actions.length; ++i) {
            if (done >> i & 1 == 0) continue;
            IPlanLedger.Action memory action = actions[i];
            sum += worths[i];
            world.ledger.check(action.dependsOn & ~(ranBefore | done) == 0, "V14");
            // The bands hold after a purchase; what is sold afterwards may lose something of the whole.
            tier = action.verb == PURCHASE ? world.controller.tierOf(action.asset) : 0;
            funded = funded && (action.verb == REDEEM || _isFunded(actions, i, ranBefore));
        }
        _judge(before, sum);
        if (tier != 0) _judgeBands(tier);
        if (funded) world.ledger.check(world.vault.idle() >= before.idle, "V15");
    }

    /// @dev Whether a purchase depends on sales, all of which ran in the same call.
    function _isFunded(IPlanLedger.Action[] memory actions, uint256 which, uint64 ranBefore)
        private
        pure
        returns (bool)
    {
        uint64 dependsOn = actions[which].dependsOn;
        if (dependsOn & ranBefore != 0) return false;
        for (uint256 i = 0; i < which; ++i) {
            if (dependsOn >> i & 1 != 0 && actions[i].verb == REDEEM) return true;
        }
        return false;
    }

    function _buys(IPlanLedger.Action[] memory actions, uint64 done) private pure returns (bool) {
        for (uint256 i = 0; i < actions.length; ++i) {
            if (done >> i & 1 != 0 && actions[i].verb == PURCHASE) return true;
        }
        return false;
    }

    function _open(IPlanLedger.Action[] memory actions) private returns (IPlanLedger.Plan memory plan) {
        uint256[3] memory state = world.controller.tierValues();
        plan.header = IPlanLedger.Header({
            consumer: address(world.controller),
            keeper: keeper,
            nonce: nonce++,
            deadline: uint40(block.timestamp + 1 hours),
            epoch: world.controller.epoch(),
            preState: keccak256(abi.encode(state))
        });
        plan.actions = actions;
        bytes32 planHash = IPlanLedger(world.controller.ledger()).hashOf(plan);
        IPlanLedger.Signature[] memory signatures = new IPlanLedger.Signature[](2);
        for (uint256 i = 0; i < 2; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = signer.sign(keys[i], planHash);
            signatures[i] = IPlanLedger.Signature(signer.addr(keys[i]), abi.encodePacked(r, s, v));
        }
        vm.prank(keeper);
        world.controller.openPlan(plan, state, signatures);
    }

    /// @dev Purchases and sales of any size that is there, with any dependencies; some ask for too much.
    function _draw(uint256 seed, uint8 count) private view returns (IPlanLedger.Action[] memory actions) {
        actions = new IPlanLedger.Action[](1 + count % MOST);
        uint256 idle = world.vault.idle();
        for (uint256 i = 0; i < actions.length; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            address asset = _asset(draw >> 8);
            uint8 verb = draw % 2 == 0 ? PURCHASE : REDEEM;
            uint256 amount =
                verb == PURCHASE ? bound(draw >> 16, 1, idle / 2 + 1) : _heldOf(asset) * (draw >> 16 & 127) / 100;
            uint64 dependsOn = uint64((draw >> 64) & (draw >> 96) & ((uint256(1) << i) - 1));
            actions[i] = IPlanLedger.Action(verb, asset, amount, draw >> 128 & 1, keccak256(""), dependsOn);
        }
    }

    function _stepsOf(IPlanLedger.Action[] memory actions, uint64 mask)
        private
        pure
        returns (IAssetController.Step[] memory steps)
    {
        steps = new IAssetController.Step[](actions.length);
        uint256 count = 0;
        for (uint8 i = 0; i < actions.length; ++i) {
            if (mask >> i & 1 != 0) steps[count++] = IAssetController.Step(i, STEP_GAS, actions[i], "");
        }
        assembly ("memory-safe") {
            mstore(steps, count)
        }
    }

    function _leavesOf(IPlanLedger.Action[] memory actions) private view returns (bytes32[] memory leaves) {
        IPlanLedger ledger = IPlanLedger(world.controller.ledger());
        leaves = new bytes32[](actions.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = ledger.leafOf(actions[i]);
        }
    }

    /// @dev Settlement units that each action is about.
    function _worthsOf(IPlanLedger.Action[] memory actions) private view returns (uint256[] memory worths) {
        worths = new uint256[](actions.length);
        for (uint256 i = 0; i < actions.length; ++i) {
            (address asset, uint256 amount) = (actions[i].asset, actions[i].amount);
            uint256 held = _heldOf(asset);
            if (actions[i].verb == PURCHASE) worths[i] = amount;
            else if (held != 0) worths[i] = _holderOf(asset).valueOf(asset) * amount / held + 1;
        }
    }

    function _heldOf(address asset) private view returns (uint256) {
        return _holderOf(asset).positionOf(asset).balance;
    }

    function _holderOf(address asset) private view returns (Portfolio) {
        return world.controller.tierOf(asset) == 1 ? world.l2 : world.l3;
    }
}
