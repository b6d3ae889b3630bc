// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {PlanLedger} from "@ballast/vault/PlanLedger.sol";

import {LedgerTest} from "./LedgerTest.sol";

contract PlanLedgerOpenTest is LedgerTest {
    function test_hashOf__plan__isTheTypedDataHash() public view {
        IPlanLedger.Plan memory plan = _plan(1, 2);
        bytes memory action =
            "Action(uint8 verb,address asset,uint256 amount,uint256 minOut,bytes32 dataHash,uint64 dependsOn)";
        bytes memory list;
        for (uint256 i = 0; i < 2; ++i) {
            list = abi.encodePacked(list, keccak256(abi.encode(keccak256(action), plan.actions[i])));
        }
        bytes memory planType =
            "Plan(address consumer,address keeper,uint256 nonce,uint40 deadline,uint32 epoch,bytes32 preState,Action[] actions)";
        bytes32 structure = keccak256(
            abi.encode(
                keccak256(abi.encodePacked(planType, action)),
                plan.header.consumer,
                plan.header.keeper,
                plan.header.nonce,
                plan.header.deadline,
                plan.header.epoch,
                plan.header.preState,
                keccak256(list)
            )
        );
        bytes32 expected = keccak256(abi.encodePacked(hex"1901", _domain(), structure));
        assertTrue(ledger.hashOf(plan) == expected, "hash");
    }

    /// @dev Compares the structure's hash with that of eth-account's `encode_typed_data`.
    function test_hashOf__vector__agreesWithAnotherImplementation() public view {
        bytes32 structure = 0xe68a7d62789de258df46e04b13d44a424b9a004b81bd1cb36e32d85063bcaf6c;
        bytes32 expected = keccak256(abi.encodePacked(hex"1901", _domain(), structure));
        assertTrue(ledger.hashOf(_plan(1, 4)) == expected, "hash");
    }

    function test_open__unsigned__storesAndEmits() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32[] memory leaves = _leaves(plan);
        vm.expectEmit(address(ledger));
        emit IPlanLedger.PlanOpened(
            ledger.hashOf(plan), CONSUMER, KEEPER, 1, plan.header.deadline, EPOCH, PRE_STATE, 0, leaves
        );
        bytes32 planHash = _open(plan, _unsigned());
        assertTrue(planHash == ledger.hashOf(plan), "hash");
        IPlanLedger.Status memory status = ledger.statusOf(CONSUMER, planHash);
        assertEq(status.done, 0, "done");
        assertEq(status.deadline, plan.header.deadline, "deadline");
        assertEq(status.epoch, EPOCH, "epoch");
        assertEq(status.count, 4, "count");
        assertEq(status.approvals, 0, "approvals");
        assertFalse(status.cancelled, "cancelled");
        assertTrue(ledger.isNonceUsed(CONSUMER, KEEPER, 1), "nonce");
        assertFalse(ledger.isNonceUsed(CONSUMER, KEEPER, 2), "next nonce");
        assertFalse(ledger.isNonceUsed(OTHER_CONSUMER, KEEPER, 1), "other consumer");
        assertFalse(ledger.isNonceUsed(CONSUMER, OTHER_KEEPER, 1), "other keeper");
    }

    function test_open__otherConsumerKeeperOrEpoch__reverts() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        vm.prank(OTHER_CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherConsumer.selector, CONSUMER, OTHER_CONSUMER));
        ledger.open(plan, _caller(), _unsigned());
        vm.prank(CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherKeeper.selector, KEEPER, OTHER_KEEPER));
        ledger.open(plan, IPlanLedger.Caller(OTHER_KEEPER, EPOCH), _unsigned());
        vm.prank(CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherEpoch.selector, EPOCH, EPOCH + 1));
        ledger.open(plan, IPlanLedger.Caller(KEEPER, EPOCH + 1), _unsigned());
    }

    function test_open__deadline__isTheLastGoodSecond() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        vm.warp(plan.header.deadline + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPlanLedger.PlanLedger_Expired.selector, plan.header.deadline, plan.header.deadline + 1
            )
        );
        _open(plan, _unsigned());
        vm.warp(plan.header.deadline);
        _open(plan, _unsigned());
    }

    function test_open__nonceAgain__reverts() public {
        _open(_plan(1, 4), _unsigned());
        for (uint256 count = 4; count < 6; ++count) {
            IPlanLedger.Plan memory plan = _plan(1, count);
            vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_NonceUsed.selector, CONSUMER, KEEPER, 1));
            _open(plan, _unsigned());
        }
        _open(_plan(type(uint256).max, 4), _unsigned());
        _open(_plan(0, 4), _unsigned());
    }

    function test_open__sameNonceElsewhere__isApart() public {
        _open(_plan(1, 4), _unsigned());
        IPlanLedger.Plan memory plan = _plan(1, 4);
        plan.header.keeper = OTHER_KEEPER;
        vm.prank(CONSUMER);
        ledger.open(plan, IPlanLedger.Caller(OTHER_KEEPER, EPOCH), _unsigned());
        plan.header.consumer = OTHER_CONSUMER;
        vm.prank(OTHER_CONSUMER);
        ledger.open(plan, IPlanLedger.Caller(OTHER_KEEPER, EPOCH), _unsigned());
    }

    function test_open__noneOrTooMany__reverts() public {
        _open(_plan(1, 64), _unsigned());
        uint256[2] memory counts = [uint256(0), 65];
        for (uint256 i = 0; i < counts.length; ++i) {
            IPlanLedger.Plan memory plan = _plan(2, counts[i]);
            vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_InvalidCount.selector, counts[i]));
            _open(plan, _unsigned());
        }
    }

    function test_open__dependsOnItselfOrLater__reverts() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        uint64[4] memory masks = [uint64(1), 2, 8, uint64(1) << 63];
        uint8[4] memory indices = [0, 1, 2, 3];
        for (uint256 i = 0; i < masks.length; ++i) {
            plan = _plan(1, 4);
            plan.actions[indices[i]].dependsOn = masks[i];
            vm.expectRevert(
                abi.encodeWithSelector(IPlanLedger.PlanLedger_InvalidDependency.selector, indices[i], masks[i])
            );
            _open(plan, _unsigned());
        }
    }

    function test_open__twoPlans__standAlone() public {
        IPlanLedger.Plan memory first = _plan(1, 2);
        IPlanLedger.Plan memory second = _plan(2, 2);
        _open(first, _unsigned());
        _open(second, _signed(ledger.hashOf(second), ANN));
        _consume(first, 0);
        assertEq(ledger.statusOf(CONSUMER, ledger.hashOf(first)).done, 1, "first");
        assertEq(ledger.statusOf(CONSUMER, ledger.hashOf(second)).done, 0, "second");
    }

    function test_voidNonce__unopened__canNeverBeOpened() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        vm.prank(OTHER_CONSUMER);
        ledger.voidNonce(KEEPER, 1);
        vm.expectEmit(address(ledger));
        emit IPlanLedger.NonceVoided(CONSUMER, KEEPER, 2);
        vm.prank(CONSUMER);
        ledger.voidNonce(KEEPER, 2);
        _open(plan, _unsigned());
        IPlanLedger.Plan memory second = _plan(2, 4);
        bytes memory refusal = abi.encodeWithSelector(IPlanLedger.PlanLedger_NonceUsed.selector, CONSUMER, KEEPER, 2);
        vm.expectRevert(refusal);
        _open(second, _unsigned());
        vm.prank(CONSUMER);
        vm.expectRevert(refusal);
        ledger.voidNonce(KEEPER, 2);
    }

    /// @dev Alters one bit of any field of header or actions: the signatures are then for another plan, or the caller
    /// is another one.
    function testFuzz_open__oneBitAltered__reverts(uint8 count, uint256 field, uint8 bit) public {
        IPlanLedger.Plan memory plan = _plan(1, bound(count, 1, 64));
        bytes32 planHash = ledger.hashOf(plan);
        IPlanLedger.Signature[] memory signatures = _signedByBoth(planHash);
        _alter(plan, field, bit);
        assertTrue(ledger.hashOf(plan) != planHash, "other hash");
        vm.prank(CONSUMER);
        try ledger.open(plan, _caller(), signatures) {
            assertTrue(false, "opened");
        } catch {}
        // A consumer and keeper as in the altered plan are refused too.
        if (block.timestamp > plan.header.deadline || !_soundDependencies(plan)) return;
        bytes4 refusal = IPlanLedger.PlanLedger_InvalidSignature.selector;
        bytes32 altered = ledger.hashOf(plan);
        vm.prank(plan.header.consumer);
        vm.expectRevert(abi.encodeWithSelector(refusal, altered, signatures[0].signer));
        ledger.open(plan, IPlanLedger.Caller(plan.header.keeper, plan.header.epoch), signatures);
    }

    function testFuzz_open__actionsMoved__reverts(uint8 from, uint8 to) public {
        IPlanLedger.Plan memory plan = _plan(1, 8);
        IPlanLedger.Signature[] memory signatures = _signed(ledger.hashOf(plan), ANN);
        (from, to) = (from % 4, to % 4);
        if (from == to) {
            // One additional action, a copy of an earlier one.
            IPlanLedger.Action[] memory longer = new IPlanLedger.Action[](9);
            for (uint256 i = 0; i < 8; ++i) {
                longer[i] = plan.actions[i];
            }
            longer[8] = plan.actions[from];
            plan.actions = longer;
        } else {
            (plan.actions[from], plan.actions[to]) = (plan.actions[to], plan.actions[from]);
        }
        vm.expectPartialRevert(IPlanLedger.PlanLedger_InvalidSignature.selector);
        _open(plan, signatures);
    }

    function test_open__otherChainOrLedger__reverts() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        IPlanLedger.Signature[] memory signatures = _signed(ledger.hashOf(plan), ANN);
        PlanLedger second = _deployLedger();
        second.raiseApprover(cheats.addr(ANN), 1);
        bytes4 refusal = IPlanLedger.PlanLedger_InvalidSignature.selector;
        bytes memory problem = abi.encodeWithSelector(refusal, second.hashOf(plan), signatures[0].signer);
        vm.prank(CONSUMER);
        vm.expectRevert(problem);
        second.open(plan, _caller(), signatures);
        cheats.chainId(block.chainid + 1);
        problem = abi.encodeWithSelector(refusal, ledger.hashOf(plan), signatures[0].signer);
        vm.expectRevert(problem);
        _open(plan, signatures);
    }

    function _domain() internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Ballast PlanLedger"),
                keccak256("1"),
                block.chainid,
                address(ledger)
            )
        );
    }

    function _alter(IPlanLedger.Plan memory plan, uint256 field, uint8 bit) internal pure {
        field = field % (6 + 6 * plan.actions.length);
        uint256 mask = uint256(1) << bit;
        if (field == 0) plan.header.consumer = address(uint160(plan.header.consumer) ^ uint160(1 << (bit % 160)));
        else if (field == 1) plan.header.keeper = address(uint160(plan.header.keeper) ^ uint160(1 << (bit % 160)));
        else if (field == 2) plan.header.nonce ^= mask;
        else if (field == 3) plan.header.deadline ^= uint40(1 << (bit % 40));
        else if (field == 4) plan.header.epoch ^= uint32(1 << (bit % 32));
        else if (field == 5) plan.header.preState ^= bytes32(mask);
        else _alterAction(plan.actions[(field - 6) / 6], field % 6, bit);
    }

    function _alterAction(IPlanLedger.Action memory action, uint256 field, uint8 bit) internal pure {
        uint256 mask = uint256(1) << bit;
        if (field == 0) action.verb ^= uint8(1 << (bit % 8));
        else if (field == 1) action.asset = address(uint160(action.asset) ^ uint160(1 << (bit % 160)));
        else if (field == 2) action.amount ^= mask;
        else if (field == 3) action.minOut ^= mask;
        else if (field == 4) action.dataHash ^= bytes32(mask);
        else action.dependsOn ^= uint64(1 << (bit % 64));
    }

    function _soundDependencies(IPlanLedger.Plan memory plan) internal pure returns (bool) {
        for (uint256 i = 0; i < plan.actions.length; ++i) {
            if (plan.actions[i].dependsOn >> i != 0) return false;
        }
        return true;
    }
}
