// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITreasury} from "@ballast/interfaces/ITreasury.sol";

import {GasTest} from "../gas/GasTest.sol";
import {World} from "./World.sol";

/// @title Gas of the legs of transfers, with a treasury and routes in use
/// forge-config: default.isolate = true
contract TreasuryGasTest is World, GasTest {
    bytes32 private constant EVIDENCE = keccak256("transaction, log");

    function setUp() public override {
        super.setUp();
        // Writes once to the slots that every transfer uses.
        _arrive(_usdc(1_000), 1);
        _cross(_transfer(a, b, USDT, OFT, 1_000));
        _send(a, _transfer(a, b, USDC, DESK, 1_000), "");
        vm.prank(keeper);
        a.treasury.invest("first", address(a.market), 1_000 * USD, 0);
        vm.warp(START + 1);
    }

    function test_gas__treasury__cctp() public {
        ITreasury.Transfer memory transfer = _usdc(1_000);
        _send(a, transfer, _standard());
        _tell("treasury: send by CCTP", _lastTransaction());
        bytes memory proof = _proof(_message(), 2);
        _receive(b, transfer, proof);
        _tell("treasury: receive by CCTP", _lastTransaction());
    }

    function test_gas__treasury__oft() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDT, OFT, 1_000);
        _tell("treasury: send by OFT", _cross(transfer));
        _tell("treasury: arrival of OFT, composed", _lastTransaction());
        _receive(b, transfer, "");
        _tell("treasury: receive by OFT", _lastTransaction());
    }

    function test_gas__treasury__custodian() public {
        ITreasury.Transfer memory transfer = _transfer(a, b, USDC, DESK, 1_000);
        _send(a, transfer, "");
        _tell("treasury: send to a custodian", _lastTransaction());
        b.usdc.mint(address(b.inbox), 1_000 * USD);
        _receive(b, transfer, abi.encode(EVIDENCE, 1_000 * USD));
        _tell("treasury: receive from a custodian", _lastTransaction());
    }

    function test_gas__treasury__venue() public {
        vm.prank(keeper);
        a.treasury.invest("second", address(a.market), 1_000 * USD, 0);
        _tell("treasury: invest", _lastTransaction());
        vm.prank(keeper);
        a.treasury.divest("third", address(a.market), 1_000 * USD, type(uint256).max);
        _tell("treasury: divest", _lastTransaction());
    }

    /// @dev Returns the gas of sending; the last transaction is that of the composed message.
    function _cross(ITreasury.Transfer memory transfer) private returns (uint256 sent) {
        _send(a, transfer, "");
        sent = _lastTransaction();
        bytes memory packet = packetOf(vm.getRecordedLogs());
        _on(b);
        b.lib.validatePacket(packet);
        vm.recordLogs();
        this.deliver(b.endpoint, packet);
        compose(b.endpoint, composedOf(vm.getRecordedLogs()));
    }

    function _arrive(ITreasury.Transfer memory transfer, uint256 nonce) private {
        _send(a, transfer, _standard());
        _receive(b, transfer, _proof(_message(), nonce));
    }
}
