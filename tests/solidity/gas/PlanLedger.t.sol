// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";

import {LedgerTest} from "../ledger/LedgerTest.sol";
import {Safe} from "../ledger/Safe.sol";
import {GasTest} from "./GasTest.sol";

/// @title Gas of the ledger for an account that calls it directly
/// @notice The previous state is made in `setUp`, which is another transaction. One measurement per test.
/// forge-config: default.isolate = true
contract PlanLedgerGasTest is Safe, GasTest {
    uint256 private constant CAROL = 4;
    uint256 private constant DAVE = 5;
    uint256 private constant ERIN = 6;

    address private safe;

    function setUp() public override(LedgerTest) {
        super.setUp();
        safe = _deploySafe([CAROL, DAVE, ERIN], 2);
        ledger.raiseApprover(safe, 2);
        // The keeper has opened two plans before, so the word of nonces exists. One action of each has run.
        for (uint256 count = 4; count <= 8; count += 4) {
            IPlanLedger.Plan memory plan = _plan(count, count);
            _open(plan, _signedByBoth(ledger.hashOf(plan)));
            _consume(plan, 0);
        }
    }

    function test_gas__open__fourActionsUnsigned() public {
        _measureOpen("plan: open 4 actions, no signature", _plan(9, 4), _unsigned());
    }

    function test_gas__open__fourActionsOneAccount() public {
        IPlanLedger.Plan memory plan = _plan(9, 4);
        _measureOpen("plan: open 4 actions, 1 account", plan, _signed(ledger.hashOf(plan), ANN));
    }

    function test_gas__open__fourActionsTwoAccounts() public {
        IPlanLedger.Plan memory plan = _plan(9, 4);
        _measureOpen("plan: open 4 actions, 2 accounts", plan, _signedByBoth(ledger.hashOf(plan)));
    }

    function test_gas__open__eightActionsTwoAccounts() public {
        IPlanLedger.Plan memory plan = _plan(9, 8);
        _measureOpen("plan: open 8 actions, 2 accounts", plan, _signedByBoth(ledger.hashOf(plan)));
    }

    function test_gas__open__fourActionsSafe() public {
        IPlanLedger.Plan memory plan = _plan(9, 4);
        bytes32 planHash = ledger.hashOf(plan);
        bytes memory carols = _ownersSignature(safe, planHash, CAROL);
        bytes memory daves = _ownersSignature(safe, planHash, DAVE);
        IPlanLedger.Signature[] memory list = new IPlanLedger.Signature[](1);
        list[0] = IPlanLedger.Signature(safe, _sorted(CAROL, carols, DAVE, daves));
        _measureOpen("plan: open 4 actions, Safe two of three", plan, list);
    }

    function test_gas__consume__oneOfFour() public {
        _consume(_plan(4, 4), 1);
        _tell("plan: consume one of 4", _lastTransaction());
    }

    function test_gas__consume__oneOfEight() public {
        _consume(_plan(8, 8), 1);
        _tell("plan: consume one of 8", _lastTransaction());
    }

    function _measureOpen(string memory what, IPlanLedger.Plan memory plan, IPlanLedger.Signature[] memory list)
        internal
    {
        _open(plan, list);
        _tell(what, _lastTransaction());
    }
}
