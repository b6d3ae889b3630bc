// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceSupervisor} from "@ballast/interfaces/IRebalanceSupervisor.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {KeeperCompatibleInterface} from "@chainlink/contracts/src/v0.8/interfaces/KeeperCompatibleInterface.sol";

import {EventLog} from "./EventLog.sol";

/// @title Automation network: simulates checks off-chain and performs through a forwarder
contract Network {
    error Answer(bool needed, bytes performData);

    /// @dev Simulates as the nodes do: all changes are reverted.
    function simulate(KeeperCompatibleInterface upkeep, bytes calldata checkData) external {
        (bool needed, bytes memory performData) = upkeep.checkUpkeep(checkData);
        revert Answer(needed, performData);
    }

    function perform(KeeperCompatibleInterface upkeep, bytes calldata performData, uint256 gas) external {
        upkeep.performUpkeep{gas: gas}(performData);
    }
}

/// @title Scheduler and supervisor driven by an automation network through the network's own interface
/// @notice The interface is that of the last version of `@chainlink/contracts` without further dependencies. It was
/// later renamed to `AutomationCompatibleInterface`; the functions are the same.
contract AutomationTest is EventLog {
    Network private network;

    function setUp() public override {
        super.setUp();
        network = new Network();
        _createPaid(address(target));
        supervisor.addPaidRebalancer(address(target));
        scheduler.deposit{value: 10 ether}(address(supervisor), address(supervisor));
        supervisor.setSchedule(
            IRebalanceSupervisor.Schedule(1 hours, 2_000_000, 10_000, ITransactionScheduler.Priority.Medium)
        );
    }

    function test_scheduler__driven__runsWhatIsDueAndPaysWhoWasNamed() public {
        bytes memory checkData = abi.encode(1, 10, alice);
        (bool needed,) = _check(address(scheduler), checkData);
        assertFalse(needed, "not yet");
        for (uint256 run = 1; run <= 3; ++run) {
            _skip(INTERVAL);
            bytes memory performData;
            (needed, performData) = _check(address(scheduler), checkData);
            assertTrue(needed, "due");
            network.perform(KeeperCompatibleInterface(address(scheduler)), performData, 2_000_000);
            assertEq(target.runs(), run, "run");
            network.perform(KeeperCompatibleInterface(address(scheduler)), performData, 2_000_000);
            assertEq(target.runs(), run, "performed late, nothing");
        }
        assertGe(_balance(alice, alice), 1, "paid");
        assertEq(_balance(address(network), address(network)), 0, "not the forwarder");
    }

    function test_supervisor__driven__fixesWhatIsStuck() public {
        (bool needed,) = _check(address(supervisor), "");
        assertFalse(needed, "nothing");
        _advanceWithoutMoney();
        bytes memory performData;
        (needed, performData) = _check(address(supervisor), "");
        assertTrue(needed, "stuck");
        network.perform(KeeperCompatibleInterface(address(supervisor)), performData, 2_000_000);
        assertFalse(registry.isStuck(address(target)), "fixed");
    }

    function test_supervisor__driven__revivesItsOwnBooking() public {
        supervisor.withdraw(address(this), _balance(address(supervisor), address(supervisor)));
        _advance(1 hours);
        (bool ok,) = address(supervisor).call{value: 1 ether}("");
        assertTrue(ok, "funded");
        (bool needed, bytes memory performData) = _check(address(supervisor), abi.encode(0, 10));
        assertTrue(needed, "dead");
        network.perform(KeeperCompatibleInterface(address(supervisor)), performData, 2_000_000);
        assertTrue(scheduler.isBooked(supervisor.number()), "lives");
    }

    /// @dev Anyone may perform with any data; the data is not trusted.
    function test_perform__madeUpData__doesNothing() public {
        uint256[] memory ids = new uint256[](2);
        (ids[0], ids[1]) = (_idOf(address(target)), 77 << 32 | 1);
        network.perform(KeeperCompatibleInterface(address(scheduler)), abi.encode(ids, alice), 2_000_000);
        assertEq(target.runs(), 0, "not due");
        address[] memory targets = new address[](2);
        (targets[0], targets[1]) = (address(target), outsider);
        network.perform(KeeperCompatibleInterface(address(supervisor)), abi.encode(targets), 2_000_000);
        assertEq(uint32(_idOf(address(target))), 1, "as before");
    }

    function _check(address upkeep, bytes memory checkData) private returns (bool needed, bytes memory performData) {
        try network.simulate(KeeperCompatibleInterface(upkeep), checkData) {}
        catch (bytes memory reason) {
            assertTrue(bytes4(reason) == Network.Answer.selector, "answered");
            assembly {
                // The arguments follow the selector.
                mstore(add(reason, 4), sub(mload(reason), 4))
                reason := add(reason, 4)
            }
            (needed, performData) = abi.decode(reason, (bool, bytes));
        }
    }
}
