// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title The deny list of CCTP's token messenger, for the local network
/// @notice Written for Ballast. Functions, events and texts are those of Circle's contracts. The owner is the first
/// denylister.
abstract contract CctpDenylist is Ownable {
    /// @notice Who may change the list.
    address public denylister;
    /// @notice Whether an account is refused.
    mapping(address account => bool) public isDenylisted;

    event DenylisterChanged(address indexed oldDenylister, address indexed newDenylister);
    event Denylisted(address indexed account);
    event UnDenylisted(address indexed account);

    modifier onlyDenylister() {
        require(msg.sender == denylister, "Denylistable: caller is not denylister");
        _;
    }

    /// @dev Both the caller and whoever signed the transaction are looked up.
    modifier notDenylistedCallers() {
        _requireNotDenylisted(msg.sender);
        _requireNotDenylisted(tx.origin);
        _;
    }

    constructor(address owner_) Ownable(owner_) {
        denylister = owner_;
    }

    /// @notice Refuses an account from now on. Denylister only.
    /// @param account Whom.
    function denylist(address account) external onlyDenylister {
        isDenylisted[account] = true;
        emit Denylisted(account);
    }

    /// @notice Admits an account again. Denylister only.
    /// @param account Whom.
    function unDenylist(address account) external onlyDenylister {
        isDenylisted[account] = false;
        emit UnDenylisted(account);
    }

    /// @notice Hands the list on. Owner only.
    /// @param newDenylister Who may change the list from now on.
    function updateDenylister(address newDenylister) external onlyOwner {
        require(newDenylister != address(0), "Denylistable: new denylister is the zero address");
        emit DenylisterChanged(denylister, newDenylister);
        denylister = newDenylister;
    }

    function _requireNotDenylisted(address account) private view {
        require(!isDenylisted[account], "Denylistable: account is on denylist");
    }
}
