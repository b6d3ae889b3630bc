// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Pausable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Pausable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title USD Coin for the local network
/// @notice Behaves like Circle's FiatToken where an integrator can tell: six decimals, minters with an allowance,
/// a blacklist that blocks every party to a transfer, a pause, and permits.
contract UsdCoin is ERC20Permit, ERC20Pausable, Ownable {
    /// @notice What each minter may still mint.
    mapping(address minter => uint256 allowance) public minterAllowance;
    /// @notice Whether an account is a minter, and so may also burn its own tokens.
    mapping(address minter => bool) public isMinter;
    /// @notice Whether an account is shut out of every transfer and approval.
    mapping(address account => bool) public isBlacklisted;

    event MinterConfigured(address indexed minter, uint256 minterAllowedAmount);
    event MinterRemoved(address indexed oldMinter);
    event Mint(address indexed minter, address indexed to, uint256 amount);
    event Burn(address indexed burner, uint256 amount);
    event Blacklisted(address indexed account);
    event UnBlacklisted(address indexed account);

    error UsdCoinNotMinter(address caller);
    error UsdCoinMintAboveAllowance(uint256 amount, uint256 allowance);
    error UsdCoinBlacklisted(address account);

    modifier onlyMinter() {
        if (!isMinter[msg.sender]) revert UsdCoinNotMinter(msg.sender);
        _;
    }

    constructor(address owner_) ERC20("USD Coin", "USDC") ERC20Permit("USD Coin") Ownable(owner_) {}

    /// @notice Makes `minter` a minter of up to `allowance_` tokens. Owner only.
    function configureMinter(address minter, uint256 allowance_) external onlyOwner returns (bool) {
        isMinter[minter] = true;
        minterAllowance[minter] = allowance_;
        emit MinterConfigured(minter, allowance_);
        return true;
    }

    /// @notice Takes the minter's right away. Owner only.
    function removeMinter(address minter) external onlyOwner returns (bool) {
        isMinter[minter] = false;
        minterAllowance[minter] = 0;
        emit MinterRemoved(minter);
        return true;
    }

    /// @notice Mints within the caller's allowance. Minters only.
    function mint(address to, uint256 amount) external onlyMinter returns (bool) {
        uint256 allowed = minterAllowance[msg.sender];
        if (amount > allowed) revert UsdCoinMintAboveAllowance(amount, allowed);
        minterAllowance[msg.sender] = allowed - amount;
        _mint(to, amount);
        emit Mint(msg.sender, to, amount);
        return true;
    }

    /// @notice Burns the caller's own tokens. Minters only.
    function burn(uint256 amount) external onlyMinter {
        _burn(msg.sender, amount);
        emit Burn(msg.sender, amount);
    }

    /// @notice Shuts `account` out. Owner only.
    function blacklist(address account) external onlyOwner {
        isBlacklisted[account] = true;
        emit Blacklisted(account);
    }

    /// @notice Lets `account` in again. Owner only.
    function unBlacklist(address account) external onlyOwner {
        isBlacklisted[account] = false;
        emit UnBlacklisted(account);
    }

    /// @notice Stops transfers, mints, burns and approvals. Owner only.
    function pause() external onlyOwner {
        _pause();
    }

    /// @notice Ends the pause. Owner only.
    function unpause() external onlyOwner {
        _unpause();
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Pausable) {
        _requireNotBlacklisted(msg.sender);
        _requireNotBlacklisted(from);
        _requireNotBlacklisted(to);
        super._update(from, to, value);
    }

    function _approve(address owner_, address spender, uint256 value, bool emitEvent) internal override {
        // Spending an allowance comes through here as well; the pause then stops it one call earlier, to the same
        // effect.
        _requireNotPaused();
        _requireNotBlacklisted(owner_);
        _requireNotBlacklisted(spender);
        super._approve(owner_, spender, value, emitEvent);
    }

    function _requireNotBlacklisted(address account) private view {
        if (isBlacklisted[account]) revert UsdCoinBlacklisted(account);
    }
}
