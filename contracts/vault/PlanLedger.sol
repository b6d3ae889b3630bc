// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import {IPlanLedger} from "../interfaces/IPlanLedger.sol";
import {PlanHash} from "../libraries/PlanHash.sol";

/// @title Stores approved plans, and which of their actions have run
/// @dev State is keyed by the consumer, which is always `msg.sender`. A plan takes one slot, and a bit of a word of
/// nonces. Signers are called only by static calls, so no call can re-enter.
contract PlanLedger is IPlanLedger, AccessManaged, EIP712 {
    using BitMaps for BitMaps.BitMap;

    uint256 private constant MAX_ACTIONS = 64;
    uint256 private constant MAX_SIGNATURES = 32;
    /// @dev Weight of an account: one person, whatever code it delegates to.
    uint8 private constant ACCOUNT_WEIGHT = 1;
    /// @dev The code of an account that delegates (EIP-7702) is this prefix and an address. No contract's code begins
    /// so (EIP-3541).
    bytes3 private constant DELEGATION_PREFIX = 0xef0100;
    uint256 private constant DELEGATION_SIZE = 23;

    mapping(address consumer => mapping(bytes32 planHash => Status status)) private _plans;
    mapping(address consumer => mapping(address keeper => BitMaps.BitMap used)) private _nonces;
    /// @inheritdoc IPlanLedger
    mapping(address account => uint8 weight) public weightOf;

    constructor(address manager) AccessManaged(manager) EIP712("Ballast PlanLedger", "1") {}

    /// @inheritdoc IPlanLedger
    function open(Plan calldata plan, Caller calldata caller, Signature[] calldata signatures)
        external
        returns (bytes32 planHash)
    {
        _requireCurrent(plan.header, caller);
        _useNonce(plan.header.keeper, plan.header.nonce);
        _requireActions(plan.actions);
        bytes32[] memory leaves = PlanHash.leavesOf(plan.actions);
        planHash = _hash(plan.header, keccak256(abi.encodePacked(leaves)));
        uint16 approvals = _countApprovals(planHash, signatures);
        _plans[msg.sender][planHash] = Status({
            done: 0,
            deadline: plan.header.deadline,
            epoch: plan.header.epoch,
            count: uint8(leaves.length),
            approvals: approvals,
            cancelled: false
        });
        _emitOpened(planHash, plan.header, approvals, leaves);
    }

    /// @inheritdoc IPlanLedger
    function consume(
        Header calldata header,
        Caller calldata caller,
        bytes32[] calldata leaves,
        uint8 index,
        Action calldata action
    ) external returns (uint16 approvals) {
        _requireCurrent(header, caller);
        bytes32 planHash = _hash(header, keccak256(abi.encodePacked(leaves)));
        Status storage slot = _openPlan(planHash);
        Status memory status = slot;
        if (index >= leaves.length) revert PlanLedger_UnknownAction(index, leaves.length);
        bytes32 leaf = PlanHash.leafOf(action);
        if (leaf != leaves[index]) revert PlanLedger_OtherAction(index, leaf, leaves[index]);
        uint64 bit = uint64(1) << index;
        if (status.done & bit != 0) revert PlanLedger_AlreadyConsumed(planHash, index);
        uint64 missing = action.dependsOn & ~status.done;
        if (missing != 0) revert PlanLedger_DependencyMissing(planHash, index, missing);
        slot.done = status.done | bit;
        emit ActionConsumed(planHash, index);
        return status.approvals;
    }

    /// @inheritdoc IPlanLedger
    function mark(bytes32 planHash, uint64 bits) external {
        Status storage slot = _plans[msg.sender][planHash];
        Status memory status = slot;
        require(status.count != 0, PlanLedger_UnknownPlan(planHash));
        slot.done = status.done | bits;
        for (uint8 i = 0; bits >> i != 0; ++i) {
            if (bits >> i & 1 == 0) continue;
            if (i >= status.count) revert PlanLedger_UnknownAction(i, status.count);
            if (status.done >> i & 1 != 0) revert PlanLedger_AlreadyConsumed(planHash, i);
            emit ActionConsumed(planHash, i);
        }
    }

    /// @inheritdoc IPlanLedger
    function cancel(bytes32 planHash) external {
        _openPlan(planHash).cancelled = true;
        emit PlanCancelled(planHash);
    }

    /// @inheritdoc IPlanLedger
    function voidNonce(address keeper, uint256 nonce) external {
        _useNonce(keeper, nonce);
        emit NonceVoided(msg.sender, keeper, nonce);
    }

    /// @inheritdoc IPlanLedger
    function raiseApprover(address account, uint8 weight) external restricted {
        uint8 current = weightOf[account];
        bool sound = account != address(0) && weight > current && (weight == ACCOUNT_WEIGHT || _isContract(account));
        require(sound, PlanLedger_InvalidWeight(account, weight, current));
        _setWeight(account, weight);
    }

    /// @inheritdoc IPlanLedger
    function lowerApprover(address account, uint8 weight) external restricted {
        uint8 current = weightOf[account];
        require(weight < current, PlanLedger_InvalidWeight(account, weight, current));
        _setWeight(account, weight);
    }

    /// @inheritdoc IPlanLedger
    function check(Header calldata header, Caller calldata caller, bytes32[] calldata leaves)
        external
        view
        returns (bytes32 planHash, Status memory status)
    {
        _requireCurrent(header, caller);
        planHash = _hash(header, keccak256(abi.encodePacked(leaves)));
        status = _openPlan(planHash);
    }

    /// @inheritdoc IPlanLedger
    function statusOf(address consumer, bytes32 planHash) external view returns (Status memory) {
        return _plans[consumer][planHash];
    }

    /// @inheritdoc IPlanLedger
    function approvalsOf(address consumer, bytes32 planHash) external view returns (uint16) {
        return _plans[consumer][planHash].approvals;
    }

    /// @inheritdoc IPlanLedger
    function isNonceUsed(address consumer, address keeper, uint256 nonce) external view returns (bool) {
        return _nonces[consumer][keeper].get(nonce);
    }

    /// @inheritdoc IPlanLedger
    function hashOf(Plan calldata plan) external view returns (bytes32) {
        return _hash(plan.header, keccak256(abi.encodePacked(PlanHash.leavesOf(plan.actions))));
    }

    /// @inheritdoc IPlanLedger
    function leafOf(Action calldata action) external pure returns (bytes32) {
        return PlanHash.leafOf(action);
    }

    function _useNonce(address keeper, uint256 nonce) internal {
        BitMaps.BitMap storage used = _nonces[msg.sender][keeper];
        require(!used.get(nonce), PlanLedger_NonceUsed(msg.sender, keeper, nonce));
        used.set(nonce);
    }

    function _setWeight(address account, uint8 weight) internal {
        weightOf[account] = weight;
        emit ApproverSet(account, weight);
    }

    /// @dev Sums the weights of the signers. At most 32 times 255 fits.
    function _countApprovals(bytes32 planHash, Signature[] calldata signatures) internal returns (uint16 approvals) {
        uint256 count = signatures.length;
        require(count <= MAX_SIGNATURES, PlanLedger_TooManySignatures(count, MAX_SIGNATURES));
        address previous = address(0);
        for (uint256 i = 0; i < count; ++i) {
            address signer = signatures[i].signer;
            require(signer > previous, PlanLedger_UnorderedSigners(previous, signer));
            uint8 weight = _weigh(planHash, signer, signatures[i].data);
            approvals += weight;
            previous = signer;
            emit PlanApproved(planHash, signer, weight);
        }
    }

    function _emitOpened(bytes32 planHash, Header calldata header, uint16 approvals, bytes32[] memory leaves) internal {
        emit PlanOpened(
            planHash,
            header.consumer,
            header.keeper,
            header.nonce,
            header.deadline,
            header.epoch,
            header.preState,
            approvals,
            leaves
        );
    }

    /// @dev Weight of a valid signature. An account counts 1 even where it was once configured as a contract.
    function _weigh(bytes32 planHash, address signer, bytes calldata data) internal view returns (uint8 weight) {
        weight = weightOf[signer];
        require(weight != 0, PlanLedger_NotApprover(signer));
        bool good;
        if (_isContract(signer)) {
            // One call per approver, at most 32, paid by the keeper; an approver that fails is left out next time.
            // slither-disable-next-line calls-loop
            good = SignatureChecker.isValidERC1271SignatureNowCalldata(signer, planHash, data);
        } else {
            weight = ACCOUNT_WEIGHT;
            // The third value has details of the problem, which the error leaves out.
            // slither-disable-next-line unused-return
            (address recovered, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(planHash, data);
            good = problem == ECDSA.RecoverError.NoError && recovered == signer;
        }
        require(good, PlanLedger_InvalidSignature(planHash, signer));
    }

    /// @dev The caller's plan, which must be open and not cancelled.
    function _openPlan(bytes32 planHash) internal view returns (Status storage slot) {
        slot = _plans[msg.sender][planHash];
        require(slot.count != 0, PlanLedger_UnknownPlan(planHash));
        require(!slot.cancelled, PlanLedger_Cancelled(planHash));
    }

    function _hash(Header calldata header, bytes32 list) internal view returns (bytes32) {
        return _hashTypedDataV4(PlanHash.structureOf(header, list));
    }

    /// @dev The plan must belong to the calling consumer and keeper and to this epoch, and must not be expired. Neither
    /// here nor in `consume` is `require` used: it computes the arguments of the error even if there is none.
    function _requireCurrent(Header calldata header, Caller calldata caller) internal view {
        if (header.consumer != msg.sender) revert PlanLedger_OtherConsumer(header.consumer, msg.sender);
        if (header.keeper != caller.keeper) revert PlanLedger_OtherKeeper(header.keeper, caller.keeper);
        if (header.epoch != caller.epoch) revert PlanLedger_OtherEpoch(header.epoch, caller.epoch);
        // Plans live for minutes and hours; a validator's freedom of some seconds does not matter.
        // slither-disable-next-line timestamp
        if (block.timestamp > header.deadline) revert PlanLedger_Expired(header.deadline, block.timestamp);
    }

    function _isContract(address account) internal view returns (bool) {
        uint256 size = account.code.length;
        if (size != DELEGATION_SIZE) return size != 0;
        return bytes3(account.code) != DELEGATION_PREFIX;
    }

    function _requireActions(Action[] calldata actions) internal pure {
        uint256 count = actions.length;
        require(count != 0 && count <= MAX_ACTIONS, PlanLedger_InvalidCount(count));
        for (uint256 i = 0; i < count; ++i) {
            uint64 dependsOn = actions[i].dependsOn;
            require(dependsOn >> i == 0, PlanLedger_InvalidDependency(i, dependsOn));
        }
    }
}
