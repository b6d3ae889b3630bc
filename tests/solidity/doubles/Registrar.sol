// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPaidRebalancerRegistry} from "@ballast/interfaces/IPaidRebalancerRegistry.sol";
import {IRebalanceSupervisor} from "@ballast/interfaces/IRebalanceSupervisor.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

/// @title Target that does nothing
contract Idle is IRebalanceable {
    function rebalance(bool) external returns (bool, Reason) {}
}

/// @title Contract that registers many targets; every hundredth one while nothing can be booked
contract Registrar {
    uint256 private constant STUCK_EACH = 100;

    uint256 private _registered;

    function register(
        ITransactionScheduler scheduler,
        IPaidRebalancerRegistry registry,
        IRebalanceSupervisor supervisor,
        uint256 count
    ) external {
        uint256 registered = _registered;
        for (uint256 end = registered + count; registered < end; ++registered) {
            address target = address(new Idle());
            registry.allowTarget(target, address(this));
            bool stuck = registered % STUCK_EACH == STUCK_EACH / 2;
            if (stuck) scheduler.pause();
            registry.createPaidRebalancer(target);
            if (stuck) scheduler.unpause();
            supervisor.addPaidRebalancer(target);
        }
        _registered = registered;
    }
}
