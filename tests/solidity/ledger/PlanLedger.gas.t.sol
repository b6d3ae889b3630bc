// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";

import {Safe} from "./Safe.sol";

/// @title What the ledger costs, with everything cold
/// @notice What is there before is made in `setUp`, which is another transaction. One measurement per test.
contract PlanLedgerGasTest is Safe {
    uint256 private constant CAROL = 4;
    uint256 private constant DAVE = 5;
    uint256 private constant ERIN = 6;

    address private safe;

    function setUp() public override {
        super.setUp();
        safe = _deploySafe([CAROL, DAVE, ERIN], 2);
        ledger.raiseApprover(safe, 2);
        // The keeper has opened plans before: the word of nonces is there. Of two, one action has run.
        for (uint256 count = 4; count <= 8; count += 4) {
            IPlanLedger.Plan memory plan = _plan(count, count);
            _open(plan, _signedByBoth(ledger.hashOf(plan)));
            _consume(plan, 0);
        }
    }

    function test_gas__open__fourActionsUnsigned() public {
        _printOpen("open: 4 actions, no signature", _plan(9, 4), _unsigned(), 76_700);
    }

    function test_gas__open__fourActionsOneAccount() public {
        IPlanLedger.Plan memory plan = _plan(9, 4);
        _printOpen("open: 4 actions, 1 account", plan, _signed(ledger.hashOf(plan), ANN), 88_200);
    }

    function test_gas__open__fourActionsTwoAccounts() public {
        IPlanLedger.Plan memory plan = _plan(9, 4);
        _printOpen("open: 4 actions, 2 accounts", plan, _signedByBoth(ledger.hashOf(plan)), 99_600);
    }

    function test_gas__open__eightActionsTwoAccounts() public {
        IPlanLedger.Plan memory plan = _plan(9, 8);
        _printOpen("open: 8 actions, 2 accounts", plan, _signedByBoth(ledger.hashOf(plan)), 114_600);
    }

    function test_gas__open__fourActionsSafe() public {
        IPlanLedger.Plan memory plan = _plan(9, 4);
        bytes32 planHash = ledger.hashOf(plan);
        bytes memory carols = _ownersSignature(safe, planHash, CAROL);
        bytes memory daves = _ownersSignature(safe, planHash, DAVE);
        IPlanLedger.Signature[] memory list = new IPlanLedger.Signature[](1);
        list[0] = IPlanLedger.Signature(safe, _sorted(CAROL, carols, DAVE, daves));
        (address[3] memory parts) = [safe, singleton, handler];
        for (uint256 i = 0; i < parts.length; ++i) {
            cheats.cool(parts[i]);
        }
        _printOpen("open: 4 actions, Safe two of three", plan, list, 118_700);
    }

    function test_gas__consume__oneOfFour() public {
        _printConsume("consume: one of 4", 4, 12_700);
    }

    function test_gas__consume__oneOfEight() public {
        _printConsume("consume: one of 8", 8, 12_700);
    }

    /// @dev As the only call of a transaction that calls the ledger directly.
    function _printOpen(
        string memory what,
        IPlanLedger.Plan memory plan,
        IPlanLedger.Signature[] memory list,
        uint256 most
    ) internal {
        bytes memory data = abi.encodeCall(ledger.open, (plan, _caller(), list));
        // The ledger's address is the transaction's target, and warm.
        uint256 spent = _measure(data) - 2_600 + _intrinsic(data);
        emit Gas(what, spent);
        assertLe(spent, most, what);
    }

    function _printConsume(string memory what, uint256 count, uint256 most) internal {
        IPlanLedger.Plan memory plan = _plan(count, count);
        bytes32[] memory leaves = _leaves(plan);
        bytes memory data = abi.encodeCall(ledger.consume, (plan.header, _caller(), leaves, 1, plan.actions[1]));
        uint256 spent = _measure(data);
        emit Gas(what, spent);
        assertLe(spent, most, what);
    }

    function _measure(bytes memory data) internal returns (uint256 spent) {
        address target = address(ledger);
        cheats.cool(target);
        vm.prank(CONSUMER);
        spent = gasleft();
        (bool done,) = target.call(data);
        spent -= gasleft();
        assertTrue(done, "done");
    }

    function _intrinsic(bytes memory data) internal pure returns (uint256 gas) {
        gas = 21_000;
        for (uint256 i = 0; i < data.length; ++i) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }
}
