// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Stores approved plans, and which of their actions have run
/// @notice A plan is a list of actions that a consumer (the asset controller, the treasury) will execute for one
/// keeper. Approvers sign its EIP-712 hash, which binds chain, ledger, consumer, keeper, nonce, deadline, epoch,
/// pre-state and every action with its minimum output and dependencies. The consumer opens the plan with the
/// signatures, and then consumes its actions, one by one or several at once; the ledger lets each pass once.
///
/// The ledger is shared, and all of its state is scoped to the calling consumer: no consumer can use, void or mark as
/// executed a plan of another. It trusts its consumer in two facts: the account that calls it, and its epoch. The
/// meaning of an action, the approvals that it needs and the check of the pre-state are left to the consumer.
interface IPlanLedger {
    /// @notice One action of a plan.
    /// @param verb Kind of the action, in the consumer's numbering.
    /// @param asset Asset of the action.
    /// @param amount Amount, in the units that the verb implies.
    /// @param minOut Least amount that must be returned.
    /// @param dataHash keccak256 of the venue's data, which the consumer compares with what it is given.
    /// @param dependsOn Bit `j` is set when action `j` must have run. Only earlier actions can be named.
    struct Action {
        uint8 verb;
        address asset;
        uint256 amount;
        uint256 minOut;
        bytes32 dataHash;
        uint64 dependsOn;
    }

    /// @notice The header of a plan: everything but its actions.
    /// @param consumer Contract that executes it, and the only one that can.
    /// @param keeper Account for which the consumer executes it, and no other.
    /// @param nonce Any number that this keeper has not used at this consumer; the order is free.
    /// @param deadline Last second in which an action may run.
    /// @param epoch Epoch of the consumer; the plan is void in any other epoch.
    /// @param preState State that the plan was computed from, in the consumer's encoding.
    struct Header {
        address consumer;
        address keeper;
        uint256 nonce;
        uint40 deadline;
        uint32 epoch;
        bytes32 preState;
    }

    /// @notice A plan. In the typed data that is signed the header's fields are the plan's own, and `actions` follows.
    /// @param actions 1 to 64.
    struct Plan {
        Header header;
        Action[] actions;
    }

    /// @notice The consumer's statement about the call that it is serving.
    /// @param keeper Account that calls the consumer.
    /// @param epoch The consumer's epoch now.
    struct Caller {
        address keeper;
        uint32 epoch;
    }

    /// @notice An approver's signature: 65 bytes of an account, or what the contract takes for ERC-1271.
    struct Signature {
        address signer;
        bytes data;
    }

    /// @notice State of a plan, in one storage slot; all zero when it was never opened.
    /// @param done Bit `i` is set when action `i` has run.
    /// @param deadline As signed; 0 when the plan was never opened.
    /// @param epoch As signed.
    /// @param count Number of actions.
    /// @param approvals Sum of the weights of those who signed, when it was opened.
    /// @param cancelled Whether the rest must not run any more.
    struct Status {
        uint64 done;
        uint40 deadline;
        uint32 epoch;
        uint8 count;
        uint16 approvals;
        bool cancelled;
    }

    /// @notice An approver's weight was set; with 0 it is no longer an approver.
    event ApproverSet(address indexed account, uint8 weight);

    /// @notice An approver's signature counted for a plan.
    event PlanApproved(bytes32 indexed planHash, address indexed signer, uint8 weight);

    /// @notice A plan was opened. `leaves` are the hashes of its actions.
    event PlanOpened(
        bytes32 indexed planHash,
        address indexed consumer,
        address indexed keeper,
        uint256 nonce,
        uint40 deadline,
        uint32 epoch,
        bytes32 preState,
        uint16 approvals,
        bytes32[] leaves
    );

    /// @notice An action of a plan ran.
    event ActionConsumed(bytes32 indexed planHash, uint8 index);

    /// @notice The remaining actions of a plan will not run.
    event PlanCancelled(bytes32 indexed planHash);

