// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeRoute} from "@ballast/interfaces/IBridgeRoute.sol";
import {ICctpV2Route} from "@ballast/interfaces/ICctpV2Route.sol";
import {IOftRoute} from "@ballast/interfaces/IOftRoute.sol";
import {ITreasury} from "@ballast/interfaces/ITreasury.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {World} from "./World.sol";

/// @title Waiting amounts in a route are safe, and a quote reports why Circle would refuse
abstract contract TreasuryRoutesTest is World {
    /// @notice R4: USDT's fee is switched on while an amount waits in the route.
    function test_send__tokenKeepsAFee__leavesWhatWaits() public {
        ITreasury.Transfer memory back = _arrivedAtA();
        NoReturnToken(a.usdt).setFeeBps(10);
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 10_000);
        bytes4 other = ITreasury.Treasury_OtherAmount.selector;
        _on(a);
        vm.prank(keeper);
        vm.expectRevert(abi.encodeWithSelector(other, a.usdt0, 9_990 * USD, 10_000 * USD));
        a.treasury.sendToBridge{value: LZ_FEE}(transfer, "");
        NoReturnToken(a.usdt).setFeeBps(0);
        assertEq(_receive(a, back, ""), 1_000 * USD, "collected whole");
    }

    /// @notice R4: the route itself does not send a waiting amount either.
    function test_routeSend__lessThanAmountAndWaiting__reverts() public {
        _arrivedAtA();
        NoReturnToken(a.usdt).mint(address(a.usdt0), 500 * USD);
        IBridgeRoute.Cargo memory cargo = IBridgeRoute.Cargo("id", b.chain, 501 * USD, 0);
        bytes4 remainder = IBridgeRoute.BridgeRoute_Remainder.selector;
        cheats.deal(address(a.treasury), LZ_FEE);
        vm.prank(address(a.treasury));
        vm.expectRevert(abi.encodeWithSelector(remainder, 1_500 * USD, 1_501 * USD));
        a.usdt0.send{value: LZ_FEE}(cargo, "", keeper);
        cargo.amount = 500 * USD;
        vm.prank(address(a.treasury));
        a.usdt0.send{value: LZ_FEE}(cargo, "", keeper);
        assertEq(NoReturnToken(a.usdt).balanceOf(address(a.usdt0)), 1_000 * USD, "what waits");
    }

    /// @notice R5: tokens whose message is not executed yet appear to have no owner.
    function test_sweep__messageOpen__reverts() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        Composed memory composed = _delivered(transfer);
        bytes4 notDue = IOftRoute.OftRoute_SweepNotDue.selector;
        vm.expectRevert(abi.encodeWithSelector(notDue, 1_000e18, 0, 0));
        b.usdt0.sweep(1_000e18);
        b.usdt0.announceSweep(1_000e18);
        uint256 from = block.timestamp + 7 days;
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(notDue, 1_000e18, 1_000e18, from));
        b.usdt0.sweep(1_000e18);
        compose(b.endpoint, composed);
        assertEq(b.usdt0.announcedSweep().from, 0, "void");
        vm.warp(from);
        _mintUsdt(b, address(b.usdt0), 1_000);
        vm.expectRevert(abi.encodeWithSelector(notDue, 1_000e18, 0, 0));
        b.usdt0.sweep(1_000e18);
        assertEq(_receive(b, transfer, ""), 1_000e18, "received");
    }

    function test_sweep__announcedAndQuiet__goesToTheTreasury() public {
        _on(b);
        _mintUsdt(b, address(b.usdt0), 7);
        vm.expectRevert(abi.encodeWithSelector(IBridgeRoute.BridgeRoute_Remainder.selector, 7e18, 7e18 + 1));
        b.usdt0.announceSweep(7e18 + 1);
        uint256 from = block.timestamp + 7 days;
        vm.expectEmit(address(b.usdt0));
        emit IOftRoute.SweepAnnounced(7e18, from);
        b.usdt0.announceSweep(7e18);
        vm.warp(from);
        _mintUsdt(b, address(b.usdt0), 1);
        vm.expectRevert(abi.encodeWithSelector(IOftRoute.OftRoute_SweepNotDue.selector, 7e18 + 1, 7e18, from));
        b.usdt0.sweep(7e18 + 1);
        b.usdt0.sweep(7e18);
        assertEq(b.usdt0.announcedSweep().amount, 0, "used");
    }

    /// @notice R6: a second attested message of a transfer that was received.
    function test_rescue__secondMessage__isMintedToTheTreasury() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes32 id = _send(a, transfer, _standard());
        bytes memory message = _message();
        bytes memory second = _proof(message, 2);
        _on(b);
        vm.expectRevert(abi.encodeWithSelector(ICctpV2Route.CctpV2Route_NotReceived.selector, id));
        b.cctp.rescue(second);
        _receive(b, transfer, _proof(message, 1));
        uint256 before = b.usdc.balanceOf(address(b.treasury));
        vm.expectEmit(address(b.cctp));
        emit ICctpV2Route.Rescued(id, a.chain, 1_000 * USD);
        assertEq(b.cctp.rescue(second), 1_000 * USD, "minted");
        assertEq(b.usdc.balanceOf(address(b.treasury)), before + 1_000 * USD, "to the treasury");
        vm.expectRevert("Nonce already used");
        b.cctp.rescue(second);
    }

    function test_rescue__otherMessage__reverts() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        _send(a, transfer, _standard());
        bytes memory message = _message();
        _receive(b, transfer, _proof(message, 1));
        bytes memory filled = _fill(message, 2, 2_000, 0, 0);
        bytes4 unknown = IBridgeRoute.BridgeRoute_UnknownChain.selector;
        bytes memory other = bytes.concat(filled);
        other[7] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(unknown, 0));
        b.cctp.rescue(abi.encode(other, _attest(other, ATTESTER)));
        other = bytes.concat(filled);
        other[107] ^= 0x01;
        bytes4 differs = ICctpV2Route.CctpV2Route_OtherMessage.selector;
        vm.expectRevert(abi.encodeWithSelector(differs, ICctpV2Route.Field.Recipient));
        b.cctp.rescue(abi.encode(other, _attest(other, ATTESTER)));
        vm.expectRevert(abi.encodeWithSelector(differs, ICctpV2Route.Field.Length));
        b.cctp.rescue(abi.encode(bytes("short"), bytes("")));
    }

    function test_quote__circleRefuses__isNotPositiveAndSaysWhy() public {
        _quotes(ICctpV2Route.Obstacle.None);
        a.transmitter.pause();
        _quotes(ICctpV2Route.Obstacle.TransmitterPaused);
        a.transmitter.unpause();
        a.minter.pause();
        _quotes(ICctpV2Route.Obstacle.MinterPaused);
        a.minter.unpause();
        a.messenger.removeLocalMinter();
        _quotes(ICctpV2Route.Obstacle.NoMinter);
        a.messenger.addLocalMinter(address(a.minter));
        a.messenger.removeRemoteTokenMessenger(b.domain);
        _quotes(ICctpV2Route.Obstacle.NoRemoteMessenger);
        a.messenger.addRemoteTokenMessenger(b.domain, _word(address(b.messenger)));
        a.messenger.denylist(address(a.cctp));
        _quotes(ICctpV2Route.Obstacle.RouteDenied);
        a.messenger.unDenylist(address(a.cctp));
        a.messenger.denylist(keeper);
        _quotes(ICctpV2Route.Obstacle.KeeperDenied);
        a.messenger.unDenylist(keeper);
        _quotes(ICctpV2Route.Obstacle.None);
    }

    function test_quote__amountOfOneUnderAMinimumFee__agreesWithTheBurn() public {
        IBridgeRoute.Cargo memory one = IBridgeRoute.Cargo("id", b.chain, 1, 0);
        assertEq(a.cctp.quote(one, "").least, 1, "no minimum fee");
        a.messenger.setMinFee(1);
        IBridgeRoute.Quote memory quoted = a.cctp.quote(one, "");
        assertEq(quoted.least, 2, "least");
        assertEq(quoted.tokenFee, 1, "fee");
        _burns(1, 0, "Insufficient max fee");
        _burns(1, 1, "Max fee must be less than amount");
        _burns(2, 1, "");
    }

    /// @dev Checks that the quote is positive exactly if a send succeeds.
    function _quotes(ICctpV2Route.Obstacle expected) private {
        _on(a);
        assertEq(uint256(a.cctp.obstacleOf(b.chain, keeper)), uint256(expected), "obstacle");
        bool none = expected == ICctpV2Route.Obstacle.None;
        ITreasury.Transfer memory transfer = _usdc(1_000);
        cheats.prank(keeper, keeper);
        assertTrue((lens.quote(transfer, "").most != 0) == none, "quote");
        bytes memory call = abi.encodeCall(ITreasury.sendToBridge, (transfer, _standard()));
        cheats.prank(keeper, keeper);
        (bool done,) = address(a.treasury).call(call);
        assertTrue(done == none, "send");
    }

    function _burns(uint256 amount, uint256 maxFee, bytes memory reason) private {
        a.usdc.mint(address(this), amount);
        a.usdc.approve(address(a.messenger), amount);
        if (reason.length != 0) vm.expectRevert(reason);
        a.messenger.depositForBurn(amount, b.domain, _word(keeper), address(a.usdc), 0, maxFee, 2_000);
    }

    /// @dev Sends 1,000 USDT back to A, where they wait.
    function _arrivedAtA() private returns (ITreasury.Transfer memory back) {
        // A's adapter can pay only an amount that it locked before.
        _send(a, _transfer(a, b, USDT, OFT, 5_000), "");
        back = _transfer(b, a, USDT, OFT, 1_000);
        _send(b, back, "");
        bytes memory packet = packetOf(vm.getRecordedLogs());
        _on(a);
        a.lib.validatePacket(packet);
        vm.recordLogs();
        this.deliver(a.endpoint, packet);
        compose(a.endpoint, composedOf(vm.getRecordedLogs()));
        assertEq(a.usdt0.waiting(), 1_000 * USD, "waits");
    }

    /// @dev Delivers the tokens to B's route; the message is not executed yet.
    function _delivered(ITreasury.Transfer memory transfer) private returns (Composed memory) {
        _send(a, transfer, "");
        bytes memory packet = packetOf(vm.getRecordedLogs());
        _on(b);
        b.lib.validatePacket(packet);
        vm.recordLogs();
        this.deliver(b.endpoint, packet);
        return composedOf(vm.getRecordedLogs());
    }
}
