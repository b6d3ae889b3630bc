// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {World} from "./World.sol";

/// @title Local CCTP contracts compared with the observed behaviour of Circle's
/// @notice Each test is a row of the table of executed checks, numbered in its order.
abstract contract CctpTest is World {
    uint256 private constant AMOUNT = 100 * USD;
    uint256 private constant SECOND = 0xA78;
    address private constant BURNER = address(0x05E4);

    function setUp() public virtual override {
        super.setUp();
        a.usdc.mint(BURNER, 10 * AMOUNT);
        vm.prank(BURNER);
        a.usdc.approve(address(a.messenger), type(uint256).max);
        vm.recordLogs();
    }

    function test_CCTP1__standard__mintsAll() public {
        _accept(_burn(0, 2_000, ""), 1, 2_000, 0, 0);
        assertEq(b.usdc.balanceOf(BURNER), 100_000_000, "minted");
        assertEq(a.usdc.balanceOf(BURNER), 9 * AMOUNT, "burnt");
        assertEq(b.transmitter.usedNonces(bytes32(uint256(1))), 1, "nonce");
    }

    function test_CCTP2__sameAttestation__isUsed() public {
        bytes memory message = _burn(0, 2_000, "");
        _accept(message, 1, 2_000, 0, 0);
        _refuse(message, 1, 2_000, 0, 0, "Nonce already used");
    }

    function test_CCTP3__identicalBurn__isIdenticalAndMintsWithItsOwnNonce() public {
        bytes memory first = _burn(0, 2_000, "");
        bytes memory second = _burn(0, 2_000, "");
        assertTrue(keccak256(first) == keccak256(second), "the same bytes");
        _accept(first, 1, 2_000, 0, 0);
        _accept(second, 2, 2_000, 0, 0);
        assertEq(b.usdc.balanceOf(BURNER), 2 * AMOUNT, "minted");
    }

    function test_CCTP4__fast__keepsTheFee() public {
        _accept(_burn(50_000, 1_000, ""), 1, 1_000, 10_000, block.number + 1);
        assertEq(b.usdc.balanceOf(BURNER), 99_990_000, "minted");
        assertEq(b.usdc.balanceOf(FEES), 10_000, "fee");
    }

    function test_CCTP5__feeAboveMaximum__reverts() public {
        _refuse(_burn(50_000, 1_000, ""), 1, 1_000, 50_001, block.number + 1, "Fee exceeds max fee");
    }

    function test_CCTP6__expired__reverts() public {
        bytes memory message = _burn(50_000, 1_000, "");
        cheats.roll(1_000);
        _refuse(message, 1, 1_000, 10_000, 1_000, "Message expired and must be re-signed");
        _accept(message, 1, 1_000, 10_000, 1_001);
    }

    function test_CCTP7__threshold499__reverts() public {
        bytes memory message = _burn(0, 1_000, "");
        _refuse(message, 1, 499, 0, 0, "Unsupported finality threshold");
        _accept(message, 1, 500, 0, 0);
    }

    function test_CCTP8__fastServedAsStandard__mintsAll() public {
        _accept(_burn(50_000, 1_000, ""), 1, 2_000, 0, 0);
        assertEq(b.usdc.balanceOf(BURNER), AMOUNT, "minted");
    }

    function test_CCTP9__attestation__isOfTheAttestersInOrder() public {
        bytes memory message = _fill(_burn(0, 2_000, ""), 1, 2_000, 0, 0);
        _on(b);
        vm.expectRevert("Invalid signature: not attester");
        b.transmitter.receiveMessage(message, _attest(message, SECOND));
        b.transmitter.enableAttester(cheats.addr(SECOND));
        b.transmitter.setSignatureThreshold(2);
        (bytes memory one, bytes memory two) = (_attest(message, ATTESTER), _attest(message, SECOND));
        if (cheats.addr(ATTESTER) > cheats.addr(SECOND)) (one, two) = (two, one);
        vm.expectRevert("Invalid signature order or dupe");
        b.transmitter.receiveMessage(message, bytes.concat(two, one));
        vm.expectRevert("Invalid signature order or dupe");
        b.transmitter.receiveMessage(message, bytes.concat(one, one));
        vm.expectRevert("Invalid attestation length");
        b.transmitter.receiveMessage(message, one);
        assertTrue(b.transmitter.receiveMessage(message, bytes.concat(one, two)), "both");
    }

    function test_CCTP10__otherCaller__reverts() public {
        vm.prank(BURNER);
        a.messenger.depositForBurn(AMOUNT, b.domain, _word(BURNER), address(a.usdc), _word(address(0xCA11)), 0, 2_000);
        bytes memory message = _message();
        _refuse(message, 1, 2_000, 0, 0, "Invalid caller for message");
        bytes memory filled = _fill(message, 1, 2_000, 0, 0);
        vm.prank(address(0xCA11));
        assertTrue(b.transmitter.receiveMessage(filled, _attest(filled, ATTESTER)), "the caller");
    }

    function test_CCTP11__feeOrAmount__reverts() public {
        vm.prank(BURNER);
        vm.expectRevert("Max fee must be less than amount");
        a.messenger.depositForBurn(AMOUNT, b.domain, _word(BURNER), address(a.usdc), 0, AMOUNT, 2_000);
        vm.prank(BURNER);
        vm.expectRevert("Amount must be nonzero");
        a.messenger.depositForBurn(0, b.domain, _word(BURNER), address(a.usdc), 0, 0, 2_000);
    }

    function test_CCTP12__minimumFee__mustBeOffered() public {
        a.messenger.setMinFee(1_000);
        assertEq(a.messenger.getMinFeeAmount(100_000_000), 10_000, "minimum");
        vm.prank(BURNER);
        vm.expectRevert("Insufficient max fee");
        a.messenger.depositForBurn(AMOUNT, b.domain, _word(BURNER), address(a.usdc), 0, 0, 2_000);
        _burn(10_000, 2_000, "");
    }

    function test_message__withoutHook__isByteForByte() public {
        bytes memory header = abi.encodePacked(
            hex"00000001",
            hex"00000000",
            hex"00000006",
            bytes32(0),
            _word(address(a.messenger)),
            _word(address(b.messenger)),
            bytes32(0),
            uint32(1_000),
            uint32(0)
        );
        assertEq(header.length, 148, "header");
        bytes memory body = abi.encodePacked(
            hex"00000001",
            _word(address(a.usdc)),
            _word(BURNER),
            AMOUNT,
            _word(BURNER),
            uint256(50_000),
            uint256(0),
            uint256(0)
        );
        bytes memory message = _burn(50_000, 1_000, "");
        assertEq(message.length, 376, "length");
        assertTrue(keccak256(message) == keccak256(bytes.concat(header, body)), "bytes");
    }

    function test_message__withHook__isTheSameAndTheHook() public {
        bytes memory plain = _burn(0, 2_000, "");
        assertTrue(keccak256(_burn(0, 2_000, "hook")) == keccak256(bytes.concat(plain, "hook")), "bytes");
        vm.expectRevert("Hook data is empty");
        a.messenger.depositForBurnWithHook(AMOUNT, b.domain, _word(BURNER), address(a.usdc), 0, 0, 2_000, "");
    }

    function test_burn__limitsAndDomains__reverts() public {
        vm.prank(BURNER);
        vm.expectRevert("No TokenMessenger for domain");
        a.messenger.depositForBurn(AMOUNT, 7, _word(BURNER), address(a.usdc), 0, 0, 2_000);
        a.minter.setMaxBurnAmountPerMessage(address(a.usdc), AMOUNT - 1);
        vm.prank(BURNER);
        vm.expectRevert("Burn amount exceeds per tx limit");
        a.messenger.depositForBurn(AMOUNT, b.domain, _word(BURNER), address(a.usdc), 0, 0, 2_000);
        vm.prank(BURNER);
        vm.expectRevert("Mint recipient must be nonzero");
        a.messenger.depositForBurn(AMOUNT, b.domain, 0, address(a.usdc), 0, 0, 2_000);
    }

    function test_receive__otherMessenger__isUnsupported() public {
        bytes memory body = new bytes(228);
        vm.prank(BURNER);
        a.transmitter.sendMessage(b.domain, _word(address(b.messenger)), 0, 2_000, body);
        _refuse(_message(), 1, 2_000, 0, 0, "Remote TokenMessenger unsupported");
    }

    function _burn(uint256 maxFee, uint32 threshold, bytes memory hook) private returns (bytes memory) {
        bytes32 user = _word(BURNER);
        vm.prank(BURNER);
        if (hook.length == 0) {
            a.messenger.depositForBurn(AMOUNT, b.domain, user, address(a.usdc), 0, maxFee, threshold);
        } else {
            a.messenger.depositForBurnWithHook(AMOUNT, b.domain, user, address(a.usdc), 0, maxFee, threshold, hook);
        }
        return _message();
    }

    function _accept(bytes memory message, uint256 nonce, uint32 executed, uint256 fee, uint256 expiration) private {
        bytes memory filled = _fill(message, nonce, executed, fee, expiration);
        _on(b);
        assertTrue(b.transmitter.receiveMessage(filled, _attest(filled, ATTESTER)), "received");
    }

    function _refuse(
        bytes memory message,
        uint256 nonce,
        uint32 executed,
        uint256 fee,
        uint256 expiration,
        bytes memory reason
    ) private {
        bytes memory filled = _fill(message, nonce, executed, fee, expiration);
        bytes memory attestation = _attest(filled, ATTESTER);
        _on(b);
        vm.expectRevert(reason);
        b.transmitter.receiveMessage(filled, attestation);
    }
}
