// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Controller with a settable book, for tests of the vault
contract BookController {
    address public immutable vault;
    uint256 public book;
    bool public fresh = true;
    bool public locked;
    mapping(uint8 tier => address) public portfolio;

    error BookController_Stale();
    error BookController_Locked();

    constructor(address vault_) {
        vault = vault_;
    }

    function setBook(uint256 newBook, bool newFresh) external {
        (book, fresh) = (newBook, newFresh);
    }

    function setLocked(bool newLocked) external {
        locked = newLocked;
    }

    function setPortfolio(uint8 tier, address newPortfolio) external {
        portfolio[tier] = newPortfolio;
    }

    function deployedValue() external view returns (uint256) {
        require(!locked, BookController_Locked());
        require(fresh, BookController_Stale());
        return book;
    }

    function entryValue() external view returns (uint256) {
        require(!locked, BookController_Locked());
        require(fresh, BookController_Stale());
        return book;
    }

    function redemptionValue() external view returns (uint256) {
        require(!locked, BookController_Locked());
        require(fresh, BookController_Stale());
        return book;
    }

    function valuation() external view returns (uint256, bool) {
        require(!locked, BookController_Locked());
        return (book, fresh);
    }
}
