// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeRoute} from "@ballast/interfaces/IBridgeRoute.sol";
import {IInbox} from "@ballast/interfaces/IInbox.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {ITreasury} from "@ballast/interfaces/ITreasury.sol";
import {CctpTransmitter} from "@network/CctpTransmitter.sol";

import {Vm} from "../support/Vm.sol";
import {LayerZero} from "./LayerZero.sol";
import {Side, TreasuryVm} from "./World.sol";

/// @title Handler of a thief with the keeper's key on two chains, for weeks
/// @notice Bridges and custodian are honest and slow: they deliver on request, in any order. Everything else belongs to
/// the thief: the terms he sends, the arrivals he reports, and any other call. Amounts of USDT are counted in 18
/// decimals.
contract TreasuryThief is LayerZero {
    struct Shipment {
        ITreasury.Transfer transfer;
        bytes payload;
        bool done;
    }

    TreasuryVm private constant cheats = TreasuryVm(address(vm));
    bytes32[3] private ROUTES = [bytes32("CCTP"), "OFT", "DESK"];
    uint256 private constant ATTESTER = 0xA77;

    Side private a;
    Side private b;
    address private immutable thief;
    mapping(bytes32 route => Shipment[]) private shipments;

    /// @notice Amounts that left each chain without approvals, investments included, in dollars of six decimals.
    mapping(uint256 chain => uint256) public spent;
    /// @notice Amounts that left each chain by a route.
    mapping(uint256 chain => mapping(bytes32 route => uint256)) public sent;
    /// @notice In this order: burnt and not minted; locked or burnt and not minted; held by the custodian.
    uint256 public usdcUnderWay;
    uint256 public usdtUnderWay;
    uint256 public usdcDeposited;
    uint256 private paidOut;
    /// @notice Number of successful calls that must not succeed.
    uint256 public escapes;
    /// @notice Number of successful calls by kind.
    mapping(bytes32 what => uint256) public successes;
    mapping(bytes32 id => mapping(ITreasury.Leg => uint256)) private legs;

    constructor(Side memory a_, Side memory b_, address thief_) {
        (a, b, thief) = (a_, b_, thief_);
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, time % 8 == 0 ? 3 days : 3 hours));
    }

    /// @dev Sends several transfers at once.
    function send(uint256 seed, uint256 amount) external {
        for (uint256 i = 0; i < 4; ++i) {
            sendOne(uint256(keccak256(abi.encode(seed, i))), amount >> i);
        }
    }

    function sendOne(uint256 seed, uint256 amount) public {
        (Side storage from, Side storage to) = seed % 2 == 0 ? (a, b) : (b, a);
        bytes32 route = ROUTES[(seed >> 1) % 3];
        ITreasury.Transfer memory transfer = _transfer(from, to, route, _tokens(amount), (amount >> 2) % 22);
        transfer.nonce = (seed >> 8) % 32;
        bool bent = _bend(transfer, (seed >> 16) % 32, seed >> 24);
        bytes memory options = _options(seed >> 32, transfer.amount);
        cheats.chainId(from.chain);
        bytes32 id = from.treasury.idOf(transfer);
        vm.recordLogs();
        vm.prank(thief);
        try from.treasury.sendToBridge{value: route == "OFT" ? 100 : 0}(transfer, options) {
            if (bent) ++escapes;
            _count(id, ITreasury.Leg.Sent, "sent");
            _book(from, transfer);
        } catch {}
    }

    function mint(uint256 which, uint256 other, uint256 fee, bool forged) external {
        Shipment[] storage list = shipments["CCTP"];
        if (list.length == 0) return;
        Shipment storage shipment = list[which % list.length];
        ITreasury.Transfer memory transfer =
            other % 4 == 0 ? list[(other >> 8) % list.length].transfer : shipment.transfer;
        Side storage to = _side(transfer.destinationChain);
        cheats.chainId(to.chain);
        bytes memory proof = _attested(shipment.payload, which % list.length, fee, forged);
        uint256 fees = to.usdc.balanceOf(address(0xFEE5));
        vm.prank(thief);
        try to.treasury.receiveFromBridge(transfer, proof) returns (uint256 received) {
            if (forged || shipment.done) ++escapes;
            shipment.done = true;
            _count(to.treasury.idOf(transfer), ITreasury.Leg.Received, "minted");
            usdcUnderWay -= received + to.usdc.balanceOf(address(0xFEE5)) - fees;
        } catch {}
    }

    function relay(uint256 which, bool composes) external {
        Shipment[] storage list = shipments["OFT"];
        if (list.length == 0) return;
        Shipment storage shipment = list[which % list.length];
        Side storage to = _side(shipment.transfer.destinationChain);
        cheats.chainId(to.chain);
        if (!shipment.done) {
            to.lib.validatePacket(shipment.payload);
            vm.recordLogs();
            this.deliver(to.endpoint, shipment.payload);
            shipment.payload = abi.encode(composedOf(vm.getRecordedLogs()));
            shipment.done = true;
            usdtUnderWay -= _wide(_side(shipment.transfer.sourceChain), shipment.transfer.amount);
            ++successes["relayed"];
        }
        if (!composes) return;
        Composed memory composed = abi.decode(shipment.payload, (Composed));
        try to.endpoint.lzCompose(composed.from, composed.to, composed.guid, 0, composed.message, "") {} catch {}
    }

    function collect(uint256 which, uint256 term) external {
        Shipment[] storage list = shipments["OFT"];
        if (list.length == 0) return;
        ITreasury.Transfer memory transfer = list[which % list.length].transfer;
        Side storage to = _side(transfer.destinationChain);
        bool bent = _bend(transfer, term % 16, term >> 8);
        cheats.chainId(to.chain);
        vm.prank(thief);
        try to.treasury.receiveFromBridge(transfer, "") {
            if (bent) ++escapes;
            _count(to.treasury.idOf(transfer), ITreasury.Leg.Received, "collected");
        } catch {}
    }

    /// @dev Pays out each transfer of the custodian once, to the inbox, less the fee.
    function payOut(uint256 feeBps) external {
        Shipment[] storage list = shipments["DESK"];
        for (uint256 i = paidOut; i < list.length; ++i) {
            ITreasury.Transfer memory transfer = list[i].transfer;
            uint256 amount = transfer.amount * (10_000 - feeBps % 3 * 10) / 10_000;
            Side storage to = _side(transfer.destinationChain);
            to.usdc.mint(address(to.inbox), amount);
            usdcDeposited -= amount;
        }
        paidOut = list.length;
    }

    /// @dev Reports arrivals, also of transfers that were never sent.
    function book(uint256 which, uint256 amount, bytes32 evidence) external {
        for (uint256 i = 0; i < 3; ++i) {
            bookOne(which >> i, amount >> i, keccak256(abi.encode(evidence, i)));
        }
    }

    function bookOne(uint256 which, uint256 amount, bytes32 evidence) public {
        Shipment[] storage list = shipments["DESK"];
        (Side storage from, Side storage to) = which % 2 == 0 ? (a, b) : (b, a);
        ITreasury.Transfer memory transfer = _transfer(from, to, "DESK", _tokens(amount), amount % 25);
        if (which % 3 != 0 && list.length != 0) transfer = list[which % list.length].transfer;
        to = _side(transfer.destinationChain);
        cheats.chainId(to.chain);
        uint256 there = to.usdc.balanceOf(address(to.inbox));
        if (amount % 4 == 0) amount = there;
        else amount = amount % 2 == 0 ? transfer.amount : transfer.minReceived;
        vm.prank(thief);
        try to.treasury.receiveFromBridge(transfer, abi.encode(evidence >> 250, amount)) returns (uint256 received) {
            if (received > there) ++escapes;
            _count(to.treasury.idOf(transfer), ITreasury.Leg.Received, "booked");
        } catch {}
    }

    function invest(uint256 seed, uint256 amount) external {
        Side storage side = seed % 2 == 0 ? a : b;
        cheats.chainId(side.chain);
        amount = bound(amount, 1, 60_000e6);
        bytes32 id = bytes32(seed % 64);
        vm.prank(thief);
        try side.treasury.invest(id, address(side.market), amount, 0) {
            _count(keccak256(abi.encode(side.chain, id)), ITreasury.Leg.Invested, "invested");
            spent[side.chain] += amount;
        } catch {}
    }

    function divest(uint256 seed, uint256 amount) external {
        Side storage side = seed % 2 == 0 ? a : b;
        cheats.chainId(side.chain);
        bytes32 id = bytes32(seed % 64);
        vm.prank(thief);
        try side.treasury.divest(id, address(side.market), bound(amount, 1, 60_000e6), type(uint256).max) {
            _count(keccak256(abi.encode(side.chain, id)), ITreasury.Leg.Divested, "divested");
        } catch {}
    }

    /// @dev A plan without approvals, and a ticket of a plan that was never opened.
    function plan(uint256 seed, uint256 amount) external {
        Side storage side = seed % 2 == 0 ? a : b;
        cheats.chainId(side.chain);
        IPlanLedger.Plan memory forged;
        (forged.header.consumer, forged.header.keeper) = (address(side.treasury), thief);
        (forged.header.nonce, forged.header.deadline) = (seed, uint40(block.timestamp + 1 hours));
        forged.actions = new IPlanLedger.Action[](1);
        forged.actions[0] = IPlanLedger.Action(2, address(side.market), amount % 1e12, 0, bytes32(seed), 0);
        IPlanLedger.Signature[] memory none = new IPlanLedger.Signature[](0);
        _mustFail(address(side.treasury), abi.encodeCall(ITreasury.openPlan, (forged, none)));
        ITreasury.Ticket memory ticket;
        (ticket.header, ticket.leaves) = (forged.header, new bytes32[](1));
        bytes memory call =
            abi.encodeCall(ITreasury.investApproved, (bytes32(seed), address(side.market), amount % 1e12, 0, ticket));
        _mustFail(address(side.treasury), call);
    }

    /// @dev Calls that must never succeed.
    function anything(uint256 seed, uint256 amount) external {
        Side storage side = seed % 2 == 0 ? a : b;
        cheats.chainId(side.chain);
        address[5] memory targets =
            [address(side.cctp), address(side.usdt0), address(side.desk), address(side.inbox), address(side.treasury)];
        IBridgeRoute.Cargo memory cargo = IBridgeRoute.Cargo(bytes32(seed), 1_042_161, amount, 0);
        bytes[8] memory calls = [
            abi.encodeCall(IBridgeRoute.send, (cargo, "", thief)),
            abi.encodeCall(IBridgeRoute.collect, (cargo, abi.encode(seed, amount))),
            abi.encodeCall(IBridgeRoute.sweep, (amount)),
            abi.encodeCall(IInbox.release, (amount)),
            abi.encodeCall(ITreasury.release, (address(side.usdc), thief, amount)),
            abi.encodeCall(ITreasury.setVenue, (address(side.market), ITreasury.Venue("USDC", true, 1))),
            abi.encodeWithSignature("transfer(address,uint256)", thief, amount),
            abi.encodeWithSignature("setRoute(address)", thief)
        ];
        _mustFail(targets[(seed >> 1) % 5], calls[(seed >> 8) % 8]);
    }

    function _mustFail(address target, bytes memory call) private {
        vm.prank(thief);
        (bool done,) = target.call(call);
        if (done) ++escapes;
    }

    /// @dev Changes an end of the transfer to one that is not configured. Such a transfer must neither leave nor
    /// arrive.
    function _bend(ITreasury.Transfer memory transfer, uint256 how, uint256 seed) private view returns (bool) {
        if (how == 0) transfer.destinationTreasury = thief;
        else if (how == 1) transfer.sourceTreasury = thief;
        else if (how == 2) transfer.destinationChain = seed;
        else if (how == 3) transfer.sourceChain = seed;
        else if (how == 4) transfer.route = bytes32(seed);
        else return false;
        return true;
    }

    function _book(Side storage from, ITreasury.Transfer memory transfer) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Shipment storage shipment = shipments[transfer.route].push();
        shipment.transfer = transfer;
        sent[from.chain][transfer.route] += transfer.amount;
        if (transfer.route == "OFT") {
            shipment.payload = packetOf(logs);
            usdtUnderWay += _wide(from, transfer.amount);
            spent[from.chain] += _wide(from, transfer.amount) / 1e12;
            return;
        }
        spent[from.chain] += transfer.amount;
        if (transfer.route == "DESK") {
            usdcDeposited += transfer.amount;
            return;
        }
        usdcUnderWay += transfer.amount;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != CctpTransmitter.MessageSent.selector) continue;
            shipment.payload = abi.decode(logs[i].data, (bytes));
        }
    }

    function _count(bytes32 id, ITreasury.Leg leg, bytes32 what) private {
        ++successes[what];
        if (++legs[id][leg] > 1) ++escapes;
    }

    function _transfer(Side storage from, Side storage to, bytes32 route, uint256 tokens, uint256 keptBps)
        private
        view
        returns (ITreasury.Transfer memory transfer)
    {
        bool tether = route == "OFT";
        (transfer.sourceChain, transfer.sourceTreasury) = (from.chain, address(from.treasury));
        (transfer.destinationChain, transfer.destinationTreasury) = (to.chain, address(to.treasury));
        (transfer.asset, transfer.route) = (tether ? bytes32("USDT") : bytes32("USDC"), route);
        transfer.amount = tokens * 10 ** (tether ? from.usdtDecimals : 6);
        transfer.minReceived = tokens * 10 ** (tether ? to.usdtDecimals : 6) * (10_000 - keptBps) / 10_000;
    }

    function _options(uint256 seed, uint256 amount) private pure returns (bytes memory) {
        return abi.encode(seed % 8 == 0 ? uint32(seed % 3_000) : 1_000, amount * ((seed >> 16) % 18) / 10_000);
    }

    /// @dev Returns one of few sizes, so that transfers can be confused.
    function _tokens(uint256 seed) private pure returns (uint256) {
        uint16[8] memory sizes = [99, 1_000, 10_000, 10_000, 20_000, 20_000, 30_000, 50_001];
        return sizes[seed % 8];
    }

    /// @dev Attests with a fee of at most the message's maximum, and never the same message with other numbers.
    function _attested(bytes memory message, uint256 nonce, uint256 fee, bool forged)
        private
        pure
        returns (bytes memory)
    {
        bytes memory filled = bytes.concat(message);
        assembly ("memory-safe") {
            let start := add(filled, 0x20)
            mstore(add(start, 12), add(nonce, 1))
            let place := add(start, 144)
            mstore(place, or(shl(224, 1000), shr(32, shl(32, mload(place)))))
            mstore(add(start, 312), mod(fee, add(mload(add(start, 280)), 1)))
        }
        (uint8 v, bytes32 r, bytes32 s) = cheats.sign(forged ? 0xBAD : ATTESTER, keccak256(filled));
        return abi.encode(filled, abi.encodePacked(r, s, v));
    }

    function _wide(Side storage side, uint256 amount) private view returns (uint256) {
        return amount * 10 ** (18 - side.usdtDecimals);
    }

    function _side(uint256 chain) private view returns (Side storage) {
        return chain == a.chain ? a : b;
    }
}
