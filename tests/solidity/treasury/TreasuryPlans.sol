// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {ITreasury} from "@ballast/interfaces/ITreasury.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {World} from "./World.sol";

/// @title Contract that accepts every signature of 4 bytes
contract Seal {
    function isValidSignature(bytes32, bytes calldata signature) external pure returns (bytes4) {
        return signature.length == 4 ? bytes4(0x1626ba7e) : bytes4(0);
    }
}

abstract contract TreasuryPlansTest is World {
    uint256 private constant BOB = 1;
    uint256 private constant ANN = 2;
    bytes32 private constant PLANNED = "transfer";

    function setUp() public virtual override {
        super.setUp();
        planLedger.raiseApprover(cheats.addr(ANN), 1);
        planLedger.raiseApprover(cheats.addr(BOB), 1);
    }

    function test_plan__divestSendAndInvest__runsInItsOrder() public {
        vm.prank(keeper);
        a.treasury.invest(PLANNED, address(a.market), 50_000 * USD, 0);
        ITreasury.Transfer memory transfer = _usdc(150_000);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](3);
        actions[0] = _action(ITreasury.Verb.Divest, address(a.market), 40_000 * USD, 40_000 * USD, PLANNED);
        actions[1] = _sendOf(transfer);
        actions[1].dependsOn = 1;
        actions[2] = _action(ITreasury.Verb.Invest, address(a.market), 60_000 * USD, 60_000 * USD, "other");
        IPlanLedger.Plan memory plan = _planOf(actions);
        vm.expectEmit(address(a.treasury));
        emit ITreasury.PlanAccepted(planLedger.hashOf(plan), keeper, 210_000 * USD);
        _open(plan, 2);
        uint256 mine = a.treasury.available(LimitKeys.automatic(keeper));
        bytes4 missing = IPlanLedger.PlanLedger_DependencyMissing.selector;
        ITreasury.Ticket memory ticket = _ticket(plan, 1);
        bytes32 planHash = planLedger.hashOf(plan);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(missing, planHash, 1, 1));
        a.treasury.sendApproved(transfer, _standard(), ticket);
        ITreasury.Ticket memory first = _ticket(plan, 0);
        vm.prank(keeper);
        a.treasury.divestApproved(PLANNED, address(a.market), 40_000 * USD, 40_000 * USD, first);
        vm.prank(keeper);
        a.treasury.sendApproved(transfer, _standard(), ticket);
        ITreasury.Ticket memory last = _ticket(plan, 2);
        vm.prank(keeper);
        a.treasury.investApproved("other", address(a.market), 60_000 * USD, 60_000 * USD, last);
        assertEq(a.treasury.available(LimitKeys.automatic(keeper)), mine, "the keeper's limit");
        assertEq(a.usdc.balanceOf(address(a.treasury)), STOCK - 220_000 * USD, "idle");
        assertEq(planLedger.statusOf(address(a.treasury), planHash).done, 7, "all");
    }

    function test_openPlan__approvals__areAsManyAsTheSizeNeeds() public {
        IPlanLedger.Plan memory plan = _single(_sendOf(_usdc(100)));
        _refuseOpen(plan, 0, abi.encodeWithSelector(_notApproved(), planLedger.hashOf(plan), 0, 1));
        _open(plan, 1);
        plan = _single(_sendOf(_usdc(200_000)));
        _open(plan, 1);
        plan = _single(_sendOf(_usdc(200_001)));
        _refuseOpen(plan, 1, abi.encodeWithSelector(_notApproved(), planLedger.hashOf(plan), 1, 2));
        _open(plan, 2);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](2);
        (actions[0], actions[1]) = (_sendOf(_usdc(100_000)), _sendOf(_usdc(100_001)));
        plan = _planOf(actions);
        _refuseOpen(plan, 1, abi.encodeWithSelector(_notApproved(), planLedger.hashOf(plan), 1, 2));
    }

    function test_openPlan__otherDecimals__areDollarsToo() public {
        _on(b);
        ITreasury.Transfer memory transfer = _transfer(b, a, USDT, OFT, 200_001);
        IPlanLedger.Plan memory plan = _single(_sendOf(transfer));
        plan.actions[0].asset = b.usdt;
        plan.header.consumer = address(b.treasury);
        bytes32 planHash = planLedger.hashOf(plan);
        IPlanLedger.Signature[] memory signatures = _signatures(planHash, 1);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(_notApproved(), planHash, 1, 2));
        b.treasury.openPlan(plan, signatures);
        signatures = _signatures(planHash, 2);
        vm.prank(keeper);
        b.treasury.openPlan(plan, signatures);
        ITreasury.Ticket memory ticket = _ticket(plan, 0);
        vm.prank(keeper);
        b.treasury.sendApproved{value: LZ_FEE}(transfer, "", ticket);
    }

    function test_openPlan__contract__countsByItsWeight() public {
        Seal seal = new Seal();
        planLedger.raiseApprover(address(seal), 2);
        IPlanLedger.Plan memory plan = _single(_sendOf(_usdc(500_000)));
        IPlanLedger.Signature[] memory signatures = new IPlanLedger.Signature[](1);
        signatures[0] = IPlanLedger.Signature(address(seal), "none");
        vm.prank(keeper);
        a.treasury.openPlan(plan, signatures);
    }

    function test_openPlan__whatCannotRun__reverts() public {
        IPlanLedger.Plan memory plan = _single(_sendOf(_usdc(1_000)));
        plan.actions[0].verb = 0;
        _refuseOpen(plan, 1, abi.encodeWithSelector(ITreasury.Treasury_UnknownVerb.selector, 0, 0));
        plan.actions[0].verb = 4;
        _refuseOpen(plan, 1, abi.encodeWithSelector(ITreasury.Treasury_UnknownVerb.selector, 0, 4));
        plan.actions[0].verb = uint8(ITreasury.Verb.Send);
        plan.actions[0].asset = outsider;
        _refuseOpen(plan, 1, abi.encodeWithSelector(ITreasury.Treasury_UnknownAsset.selector, bytes32(0)));
        plan.actions[0].verb = uint8(ITreasury.Verb.Invest);
        _refuseOpen(plan, 1, abi.encodeWithSelector(ITreasury.Treasury_UnknownVenue.selector, outsider));
        plan = _single(_sendOf(_usdc(1_000)));
        plan.header.deadline = uint40(block.timestamp + 1 days + 1);
        bytes4 selector = ITreasury.Treasury_PlanTooLong.selector;
        _refuseOpen(plan, 1, abi.encodeWithSelector(selector, plan.header.deadline, plan.header.deadline - 1));
        vm.prank(guardian);
        a.treasury.pause();
        _refuseOpen(plan, 1, abi.encodeWithSelector(ITreasury.Treasury_Paused.selector));
    }

    function test_sendApproved__otherTerms__reverts() public {
        ITreasury.Transfer memory transfer = _usdc(150_000);
        IPlanLedger.Plan memory plan = _single(_sendOf(transfer));
        _open(plan, 1);
        ITreasury.Ticket memory ticket = _ticket(plan, 0);
        ++transfer.nonce;
        vm.prank(keeper);
        vm.expectPartialRevert(IPlanLedger.PlanLedger_OtherAction.selector);
        a.treasury.sendApproved(transfer, _standard(), ticket);
        vm.prank(keeper);
        vm.expectPartialRevert(IPlanLedger.PlanLedger_OtherAction.selector);
        a.treasury.investApproved(PLANNED, address(a.market), 150_000 * USD, 0, ticket);
        vm.prank(keeper);
        vm.expectPartialRevert(IPlanLedger.PlanLedger_OtherAction.selector);
        a.treasury.divestApproved(PLANNED, address(a.market), 150_000 * USD, 0, ticket);
        --transfer.nonce;
        vm.prank(outsider);
        vm.expectPartialRevert(IPlanLedger.PlanLedger_OtherKeeper.selector);
        a.treasury.sendApproved(transfer, _standard(), ticket);
        vm.prank(keeper);
        a.treasury.sendApproved(transfer, _standard(), ticket);
        vm.prank(keeper);
        vm.expectPartialRevert(IPlanLedger.PlanLedger_AlreadyConsumed.selector);
        a.treasury.sendApproved(transfer, _standard(), ticket);
    }

    function test_sendApproved__lane__boundsItToo() public {
        ITreasury.Transfer memory transfer = _usdc(1_000_001);
        IPlanLedger.Plan memory plan = _single(_sendOf(transfer));
        _open(plan, 2);
        ITreasury.Ticket memory ticket = _ticket(plan, 0);
        vm.prank(keeper);
        vm.expectPartialRevert(ITreasury.Treasury_AmountOutOfBounds.selector);
        a.treasury.sendApproved(transfer, _standard(), ticket);
    }

    function test_plan__cancelledVoidedOrPaused__isVoid() public {
        ITreasury.Transfer memory transfer = _usdc(150_000);
        IPlanLedger.Plan memory plan = _single(_sendOf(transfer));
        _open(plan, 1);
        bytes32 planHash = planLedger.hashOf(plan);
        vm.prank(guardian);
        a.treasury.cancelPlan(planHash);
        ITreasury.Ticket memory ticket = _ticket(plan, 0);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_Cancelled.selector, planHash));
        a.treasury.sendApproved(transfer, _standard(), ticket);
        plan.header.nonce = 77;
        vm.prank(guardian);
        a.treasury.voidNonce(keeper, 77);
        _refuseOpen(plan, 1, abi.encodeWithSelector(IPlanLedger.PlanLedger_NonceUsed.selector, a.treasury, keeper, 77));
        plan.header.nonce = 78;
        _open(plan, 1);
        vm.prank(guardian);
        a.treasury.pause();
        a.treasury.unpause();
        ticket = _ticket(plan, 0);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherEpoch.selector, 0, 1));
        a.treasury.sendApproved(transfer, _standard(), ticket);
    }

    /// @notice R7, V12: plans signed for a keeper are useless to it after its removal.
    function test_plan__removedKeeper__neitherOpensNorExecutes() public {
        vm.prank(keeper);
        a.treasury.invest("before", address(a.market), 10_000 * USD, 0);
        ITreasury.Transfer memory transfer = _usdc(150_000);
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](3);
        actions[0] = _sendOf(transfer);
        actions[1] = _action(ITreasury.Verb.Invest, address(a.market), 1_000 * USD, 0, PLANNED);
        actions[2] = _action(ITreasury.Verb.Divest, address(a.market), 1_000 * USD, 1_000 * USD, PLANNED);
        IPlanLedger.Plan memory plan = _planOf(actions);
        _open(plan, 2);
        vm.prank(guardian);
        a.killSwitch.removeKeeper(keeper);
        bytes memory removed = abi.encodeWithSelector(ITreasury.Treasury_KeeperRemoved.selector, keeper);
        _refuseAll(plan, transfer, removed);
        plan.header.nonce = 78;
        _refuseOpen(plan, 2, removed);
        a.killSwitch.restoreKeeper(keeper);
        ITreasury.Ticket memory first = _ticket(plan, 0);
        first.header.nonce = uint256(actions[0].dataHash);
        vm.prank(keeper);
        a.treasury.sendApproved(transfer, _standard(), first);
    }

    /// @notice V12: the kill switch stops actions that add risk and voids plans; divesting without a plan continues.
    function test_plan__switchPaused__isVoid() public {
        vm.prank(keeper);
        a.treasury.invest("before", address(a.market), 10_000 * USD, 0);
        ITreasury.Transfer memory transfer = _usdc(150_000);
        IPlanLedger.Plan memory plan = _single(_sendOf(transfer));
        _open(plan, 1);
        vm.prank(guardian);
        a.treasury.pause();
        a.treasury.unpause();
        vm.prank(guardian);
        a.killSwitch.pause();
        assertTrue(a.treasury.paused(), "by the switch");
        assertFalse(a.treasury.pausedHere(), "not by itself");
        assertEq(a.treasury.epoch(), 2, "pauses of both");
        ITreasury.Ticket memory ticket = _ticket(plan, 0);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_Paused.selector));
        a.treasury.sendApproved(transfer, _standard(), ticket);
        _refuseOpen(plan, 1, abi.encodeWithSelector(ITreasury.Treasury_Paused.selector));
        vm.prank(keeper);
        a.treasury.divest("back", address(a.market), 1_000 * USD, type(uint256).max);
        a.killSwitch.unpause();
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(IPlanLedger.PlanLedger_OtherEpoch.selector, 0, 2));
        a.treasury.sendApproved(transfer, _standard(), ticket);
    }

    /// @dev Tries each function of a keeper, with a plan and without.
    function _refuseAll(IPlanLedger.Plan memory plan, ITreasury.Transfer memory transfer, bytes memory reason) private {
        address market = address(a.market);
        bytes[6] memory calls = [
            abi.encodeCall(ITreasury.sendApproved, (transfer, _standard(), _ticket(plan, 0))),
            abi.encodeCall(ITreasury.investApproved, (PLANNED, market, 1_000 * USD, 0, _ticket(plan, 1))),
            abi.encodeCall(ITreasury.divestApproved, (PLANNED, market, 1_000 * USD, 1_000 * USD, _ticket(plan, 2))),
            abi.encodeCall(ITreasury.sendToBridge, (_usdc(1_000), _standard())),
            abi.encodeCall(ITreasury.invest, ("any", market, 1_000 * USD, 0)),
            abi.encodeCall(ITreasury.divest, ("any", market, 1_000 * USD, type(uint256).max))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(keeper);
            (bool done, bytes memory data) = address(a.treasury).call(calls[i]);
            assertFalse(done, "refused");
            assertTrue(keccak256(data) == keccak256(reason), "reason");
        }
    }

    function _notApproved() private pure returns (bytes4) {
        return ITreasury.Treasury_NotApproved.selector;
    }

    function _action(ITreasury.Verb verb, address asset, uint256 amount, uint256 minOut, bytes32 id)
        private
        pure
        returns (IPlanLedger.Action memory)
    {
        return IPlanLedger.Action(uint8(verb), asset, amount, minOut, id, 0);
    }

    function _sendOf(ITreasury.Transfer memory transfer) private view returns (IPlanLedger.Action memory) {
        bytes32 id = a.treasury.idOf(transfer);
        return _action(ITreasury.Verb.Send, address(a.usdc), transfer.amount, transfer.minReceived, id);
    }

    function _single(IPlanLedger.Action memory action) private view returns (IPlanLedger.Plan memory) {
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](1);
        actions[0] = action;
        return _planOf(actions);
    }

    /// @dev Returns a plan whose nonce is the id of its first action, since ids differ.
    function _planOf(IPlanLedger.Action[] memory actions) private view returns (IPlanLedger.Plan memory plan) {
        plan.header = IPlanLedger.Header({
            consumer: address(a.treasury),
            keeper: keeper,
            nonce: uint256(actions[0].dataHash),
            deadline: uint40(block.timestamp + 4 hours),
            epoch: a.treasury.epoch(),
            preState: keccak256("all chains")
        });
        plan.actions = actions;
    }

    function _ticket(IPlanLedger.Plan memory plan, uint8 index) private view returns (ITreasury.Ticket memory ticket) {
        (ticket.header, ticket.index, ticket.dependsOn) = (plan.header, index, plan.actions[index].dependsOn);
        ticket.leaves = new bytes32[](plan.actions.length);
        for (uint256 i = 0; i < plan.actions.length; ++i) {
            ticket.leaves[i] = planLedger.leafOf(plan.actions[i]);
        }
    }

    /// @dev Signs in ascending order; the account of the second key is the lower one.
    function _signatures(bytes32 planHash, uint256 count) private pure returns (IPlanLedger.Signature[] memory list) {
        list = new IPlanLedger.Signature[](count);
        if (count > 0) list[0] = IPlanLedger.Signature(cheats.addr(ANN), _rsv(planHash, ANN));
        if (count > 1) list[1] = IPlanLedger.Signature(cheats.addr(BOB), _rsv(planHash, BOB));
    }

    function _rsv(bytes32 digest, uint256 key) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _open(IPlanLedger.Plan memory plan, uint256 count) private {
        IPlanLedger.Signature[] memory signatures = _signatures(planLedger.hashOf(plan), count);
        vm.prank(keeper);
        a.treasury.openPlan(plan, signatures);
    }

    function _refuseOpen(IPlanLedger.Plan memory plan, uint256 count, bytes memory reason) private {
        IPlanLedger.Signature[] memory signatures = _signatures(planLedger.hashOf(plan), count);
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.openPlan(plan, signatures);
    }
}