    /// @notice No plan with this nonce can be opened any more.
    event NonceVoided(address indexed consumer, address indexed keeper, uint256 nonce);

    /// @notice The plan was made for another consumer than the caller.
    error PlanLedger_OtherConsumer(address consumer, address caller);

    /// @notice The plan was made for another keeper than the one who calls the consumer.
    error PlanLedger_OtherKeeper(address keeper, address caller);

    /// @notice The consumer's epoch is not the plan's.
    error PlanLedger_OtherEpoch(uint32 epoch, uint32 current);

    /// @notice The plan's last second has passed.
    error PlanLedger_Expired(uint40 deadline, uint256 time);

    /// @notice A plan with this nonce was opened before, or the nonce was voided.
    error PlanLedger_NonceUsed(address consumer, address keeper, uint256 nonce);

    /// @notice A plan has 1 to 64 actions.
    error PlanLedger_InvalidCount(uint256 count);

    /// @notice An action depends on itself, or on a later one.
    error PlanLedger_InvalidDependency(uint256 index, uint64 dependsOn);

    /// @notice There are more signatures than the ledger admits.
    error PlanLedger_TooManySignatures(uint256 count, uint256 maximum);

    /// @notice Signers are not in strictly ascending order, so one might occur twice; or the first is zero.
    error PlanLedger_UnorderedSigners(address previous, address signer);

    /// @notice The signer has no weight: it never was an approver, or is no longer one.
    error PlanLedger_NotApprover(address signer);

    /// @notice The signature is not the signer's, or not of this plan on this chain.
    error PlanLedger_InvalidSignature(bytes32 planHash, address signer);

    /// @notice The caller never opened such a plan; or header or leaves differ from the signed ones.
    error PlanLedger_UnknownPlan(bytes32 planHash);

    /// @notice The plan was cancelled.
    error PlanLedger_Cancelled(bytes32 planHash);

    /// @notice The plan has no action with this index.
    error PlanLedger_UnknownAction(uint256 index, uint256 count);

    /// @notice The action is not the one that was signed.
    error PlanLedger_OtherAction(uint8 index, bytes32 leaf, bytes32 expected);

    /// @notice The action has run already.
    error PlanLedger_AlreadyConsumed(bytes32 planHash, uint8 index);

    /// @notice Actions that this one needs have not run: the bits of `missing`.
    error PlanLedger_DependencyMissing(bytes32 planHash, uint8 index, uint64 missing);

    /// @notice The weight is not above (to raise) or below (to lower) the present one; an account, which counts 1,
    /// would get more; or the account is zero.
    error PlanLedger_InvalidWeight(address account, uint8 weight, uint8 current);

    /// @notice Opens a plan, once, with the signatures of its approvers; there may be none.
    /// @dev Who: the plan's consumer, for the plan's keeper. Emits `PlanApproved` for each signature, and `PlanOpened`.
    /// Reverts with each of the errors above from `PlanLedger_OtherConsumer` to `PlanLedger_InvalidSignature`.
    /// @param caller What the consumer states about its own call.
    /// @param signatures Ascending by signer.
    /// @return planHash The hash that was signed.
    function open(Plan calldata plan, Caller calldata caller, Signature[] calldata signatures)
        external
        returns (bytes32 planHash);

    /// @notice Lets one action of an open plan pass, once. Call it in the call that executes the action, so that both
    /// succeed or revert together.
    /// @dev Who: the plan's consumer, for the plan's keeper. Emits `ActionConsumed`. Reverts with
    /// `PlanLedger_OtherConsumer`, `PlanLedger_OtherKeeper`, `PlanLedger_OtherEpoch`, `PlanLedger_Expired`,
    /// `PlanLedger_UnknownPlan`, `PlanLedger_Cancelled`, `PlanLedger_UnknownAction`, `PlanLedger_OtherAction`,
    /// `PlanLedger_AlreadyConsumed` and `PlanLedger_DependencyMissing`.
    /// @param leaves Hashes of all actions, as `leafOf` computes them.
    /// @return approvals Sum of the weights of those who signed.
    function consume(
        Header calldata header,
        Caller calldata caller,
        bytes32[] calldata leaves,
        uint8 index,
        Action calldata action
    ) external returns (uint16 approvals);

