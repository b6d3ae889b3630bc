// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CctpPausable} from "@network/CctpPausable.sol";

import {World} from "./World.sol";

/// @title Expiry, pause, deny list and removals of the local CCTP contracts
/// @notice Each test is a row in which they once differed from Circle's V2.1 contracts, compiled from their public
/// source and run in parallel. Revert data is compared completely.
abstract contract CctpSwitchesTest is World {
    uint256 private constant AMOUNT = 100 * USD;
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    address private constant DEPOSITOR = address(0xDE905170);
    address private constant ORIGIN = address(0x0416);
    bytes private constant DENIED = "Denylistable: account is on denylist";
    bytes private constant PAUSED = "Pausable: paused";

    function setUp() public virtual override {
        super.setUp();
        a.usdc.mint(DEPOSITOR, 10 * AMOUNT);
        vm.prank(DEPOSITOR);
        a.usdc.approve(address(a.messenger), type(uint256).max);
        vm.recordLogs();
    }

    function test_receive__finalizedAndExpired__mustBeSignedAgain() public {
        bytes memory message = _deposit(0);
        cheats.roll(1_000);
        _refuse(_fill(message, 1, 2_000, 0, 1_000), "Message expired and must be re-signed");
        _accept(_fill(message, 1, 2_000, 0, 1_001));
    }

    function test_receive__nonceZero__isUsedFromTheBeginning() public {
        assertEq(b.transmitter.usedNonces(0), 1, "reserved");
        _refuse(_fill(_deposit(0), 0, 2_000, 0, 0), "Nonce already used");
    }

    function test_receive__callerWithUpperBytes__isNobody() public {
        bytes32 dirty = bytes32(uint256(1) << 200);
        bytes memory ours = _fill(_deposit(dirty | _word(address(this))), 1, 2_000, 0, 0);
        _refuse(ours, "Invalid caller for message");
        _refuse(_fill(_deposit(dirty), 2, 2_000, 0, 0), "Invalid caller for message");
    }

    function test_getMinFeeAmount__noMinimum__isZeroForEveryAmount() public {
        assertEq(a.messenger.getMinFeeAmount(0), 0, "0");
        assertEq(a.messenger.getMinFeeAmount(1), 0, "1");
        a.messenger.setMinFee(1);
        vm.expectRevert("Amount too low");
        a.messenger.getMinFeeAmount(0);
        vm.expectRevert("Amount too low");
        a.messenger.getMinFeeAmount(1);
        assertEq(a.messenger.getMinFeeAmount(2), 1, "2");
    }

    function test_burn__deniedSender__reverts() public {
        assertFalse(a.messenger.isDenylisted(DEPOSITOR), "before");
        a.messenger.denylist(DEPOSITOR);
        assertTrue(a.messenger.isDenylisted(DEPOSITOR), "listed");
        _refuseBurn(DEPOSITOR, DEPOSITOR, DENIED);
        a.messenger.unDenylist(DEPOSITOR);
        _deposit(0);
    }

    function test_burn__deniedOrigin__reverts() public {
        a.messenger.denylist(ORIGIN);
        _refuseBurn(DEPOSITOR, ORIGIN, DENIED);
        bytes32 user = _word(DEPOSITOR);
        cheats.prank(DEPOSITOR, ORIGIN);
        vm.expectRevert(DENIED);
        a.messenger.depositForBurnWithHook(AMOUNT, b.domain, user, address(a.usdc), 0, 0, 2_000, "");
    }

    function test_receive__deniedRecipientAndCaller__mints() public {
        bytes memory message = _fill(_deposit(0), 1, 2_000, 0, 0);
        b.messenger.denylist(DEPOSITOR);
        b.messenger.denylist(address(this));
        _accept(message);
    }

    function test_denylist__stranger__reverts() public {
        vm.prank(outsider);
        vm.expectRevert("Denylistable: caller is not denylister");
        a.messenger.denylist(DEPOSITOR);
    }

    function test_transmitter__paused__neitherSendsNorReceives() public {
        bytes memory message = _fill(_deposit(0), 1, 2_000, 0, 0);
        assertFalse(a.transmitter.paused(), "before");
        a.transmitter.pause();
        assertTrue(a.transmitter.paused(), "paused");
        _refuseBurn(DEPOSITOR, DEPOSITOR, PAUSED);
        b.transmitter.pause();
        _refuse(message, PAUSED);
        b.transmitter.unpause();
        _accept(message);
    }

    function test_minter__paused__neitherBurnsNorMints() public {
        bytes memory message = _fill(_deposit(0), 1, 2_000, 0, 0);
        a.minter.pause();
        _refuseBurn(DEPOSITOR, DEPOSITOR, PAUSED);
        b.minter.pause();
        _refuse(message, PAUSED);
        b.minter.unpause();
        _accept(message);
    }

    function test_pause__stranger__reverts() public {
        CctpPausable[2] memory both = [CctpPausable(a.transmitter), CctpPausable(a.minter)];
        for (uint256 i = 0; i < both.length; ++i) {
            vm.prank(outsider);
            vm.expectRevert("Pausable: caller is not the pauser");
            both[i].pause();
            both[i].updatePauser(outsider);
            vm.prank(outsider);
            both[i].pause();
            assertTrue(both[i].paused(), "by the new pauser");
        }
    }

    function test_remoteMessenger__removed__isUnsupported() public {
        bytes memory message = _fill(_deposit(0), 1, 2_000, 0, 0);
        b.messenger.removeRemoteTokenMessenger(a.domain);
        _refuse(message, "Remote TokenMessenger unsupported");
        a.messenger.removeRemoteTokenMessenger(b.domain);
        _refuseBurn(DEPOSITOR, DEPOSITOR, "No TokenMessenger for domain");
        vm.expectRevert("No TokenMessenger set");
        a.messenger.removeRemoteTokenMessenger(b.domain);
    }

    function test_localMinter__removed__isNotSet() public {
        bytes memory message = _fill(_deposit(0), 1, 2_000, 0, 0);
        a.messenger.removeLocalMinter();
        _refuseBurn(DEPOSITOR, DEPOSITOR, "Local minter is not set");
        vm.expectRevert("No local minter is set.");
        a.messenger.removeLocalMinter();
        b.messenger.removeLocalMinter();
        _refuse(message, "Local minter is not set");
        b.messenger.addLocalMinter(address(b.minter));
        vm.expectRevert("Local minter is already set.");
        b.messenger.addLocalMinter(address(b.minter));
        _accept(message);
    }

    function test_attestation__malformed__isRefusedAsByCircle() public {
        bytes memory message = _fill(_deposit(0), 1, 2_000, 0, 0);
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(ATTESTER, keccak256(message));
        _refuseSignature(message, abi.encodePacked(r, s, v - 27), "ECDSA: invalid signature 'v' value");
        _refuseSignature(message, abi.encodePacked(r, s, uint8(29)), "ECDSA: invalid signature 'v' value");
        bytes32 high = bytes32(ORDER - uint256(s));
        _refuseSignature(
            message, abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27)), "ECDSA: invalid signature 's' value"
        );
        _refuseSignature(message, abi.encodePacked(bytes32(0), s, v), "ECDSA: invalid signature");
    }

    function test_setMinFee__strangerOrTooHigh__reverts() public {
        vm.prank(outsider);
        vm.expectRevert("Caller is not the min fee controller");
        a.messenger.setMinFee(1_000);
        vm.expectRevert("Min fee too high");
        a.messenger.setMinFee(10_000_000);
    }

    function test_getEnabledAttester__place__isTheAttester() public {
        assertEq(a.transmitter.getEnabledAttester(0), cheats.addr(ATTESTER), "first");
        assertEq(a.transmitter.getNumEnabledAttesters(), 1, "one");
        vm.expectRevert("EnumerableSet: index out of bounds");
        a.transmitter.getEnabledAttester(1);
    }

    function _deposit(bytes32 caller) private returns (bytes memory) {
        _on(a);
        vm.prank(DEPOSITOR);
        a.messenger.depositForBurn(AMOUNT, b.domain, _word(DEPOSITOR), address(a.usdc), caller, 0, 2_000);
        return _message();
    }

    function _refuseBurn(address sender, address origin, bytes memory reason) private {
        _on(a);
        bytes32 user = _word(DEPOSITOR);
        cheats.prank(sender, origin);
        vm.expectRevert(reason);
        a.messenger.depositForBurn(AMOUNT, b.domain, user, address(a.usdc), 0, 0, 2_000);
    }

    function _accept(bytes memory filled) private {
        _on(b);
        uint256 before = b.usdc.balanceOf(DEPOSITOR);
        assertTrue(b.transmitter.receiveMessage(filled, _attest(filled, ATTESTER)), "received");
        assertEq(b.usdc.balanceOf(DEPOSITOR), before + AMOUNT, "minted");
    }

    function _refuse(bytes memory filled, bytes memory reason) private {
        _refuseSignature(filled, _attest(filled, ATTESTER), reason);
    }

    function _refuseSignature(bytes memory filled, bytes memory attestation, bytes memory reason) private {
        _on(b);
        vm.expectRevert(reason);
        b.transmitter.receiveMessage(filled, attestation);
    }
}
