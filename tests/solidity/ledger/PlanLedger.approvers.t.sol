// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";

import {MoodySigner} from "./MoodySigner.sol";
import {Safe} from "./Safe.sol";

contract PlanLedgerApproversTest is Safe {
    uint256 private constant CAROL = 4;
    uint256 private constant DAVE = 5;
    uint256 private constant ERIN = 6;
    /// @dev Order of the secp256k1 curve.
    uint256 private constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function test_open__oneTwoAccounts__countOneEach() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32 planHash = ledger.hashOf(plan);
        vm.expectEmit(address(ledger));
        emit IPlanLedger.PlanApproved(planHash, cheats.addr(ANN), 1);
        _open(plan, _signed(planHash, ANN));
        assertEq(ledger.statusOf(CONSUMER, planHash).approvals, 1, "one");
        plan = _plan(2, 4);
        planHash = ledger.hashOf(plan);
        _open(plan, _signedByBoth(planHash));
        assertEq(ledger.statusOf(CONSUMER, planHash).approvals, 2, "two");
    }

    function test_open__sameSignerTwiceOrUnordered__reverts() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32 planHash = ledger.hashOf(plan);
        IPlanLedger.Signature[] memory list = _signedByBoth(planHash);
        (address first, address second) = (list[0].signer, list[1].signer);
        bytes4 refusal = IPlanLedger.PlanLedger_UnorderedSigners.selector;
        (list[0], list[1]) = (list[1], list[0]);
        _refuses(plan, list, abi.encodeWithSelector(refusal, second, first));
        list[1] = list[0];
        _refuses(plan, list, abi.encodeWithSelector(refusal, second, second));
    }

    function test_open__zeroAddress__reverts() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        IPlanLedger.Signature[] memory list = new IPlanLedger.Signature[](1);
        // A signature that recovers to the zero address.
        list[0] = IPlanLedger.Signature(address(0), new bytes(65));
        bytes4 refusal = IPlanLedger.PlanLedger_UnorderedSigners.selector;
        _refuses(plan, list, abi.encodeWithSelector(refusal, address(0), address(0)));
        // The next address is in order and is refused for its signature.
        ledger.raiseApprover(address(1), 1);
        list[0].signer = address(1);
        refusal = IPlanLedger.PlanLedger_InvalidSignature.selector;
        _refuses(plan, list, abi.encodeWithSelector(refusal, ledger.hashOf(plan), address(1)));
        bytes4 weightRefusal = IPlanLedger.PlanLedger_InvalidWeight.selector;
        vm.expectRevert(abi.encodeWithSelector(weightRefusal, address(0), 1, 0));
        ledger.raiseApprover(address(0), 1);
    }

    function test_open__malleatedShortOrForeign__reverts() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32 planHash = ledger.hashOf(plan);
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(ANN, planHash);
        _refusesData(plan, abi.encodePacked(r, bytes32(N - uint256(s)), v == 27 ? uint8(28) : uint8(27)));
        _refusesData(plan, abi.encodePacked(r, s, v == 27 ? uint8(28) : uint8(27)));
        _refusesData(plan, abi.encodePacked(r, s, v - 27));
        _refusesData(plan, abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255))));
        _refusesData(plan, abi.encodePacked(r, s, v, uint8(0)));
        _refusesData(plan, "");
        _refusesData(plan, _rsv(planHash, BOB));
        _refusesData(plan, _rsv(keccak256("other"), ANN));
        _open(plan, _signed(planHash, ANN));
    }

    function testFuzz_open__signatureBitAltered__reverts(uint256 bit) public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes memory data = _rsv(ledger.hashOf(plan), ANN);
        bit = bit % (65 * 8);
        data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        _refusesData(plan, data);
    }

    function test_open__strangerOrRemoved__reverts() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32 planHash = ledger.hashOf(plan);
        address stranger = cheats.addr(STRANGER);
        bytes4 refusal = IPlanLedger.PlanLedger_NotApprover.selector;
        _refuses(plan, _signed(planHash, STRANGER), abi.encodeWithSelector(refusal, stranger));
        address ann = cheats.addr(ANN);
        ledger.lowerApprover(ann, 0);
        _refuses(plan, _signedByBoth(planHash), abi.encodeWithSelector(refusal, ann));
        _open(plan, _signed(planHash, BOB));
        assertEq(ledger.statusOf(CONSUMER, planHash).approvals, 1, "the other still counts");
    }

    function test_open__tooManySignatures__reverts() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes4 refusal = IPlanLedger.PlanLedger_TooManySignatures.selector;
        _refuses(plan, new IPlanLedger.Signature[](33), abi.encodeWithSelector(refusal, 33, 32));
    }

    function test_open__thirtyTwoOfTheHeaviest__sumUp() public {
        MoodySigner signer = new MoodySigner();
        IPlanLedger.Signature[] memory list = new IPlanLedger.Signature[](32);
        for (uint256 i = 0; i < 32; ++i) {
            address account = address(uint160(0xF000 + i));
            cheats.etch(account, address(signer).code);
            ledger.raiseApprover(account, 255);
            list[i] = IPlanLedger.Signature(account, "good");
        }
        bytes32 planHash = _open(_plan(1, 4), list);
        assertEq(ledger.statusOf(CONSUMER, planHash).approvals, 32 * 255, "sum");
    }

    function test_open__safeTwoOfThree__countsTwo() public {
        address safe = _deploySafe([CAROL, DAVE, ERIN], 2);
        ledger.raiseApprover(safe, 2);
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32 planHash = ledger.hashOf(plan);
        IPlanLedger.Signature[] memory list = new IPlanLedger.Signature[](1);
        list[0] = IPlanLedger.Signature(safe, _ownersSignature(safe, planHash, CAROL));
        bytes memory refusal = abi.encodeWithSelector(IPlanLedger.PlanLedger_InvalidSignature.selector, planHash, safe);
        _refuses(plan, list, refusal);
        // Signatures of the ledger's hash itself are no signatures of the Safe.
        list[0].data = _sorted(CAROL, _rsv(planHash, CAROL), DAVE, _rsv(planHash, DAVE));
        _refuses(plan, list, refusal);
        // Two signatures of one owner are not sufficient either.
        bytes memory carols = _ownersSignature(safe, planHash, CAROL);
        list[0].data = abi.encodePacked(carols, carols);
        _refuses(plan, list, refusal);
        list[0].data = _sorted(CAROL, carols, DAVE, _ownersSignature(safe, planHash, DAVE));
        vm.expectEmit(address(ledger));
        emit IPlanLedger.PlanApproved(planHash, safe, 2);
        _open(plan, list);
        assertEq(ledger.statusOf(CONSUMER, planHash).approvals, 2, "approvals");
        assertEq(_consume(plan, 0), 2, "consumed with");
    }

    function test_open__safeAndAccount__addUp() public {
        address safe = _deploySafe([CAROL, DAVE, ERIN], 2);
        ledger.raiseApprover(safe, 2);
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32 planHash = ledger.hashOf(plan);
        IPlanLedger.Signature memory safes = IPlanLedger.Signature(
            safe, _sorted(DAVE, _ownersSignature(safe, planHash, DAVE), ERIN, _ownersSignature(safe, planHash, ERIN))
        );
        IPlanLedger.Signature memory anns = _sign(planHash, ANN);
        IPlanLedger.Signature[] memory list = new IPlanLedger.Signature[](2);
        (list[0], list[1]) = safe < anns.signer ? (safes, anns) : (anns, safes);
        _open(plan, list);
        assertEq(ledger.statusOf(CONSUMER, planHash).approvals, 3, "approvals");
    }

    function test_open__moodyContract__reverts() public {
        MoodySigner signer = new MoodySigner();
        ledger.raiseApprover(address(signer), 3);
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32 planHash = ledger.hashOf(plan);
        bytes memory refusal =
            abi.encodeWithSelector(IPlanLedger.PlanLedger_InvalidSignature.selector, planHash, address(signer));
        IPlanLedger.Signature[] memory list = new IPlanLedger.Signature[](1);
        list[0].signer = address(signer);
        bytes[6] memory moods = [bytes("bad"), "revert", "short", "dirty", "write", "nothing"];
        for (uint256 i = 0; i < moods.length; ++i) {
            list[0].data = moods[i];
            _refuses(plan, list, refusal);
        }
        list[0].data = "good";
        _open(plan, list);
        assertEq(ledger.statusOf(CONSUMER, planHash).approvals, 3, "weight");
    }

    /// @dev EIP-7702: an account that delegates to a contract which accepts every signature is still one person and
    /// signs with its key.
    function test_open__delegatingAccount__signsWithItsKeyAndCountsOne() public {
        MoodySigner signer = new MoodySigner();
        address ann = cheats.addr(ANN);
        cheats.etch(ann, abi.encodePacked(hex"ef0100", address(signer)));
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_InvalidWeight.selector, ann, 2, 1));
        ledger.raiseApprover(ann, 2);
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32 planHash = ledger.hashOf(plan);
        _refusesData(plan, "good");
        _open(plan, _signed(planHash, ANN));
        assertEq(ledger.statusOf(CONSUMER, planHash).approvals, 1, "approvals");
    }

    /// @dev An account without code counts as one person, also if it had code when it was configured.
    function test_open__contractThatIsGone__countsOne() public {
        address ann = cheats.addr(ANN);
        cheats.etch(ann, address(new MoodySigner()).code);
        ledger.raiseApprover(ann, 5);
        cheats.etch(ann, "");
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32 planHash = ledger.hashOf(plan);
        _open(plan, _signed(planHash, ANN));
        assertEq(ledger.statusOf(CONSUMER, planHash).approvals, 1, "approvals");
    }

    function test_lowerApprover__planOpen__keepsItsApprovals() public {
        IPlanLedger.Plan memory plan = _plan(1, 4);
        bytes32 planHash = _open(plan, _signed(ledger.hashOf(plan), ANN));
        ledger.lowerApprover(cheats.addr(ANN), 0);
        assertEq(ledger.approvalsOf(CONSUMER, planHash), 1, "approvals of the plan");
        assertEq(_consume(plan, 0), 1, "approvals");
        // Only a new epoch of the consumer voids the plan.
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(CONSUMER);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherEpoch.selector, EPOCH, EPOCH + 1));
        ledger.consume(plan.header, IPlanLedger.Caller(KEEPER, EPOCH + 1), leaves, 1, plan.actions[1]);
        assertEq(ledger.statusOf(CONSUMER, planHash).done, 1, "done");
    }

    function test_weights__sound__emitAndCount() public {
        address signer = address(new MoodySigner());
        vm.expectEmit(address(ledger));
        emit IPlanLedger.ApproverSet(signer, 3);
        ledger.raiseApprover(signer, 3);
        vm.expectEmit(address(ledger));
        emit IPlanLedger.ApproverSet(signer, 2);
        ledger.lowerApprover(signer, 2);
        assertEq(ledger.weightOf(signer), 2, "weight");
        assertEq(ledger.weightOf(cheats.addr(ANN)), 1, "account");
        assertEq(ledger.weightOf(OUTSIDER), 0, "stranger");
    }

    function test_weights__wrongDirection__reverts() public {
        address signer = address(new MoodySigner());
        ledger.raiseApprover(signer, 3);
        bytes4 refusal = IPlanLedger.PlanLedger_InvalidWeight.selector;
        for (uint8 weight = 0; weight < 4; ++weight) {
            vm.expectRevert(abi.encodeWithSelector(refusal, signer, weight, 3));
            ledger.raiseApprover(signer, weight);
        }
        for (uint8 weight = 3; weight < 5; ++weight) {
            vm.expectRevert(abi.encodeWithSelector(refusal, signer, weight, 3));
            ledger.lowerApprover(signer, weight);
        }
        vm.expectRevert(abi.encodeWithSelector(refusal, OUTSIDER, 2, 0));
        ledger.raiseApprover(OUTSIDER, 2);
    }

    function test_weights__withoutRole__reverts() public {
        bytes memory refusal = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, OUTSIDER);
        address ann = cheats.addr(ANN);
        vm.startPrank(OUTSIDER);
        vm.expectRevert(refusal);
        ledger.raiseApprover(OUTSIDER, 1);
        vm.expectRevert(refusal);
        ledger.lowerApprover(ann, 0);
    }

    function _refusesData(IPlanLedger.Plan memory plan, bytes memory data) internal {
        IPlanLedger.Signature[] memory list = new IPlanLedger.Signature[](1);
        list[0] = IPlanLedger.Signature(cheats.addr(ANN), data);
        bytes4 refusal = IPlanLedger.PlanLedger_InvalidSignature.selector;
        _refuses(plan, list, abi.encodeWithSelector(refusal, ledger.hashOf(plan), list[0].signer));
    }

    function _refuses(IPlanLedger.Plan memory plan, IPlanLedger.Signature[] memory list, bytes memory refusal)
        internal
    {
        vm.prank(CONSUMER);
        vm.expectRevert(refusal);
        ledger.open(plan, _caller(), list);
    }
}
