// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

/// @title Target that calls anyone back while its lock is held, like a pool with flash loans
contract FlashPool is IRebalanceable, ReentrancyGuard {
    uint256 public runs;
    /// @dev Whether it refuses with the error of a reason instead of its lock's error.
    bool private immutable _refuses;
    bool private _lent;

    constructor(bool refuses) {
        _refuses = refuses;
    }

    function flash(address to, bytes calldata data) external {
        if (_refuses) {
            _lend(to, data);
            return;
        }
        _lendAlone(to, data);
    }

    function rebalance(bool) external returns (bool, Reason) {
        require(!_lent, Rebalance_Refused(Reason.Busy));
        _count();
        return (false, Reason.Paused);
    }

    function _count() private nonReentrant {
        ++runs;
    }

    function _lendAlone(address to, bytes calldata data) private nonReentrant {
        _call(to, data);
    }

    function _lend(address to, bytes calldata data) private {
        _lent = true;
        _call(to, data);
        _lent = false;
    }

    function _call(address to, bytes calldata data) private {
        (bool ok,) = to.call(data);
        require(ok, "callback");
    }
}

/// @title Executor that executes a booking while it holds the target's lock
contract LockHolder {
    ITransactionScheduler private immutable _scheduler;

    constructor(ITransactionScheduler scheduler_) {
        _scheduler = scheduler_;
    }

    function go(FlashPool pool, uint256 id) external {
        pool.flash(address(this), abi.encodeCall(this.inside, (id)));
    }

    function inside(uint256 id) external {
        _scheduler.execute(id, "", address(this));
    }
}
