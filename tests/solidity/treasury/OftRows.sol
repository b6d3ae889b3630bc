// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOft} from "@ballast/interfaces/external/IOft.sol";
import {MintingOft} from "@network/MintingOft.sol";

import {NoReturnToken} from "../doubles/NoReturnToken.sol";
import {Side, World} from "./World.sol";

/// @title LayerZero's token and endpoint, as used by the routes
/// @notice Each test is a row of the table of executed checks, numbered in its order.
abstract contract OftTest is World {
    address private constant HOLDER = address(0x05E4);
    bytes4 private constant NOT_ENOUGH_NATIVE = 0x9f704120;
    bytes4 private constant INVALID_NONCE = 0xc09b6350;
    bytes4 private constant PAYLOAD_NOT_FOUND = 0x7182306f;
    bytes4 private constant SLIPPAGE_EXCEEDED = 0x71c4efed;
    uint256 private constant LOCAL = 5_000 * 1e6;

    function setUp() public virtual override {
        super.setUp();
        NoReturnToken(a.usdt).mint(HOLDER, LOCAL);
        cheats.deal(HOLDER, 1 ether);
        vm.prank(HOLDER);
        NoReturnToken(a.usdt).approve(a.oft, type(uint256).max);
        vm.recordLogs();
    }

    function test_OFT1__approvalRequired__isTheAdapters() public view {
        assertTrue(IOft(a.oft).approvalRequired(), "adapter");
        assertFalse(IOft(b.oft).approvalRequired(), "token");
        assertEq(MintingOft(a.oft).decimalConversionRate(), 1, "6 decimals");
        assertEq(MintingOft(b.oft).decimalConversionRate(), 1e12, "18 decimals");
    }

    function test_OFT2__withoutFee__reverts() public {
        IOft.SendParam memory param = _param(b, LOCAL, LOCAL);
        IOft.MessagingFee memory fee = IOft(a.oft).quoteSend(param, false);
        vm.prank(HOLDER);
        vm.expectPartialRevert(NOT_ENOUGH_NATIVE);
        IOft(a.oft).send(param, fee, HOLDER);
    }

    function test_OFT3__withFee__locksAndNothingArrivesYet() public {
        _dispatch(a, b, LOCAL, LOCAL);
        assertEq(NoReturnToken(a.usdt).balanceOf(a.oft), 5_000_000_000, "locked");
        assertEq(MintingOft(b.usdt).balanceOf(HOLDER), 0, "not yet");
    }

    function test_OFT4_5_6__verifiedOnce__isDeliveredOnce() public {
        bytes memory packet = _dispatch(a, b, LOCAL, LOCAL);
        vm.expectPartialRevert(INVALID_NONCE);
        this.deliver(b.endpoint, packet);
        b.lib.validatePacket(packet);
        this.deliver(b.endpoint, packet);
        assertEq(MintingOft(b.usdt).balanceOf(HOLDER), 5_000 * 1e18, "minted");
        vm.expectPartialRevert(PAYLOAD_NOT_FOUND);
        this.deliver(b.endpoint, packet);
    }

    function test_OFT7_8__dust__staysOrIsRefused() public {
        uint256 amount = 1_234_567_890_123_456_789;
        IOft.SendParam memory param = _param(a, amount, 0);
        (,, IOft.OFTReceipt memory receipt) = IOft(b.oft).quoteOFT(param);
        assertEq(receipt.amountSentLD, 1_234_567_000_000_000_000, "sent");
        assertEq(receipt.amountReceivedLD, 1_234_567_000_000_000_000, "received");
        param.minAmountLD = amount;
        vm.expectPartialRevert(SLIPPAGE_EXCEEDED);
        IOft(b.oft).quoteOFT(param);
    }

    function test_OFT9__returnTrip__leavesTheDustBehind() public {
        bytes memory packet = _dispatch(a, b, LOCAL, LOCAL);
        b.lib.validatePacket(packet);
        this.deliver(b.endpoint, packet);
        packet = _dispatch(b, a, 1_234_567_890_123_456_789, 0);
        a.lib.validatePacket(packet);
        this.deliver(a.endpoint, packet);
        assertEq(NoReturnToken(a.usdt).balanceOf(HOLDER), 1_234_567, "unlocked");
        assertEq(MintingOft(b.usdt).balanceOf(HOLDER), 5_000 * 1e18 - 1_234_567 * 1e12, "dust");
    }

    function _dispatch(Side storage from, Side storage to, uint256 amount, uint256 least)
        private
        returns (bytes memory)
    {
        IOft.SendParam memory param = _param(to, amount, least);
        IOft.MessagingFee memory fee = IOft(from.oft).quoteSend(param, false);
        vm.prank(HOLDER);
        IOft(from.oft).send{value: fee.nativeFee}(param, fee, HOLDER);
        return packetOf(vm.getRecordedLogs());
    }

    function _param(Side storage to, uint256 amount, uint256 least) private view returns (IOft.SendParam memory) {
        return IOft.SendParam(to.eid, _word(HOLDER), amount, least, "", "", "");
    }
}
