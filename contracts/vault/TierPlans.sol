// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAssetController} from "../interfaces/IAssetController.sol";
import {IPlanLedger} from "../interfaces/IPlanLedger.sol";
import {PlanHash} from "../libraries/PlanHash.sol";
import {ReturnData} from "../libraries/ReturnData.sol";

/// @title Plans, and several actions in one call
/// @dev Runs in the asset controller's context by delegate calls. The controller's constructor deploys it; it is
/// separate only because both would not fit into one contract. It has no storage. Each function has the signature of
/// the controller's function that forwards to it, and the controller appends the state of its run to the call data.
/// An action is a call of the controller to itself with bounded gas, and a bounded part of its answer is read. The
/// state is passed to this call and returned by it, so a failing action changes nothing.
contract TierPlans {
    /// @notice State of the call.
    /// @param run Encoded `IAssetController.Run`, which only the actions read and change.
    /// @param planHash Hash of the plan; 0 without a plan.
    /// @param approvals Approvals of the plan; 0 without a plan.
    /// @param before Actions that had run before this call.
    /// @param done Actions that have run in this call.
    /// @param sales Of these, the sales.
    /// @param unspent Proceeds of each sale of this call that no purchase has spent, by index.
    struct Progress {
        bytes run;
        bytes32 planHash;
        uint16 approvals;
        uint64 before;
        uint64 done;
        uint64 sales;
        uint256[64] unspent;
    }

    uint8 private constant PURCHASE = 1;
    uint8 private constant REDEEM = 2;
    uint256 private constant MAX_ACTIONS = 64;
    uint256 private constant TIERS = 3;
    /// @dev Bytes of an encoded run of twelve words, and of the result of `runStep`, a run and a word.
    uint256 private constant RUN_SIZE = 384;
    uint256 private constant RESULT_SIZE = 416;
    /// @dev Bytes that the controller appends when it opens a plan: two words and a run.
    uint256 private constant OPENING_SIZE = 448;
    /// @dev Bytes of the arguments of `runStep` before its data with its length: the run, the approvals, six words of
    /// the action, and this offset.
    uint256 private constant DATA_OFFSET = 640;
    /// @dev Most bytes of a failing step's error that are reported.
    uint256 private constant REASON_SIZE = 256;
    /// @dev Most gas that a step may use if its keeper names no other bound.
    uint256 private constant STEP_GAS = 3_000_000;
    /// @dev Gas that must be left beside the step's own: for the end of the call, and for the cost of each step outside
    /// its own call and at the ledger.
    uint256 private constant END_GAS = 60_000;
    uint256 private constant EACH_GAS = 12_000;
    /// @dev A call leaves its caller one part in so many (EIP-150).
    uint256 private constant KEPT_PARTS = 64;

    IPlanLedger private immutable _ledger;

    /// @param ledger Ledger of the plans; the controller's constructor checks that it has code.
    constructor(address ledger) {
        _ledger = IPlanLedger(ledger);
    }

    // Steps run one after the other. The controller refuses all other actions meanwhile, and the ledger marks each
    // action once.
    // slither-disable-start calls-loop,reentrancy-events

    /// @notice Opens a plan, as `IAssetController.openPlan` does. The controller appends how far a tier may have moved,
    /// how long a plan may live and the run, and compares the approvals with those that the size needs.
    /// @param plan The plan.
    /// @param state Values of the tiers that it was made from.
    /// @param signatures Its approvals.
    /// @return planHash The hash that was signed.
    /// @return size Sum of its purchases.
    /// @return approvals Sum of the weights of those who signed.
    function openPlan(
        IPlanLedger.Plan calldata plan,
        uint256[3] calldata state,
        IPlanLedger.Signature[] calldata signatures
    ) external returns (bytes32 planHash, uint256 size, uint256 approvals) {
        IAssetController.Run calldata run = _appended();
        (uint256 mostMoved, uint256 life) = abi.decode(msg.data[msg.data.length - OPENING_SIZE:], (uint256, uint256));
        size = _sizeOf(plan.actions);
        _requireState(run, mostMoved, plan.header.preState, state);
        uint256 latest = block.timestamp + life;
        // Plans live for hours; a validator's freedom of some seconds does not matter.
        // slither-disable-next-line timestamp
        bool inTime = plan.header.deadline <= latest;
        require(inTime, IAssetController.AssetController_PlanTooLong(plan.header.deadline, latest));
        planHash = _ledger.open(plan, IPlanLedger.Caller(msg.sender, run.epoch), signatures);
        approvals = _ledger.approvalsOf(address(this), planHash);
    }

    /// @notice Executes actions of an open plan, as `IAssetController.executePlan` does.
    /// @param header The plan without its actions.
    /// @param leaves Hashes of all actions of the plan.
    /// @param steps Actions to execute.
    /// @return run State after the actions.
    /// @return done Bit `i` is set if action `i` ran.
    function executePlan(
        IPlanLedger.Header calldata header,
        bytes32[] calldata leaves,
        IAssetController.Step[] calldata steps
    ) external returns (IAssetController.Run memory run, uint64 done) {
        Progress memory progress = _begin();
        IPlanLedger.Status memory status;
        (progress.planHash, status) = _ledger.check(header, IPlanLedger.Caller(msg.sender, _appended().epoch), leaves);
        (progress.before, progress.approvals) = (status.done, status.approvals);
        _requireSound(steps);
        _requireSigned(leaves, steps);
        _runAll(progress, steps);
        if (progress.done != 0) _ledger.mark(progress.planHash, progress.done);
        return (abi.decode(progress.run, (IAssetController.Run)), progress.done);
    }

    /// @notice Executes actions without a plan, as `IAssetController.executeActions` does.
    /// @param steps Actions to execute.
    /// @return run State after the actions.
    /// @return done Bit `i` is set if the step with index `i` ran.
    function executeActions(IAssetController.Step[] calldata steps)
        external
        returns (IAssetController.Run memory run, uint64 done)
    {
        Progress memory progress = _begin();
        _requireSound(steps);
        _runAll(progress, steps);
        return (abi.decode(progress.run, (IAssetController.Run)), progress.done);
    }

    function _runAll(Progress memory progress, IAssetController.Step[] calldata steps) private {
        uint256 rest = END_GAS + EACH_GAS * steps.length;
        for (uint256 i = 0; i < steps.length; ++i) {
            bytes memory reason = _obstacleTo(progress, steps[i]);
            if (reason.length == 0) {
                bool ran;
                (ran, reason) = _run(progress, steps[i], rest);
                if (ran) continue;
            }
            emit IAssetController.ActionFailed(progress.planHash, steps[i].index, reason);
        }
    }

    /// @dev Runs a step and records its result, or returns the first bytes of its error.
    function _run(Progress memory progress, IAssetController.Step calldata step, uint256 rest)
        private
        returns (bool ran, bytes memory answer)
    {
        IPlanLedger.Action memory action = step.action;
        uint64 sources = action.verb == PURCHASE ? action.dependsOn & progress.sales : 0;
        if (sources != 0 && action.dependsOn & progress.before == 0) _reduce(action, _fundsOf(progress, sources));
        // As `abi.encodeCall` would, without decoding the run and encoding it again.
        bytes memory input = bytes.concat(
            IAssetController.runStep.selector,
            progress.run,
            abi.encode(progress.approvals, action, DATA_OFFSET, step.data.length),
            step.data
        );
        (ran, answer) = _callSelf(input, step, rest);
        if (!ran) return (ran, answer);
        uint64 bit = uint64(1) << step.index;
        uint256 received;
        assembly ("memory-safe") {
            received := mload(add(answer, RESULT_SIZE))
            mstore(answer, RUN_SIZE)
        }
        progress.run = answer;
        progress.done |= bit;
        if (action.verb == PURCHASE) {
            _spend(progress, sources, action.amount);
        } else {
            progress.sales |= bit;
            progress.unspent[step.index] = received;
        }
    }

    /// @dev Calls the controller with exactly the gas that the step may use, so that no step fails because the
    /// transaction has too little.
    function _callSelf(bytes memory input, IAssetController.Step calldata step, uint256 rest)
        private
        returns (bool ran, bytes memory answer)
    {
        uint256 most = step.gas == 0 ? STEP_GAS : step.gas;
        uint256 available = gasleft();
        bool enough = available - available / KEPT_PARTS >= most + rest;
        if (!enough) revert IAssetController.AssetController_OutOfGas(step.index, available, most + rest);
        assembly ("memory-safe") {
            ran := call(most, address(), 0, add(input, 0x20), mload(input), 0, 0)
        }
        answer = ReturnData.head(ran ? RESULT_SIZE : REASON_SIZE);
    }

    // slither-disable-end calls-loop,reentrancy-events

    /// @dev Error for which a step is skipped; empty if it may run.
    function _obstacleTo(Progress memory progress, IAssetController.Step calldata step)
        private
        pure
        returns (bytes memory)
    {
        (bytes32 planHash, uint8 index) = (progress.planHash, step.index);
        if (progress.before >> index & 1 != 0) {
            return abi.encodeWithSelector(IPlanLedger.PlanLedger_AlreadyConsumed.selector, planHash, index);
        }
        uint64 missing = step.action.dependsOn & ~(progress.before | progress.done);
        if (missing == 0) return "";
        return abi.encodeWithSelector(IPlanLedger.PlanLedger_DependencyMissing.selector, planHash, index, missing);
    }

    /// @dev Reduces a purchase to `funds`, and its minimum output in proportion.
    function _reduce(IPlanLedger.Action memory action, uint256 funds) private pure {
        if (funds >= action.amount) return;
        action.minOut = Math.mulDiv(action.minOut, funds, action.amount, Math.Rounding.Ceil);
        action.amount = funds;
    }

    /// @dev Unspent proceeds of these sales. A venue may pay any amount, so the sum saturates.
    function _fundsOf(Progress memory progress, uint64 sources) private pure returns (uint256 funds) {
        for (uint8 i = 0; sources >> i != 0; ++i) {
            if (sources >> i & 1 != 0) funds = Math.saturatingAdd(funds, progress.unspent[i]);
        }
    }

    /// @dev Takes a purchase from the proceeds of its sales, in their order, as far as they go.
    function _spend(Progress memory progress, uint64 sources, uint256 amount) private pure {
        for (uint8 i = 0; sources >> i != 0; ++i) {
            if (sources >> i & 1 == 0) continue;
            uint256 part = Math.min(progress.unspent[i], amount);
            progress.unspent[i] -= part;
            amount -= part;
        }
    }

    /// @dev The plan's state must be the one that its approvers signed, and no tier may have moved far since.
    function _requireState(
        IAssetController.Run calldata run,
        uint256 mostMoved,
        bytes32 preState,
        uint256[3] calldata state
    ) private pure {
        require(keccak256(abi.encode(state)) == preState, IAssetController.AssetController_OtherState(preState));
        uint256 cash = Math.saturatingSub(run.idle, run.flash);
        uint256[3] memory current = [cash, uint256(run.book.value2), uint256(run.book.value3)];
        for (uint8 tier = 0; tier < TIERS; ++tier) {
            uint256 moved = Math.max(state[tier], current[tier]) - Math.min(state[tier], current[tier]);
            require(moved <= mostMoved, IAssetController.AssetController_StateMoved(tier, moved, mostMoved));
        }
    }

    /// @dev Amount that a plan puts at risk: the sum of its purchases. Also checks that every action can be executed.
    function _sizeOf(IPlanLedger.Action[] calldata actions) private pure returns (uint256 size) {
        for (uint256 i = 0; i < actions.length; ++i) {
            uint8 verb = actions[i].verb;
            _requireVerb(i, verb);
            if (verb == PURCHASE) size += actions[i].amount;
        }
    }

    function _requireVerb(uint256 index, uint8 verb) private pure {
        bool known = verb == PURCHASE || verb == REDEEM;
        if (!known) revert IAssetController.AssetController_UnknownVerb(index, verb);
    }

    /// @dev Indices ascend, verbs are known, and data has the hash that its action names. `require` would compute the
    /// arguments of the errors in every case.
    function _requireSound(IAssetController.Step[] calldata steps) private pure {
        uint256 next = 0;
        for (uint256 i = 0; i < steps.length; ++i) {
            IAssetController.Step calldata step = steps[i];
            uint8 index = step.index;
            bool ordered = index >= next && index < MAX_ACTIONS;
            if (!ordered) revert IAssetController.AssetController_InvalidStep(i, index);
            next = uint256(index) + 1;
            _requireVerb(index, step.action.verb);
            bytes32 dataHash = keccak256(step.data);
            bytes32 expected = step.action.dataHash;
            if (dataHash != expected) revert IAssetController.AssetController_OtherData(dataHash, expected);
        }
    }

    /// @dev Each action must be the one that was signed at its index.
    function _requireSigned(bytes32[] calldata leaves, IAssetController.Step[] calldata steps) private pure {
        for (uint256 i = 0; i < steps.length; ++i) {
            IAssetController.Step calldata step = steps[i];
            uint8 index = step.index;
            if (index >= leaves.length) revert IPlanLedger.PlanLedger_UnknownAction(index, leaves.length);
            (bytes32 leaf, bytes32 signed) = (PlanHash.leafOf(step.action), leaves[index]);
            if (leaf != signed) revert IPlanLedger.PlanLedger_OtherAction(index, leaf, signed);
        }
    }

    function _begin() private pure returns (Progress memory progress) {
        progress.run = msg.data[msg.data.length - RUN_SIZE:];
    }

    /// @dev Run that the controller appended to the call data.
    function _appended() private pure returns (IAssetController.Run calldata run) {
        assembly ("memory-safe") {
            run := sub(calldatasize(), RUN_SIZE)
        }
    }
}
