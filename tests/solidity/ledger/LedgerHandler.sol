// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {PlanLedger} from "@ballast/vault/PlanLedger.sol";

import {Test} from "../support/Test.sol";
import {SigningVm} from "./LedgerTest.sol";

/// @title Handler of consumers, keepers, approvers and strangers, with the answers expected from the ledger
/// @notice The handler decides from the past calls whether a call is legal; the ledger must admit exactly the legal
/// calls. Four people can sign; some of them are approvers at any time.
contract LedgerHandler is Test {
    struct Made {
        bytes plan;
        bytes32 planHash;
        uint256 approvals;
        bool opened;
        bool cancelled;
        uint64 done;
    }

    SigningVm private constant cheats = SigningVm(address(vm));
    uint256 private constant MOST_MADE = 48;

    PlanLedger private immutable ledger;
    address[2] private consumers = [address(0xC0), address(0xC1)];
    address[2] private keepers = [address(0x6EE9E4), address(0x6EE9E5)];
    uint256[4] private people;
    Made[] private made;
    /// @dev Plans made so far, since an equal draw at the same time makes the same plan; `openAgain` tests that case.
    mapping(bytes32 planHash => bool) private known;
    mapping(address consumer => uint32) private epochs;
    mapping(address consumer => mapping(address keeper => mapping(uint256 nonce => bool))) private usedNonces;
    mapping(uint256 person => uint8) private weights;
    uint256 private time;

    /// @notice Calls that the ledger wrongly admitted.
    uint256 public wronglyAdmitted;
    /// @notice Calls that the ledger wrongly refused.
    uint256 public wronglyRefused;
    /// @notice Returned approvals that differ from the signatures.
    uint256 public wrongApprovals;
    mapping(string what => uint256) public counts;

    address internal immutable tester = msg.sender;

    constructor(PlanLedger ledger_) {
        ledger = ledger_;
        people = [uint256(1), 2, 3, 4];
        // Ascending by address, as required for signatures.
        for (uint256 i = 0; i < people.length; ++i) {
            for (uint256 j = i + 1; j < people.length; ++j) {
                if (cheats.addr(people[j]) < cheats.addr(people[i])) (people[i], people[j]) = (people[j], people[i]);
            }
        }
        time = block.timestamp;
    }

    function pass(uint16 elapsed) external {
        time += elapsed % 15 minutes;
    }

    /// @dev Begins a new epoch, as a pause does.
    function raiseEpoch(uint8 who, uint8 kind) external {
        if (kind % 16 == 0) ++epochs[consumers[who % 2]];
    }

    function setApprover(uint8 who, bool approver) external {
        uint256 person = people[who % 4];
        uint8 weight = approver ? 1 : 0;
        if (weights[person] == weight) return;
        if (approver) ledger.raiseApprover(cheats.addr(person), 1);
        else ledger.lowerApprover(cheats.addr(person), 0);
        weights[person] = weight;
    }

    /// @dev Makes a plan, signs it for some people, and opens it at once.
    function open(uint256 draw) external {
        if (made.length == MOST_MADE) return;
        IPlanLedger.Plan memory plan = _draw(draw);
        bytes32 planHash = ledger.hashOf(plan);
        if (known[planHash]) return;
        known[planHash] = true;
        made.push();
        Made storage entry = made[made.length - 1];
        (entry.plan, entry.planHash) = (abi.encode(plan), planHash);
        _open(entry, plan, uint8(draw >> 64), uint8(draw >> 72));
    }

    /// @dev Opens a plan again, or one that was refused before.
    function openAgain(uint8 which, uint8 signers, uint8 twist) external {
        if (made.length == 0) return;
        Made storage entry = made[which % made.length];
        _open(entry, abi.decode(entry.plan, (IPlanLedger.Plan)), signers, twist);
    }

    function consume(uint8 which, uint8 index, uint8 twist) external {
        if (made.length == 0) return;
        vm.warp(time);
        Made storage entry = made[which % made.length];
        IPlanLedger.Plan memory plan = abi.decode(entry.plan, (IPlanLedger.Plan));
        index = uint8(index % (plan.actions.length + 1));
        bool legal = entry.opened && !entry.cancelled && index < plan.actions.length;
        if (legal) {
            legal = entry.done & (uint64(1) << index) == 0 && plan.actions[index].dependsOn & ~entry.done == 0;
        }
        _consume(entry, plan, index, twist, legal);
    }

    /// @dev As a consumer that runs several actions in one call.
    function mark(uint8 which, uint64 bits, uint8 twist) external {
        if (made.length == 0) return;
        vm.warp(time);
        Made storage entry = made[which % made.length];
        IPlanLedger.Plan memory plan = abi.decode(entry.plan, (IPlanLedger.Plan));
        IPlanLedger.Caller memory caller = IPlanLedger.Caller(plan.header.keeper, epochs[plan.header.consumer]);
        address consumer = twist % 8 == 1 ? _other(plan.header.consumer) : plan.header.consumer;
        if (twist % 8 == 2) caller.keeper = keepers[caller.keeper == keepers[0] ? 1 : 0];
        bool current = consumer == plan.header.consumer && caller.keeper == plan.header.keeper;
        current = current && plan.header.epoch == caller.epoch && time <= plan.header.deadline;
        current = current && entry.opened && !entry.cancelled;
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(consumer);
        try ledger.check(plan.header, caller, leaves) returns (bytes32 hash, IPlanLedger.Status memory status) {
            _judge(true, current && hash == entry.planHash, "checked");
            if (status.approvals != entry.approvals) ++wrongApprovals;
        } catch {
            _judge(false, current, "");
            // A consumer does not mark what `check` refuses.
            return;
        }
        bits &= (uint64(1) << (plan.actions.length + 1)) - 1;
        bool legal = bits & entry.done == 0 && bits >> plan.actions.length == 0;
        vm.prank(consumer);
        try ledger.mark(entry.planHash, bits) {
            _judge(true, legal, "marked");
            entry.done |= bits;
        } catch {
            _judge(false, legal, "");
        }
    }

    function cancel(uint8 which, uint8 kind) external {
        if (made.length == 0 || kind % 8 != 0) return;
        Made storage entry = made[which % made.length];
        IPlanLedger.Plan memory plan = abi.decode(entry.plan, (IPlanLedger.Plan));
        address caller = kind % 16 == 0 ? plan.header.consumer : _other(plan.header.consumer);
        bool legal = entry.opened && !entry.cancelled && caller == plan.header.consumer;
        vm.prank(caller);
        try ledger.cancel(entry.planHash) {
            entry.cancelled = true;
            _judge(true, legal, "cancelled");
        } catch {
            _judge(false, legal, "");
        }
    }

    function voidNonce(uint8 who, uint8 keeper, uint8 nonce, uint8 kind) external {
        if (kind % 8 != 0) return;
        (address consumer, address named) = (consumers[who % 2], keepers[keeper % 2]);
        bool legal = !usedNonces[consumer][named][nonce % 32];
        vm.prank(consumer);
        try ledger.voidNonce(named, nonce % 32) {
            usedNonces[consumer][named][nonce % 32] = true;
            _judge(true, legal, "voided");
        } catch {
            _judge(false, legal, "");
        }
    }

    /// @dev Strangers call the ledger under their own address and try to configure it.
    function asStranger(uint8 which, address stranger) external {
        // The test contract itself configures approvers.
        if (made.length == 0 || stranger == address(this) || stranger == tester) return;
        if (stranger == consumers[0] || stranger == consumers[1]) return;
        IPlanLedger.Plan memory plan = abi.decode(made[which % made.length].plan, (IPlanLedger.Plan));
        IPlanLedger.Caller memory caller = IPlanLedger.Caller(plan.header.keeper, plan.header.epoch);
        bytes32[] memory leaves = _leaves(plan);
        vm.startPrank(stranger);
        try ledger.consume(plan.header, caller, leaves, 0, plan.actions[0]) {
            ++wronglyAdmitted;
        } catch {}
        try ledger.mark(made[which % made.length].planHash, 1) {
            ++wronglyAdmitted;
        } catch {}
        try ledger.cancel(made[which % made.length].planHash) {
            ++wronglyAdmitted;
        } catch {}
        try ledger.raiseApprover(stranger, 1) {
            ++wronglyAdmitted;
        } catch {}
        vm.stopPrank();
    }

    /// @notice Returns whether the ledger's state follows from its answers.
    function stateAgrees() external view returns (bool) {
        for (uint256 i = 0; i < made.length; ++i) {
            Made memory entry = made[i];
            IPlanLedger.Plan memory plan = abi.decode(entry.plan, (IPlanLedger.Plan));
            IPlanLedger.Status memory status = ledger.statusOf(plan.header.consumer, entry.planHash);
            if (status.done != entry.done || status.cancelled != entry.cancelled) return false;
            if (status.approvals != entry.approvals) return false;
            if ((status.count != 0) != entry.opened) return false;
            if (ledger.statusOf(_other(plan.header.consumer), entry.planHash).count != 0) return false;
        }
        return true;
    }

    function _open(Made storage entry, IPlanLedger.Plan memory plan, uint8 signers, uint8 twist) internal {
        vm.warp(time);
        // In three of four cases only approvers sign.
        if (signers & 16 != 0 || signers & 32 != 0) signers &= _approvers() | 0xF0;
        (IPlanLedger.Signature[] memory list, uint256 approvals, bool legal) = _signatures(entry.planHash, signers);
        IPlanLedger.Header memory header = plan.header;
        address consumer = twist % 8 == 1 ? _other(header.consumer) : header.consumer;
        address keeper = twist % 8 == 2 ? keepers[header.keeper == keepers[0] ? 1 : 0] : header.keeper;
        legal = legal && consumer == header.consumer && keeper == header.keeper;
        legal = legal && header.epoch == epochs[consumer] && time <= header.deadline;
        legal = legal && !usedNonces[consumer][keeper][header.nonce];
        vm.prank(consumer);
        try ledger.open(plan, IPlanLedger.Caller(keeper, epochs[consumer]), list) {
            _judge(true, legal, "opened");
            usedNonces[consumer][keeper][header.nonce] = true;
            (entry.opened, entry.approvals) = (true, approvals);
        } catch {
            _judge(false, legal, "");
        }
    }

    function _consume(Made storage entry, IPlanLedger.Plan memory plan, uint8 index, uint8 twist, bool legal) internal {
        IPlanLedger.Header memory header = plan.header;
        IPlanLedger.Action memory action = plan.actions[index % plan.actions.length];
        IPlanLedger.Caller memory caller = IPlanLedger.Caller(header.keeper, epochs[header.consumer]);
        address consumer = header.consumer;
        bytes32[] memory leaves = _leaves(plan);
        legal = legal && header.epoch == caller.epoch && time <= header.deadline;
        bool independent = action.dependsOn == 0;
        twist = twist % 16;
        if (twist == 1) consumer = _other(consumer);
        if (twist == 2) caller.keeper = keepers[header.keeper == keepers[0] ? 1 : 0];
        if (twist == 3) action.minOut -= 1;
        if (twist == 4) action.dependsOn = 0;
        if (twist == 5) header.deadline += 1 days;
        if (twist == 6) header.nonce += 1;
        if (twist == 7) leaves[0] = ledger.leafOf(plan.actions[leaves.length - 1]);
        legal = legal && (twist == 0 || twist > 7 || (twist == 4 && independent) || (twist == 7 && leaves.length == 1));
        vm.prank(consumer);
        try ledger.consume(header, caller, leaves, index, action) returns (uint16 approvals) {
            _judge(true, legal, "consumed");
            entry.done |= uint64(1) << index;
            if (approvals != entry.approvals) ++wrongApprovals;
        } catch {
            _judge(false, legal, "");
        }
    }

    function _judge(bool admitted, bool legal, string memory what) internal {
        if (admitted && !legal) ++wronglyAdmitted;
        if (!admitted && legal) ++wronglyRefused;
        if (admitted) ++counts[what];
    }

    function _draw(uint256 draw) internal view returns (IPlanLedger.Plan memory plan) {
        address consumer = consumers[draw % 2];
        plan.header = IPlanLedger.Header({
            consumer: consumer,
            keeper: keepers[(draw >> 8) % 2],
            nonce: (draw >> 16) % 32,
            deadline: uint40(time + (draw >> 24) % 4 hours),
            epoch: epochs[consumer],
            preState: bytes32(draw >> 80)
        });
        plan.actions = new IPlanLedger.Action[](1 + (draw >> 40) % 4);
        for (uint256 i = 0; i < plan.actions.length; ++i) {
            plan.actions[i] = IPlanLedger.Action({
                verb: uint8(i),
                asset: address(uint160(0xA55E7 + i)),
                amount: draw >> 128,
                minOut: 1 + (draw >> 160),
                dataHash: bytes32(draw),
                dependsOn: uint64((draw >> (48 + 4 * i)) & ((1 << i) - 1))
            });
        }
    }

    /// @dev Signs for the people in the low four bits of `signers`. If the highest bits are set, the list is made
    /// invalid.
    function _signatures(bytes32 planHash, uint8 signers)
        internal
        view
        returns (IPlanLedger.Signature[] memory list, uint256 approvals, bool legal)
    {
        legal = true;
        uint256 count = 0;
        for (uint256 i = 0; i < 4; ++i) {
            if (signers & (1 << i) != 0) ++count;
        }
        list = new IPlanLedger.Signature[](count);
        uint256 next = 0;
        for (uint256 i = 0; i < 4; ++i) {
            if (signers & (1 << i) == 0) continue;
            list[next++] = _sign(planHash, people[i]);
            approvals += weights[people[i]];
            legal = legal && weights[people[i]] != 0;
        }
        uint256 spoil = signers >> 5;
        if (spoil == 7 && count > 1) (list[0], legal) = (list[1], false);
        if (spoil == 6 && count > 0) (list[0].data, legal) = (_sign(~planHash, people[0]).data, false);
    }

    /// @dev Returns one bit for each person who is an approver.
    function _approvers() internal view returns (uint8 mask) {
        for (uint8 i = 0; i < 4; ++i) {
            if (weights[people[i]] != 0) mask |= uint8(1) << i;
        }
    }

    function _sign(bytes32 digest, uint256 person) internal pure returns (IPlanLedger.Signature memory) {
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(person, digest);
        return IPlanLedger.Signature(cheats.addr(person), abi.encodePacked(r, s, v));
    }

    function _other(address consumer) internal view returns (address) {
        return consumers[consumer == consumers[0] ? 1 : 0];
    }

    function _leaves(IPlanLedger.Plan memory plan) internal view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](plan.actions.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = ledger.leafOf(plan.actions[i]);
        }
    }
}
