// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {PlanLedger} from "@ballast/vault/PlanLedger.sol";

import {Test} from "../support/Test.sol";

/// @title Cheat codes used only by the tests of the ledger
interface SigningVm {
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function addr(uint256 key) external pure returns (address);
    function etch(address account, bytes calldata code) external;
    function chainId(uint256 id) external;
    function cool(address account) external;
}

/// @title Ledger with two approvers, and plans that a consumer opens for a keeper
abstract contract LedgerTest is Test {
    SigningVm internal constant cheats = SigningVm(address(vm));
    uint256 internal constant START = 1_750_000_000;
    uint64 internal constant CONFIGURATOR = 1;
    uint64 internal constant GUARDIAN = 2;
    uint32 internal constant EPOCH = 7;
    address internal constant CONSUMER = address(0xC0);
    address internal constant OTHER_CONSUMER = address(0xC1);
    address internal constant KEEPER = address(0x6EE9E4);
    address internal constant OTHER_KEEPER = address(0x6EE9E5);
    address internal constant OUTSIDER = address(0xBAD);
    /// @dev Private keys; the accounts of 1 and 2 are in descending order.
    uint256 internal constant ANN = 2;
    uint256 internal constant BOB = 1;
    uint256 internal constant STRANGER = 3;
    bytes32 internal constant PRE_STATE = keccak256("idle, L2, L3");

    event Gas(string what, uint256 spent);

    AccessManager internal manager;
    PlanLedger internal ledger;

    function setUp() public virtual {
        vm.warp(START);
        manager = new AccessManager(address(this));
        ledger = _deployLedger();
        manager.grantRole(CONFIGURATOR, address(this), 0);
        manager.grantRole(GUARDIAN, address(this), 0);
        ledger.raiseApprover(cheats.addr(ANN), 1);
        ledger.raiseApprover(cheats.addr(BOB), 1);
    }

    function _deployLedger() internal returns (PlanLedger deployed) {
        deployed = new PlanLedger(address(manager));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = PlanLedger.raiseApprover.selector;
        manager.setTargetFunctionRole(address(deployed), selectors, CONFIGURATOR);
        selectors[0] = PlanLedger.lowerApprover.selector;
        manager.setTargetFunctionRole(address(deployed), selectors, GUARDIAN);
    }

    /// @dev Returns a plan with independent sales first, and then as many purchases, each depending on all sales.
    function _plan(uint256 nonce, uint256 count) internal pure returns (IPlanLedger.Plan memory plan) {
        plan.header = IPlanLedger.Header({
            consumer: CONSUMER,
            keeper: KEEPER,
            nonce: nonce,
            deadline: uint40(START + 2 hours),
            epoch: EPOCH,
            preState: PRE_STATE
        });
        plan.actions = new IPlanLedger.Action[](count);
        uint64 sales = uint64((uint256(1) << (count / 2)) - 1);
        for (uint256 i = 0; i < count; ++i) {
            plan.actions[i] = IPlanLedger.Action({
                verb: i < count / 2 ? 2 : 1,
                asset: address(uint160(0xA55E7 + i)),
                amount: 10_000e6 + i,
                minOut: 9_990e6 + i,
                dataHash: keccak256(""),
                dependsOn: i < count / 2 ? 0 : sales
            });
        }
    }

    function _caller() internal pure returns (IPlanLedger.Caller memory) {
        return IPlanLedger.Caller({keeper: KEEPER, epoch: EPOCH});
    }

    function _leaves(IPlanLedger.Plan memory plan) internal view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](plan.actions.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = ledger.leafOf(plan.actions[i]);
        }
    }

    function _unsigned() internal pure returns (IPlanLedger.Signature[] memory) {
        return new IPlanLedger.Signature[](0);
    }

    function _signed(bytes32 planHash, uint256 key) internal pure returns (IPlanLedger.Signature[] memory list) {
        list = new IPlanLedger.Signature[](1);
        list[0] = _sign(planHash, key);
    }

    function _signedByBoth(bytes32 planHash) internal pure returns (IPlanLedger.Signature[] memory list) {
        list = new IPlanLedger.Signature[](2);
        (list[0], list[1]) = (_sign(planHash, ANN), _sign(planHash, BOB));
    }

    function _sign(bytes32 planHash, uint256 key) internal pure returns (IPlanLedger.Signature memory) {
        return IPlanLedger.Signature(cheats.addr(key), _rsv(planHash, key));
    }

    function _rsv(bytes32 digest, uint256 key) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _open(IPlanLedger.Plan memory plan, IPlanLedger.Signature[] memory signatures) internal returns (bytes32) {
        vm.prank(CONSUMER);
        return ledger.open(plan, _caller(), signatures);
    }

    function _consume(IPlanLedger.Plan memory plan, uint8 index) internal returns (uint16) {
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(CONSUMER);
        return ledger.consume(plan.header, _caller(), leaves, index, plan.actions[index]);
    }
}
