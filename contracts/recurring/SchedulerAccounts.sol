// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {AccountWords} from "../libraries/AccountWords.sol";

/// @title Money in the scheduler outside escrow
/// @dev Balance, caps and their use take one slot for each owner and spender, so caps need no additional slot. Charges
/// are rounded up to a gwei and refunds down, and refilling never exceeds the time that passed.
abstract contract SchedulerAccounts is ITransactionScheduler {
    using AccountWords for ITransactionScheduler.Account;
    using AccountWords for uint256;

    uint256 private constant GWEI = 1e9;

    mapping(address owner => mapping(address spender => uint256 word)) private _accounts;

    /// @inheritdoc ITransactionScheduler
    function deposit(address owner, address spender) external payable {
        Account memory account = _accounts[owner][spender].unpack();
        uint256 room = type(uint88).max - account.balance;
        require(msg.value <= room, TransactionScheduler_InvalidAmount(msg.value, room));
        account.balance += uint88(msg.value);
        _accounts[owner][spender] = account.pack();
        emit Deposited(owner, spender, msg.value);
    }

    /// @inheritdoc ITransactionScheduler
    function withdraw(address spender, address to, uint256 amount) external {
        Account memory account = _accounts[msg.sender][spender].unpack();
        uint256 balance = account.balance;
        require(amount <= balance, TransactionScheduler_InvalidAmount(amount, balance));
        account.balance = uint88(balance - amount);
        _accounts[msg.sender][spender] = account.pack();
        emit Withdrawn(msg.sender, spender, to, amount);
        // The owner's money is sent to the receiver that the owner names; the account was charged before. The
        // receiver's return data is not copied, since it may be large.
        bool sent;
        assembly ("memory-safe") {
            sent := call(gas(), to, amount, 0, 0, 0, 0)
        }
        require(sent, TransactionScheduler_TransferFailed(to));
    }

    /// @inheritdoc ITransactionScheduler
    function setSpender(address spender, uint40 perRun, uint40 perDay) external {
        require((perRun == 0) == (perDay == 0), TransactionScheduler_InvalidParameters());
        Account memory account = _accounts[msg.sender][spender].unpack();
        if (account.perDay != 0) _refill(account);
        (account.perRun, account.perDay, account.last) = (perRun, perDay, uint40(block.timestamp));
        _accounts[msg.sender][spender] = account.pack();
        emit SpenderSet(msg.sender, spender, perRun, perDay);
    }

    /// @inheritdoc ITransactionScheduler
    function accountOf(address owner, address spender) public view returns (Account memory account) {
        account = _accounts[owner][spender].unpack();
        if (account.perDay != 0) _refill(account);
    }

    /// @inheritdoc ITransactionScheduler
    function availableTo(address owner, address spender) external view returns (uint256) {
        Account memory account = accountOf(owner, spender);
        if (account.perDay == 0) return owner == spender ? account.balance : 0;
        uint256 allowed = Math.min(account.perRun, Math.saturatingSub(account.perDay, account.spent));
        return Math.min(account.balance, allowed * GWEI);
    }

    /// @dev Takes a fee. Reverts with `TransactionScheduler_InsufficientFunds`, `TransactionScheduler_AboveCap`.
    function _debit(address owner, address spender, uint256 amount) internal {
        uint256 word = _accounts[owner][spender];
        uint256 balance = word.balanceOf();
        // `require` would compute the arguments of the error even if there is none.
        if (amount > balance) revert TransactionScheduler_InsufficientFunds(amount, balance);
        if (word.isCapped()) word = _charge(word, amount);
        else if (owner != spender) revert TransactionScheduler_AboveCap(amount, 0);
        unchecked {
            // The balance is in the lowest bits, and sufficient.
            _accounts[owner][spender] = word - amount;
        }
    }

    /// @dev A fee that is paid in steps belongs to one booking.
    function _requireRun(address owner, address spender, uint256 fee) internal view {
        uint256 word = _accounts[owner][spender];
        uint256 most = word.perRunOf() * GWEI;
        if (word.isCapped() && fee > most) revert TransactionScheduler_AboveCap(fee, most);
    }

    /// @dev Returns the rest of a fee, to the balance and to the day's cap.
    function _refund(address owner, address spender, uint256 amount) internal {
        uint256 word = _accounts[owner][spender];
        if (word.isCapped()) word = word.unspend(amount / GWEI);
        _accounts[owner][spender] = word.plus(amount);
    }

    /// @dev Credits an account's plain balance.
    function _credit(address owner, uint256 amount) internal {
        _accounts[owner][owner] = _accounts[owner][owner].plus(amount);
    }

    /// @dev As `_refill`, with a charge of an allowed amount afterwards.
    function _charge(uint256 word, uint256 amount) private view returns (uint256) {
        (uint256 perDay, uint256 spent, uint256 last) = word.dayOf();
        unchecked {
            // Rounded down, as is the time that it used: so no time fills twice.
            // slither-disable-next-line divide-before-multiply
            uint256 filled = perDay * (block.timestamp - last) / 1 days;
            // slither-disable-next-line timestamp
            if (filled >= spent) (spent, last) = (0, block.timestamp);
            else (spent, last) = (spent - filled, last + Math.ceilDiv(filled * 1 days, perDay));
            uint256 charge = (amount + GWEI - 1) / GWEI;
            uint256 allowed = perDay > spent ? perDay - spent : 0;
            if (word.perRunOf() < allowed) allowed = word.perRunOf();
            if (charge > allowed) revert TransactionScheduler_AboveCap(amount, allowed * GWEI);
            return word.withDay(spent + charge, last);
        }
    }

    /// @dev Time that did not fill a whole gwei is kept for later; used time is rounded up.
    function _refill(Account memory account) private view {
        // slither-disable-next-line divide-before-multiply
        uint256 filled = uint256(account.perDay) * (block.timestamp - account.last) / 1 days;
        // Days are long; a validator's freedom of some seconds does not matter.
        // slither-disable-next-line timestamp
        if (filled >= account.spent) {
            (account.spent, account.last) = (0, uint40(block.timestamp));
        } else {
            account.spent -= uint40(filled);
            account.last += uint40(Math.ceilDiv(filled * 1 days, account.perDay));
        }
    }
}
