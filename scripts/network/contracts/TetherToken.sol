// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title Tether USD for the local network
/// @notice Behaves like the token on Ethereum where an integrator can tell, which is why it is *not* an ERC-20 by the
/// letter: `transfer`, `transferFrom` and `approve` return nothing, an allowance must pass through zero to change,
/// and a fee can be switched on (it is off).
contract TetherToken is Ownable, Pausable {
    string public constant name = "Tether USD";
    string public constant symbol = "USDT";
    uint8 public constant decimals = 6;

    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_RATE_BPS = 20;
    uint256 private constant MAX_FEE = 50e6;

    uint256 public totalSupply;
    /// @notice Fee on a transfer in basis points; zero switches the fee off.
    uint256 public basisPointsRate;
    /// @notice The most that one transfer's fee can be.
    uint256 public maximumFee;
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;
    mapping(address account => bool) public isBlackListed;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Issue(uint256 amount);
    event Redeem(uint256 amount);
    event Params(uint256 feeBasisPoints, uint256 maxFee);
    event AddedBlackList(address user);
    event RemovedBlackList(address user);
    event DestroyedBlackFunds(address blackListedUser, uint256 balance);

    error TetherInsufficientBalance(address account, uint256 balance, uint256 needed);
    error TetherInsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    error TetherApproveFromNonZero(uint256 current, uint256 wanted);
    error TetherBlackListed(address account);
    error TetherNotBlackListed(address account);
    error TetherFeeTooHigh();
    error TetherZeroAddress();

    constructor(address owner_) Ownable(owner_) {}

    /// @notice Sends the caller's tokens; returns nothing.
    function transfer(address to, uint256 value) external whenNotPaused {
        _transfer(msg.sender, to, value);
    }

    /// @notice Sends `from`'s tokens within the caller's allowance; returns nothing. A blacklisted caller is not
    /// stopped.
    function transferFrom(address from, address to, uint256 value) external whenNotPaused {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed < value) revert TetherInsufficientAllowance(msg.sender, allowed, value);
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - value;
        _transfer(from, to, value);
    }

    /// @notice Sets an allowance; from non-zero to non-zero reverts; returns nothing.
    function approve(address spender, uint256 value) external {
        uint256 current = allowance[msg.sender][spender];
        if (value != 0 && current != 0) revert TetherApproveFromNonZero(current, value);
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    /// @notice Mints to the owner. Owner only.
    function issue(uint256 amount) external onlyOwner {
        totalSupply += amount;
        balanceOf[msg.sender] += amount;
        emit Issue(amount);
        emit Transfer(address(0), msg.sender, amount);
    }

    /// @notice Burns the owner's tokens. Owner only.
    function redeem(uint256 amount) external onlyOwner {
        _debit(msg.sender, amount);
        totalSupply -= amount;
        emit Redeem(amount);
        emit Transfer(msg.sender, address(0), amount);
    }

    /// @notice Sets the fee, at most 20 basis points and 50 USDT. Owner only.
    function setParams(uint256 newBasisPoints, uint256 newMaxFee) external onlyOwner {
        if (newBasisPoints > MAX_RATE_BPS || newMaxFee > MAX_FEE) revert TetherFeeTooHigh();
        basisPointsRate = newBasisPoints;
        maximumFee = newMaxFee;
        emit Params(newBasisPoints, newMaxFee);
    }

    /// @notice Stops transfers. Owner only.
    function pause() external onlyOwner {
        _pause();
    }

    /// @notice Ends the pause. Owner only.
    function unpause() external onlyOwner {
        _unpause();
    }

    /// @notice Forbids `user` to send. Owner only.
    function addBlackList(address user) external onlyOwner {
        isBlackListed[user] = true;
        emit AddedBlackList(user);
    }

    /// @notice Lets `user` send again. Owner only.
    function removeBlackList(address user) external onlyOwner {
        isBlackListed[user] = false;
        emit RemovedBlackList(user);
    }

    /// @notice Burns all that a blacklisted user holds. Owner only.
    function destroyBlackFunds(address user) external onlyOwner {
        if (!isBlackListed[user]) revert TetherNotBlackListed(user);
        uint256 funds = balanceOf[user];
        _debit(user, funds);
        totalSupply -= funds;
        emit DestroyedBlackFunds(user, funds);
        emit Transfer(user, address(0), funds);
    }

    function _transfer(address from, address to, uint256 value) private {
        if (isBlackListed[from]) revert TetherBlackListed(from);
        if (to == address(0)) revert TetherZeroAddress();
        uint256 fee = (value * basisPointsRate) / BPS;
        if (fee > maximumFee) fee = maximumFee;
        _debit(from, value);
        balanceOf[to] += value - fee;
        emit Transfer(from, to, value - fee);
        if (fee == 0) return;
        balanceOf[owner()] += fee;
        emit Transfer(from, owner(), fee);
    }

    function _debit(address account, uint256 value) private {
        uint256 held = balanceOf[account];
        if (held < value) revert TetherInsufficientBalance(account, held, value);
        balanceOf[account] = held - value;
    }
}
