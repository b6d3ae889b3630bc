// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {ITxFunder} from "../interfaces/ITxFunder.sol";
import {IVaultFunder} from "../interfaces/IVaultFunder.sol";

/// @title A purse for the fees of rebalancers, with caps for each of them
/// @dev A spender's caps and their use take one slot. The used part is stored, not the remainder: so it stays used when
/// caps are lowered or removed and raised again.
contract VaultFunder is IVaultFunder, Ownable2Step {
    /// @dev Caps of a spender, and its use of a day's cap, as of `last`.
    struct Spender {
        uint72 perRun;
        uint72 perDay;
        uint72 used;
        uint40 last;
    }

    /// @inheritdoc IVaultFunder
    address public immutable scheduler;
    mapping(address account => Spender spender) private _spenders;

    constructor(address scheduler_, address owner_) Ownable(owner_) {
        // Money is only fetched from it.
        // slither-disable-next-line missing-zero-check
        scheduler = scheduler_;
    }

    receive() external payable {
        emit Received(msg.sender, msg.value);
    }

    /// @inheritdoc ITxFunder
    function withdrawAvailable(uint256 maximum) external returns (uint256 amount) {
        Spender memory spender = _refilled(msg.sender);
        amount = Math.min(maximum, _available(spender));
        // Zero is exact, at any time.
        // slither-disable-next-line incorrect-equality,timestamp
        if (amount == 0) return 0;
        // The available amount is below the day's cap, which fits.
        spender.used += uint72(amount);
        _spenders[msg.sender] = spender;
        emit Spent(msg.sender, amount);
        _send(msg.sender, amount);
    }

    /// @inheritdoc ITxFunder
    function depositCapacity() external payable returns (uint256) {
        emit Received(msg.sender, msg.value);
        return msg.value;
    }

    /// @inheritdoc IVaultFunder
    function setSpender(address spender, uint72 perRun, uint72 perDay) external onlyOwner {
        bool sound = perRun <= perDay && (perRun == 0) == (perDay == 0);
        require(sound, VaultFunder_InvalidCaps(perRun, perDay));
        Spender memory changed = _refilled(spender);
        (changed.perRun, changed.perDay) = (perRun, perDay);
        _spenders[spender] = changed;
        emit SpenderSet(spender, perRun, perDay);
    }

    /// @inheritdoc IVaultFunder
    function withdraw(address to, uint256 amount) external onlyOwner {
        emit Withdrawn(to, amount);
        _send(to, amount);
    }

    /// @inheritdoc IVaultFunder
    function collect(address spender) external returns (uint256 amount) {
        amount = ITransactionScheduler(scheduler).accountOf(address(this), spender).balance;
        ITransactionScheduler(scheduler).withdraw(spender, address(this), amount);
    }

    /// @inheritdoc ITxFunder
    function minimumAvailable() external view returns (uint256) {
        return availableTo(msg.sender);
    }

    /// @inheritdoc ITxFunder
    function minimumCapacity() external pure returns (uint256) {
        return type(uint256).max;
    }

    /// @inheritdoc IVaultFunder
    function availableTo(address spender) public view returns (uint256) {
        return _available(_refilled(spender));
    }

    /// @inheritdoc IVaultFunder
    function capOf(address spender) external view returns (Cap memory) {
        Spender memory found = _refilled(spender);
        return Cap(found.perRun, found.perDay, uint72(_left(found)), found.last);
    }

    /// @dev A spender, updated to the present.
    function _refilled(address account) private view returns (Spender memory spender) {
        spender = _spenders[account];
        uint256 filled = uint256(spender.perDay) * (block.timestamp - spender.last) / 1 days;
        spender.used = uint72(Math.saturatingSub(spender.used, filled));
        spender.last = uint40(block.timestamp);
    }

    /// @dev Sends to a spender within its caps, or to a receiver that the owner names.
    function _send(address to, uint256 amount) private {
        bool sent;
        // The receiver's return data is not copied.
        assembly ("memory-safe") {
            sent := call(gas(), to, amount, 0, 0, 0, 0)
        }
        // Not a time: whether the call succeeded.
        // slither-disable-next-line timestamp
        require(sent, VaultFunder_TransferFailed(to));
    }

    function _available(Spender memory spender) private view returns (uint256) {
        return Math.min(address(this).balance, Math.min(spender.perRun, _left(spender)));
    }

    function _left(Spender memory spender) private pure returns (uint256) {
        return Math.saturatingSub(spender.perDay, spender.used);
    }
}
