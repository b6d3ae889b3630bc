// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeRoute} from "@ballast/interfaces/IBridgeRoute.sol";
import {ICctpV2Route} from "@ballast/interfaces/ICctpV2Route.sol";
import {ICustodialRoute} from "@ballast/interfaces/ICustodialRoute.sol";
import {IInbox} from "@ballast/interfaces/IInbox.sol";
import {IOftRoute} from "@ballast/interfaces/IOftRoute.sol";
import {ITreasury} from "@ballast/interfaces/ITreasury.sol";
import {IOft} from "@ballast/interfaces/external/IOft.sol";
import {MintingOft} from "@network/MintingOft.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {World} from "./World.sol";

/// @title Recipient that accepts any attested message and mints nothing
contract DeafRecipient {
    fallback() external {
        assembly {
            mstore(0, 1)
            return(0, 0x20)
        }
    }
}

abstract contract TreasuryReceiveTest is World {
    bytes32 private constant EVIDENCE = keccak256("transaction, log");

    function test_receive__cctp__creditsWhatWasMinted() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes32 id = _send(a, transfer, _standard());
        bytes memory proof = _proof(_message(), 1);
        _on(b);
        vm.expectEmit(address(b.cctp));
        emit IBridgeRoute.Collected(id, a.chain, transfer.amount);
        vm.expectEmit(address(b.treasury));
        emit ITreasury.TransferReceived(id, USDC, CCTP, transfer.amount);
        vm.prank(outsider);
        assertEq(b.treasury.receiveFromBridge(transfer, proof), transfer.amount, "received");
        assertEq(b.usdc.balanceOf(address(b.treasury)), STOCK + transfer.amount, "balance");
        assertEq(b.usdc.balanceOf(address(b.cctp)), 0, "route is empty");
        assertEq(b.treasury.legsOf(id).received, START, "leg");
        bytes32[] memory ids = new bytes32[](2);
        ids[1] = id;
        ITreasury.Legs[] memory legs = lens.legsOf(address(b.treasury), ids);
        assertEq(legs[0].received + legs[1].sent, 0, "no other leg");
        assertEq(legs[1].received, START, "leg by the lens");
    }

    function test_receive__fast__isLessTheFeeOnly() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        _send(a, transfer, abi.encode(uint32(1_000), 1 * USD));
        bytes memory filled = _fill(_message(), 1, 1_000, 0.7e6, block.number + 1);
        b.usdc.mint(address(b.cctp), 5);
        uint256 received = _receive(b, transfer, abi.encode(filled, _attest(filled, ATTESTER)));
        assertEq(received, 999.3e6, "received");
        assertEq(b.usdc.balanceOf(address(b.cctp)), 5, "a gift is not credited");
        b.cctp.sweep(5);
        assertEq(b.usdc.balanceOf(address(b.treasury)), STOCK + 999.3e6 + 5, "but swept");
    }

    function test_receive__twice__isOnce() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes32 id = _send(a, transfer, _standard());
        bytes memory proof = _proof(_message(), 1);
        _receive(b, transfer, proof);
        bytes memory reason = abi.encodeWithSelector(ITreasury.Treasury_LegDone.selector, id, ITreasury.Leg.Received);
        _refuseReceive(transfer, proof, reason);
    }

    function test_receive__pausedAndClosed__isReceived() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        _send(a, transfer, _standard());
        bytes memory proof = _proof(_message(), 1);
        vm.prank(guardian);
        b.treasury.pause();
        vm.prank(guardian);
        b.treasury.closeLane(address(b.cctp), a.chain);
        vm.prank(guardian);
        b.killSwitch.pause();
        vm.prank(guardian);
        b.killSwitch.removeKeeper(keeper);
        _receive(b, transfer, proof);
    }

    /// @dev With any altered term, the transfer is either not ours or not the one that arrived.
    function testFuzz_receive__otherTerms__reverts(uint8 term, uint256 change) public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        _send(a, transfer, _standard());
        bytes memory proof = _proof(_message(), 1);
        change = 1 << (change % 160);
        assembly ("memory-safe") {
            let place := add(transfer, mul(mod(term, 9), 0x20))
            mstore(place, xor(mload(place), change))
        }
        _on(b);
        vm.prank(keeper);
        try b.treasury.receiveFromBridge(transfer, proof) {
            assertTrue(false, "received");
        } catch {}
    }

    function test_receive__notFromTheLane__reverts() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        transfer.destinationTreasury = address(a.treasury);
        bytes memory reason = abi.encodeWithSelector(ITreasury.Treasury_NotHere.selector, b.chain, a.treasury);
        _refuseReceive(transfer, "", reason);
        transfer = _usdc(1_000);
        transfer.sourceTreasury = outsider;
        reason = abi.encodeWithSelector(ITreasury.Treasury_UnknownLane.selector, b.cctp, a.chain, outsider);
        _refuseReceive(transfer, "", reason);
    }

    function test_receive__cctpByAnother__isRefusedByCctp() public {
        _send(a, _usdc(1_000), _standard());
        bytes memory filled = _fill(_message(), 1, 2_000, 0, 0);
        bytes memory attestation = _attest(filled, ATTESTER);
        _on(b);
        vm.expectRevert("Invalid caller for message");
        b.transmitter.receiveMessage(filled, attestation);
    }

    function test_receive__otherMessage__tellsTheField() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        _send(a, transfer, _standard());
        bytes memory message = _fill(_message(), 1, 2_000, 0, 0);
        // Last byte of: source domain, recipient, burnt token, mint recipient, message sender, id.
        uint16[6] memory places = [uint16(7), 107, 183, 215, 279, 407];
        for (uint256 i = 0; i < places.length; ++i) {
            bytes memory other = bytes.concat(message);
            other[places[i]] ^= 0x01;
            bytes memory proof = abi.encode(other, _attest(other, ATTESTER));
            _refuseReceive(transfer, proof, _otherMessage(ICctpV2Route.Field(i + 1)));
        }
        _refuseReceive(
            transfer, abi.encode(bytes.concat(message, hex"00"), ""), _otherMessage(ICctpV2Route.Field.Length)
        );
        _refuseReceive(transfer, abi.encode(hex"01", ""), _otherMessage(ICctpV2Route.Field.Length));
        _receive(b, transfer, abi.encode(message, _attest(message, ATTESTER)));
    }

    /// @dev Anyone may send any body, and the attesters sign it. Only the recipient field shows that it is not genuine.
    function test_receive__strangersMessage__marksNothing() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        _send(a, transfer, _standard());
        bytes memory genuine = _message();
        bytes memory body = new bytes(genuine.length - 148);
        for (uint256 i = 0; i < body.length; ++i) {
            body[i] = genuine[148 + i];
        }
        address deaf = address(new DeafRecipient());
        vm.prank(outsider);
        a.transmitter.sendMessage(b.domain, _word(deaf), _word(address(b.cctp)), 2_000, body);
        _refuseReceive(transfer, _proof(_message(), 9), _otherMessage(ICctpV2Route.Field.Recipient));
        // Through the messenger the sender is the stranger, not the counterpart.
        a.usdc.mint(outsider, transfer.amount);
        vm.prank(outsider);
        a.usdc.approve(address(a.messenger), transfer.amount);
        bytes32 id = a.treasury.idOf(transfer);
        bytes32 route = _word(address(b.cctp));
        vm.prank(outsider);
        a.messenger
            .depositForBurnWithHook(transfer.amount, b.domain, route, address(a.usdc), route, 0, 2_000, abi.encode(id));
        _refuseReceive(transfer, _proof(_message(), 10), _otherMessage(ICctpV2Route.Field.Sender));
        _receive(b, transfer, _proof(genuine, 11));
    }

    function test_receive__attestation__isCircles() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        _send(a, transfer, abi.encode(uint32(1_000), 1 * USD));
        bytes memory message = _message();
        bytes memory filled = _fill(message, 1, 1_000, 1 * USD, 500);
        _refuseReceive(transfer, abi.encode(filled, _attest(filled, 0xBAD)), "Invalid signature: not attester");
        _refuseReceive(transfer, abi.encode(filled, ""), "Invalid attestation length");
        bytes memory richer = _fill(message, 1, 1_000, 0, 500);
        _refuseReceive(transfer, abi.encode(richer, _attest(filled, ATTESTER)), "Invalid signature: not attester");
        cheats.roll(500);
        bytes memory proof = abi.encode(filled, _attest(filled, ATTESTER));
        _refuseReceive(transfer, proof, "Message expired and must be re-signed");
        filled = _fill(message, 1, 1_000, 1 * USD, 501);
        _receive(b, transfer, abi.encode(filled, _attest(filled, ATTESTER)));
    }

    /// @dev Two transfers that differ only in the nonce: each message is valid only for its own.
    function test_receive__twinMessages__doNotStandForEachOther() public {
        ITreasury.Transfer memory first = _usdc(1_000);
        ITreasury.Transfer memory second = _usdc(1_000);
        _send(a, first, _standard());
        bytes memory proof = _proof(_message(), 1);
        _send(a, second, _standard());
        bytes memory other = _proof(_message(), 2);
        _refuseReceive(second, proof, _otherMessage(ICctpV2Route.Field.Transfer));
        _receive(b, second, other);
        _receive(b, first, proof);
    }

    function test_receive__oft__creditsWhatWasComposed() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        bytes32 id = _send(a, transfer, "");
        bytes memory packet = packetOf(vm.getRecordedLogs());
        bytes memory nothing = abi.encodeWithSelector(IOftRoute.OftRoute_NothingArrived.selector, id, a.chain);
        _refuseReceive(transfer, "", nothing);
        b.lib.validatePacket(packet);
        vm.recordLogs();
        this.deliver(b.endpoint, packet);
        assertEq(MintingOft(b.usdt).balanceOf(address(b.usdt0)), 1_000 * 1e18, "tokens first");
        _refuseReceive(transfer, "", nothing);
        Composed memory composed = composedOf(vm.getRecordedLogs());
        vm.expectEmit(address(b.usdt0));
        emit IOftRoute.Arrived(id, a.chain, composed.guid, 1_000 * 1e18);
        compose(b.endpoint, composed);
        assertEq(b.usdt0.waiting(), 1_000 * 1e18, "waits");
        assertEq(b.usdt0.arrivalOf(id, a.chain), 1_000 * 1e18, "arrival");
        vm.prank(outsider);
        assertEq(b.treasury.receiveFromBridge(transfer, ""), 1_000 * 1e18, "received");
        assertEq(b.usdt0.waiting(), 0, "collected");
        assertEq(MintingOft(b.usdt).balanceOf(address(b.treasury)), 1_001_000 * 1e18, "balance");
        vm.expectPartialRevert(bytes4(keccak256("LZ_ComposeNotFound(bytes32,bytes32)")));
        compose(b.endpoint, composed);
    }

    function test_receive__oftBack__unlocks() public {
        _arriveUsdt(_transfer(a, b, USDT, OFT, 1_000));
        ITreasury.Transfer memory back = _transfer(b, a, USDT, OFT, 999);
        _send(b, back, "");
        bytes memory packet = packetOf(vm.getRecordedLogs());
        _on(a);
        a.lib.validatePacket(packet);
        vm.recordLogs();
        this.deliver(a.endpoint, packet);
        compose(a.endpoint, composedOf(vm.getRecordedLogs()));
        assertEq(_receive(a, back, ""), 999 * USD, "received");
        assertEq(NoReturnToken(a.usdt).balanceOf(address(a.treasury)), 1_000_000 * USD - 1 * USD, "balance");
    }

    function test_lzCompose__whoIsNotTrusted__reverts() public {
        bytes memory good = abi.encodePacked(uint64(1), a.eid, uint256(1), _word(address(a.usdt0)), bytes32("id"));
        vm.prank(outsider);
        vm.expectRevert(abi.encodeWithSelector(IOftRoute.OftRoute_NotEndpoint.selector, outsider));
        b.usdt0.lzCompose(b.oft, 0, good, outsider, "");
        vm.prank(address(b.endpoint));
        vm.expectRevert(abi.encodeWithSelector(IOftRoute.OftRoute_NotOft.selector, outsider));
        b.usdt0.lzCompose(outsider, 0, good, outsider, "");
        bytes memory other = abi.encodePacked(uint64(1), a.eid, uint256(1), _word(outsider), bytes32("id"));
        _refuseComposed(other, abi.encodeWithSelector(IOftRoute.OftRoute_NotPeer.selector, a.eid, _word(outsider)));
        other = abi.encodePacked(uint64(1), uint32(7), uint256(1), bytes32(0), bytes32("id"));
        _refuseComposed(other, abi.encodeWithSelector(IOftRoute.OftRoute_NotPeer.selector, 7, bytes32(0)));
        other = bytes.concat(good, hex"00");
        _refuseComposed(other, abi.encodeWithSelector(IOftRoute.OftRoute_InvalidMessage.selector, other.length));
    }

    /// @dev A stranger may send tokens with any id. They are a gift; the id stays free.
    function test_receive__strangersTokens__areAGift() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        bytes32 id = a.treasury.idOf(transfer);
        NoReturnToken(a.usdt).mint(outsider, 5 * USD);
        cheats.deal(outsider, 1 ether);
        IOft.SendParam memory param = IOft.SendParam(b.eid, _word(address(b.usdt0)), 5 * USD, 0, "", abi.encode(id), "");
        IOft.MessagingFee memory fee = IOft(a.oft).quoteSend(param, false);
        vm.prank(outsider);
        NoReturnToken(a.usdt).approve(a.oft, 5 * USD);
        vm.recordLogs();
        vm.prank(outsider);
        IOft(a.oft).send{value: fee.nativeFee}(param, fee, outsider);
        bytes memory packet = packetOf(vm.getRecordedLogs());
        _on(b);
        b.lib.validatePacket(packet);
        this.deliver(b.endpoint, packet);
        Composed memory composed = composedOf(vm.getRecordedLogs());
        vm.expectPartialRevert(IOftRoute.OftRoute_NotPeer.selector);
        this.composeIt(composed);
        _arriveUsdt(transfer);
        assertEq(_receive(b, transfer, ""), 1_000 * 1e18, "the genuine one");
    }

    /// @dev A compromised counterpart on a third chain can neither replace the genuine transfer nor block it.
    function test_lzCompose__fromAThirdChain__isApart() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        bytes32 id = a.treasury.idOf(transfer);
        _on(b);
        b.usdt0.setPeer(7, IOftRoute.Peer(9, 1, 1, outsider));
        bytes memory message = abi.encodePacked(uint64(1), uint32(9), uint256(1e30), _word(outsider), id);
        vm.prank(address(b.endpoint));
        b.usdt0.lzCompose(b.oft, 0, message, outsider, "");
        bytes4 nothing = IOftRoute.OftRoute_NothingArrived.selector;
        _refuseReceive(transfer, "", abi.encodeWithSelector(nothing, id, a.chain));
        _arriveUsdt(transfer);
        assertEq(_receive(b, transfer, ""), 1_000 * 1e18, "the genuine one");
    }

    function test_sweep__whatWaits__stays() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        _arriveUsdt(transfer);
        MintingOft(b.usdt).mint(address(b.usdt0), 5);
        vm.expectRevert(
            abi.encodeWithSelector(IBridgeRoute.BridgeRoute_Remainder.selector, 1_000 * 1e18 + 5, 1_000 * 1e18 + 6)
        );
        b.usdt0.sweep(6);
        b.usdt0.announceSweep(5);
        vm.warp(block.timestamp + 7 days);
        b.usdt0.sweep(5);
        _receive(b, transfer, "");
    }

    function test_receive__custodian__creditsWhatIsThere() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDC, DESK, 1_000);
        bytes32 id = _send(a, transfer, "");
        b.usdc.mint(address(b.inbox), 999 * USD);
        _on(b);
        vm.expectEmit(address(b.desk));
        emit ICustodialRoute.EvidenceUsed(id, EVIDENCE, 999 * USD);
        assertEq(_receive(b, transfer, abi.encode(EVIDENCE, 999 * USD)), 999 * USD, "received");
        assertEq(b.inbox.unbooked(), 0, "inbox");
        assertEq(b.usdc.balanceOf(address(b.treasury)), STOCK + 999 * USD, "balance");
    }

    function test_receive__custodianLies__areBounded() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDC, DESK, 1_000);
        b.usdc.mint(address(b.inbox), 999.5e6);
        bytes4 other = ICustodialRoute.CustodialRoute_OtherAmount.selector;
        bytes memory reason = abi.encodeWithSelector(other, 999 * USD - 1, 999 * USD, 1_000 * USD);
        _refuseReceive(transfer, abi.encode(EVIDENCE, 999 * USD - 1), reason);
        reason = abi.encodeWithSelector(other, 1_000 * USD + 1, 999 * USD, 1_000 * USD);
        _refuseReceive(transfer, abi.encode(EVIDENCE, 1_000 * USD + 1), reason);
        reason = abi.encodeWithSelector(ICustodialRoute.CustodialRoute_NotThere.selector, 1_000 * USD, 999.5e6);
        _refuseReceive(transfer, abi.encode(EVIDENCE, 1_000 * USD), reason);
        reason = abi.encodeWithSelector(ICustodialRoute.CustodialRoute_EvidenceUsed.selector, bytes32(0));
        _refuseReceive(transfer, abi.encode(bytes32(0), 999 * USD), reason);
        _receive(b, transfer, abi.encode(EVIDENCE, 999 * USD));
        b.usdc.mint(address(b.inbox), 1_000 * USD);
        transfer = _transfer(a, b, USDC, DESK, 1_000);
        reason = abi.encodeWithSelector(ICustodialRoute.CustodialRoute_EvidenceUsed.selector, EVIDENCE);
        _refuseReceive(transfer, abi.encode(EVIDENCE, 999 * USD), reason);
    }

    function test_receive__custodianOfAChainNotAdmitted__reverts() public {
        b.treasury.setLane(address(b.desk), 7, _lane(a, 6, 6));
        ITreasury.Transfer memory transfer = _transfer(a, b, USDC, DESK, 1_000);
        transfer.sourceChain = 7;
        b.usdc.mint(address(b.inbox), 1_000 * USD);
        bytes memory reason = abi.encodeWithSelector(IBridgeRoute.BridgeRoute_UnknownChain.selector, 7);
        _refuseReceive(transfer, abi.encode(EVIDENCE, 1_000 * USD), reason);
        assertEq(b.inbox.unbooked(), 1_000 * USD, "stays");
    }

    /// @dev The transmitter accepts the message but mints nothing.
    function test_receive__transmitterMintsNothing__reverts() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes32 id = _send(a, transfer, _standard());
        bytes memory proof = _proof(_message(), 1);
        vm.mockCall(address(b.transmitter), abi.encodePacked(b.transmitter.receiveMessage.selector), abi.encode(true));
        _refuseReceive(transfer, proof, abi.encodeWithSelector(ICctpV2Route.CctpV2Route_NothingMinted.selector, id));
        vm.clearMockedCalls();
        assertEq(_receive(b, transfer, proof), 1_000 * USD, "and can be received still");
    }

    /// @dev The received amount counts, not the amount reported by the route.
    function test_receive__routeOnlySaysSo__reverts() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        bytes32 id = _send(a, transfer, _standard());
        bytes memory proof = _proof(_message(), 1);
        vm.mockCall(address(b.cctp), abi.encodePacked(IBridgeRoute.collect.selector), abi.encode(1_000 * USD));
        _refuseReceive(transfer, proof, abi.encodeWithSelector(ITreasury.Treasury_NothingReceived.selector, id));
        assertEq(b.treasury.legsOf(id).received, 0, "not received");
    }

    function test_receive__custodian__isForKeepers() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDC, DESK, 1_000);
        b.usdc.mint(address(b.inbox), 1_000 * USD);
        _on(b);
        vm.prank(outsider);
        vm.expectRevert(abi.encodeWithSelector(ITreasury.Treasury_NotKeeper.selector, outsider));
        b.treasury.receiveFromBridge(transfer, abi.encode(EVIDENCE, 1_000 * USD));
        vm.prank(guardian);
        b.killSwitch.removeKeeper(keeper);
        bytes memory reason = abi.encodeWithSelector(ITreasury.Treasury_NotKeeper.selector, keeper);
        _refuseReceive(transfer, abi.encode(EVIDENCE, 1_000 * USD), reason);
        vm.prank(outsider);
        vm.expectRevert(abi.encodeWithSelector(IInbox.Inbox_NotRoute.selector, outsider));
        b.inbox.release(1);
    }

    /// @dev External, since `expectRevert` applies to the next call.
    function composeIt(Composed calldata composed) external {
        compose(b.endpoint, composed);
    }

    function _arriveUsdt(ITreasury.Transfer memory transfer) private {
        _send(a, transfer, "");
        bytes memory packet = packetOf(vm.getRecordedLogs());
        _on(b);
        b.lib.validatePacket(packet);
        vm.recordLogs();
        this.deliver(b.endpoint, packet);
        compose(b.endpoint, composedOf(vm.getRecordedLogs()));
    }

    function _refuseComposed(bytes memory message, bytes memory reason) private {
        vm.prank(address(b.endpoint));
        vm.expectRevert(reason);
        b.usdt0.lzCompose(b.oft, 0, message, outsider, "");
    }

    function _refuseReceive(ITreasury.Transfer memory transfer, bytes memory proof, bytes memory reason) private {
        _on(b);
        vm.prank(keeper);
        vm.expectRevert(reason);
        b.treasury.receiveFromBridge(transfer, proof);
    }

    function _otherMessage(ICctpV2Route.Field field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICctpV2Route.CctpV2Route_OtherMessage.selector, field);
    }
}