    /// @notice Records that actions of a plan have run, each once. It is for a consumer that runs several actions in
    /// one call: the consumer calls `check` before the first, compares each action with its leaf and its dependencies,
    /// refuses all other calls meanwhile, and at the end marks the actions that ran.
    /// @dev Who: the plan's consumer. A plan that was cancelled after `check` is marked too, because its actions have
    /// run. Emits `ActionConsumed` for each action. Reverts with `PlanLedger_UnknownPlan`, `PlanLedger_UnknownAction`
    /// and `PlanLedger_AlreadyConsumed`.
    /// @param planHash Hash of the plan, as `check` returned it.
    /// @param bits Bit `i` is set if action `i` has run.
    function mark(bytes32 planHash, uint64 bits) external;

    /// @notice Voids the remaining actions of an open plan.
    /// @dev Who: the plan's consumer. Emits `PlanCancelled`. Reverts with `PlanLedger_UnknownPlan` and
    /// `PlanLedger_Cancelled`.
    function cancel(bytes32 planHash) external;

    /// @notice Voids a nonce, and so every signed plan with it that is not open yet.
    /// @dev Who: the consumer to which the nonce belongs. Emits `NonceVoided`. Reverts with `PlanLedger_NonceUsed`.
    function voidNonce(address keeper, uint256 nonce) external;

    /// @notice Makes an account an approver, or raises its weight. An account counts 1, also one that delegates to
    /// code; a contract counts as configured: a two-of-three Safe 2.
    /// @dev Who: the configurator's role. Emits `ApproverSet`. Reverts with `PlanLedger_InvalidWeight`.
    function raiseApprover(address account, uint8 weight) external;

    /// @notice Lowers an approver's weight, at once; with 0 it is no longer an approver. Open plans keep the approvals
    /// they were opened with; the consumer voids them by changing its epoch.
    /// @dev Who: the guardian's role. Emits `ApproverSet`. Reverts with `PlanLedger_InvalidWeight`.
    function lowerApprover(address account, uint8 weight) external;

    /// @notice Checks that actions of an open plan may run now, for a consumer that runs several in one call.
    /// @dev Who: the plan's consumer, for the plan's keeper; it reads the caller's plans. Reverts with
    /// `PlanLedger_OtherConsumer`, `PlanLedger_OtherKeeper`, `PlanLedger_OtherEpoch`, `PlanLedger_Expired`,
    /// `PlanLedger_UnknownPlan` and `PlanLedger_Cancelled`.
    /// @param header The plan without its actions.
    /// @param caller The consumer's statement about its own call.
    /// @param leaves Hashes of all actions, as `leafOf` computes them.
    /// @return planHash The hash that was signed.
    /// @return status State of the plan.
    function check(Header calldata header, Caller calldata caller, bytes32[] calldata leaves)
        external
        view
        returns (bytes32 planHash, Status memory status);

    /// @notice An approver's weight; 0 when it is no approver.
    function weightOf(address account) external view returns (uint8);

    /// @notice State of a consumer's plan.
    function statusOf(address consumer, bytes32 planHash) external view returns (Status memory);

    /// @notice Sum of the weights of those who signed a consumer's plan, when it was opened.
    function approvalsOf(address consumer, bytes32 planHash) external view returns (uint16);

    /// @notice Whether a nonce was used or voided.
    function isNonceUsed(address consumer, address keeper, uint256 nonce) external view returns (bool);

    /// @notice The hash that approvers sign: EIP-712 typed data of this chain and ledger.
    function hashOf(Plan calldata plan) external view returns (bytes32);

    /// @notice The hash of an action, from which a plan's hash is computed: its EIP-712 structure.
    function leafOf(Action calldata action) external pure returns (bytes32);
}
