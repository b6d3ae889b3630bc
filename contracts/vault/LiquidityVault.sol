// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAssetController} from "../interfaces/IAssetController.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IPortfolio} from "../interfaces/IPortfolio.sol";
import {IRedemptionQueue} from "../interfaces/IRedemptionQueue.sol";

/// @title The depositors' vault: shares, and the cash tier L1
/// @dev Custody only: the controller decides what to do with the assets, and the controller and the portfolios bound
/// its errors. Every entry point takes the vault's own lock, and the depositors' entry points also check the
/// controller's, so neither can be entered from inside the other. Depositors and the queue are served at the strict
/// price, which reverts where a price is stale; it is computed once for a call. The queue, which others than the owners
/// may serve, is also not served while a holding pays less than its least rate. Views use the lenient price.
///
/// Fresh shares are locked in two tranches, so that the time at which a share is free is fixed when it is minted: no
/// later deposit, by the owner or anybody else, makes it earlier or later.
contract LiquidityVault is ILiquidityVault, ERC4626, AccessManaged, ReentrancyGuardTransient {
    using Math for uint256;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev Virtual shares: 10**6 for each unit of the asset. Inflating the share price of an empty vault costs a
    /// million times the loss of the next depositor.
    uint8 private constant DECIMALS_OFFSET = 6;
    uint256 private constant VIRTUAL_SHARES = 10 ** DECIMALS_OFFSET;
    uint32 private constant MAX_HOLDING_TIME = 7 days;
    uint128 private constant NO_CAP = type(uint128).max;

    /// @dev Shares that are free at `until`, and those that are free a holding time after it.
    struct Lock {
        uint112 first;
        uint112 second;
        uint32 until;
    }

    /// @inheritdoc ILiquidityVault
    address public controller;
    /// @dev Shares due in units of the virtual shares, rounded up; so they fit beside the controller.
    uint96 private _dueUnits;

    /// @inheritdoc ILiquidityVault
    address public queue;
    /// @inheritdoc ILiquidityVault
    uint32 public holdingTime;

    /// @inheritdoc ILiquidityVault
    uint128 public depositCap = NO_CAP;

    // Written completely in `_lock`.
    // slither-disable-next-line uninitialized-state
    mapping(address owner => Lock) private _locks;

    /// @inheritdoc ILiquidityVault
    uint256 public transient freshDeposits;

    modifier onlyController() {
        require(msg.sender == controller, LiquidityVault_NotController(msg.sender));
        _;
    }

    modifier onlyQueue() {
        require(msg.sender == queue, LiquidityVault_NotQueue(msg.sender));
        _;
    }

    constructor(address manager, IERC20 settlement, string memory name_, string memory symbol_)
        ERC4626(settlement)
        ERC20(name_, symbol_)
        AccessManaged(manager)
    {}

    /// @inheritdoc ILiquidityVault
    function setController(address newController) external restricted nonReentrant {
        address previous = controller;
        _requireServes(newController);
        if (previous != address(0)) _requireSuccessor(previous, newController);
        // slither-disable-next-line missing-zero-check
        controller = newController;
        emit ControllerSet(previous, newController);
    }

    /// @inheritdoc ILiquidityVault
    function setQueue(address newQueue) external restricted nonReentrant {
        address previous = queue;
        require(newQueue.code.length != 0, LiquidityVault_InvalidQueue(newQueue));
        require(IRedemptionQueue(newQueue).vault() == address(this), LiquidityVault_InvalidQueue(newQueue));
        require(_dueUnits == 0, LiquidityVault_QueueInUse(previous));
        // slither-disable-next-line missing-zero-check
        queue = newQueue;
        emit QueueSet(previous, newQueue);
    }

    /// @inheritdoc ILiquidityVault
    function setHoldingTime(uint32 newHoldingTime) external restricted {
        require(newHoldingTime <= MAX_HOLDING_TIME, LiquidityVault_InvalidHoldingTime(newHoldingTime));
        holdingTime = newHoldingTime;
        emit HoldingTimeSet(newHoldingTime);
    }

    /// @inheritdoc ILiquidityVault
    function setDepositCap(uint128 newCap) external restricted {
        _setDepositCap(newCap);
    }

    /// @inheritdoc ILiquidityVault
    function lowerDepositCap(uint128 newCap) external restricted {
        require(newCap < depositCap, LiquidityVault_CapNotLowered(newCap, depositCap));
        _setDepositCap(newCap);
    }

    /// @inheritdoc ILiquidityVault
    function supply(IERC4626 strategy, uint256 assets, address receiver)
        external
        onlyController
        nonReentrant
        returns (AllocationState memory)
    {
        // Balances before and after the call must be compared; the lock excludes all others meanwhile. Only the
        // strategy could send tokens in between, and would make its own deposit fail.
        // slither-disable-start reentrancy-balance,incorrect-equality
        uint256 cash = _requireIdle(assets);
        IERC20(asset()).forceApprove(address(strategy), assets);
        // The strategy's answer is not used: cash is measured here, shares by the controller.
        // slither-disable-next-line unused-return
        strategy.deposit(assets, receiver);
        // The whole allowance was used if all of the assets left: nobody else has one.
        uint256 left = idle();
        uint256 spent = cash > left ? cash - left : 0;
        require(spent == assets, LiquidityVault_UnexpectedSpend(address(strategy), spent, assets));
        return _stateWith(left);
        // slither-disable-end reentrancy-balance,incorrect-equality
    }

    /// @inheritdoc ILiquidityVault
    function pay(address receiver, uint256 assets)
        external
        onlyController
        nonReentrant
        returns (AllocationState memory)
    {
        uint256 cash = _requireIdle(assets);
        emit Paid(receiver, assets);
        IERC20(asset()).safeTransfer(receiver, assets);
        return _stateWith(cash - assets);
    }

    /// @inheritdoc ILiquidityVault
    function escrow(address owner, address spender, uint256 shares) external onlyQueue nonReentrant {
        if (spender != owner) _spendAllowance(owner, spender, shares);
        _transfer(owner, msg.sender, shares);
    }

    /// @inheritdoc ILiquidityVault
    function setDue(uint256 shares) external onlyQueue nonReentrant {
        _requireUnlocked(controller);
        _dueUnits = shares.ceilDiv(VIRTUAL_SHARES).toUint96();
        emit DueSet(dueShares());
    }

    /// @inheritdoc ILiquidityVault
    function settle(uint256 maxShares) external onlyQueue nonReentrant returns (uint256 shares, uint256 assets) {
        uint256 fresh = _freshlyHeld();
        require(fresh == 0, LiquidityVault_FreshDeposits(fresh));
        uint256 cash = idle();
        uint256 total = cash + IAssetController(_openController()).redemptionValue();
        shares = Math.min(maxShares, _toShares(cash, total, Math.Rounding.Floor));
        require(shares != 0, LiquidityVault_InsufficientIdle(cash));
        assets = _toAssets(shares, total, Math.Rounding.Floor);
        _withdraw(msg.sender, msg.sender, msg.sender, assets, shares);
    }

    /// @inheritdoc IERC4626
    function deposit(uint256 assets, address receiver)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 shares)
    {
        uint256 total = _entryTotal();
        uint256 most = _roomBelowCap(total);
        require(assets <= most, ERC4626ExceededMaxDeposit(receiver, assets, most));
        shares = _toShares(assets, total, Math.Rounding.Floor);
        _deposit(msg.sender, receiver, assets, shares);
    }

    /// @inheritdoc IERC4626
    function mint(uint256 shares, address receiver)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 assets)
    {
        uint256 total = _entryTotal();
        assets = _toAssets(shares, total, Math.Rounding.Ceil);
        uint256 most = _roomBelowCap(total);
        // `require` would compute the arguments of the error even if there is none.
        if (assets > most) {
            revert ERC4626ExceededMaxMint(receiver, shares, _toShares(most, total, Math.Rounding.Floor));
        }
        _deposit(msg.sender, receiver, assets, shares);
    }

    /// @inheritdoc IERC4626
    function withdraw(uint256 assets, address receiver, address owner)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 shares)
    {
        (uint256 total, uint256 cash) = _strictTotal();
        uint256 most = _maxWithdraw(owner, total, cash);
        require(assets <= most, ERC4626ExceededMaxWithdraw(owner, assets, most));
        shares = _toShares(assets, total, Math.Rounding.Ceil);
        _withdraw(msg.sender, receiver, owner, assets, shares);
    }

    /// @inheritdoc IERC4626
    function redeem(uint256 shares, address receiver, address owner)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 assets)
    {
        (uint256 total, uint256 cash) = _strictTotal();
        uint256 most = _maxRedeem(owner, total, cash);
        require(shares <= most, ERC4626ExceededMaxRedeem(owner, shares, most));
        assets = _toAssets(shares, total, Math.Rounding.Floor);
        _withdraw(msg.sender, receiver, owner, assets, shares);
    }

    /// @inheritdoc ILiquidityVault
    function allocationState() external view returns (AllocationState memory) {
        return _stateWith(idle());
    }

    /// @inheritdoc ILiquidityVault
    function lockedShares(address owner) public view returns (uint256 shares, uint256 until) {
        Lock memory lock = _locks[owner];
        (shares, until) = (lock.first, lock.until);
        // One second more or less does not matter.
        // slither-disable-start timestamp
        if (block.timestamp >= until) shares = 0;
        if (lock.second != 0) {
            until += holdingTime;
            if (block.timestamp < until) shares += lock.second;
        }
        // A longer holding time may lock more shares than the owner still has.
        shares = Math.min(shares, balanceOf(owner));
        if (shares == 0) until = 0;
        // slither-disable-end timestamp
    }

    /// @inheritdoc ILiquidityVault
    function dueShares() public view returns (uint256) {
        return uint256(_dueUnits) * VIRTUAL_SHARES;
    }

    /// @inheritdoc ILiquidityVault
    function idle() public view returns (uint256) {
        return IERC20(asset()).balanceOf(address(this));
    }

    /// @inheritdoc IERC4626
    /// @dev Neither vault nor controller value assets during a move, so no intermediate state can be read.
    function totalAssets() public view override(ERC4626, IERC4626) nonReentrantView returns (uint256) {
        address current = controller;
        if (current == address(0)) return idle();
        // The value is current or the book's; the controller reports which.
        // slither-disable-next-line unused-return
        (uint256 deployed,) = IAssetController(current).valuation();
        return idle() + deployed;
    }

    /// @inheritdoc IERC4626
    function maxDeposit(address receiver) public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 assets, uint256 total) = _entryRoom();
        uint256 shares = _lockRoom(receiver);
        if (assets == 0 || shares == type(uint256).max) return assets;
        return Math.min(assets, _toAssets(shares, total, Math.Rounding.Floor));
    }

    /// @inheritdoc IERC4626
    function maxMint(address receiver) public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 assets, uint256 total) = _entryRoom();
        if (assets == type(uint256).max) return _lockRoom(receiver);
        return Math.min(_toShares(assets, total, Math.Rounding.Floor), _lockRoom(receiver));
    }

    /// @inheritdoc IERC4626
    function maxWithdraw(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        (bool fresh, uint256 total, uint256 cash) = _tryTotal();
        return fresh ? _maxWithdraw(owner, total, cash) : 0;
    }

    /// @inheritdoc IERC4626
    function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        (bool fresh, uint256 total, uint256 cash) = _tryTotal();
        return fresh ? _maxRedeem(owner, total, cash) : 0;
    }

    function _setDepositCap(uint128 newCap) internal {
        depositCap = newCap;
        emit DepositCapSet(newCap);
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override {
        freshDeposits += assets;
        super._deposit(caller, receiver, assets, shares);
    }

    function _withdraw(address caller, address receiver, address owner, uint256 assets, uint256 shares)
        internal
        override
    {
        freshDeposits -= Math.min(freshDeposits, assets);
        super._withdraw(caller, receiver, owner, assets, shares);
    }

    /// @dev Locked shares cannot be moved: not to others, not into the queue, and not burned.
    function _update(address from, address to, uint256 value) internal override {
        if (from != address(0)) _requireFree(from, value);
        super._update(from, to, value);
        if (from == address(0)) _lock(to, value);
    }

    /// @dev A free account's shares are locked for the holding time. Shares minted while others are locked are free a
    /// whole holding time after them; by then the second tranche has become the first.
    function _lock(address owner, uint256 shares) internal {
        uint256 time = holdingTime;
        if (time == 0) return;
        Lock memory lock = _locks[owner];
        // One second more or less does not matter.
        // slither-disable-start timestamp
        if (lock.second != 0 && block.timestamp >= lock.until && block.timestamp < lock.until + time) {
            lock = Lock(lock.second, 0, (lock.until + time).toUint32());
        }
        uint256 until = block.timestamp + time;
        if (block.timestamp >= lock.until) lock = Lock(shares.toUint112(), 0, until.toUint32());
        else if (until <= lock.until) lock.first += shares.toUint112();
        else lock.second += shares.toUint112();
        // slither-disable-end timestamp
        _locks[owner] = lock;
    }

    /// @dev Shares are minted for the amount sent; so all of it must arrive, or the other depositors pay for the
    /// token's fee.
    function _transferIn(address from, uint256 assets) internal override {
        uint256 before = idle();
        super._transferIn(from, assets);
        uint256 received = idle() - before;
        // slither-disable-next-line incorrect-equality
        require(received == assets, LiquidityVault_UnexpectedReceipt(received, assets));
    }

    /// @dev Some tokens refuse transfers of 0, and the last share of a batch may be worth nothing.
    function _transferOut(address to, uint256 assets) internal override {
        if (assets != 0) super._transferOut(to, assets);
    }

    /// @dev The total that depositors are served at, and the idle part of it.
    function _strictTotal() internal view returns (uint256 total, uint256 cash) {
        cash = idle();
        total = cash + IAssetController(_openController()).deployedValue();
    }

    /// @dev The total at which deposits are served. A holding that cannot be valued in full closes them.
    function _entryTotal() internal view returns (uint256) {
        return idle() + IAssetController(_openController()).entryValue();
    }

    /// @dev The controller, which must not be executing an action.
    function _openController() internal view returns (address current) {
        current = controller;
        require(current != address(0), LiquidityVault_NoController());
        _requireUnlocked(current);
    }

    /// @dev Assets that may be deposited: unlimited without a cap, none where `_entryTotal` would revert.
    function _entryRoom() internal view returns (uint256 assets, uint256 total) {
        address current = controller;
        if (current == address(0) || _reentrancyGuardEntered()) return (0, 0);
        try IAssetController(current).entryValue() returns (uint256 deployed) {
            total = idle() + deployed;
        } catch {
            return (0, 0);
        }
        assets = _roomBelowCap(total);
    }

    function _roomBelowCap(uint256 total) internal view returns (uint256) {
        uint256 cap = depositCap;
        return cap == NO_CAP ? type(uint256).max : cap.saturatingSub(total);
    }

    /// @dev Shares that may be minted to an account; unlimited where fresh ones are not locked.
    function _lockRoom(address owner) internal view returns (uint256) {
        if (holdingTime == 0) return type(uint256).max;
        Lock memory lock = _locks[owner];
        return type(uint112).max - Math.max(lock.first, lock.second);
    }

    /// @dev As `_strictTotal`, where that would not revert.
    function _tryTotal() internal view returns (bool fresh, uint256 total, uint256 cash) {
        address current = controller;
        if (current == address(0) || _reentrancyGuardEntered()) return (false, 0, 0);
        try IAssetController(current).valuation() returns (uint256 deployed, bool good) {
            cash = idle();
            return (good, cash + deployed, cash);
        } catch {
            return (false, 0, 0);
        }
    }

    function _maxWithdraw(address owner, uint256 total, uint256 cash) internal view returns (uint256) {
        return Math.min(_toAssets(_free(owner), total, Math.Rounding.Floor), _available(total, cash));
    }

    function _maxRedeem(address owner, uint256 total, uint256 cash) internal view returns (uint256) {
        return Math.min(_free(owner), _toShares(_available(total, cash), total, Math.Rounding.Floor));
    }

    function _free(address owner) internal view returns (uint256) {
        (uint256 locked,) = lockedShares(owner);
        return balanceOf(owner) - locked;
    }

    function _requireFree(address owner, uint256 shares) internal view {
        (uint256 locked, uint256 until) = lockedShares(owner);
        bool free = locked == 0 || shares <= balanceOf(owner) - locked;
        require(free, LiquidityVault_SharesLocked(owner, until));
    }

    /// @dev Deposits of this transaction, if fresh shares are locked: an owner of old shares could withdraw with those
    /// instead.
    function _freshlyHeld() internal view returns (uint256 fresh) {
        fresh = freshDeposits;
        if (fresh != 0 && holdingTime == 0) fresh = 0;
    }

    /// @dev Idle tokens that are not needed for queued redemptions.
    function _available(uint256 total, uint256 cash) internal view returns (uint256) {
        if (_freshlyHeld() != 0) return 0;
        return cash.saturatingSub(_toAssets(dueShares(), total, Math.Rounding.Ceil));
    }

    function _convertToShares(uint256 assets, Math.Rounding rounding) internal view override returns (uint256) {
        return _toShares(assets, totalAssets(), rounding);
    }

    function _convertToAssets(uint256 shares, Math.Rounding rounding) internal view override returns (uint256) {
        return _toAssets(shares, totalAssets(), rounding);
    }

    function _toShares(uint256 assets, uint256 total, Math.Rounding rounding) internal view returns (uint256) {
        return assets.mulDiv(totalSupply() + VIRTUAL_SHARES, total + 1, rounding);
    }

    function _toAssets(uint256 shares, uint256 total, Math.Rounding rounding) internal view returns (uint256) {
        return shares.mulDiv(total + 1, totalSupply() + VIRTUAL_SHARES, rounding);
    }

    function _requireUnlocked(address current) internal view {
        bool locked = current != address(0) && IAssetController(current).locked();
        require(!locked, LiquidityVault_ControllerLocked());
    }

    function _requireIdle(uint256 assets) internal view returns (uint256 cash) {
        cash = idle();
        require(assets <= cash, LiquidityVault_InsufficientIdle(cash));
    }

    /// @dev The supply matters only while something is due.
    function _stateWith(uint256 cash) internal view returns (AllocationState memory) {
        uint256 due = dueShares();
        return AllocationState(cash, freshDeposits, due, due == 0 ? 0 : totalSupply());
    }

    function _requireServes(address newController) internal view {
        require(newController.code.length != 0, LiquidityVault_InvalidController(newController));
        require(
            IAssetController(newController).vault() == address(this), LiquidityVault_InvalidController(newController)
        );
    }

    /// @dev The assets deployed by the previous controller must stay visible to depositors. Portfolios that stay are
    /// not valued, so that a strategy without a value cannot prevent the replacement of a controller.
    function _requireSuccessor(address previous, address next) internal view {
        require(!IAssetController(previous).locked(), LiquidityVault_ControllerLocked());
        for (uint8 tier = 1; tier <= 2; ++tier) {
            // slither-disable-start calls-loop
            address old = IAssetController(previous).portfolio(tier);
            if (old != IAssetController(next).portfolio(tier)) {
                require(IPortfolio(old).value() == 0, LiquidityVault_InvalidController(next));
            }
            // slither-disable-end calls-loop
        }
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return DECIMALS_OFFSET;
    }
}
