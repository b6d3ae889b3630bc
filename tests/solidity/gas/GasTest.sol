// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "../support/Test.sol";
import {PlainStrategy, PlainToken} from "./Plain.sol";

/// @title Cheat code that returns the gas of the last transaction
interface GasVm {
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    /// @dev In isolation each call of a test is a transaction: 21,000, its calldata and refunds are included.
    function lastCallGas() external view returns (Gas memory);
}

/// @title Measurement of whole transactions
/// @notice `scripts/analysis/gas.py` reads the events and compares them with `tests/vectors/gas/transactions.json`.
abstract contract GasTest is Test {
    /// @dev `ceiling` is the wanted maximum; 0 if there is none.
    event GasMeasured(string what, uint256 gas, uint256 ceiling);

    /// @dev Returns the gas of the last transaction; call it directly after that transaction.
    function _lastTransaction() internal view returns (uint256) {
        return GasVm(address(vm)).lastCallGas().gasTotalUsed;
    }

    function _tell(string memory what, uint256 gas) internal {
        emit GasMeasured(what, gas, 0);
    }

    function _tellWithin(string memory what, uint256 gas, uint256 ceiling) internal {
        emit GasMeasured(what, gas, ceiling);
        assertLe(gas, ceiling, what);
    }

    /// @dev Records a move that others measured: an equal number, within 1.5 % for calldata, proves an equal set-up.
    function _tellAs(string memory what, uint256 gas, uint256 elsewhere) internal {
        emit GasMeasured(what, gas, 0);
        assertLe(gas, elsewhere * 1_015 / 1_000, what);
        assertGe(gas, elsewhere * 985 / 1_000, what);
    }

    /// @dev Records a transaction that is known to exceed its ceiling. Fails once it no longer does.
    function _tellAbove(string memory what, uint256 gas, uint256 ceiling) internal {
        emit GasMeasured(what, gas, ceiling);
        assertGe(gas, ceiling + 1, what);
    }
}

/// @title One token of 18 decimals and three strategies that others already use
abstract contract PlainStrategies is GasTest {
    uint256 internal constant ONE = 1e18;
    uint256 internal constant SUPPLY = 1_000_000_000 * ONE;
    /// @dev Holdings of the measured system in the first two strategies; the third has more than is needed.
    uint256 internal constant FIRST = 4_000 * ONE;
    uint256 internal constant SECOND = 6_000 * ONE;
    uint256 internal constant THIRD = 100_000 * ONE;
    uint256 internal constant IDLE = 100_000 * ONE;
    uint256 internal constant MOVED = 1_000 * ONE;

    PlainToken internal token;
    PlainStrategy[3] internal strategies;

    function setUp() public virtual {
        token = new PlainToken(address(this), SUPPLY);
        for (uint256 i = 0; i < strategies.length; ++i) {
            strategies[i] = new PlainStrategy(token);
            token.approve(address(strategies[i]), THIRD);
            strategies[i].deposit(THIRD, address(0xD09));
        }
    }
}
