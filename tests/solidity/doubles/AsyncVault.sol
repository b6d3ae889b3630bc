// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IERC7540Vault} from "@ballast/interfaces/external/IERC7540Vault.sol";

interface IMintableAsset {
    function mint(address to, uint256 amount) external;
}

/// @title Honest asynchronous vault (ERC-7540)
/// @notice Requests have id 0 or the id of the epoch. Anyone may act as the issuer: set the rate, settle requests in
/// parts, refuse them, or send shares without a claim. Assets for gains are minted.
contract AsyncVault is ERC20, IERC7540Vault {
    using SafeERC20 for IERC20;

    /// @notice One direction of a controller's requests.
    struct Book {
        mapping(uint256 id => uint256 amount) pending;
        mapping(uint256 id => uint256 amount) claimable;
        /// Claimable input and output, over all ids.
        uint256 claimableIn;
        uint256 claimableOut;
    }

    uint256 internal constant ONE = 1e18;

    address public immutable asset;
    bool public immutable hasEpochs;
    uint8 private immutable _decimals;

    uint256 public epoch = 1;
    /// @notice Assets for 1e18 base units of shares.
    uint256 public rate;
    bool public claimsPaused;
    mapping(address controller => mapping(address operator => bool)) public isOperator;
    mapping(address controller => Book) internal _deposits;
    mapping(address controller => Book) internal _redemptions;

    error AsyncVault_PreviewsRevert();
    error AsyncVault_NotController(address caller);
    error AsyncVault_NotOwner(address caller);
    error AsyncVault_TooMuch(uint256 asked, uint256 most);

    constructor(address asset_, bool hasEpochs_, uint8 decimals_) ERC20("Asynchronous fund", "ASYNC") {
        (asset, hasEpochs, _decimals) = (asset_, hasEpochs_, decimals_);
        rate = 10 ** (18 + IERC20Metadata(asset_).decimals() - decimals_);
    }

    // Issuer functions.

    function setRate(uint256 newRate) external {
        rate = newRate;
    }

    function setClaimsPaused(bool paused) external {
        claimsPaused = paused;
    }

    function nextEpoch() external {
        ++epoch;
    }

    function settleDeposit(uint256 id, address controller, uint256 assets) external {
        Book storage book = _deposits[controller];
        uint256 shares = convertToShares(assets);
        _settle(book, id, assets, shares);
        _mint(address(this), shares);
    }

    function settleRedeem(uint256 id, address controller, uint256 shares) external {
        Book storage book = _redemptions[controller];
        _settle(book, id, shares, convertToAssets(shares));
        _burn(address(this), shares);
    }

    /// @notice Returns pending assets, as an issuer that refuses a request.
    function refuseDeposit(uint256 id, address controller) external {
        uint256 assets = _deposits[controller].pending[id];
        _deposits[controller].pending[id] = 0;
        _pay(controller, assets);
    }

    /// @notice Returns pending shares.
    function refuseRedeem(uint256 id, address controller) external {
        uint256 shares = _redemptions[controller].pending[id];
        _redemptions[controller].pending[id] = 0;
        _transfer(address(this), controller, shares);
    }

    /// @notice Settles a deposit and sends its shares without a claim.
    function pushShares(uint256 id, address controller) external {
        uint256 assets = _deposits[controller].pending[id];
        _deposits[controller].pending[id] = 0;
        _mint(controller, convertToShares(assets));
    }

    /// @notice Returns the claimable assets and their shares, also while claims are paused.
    function claimableDeposits(address controller) external view returns (uint256 assets, uint256 shares) {
        return (_deposits[controller].claimableIn, _deposits[controller].claimableOut);
    }

    /// @notice Returns the claimable shares and their assets, also while claims are paused.
    function claimableRedemptions(address controller) external view returns (uint256 shares, uint256 assets) {
        return (_redemptions[controller].claimableIn, _redemptions[controller].claimableOut);
    }

    // Requests.

    function setOperator(address operator, bool approved) external {
        isOperator[msg.sender][operator] = approved;
    }

    function requestDeposit(uint256 assets, address controller, address owner)
        external
        virtual
        returns (uint256 requestId)
    {
        _requireOwner(owner);
        requestId = _id();
        _deposits[controller].pending[requestId] += assets;
        IERC20(asset).safeTransferFrom(owner, address(this), assets);
    }

    function requestRedeem(uint256 shares, address controller, address owner)
        external
        virtual
        returns (uint256 requestId)
    {
        _requireOwner(owner);
        requestId = _id();
        _redemptions[controller].pending[requestId] += shares;
        _transfer(owner, address(this), shares);
    }

    function pendingDepositRequest(uint256 id, address controller) public view virtual returns (uint256) {
        return _deposits[controller].pending[id];
    }

    function claimableDepositRequest(uint256 id, address controller) public view virtual returns (uint256) {
        return _deposits[controller].claimable[id];
    }

    function pendingRedeemRequest(uint256 id, address controller) public view virtual returns (uint256) {
        return _redemptions[controller].pending[id];
    }

    function claimableRedeemRequest(uint256 id, address controller) public view virtual returns (uint256) {
        return _redemptions[controller].claimable[id];
    }

    // Claims.

    function deposit(uint256 assets, address receiver, address controller) public virtual returns (uint256 shares) {
        shares = _claim(_deposits[controller], assets, controller);
        _transfer(address(this), receiver, shares);
    }

    function redeem(uint256 shares, address receiver, address controller) public virtual returns (uint256 assets) {
        assets = _claim(_redemptions[controller], shares, controller);
        _pay(receiver, assets);
    }

    function deposit(uint256 assets, address receiver) external returns (uint256) {
        return deposit(assets, receiver, msg.sender);
    }

    function mint(uint256, address) external pure returns (uint256) {
        revert AsyncVault_PreviewsRevert();
    }

    function withdraw(uint256, address, address) external pure returns (uint256) {
        revert AsyncVault_PreviewsRevert();
    }

    function maxDeposit(address controller) public view virtual returns (uint256) {
        return claimsPaused ? 0 : _deposits[controller].claimableIn;
    }

    function maxMint(address controller) public view virtual returns (uint256) {
        return claimsPaused ? 0 : _deposits[controller].claimableOut;
    }

    function maxRedeem(address controller) public view virtual returns (uint256) {
        return claimsPaused ? 0 : _redemptions[controller].claimableIn;
    }

    function maxWithdraw(address controller) public view virtual returns (uint256) {
        return claimsPaused ? 0 : _redemptions[controller].claimableOut;
    }

    // Prices.

    function decimals() public view override(ERC20, IERC20Metadata) returns (uint8) {
        return _decimals;
    }

    function totalAssets() external view returns (uint256) {
        return convertToAssets(totalSupply());
    }

    function convertToAssets(uint256 shares) public view virtual returns (uint256) {
        return shares * rate / ONE;
    }

    function convertToShares(uint256 assets) public view returns (uint256) {
        return assets * ONE / rate;
    }

    function previewDeposit(uint256) external pure returns (uint256) {
        revert AsyncVault_PreviewsRevert();
    }

    function previewMint(uint256) external pure returns (uint256) {
        revert AsyncVault_PreviewsRevert();
    }

    function previewWithdraw(uint256) external pure returns (uint256) {
        revert AsyncVault_PreviewsRevert();
    }

    function previewRedeem(uint256) external pure returns (uint256) {
        revert AsyncVault_PreviewsRevert();
    }

    function _settle(Book storage book, uint256 id, uint256 amountIn, uint256 amountOut) internal {
        book.pending[id] -= amountIn;
        book.claimable[id] += amountIn;
        book.claimableIn += amountIn;
        book.claimableOut += amountOut;
    }

    /// @dev Claims in proportion, from the oldest epoch first.
    function _claim(Book storage book, uint256 amountIn, address controller) internal returns (uint256 amountOut) {
        require(msg.sender == controller || isOperator[controller][msg.sender], AsyncVault_NotController(msg.sender));
        require(!claimsPaused && amountIn <= book.claimableIn, AsyncVault_TooMuch(amountIn, book.claimableIn));
        amountOut = book.claimableOut * amountIn / book.claimableIn;
        book.claimableOut -= amountOut;
        book.claimableIn -= amountIn;
        for (uint256 id = 0; id <= epoch; ++id) {
            uint256 part = amountIn < book.claimable[id] ? amountIn : book.claimable[id];
            book.claimable[id] -= part;
            amountIn -= part;
        }
    }

    function _pay(address receiver, uint256 assets) internal {
        uint256 there = IERC20(asset).balanceOf(address(this));
        if (there < assets) IMintableAsset(asset).mint(address(this), assets - there);
        IERC20(asset).safeTransfer(receiver, assets);
    }

    function _id() internal view returns (uint256) {
        return hasEpochs ? epoch : 0;
    }

    function _requireOwner(address owner) internal view {
        require(msg.sender == owner || isOperator[owner][msg.sender], AsyncVault_NotOwner(msg.sender));
    }
}
