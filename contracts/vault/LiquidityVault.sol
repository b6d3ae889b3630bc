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

import {IAssetController} from "../interfaces/IAssetController.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";

/// @title The depositors' vault: shares, and the cash tier L1
/// @dev Custody only: what to do with the assets is the controller's business, how much of it may be wrong is the
/// controller's and the portfolios'. Every entry point takes the vault's own lock, and the depositors' entry points
/// look at the controller's besides, so neither can be entered from inside the other.
contract LiquidityVault is ILiquidityVault, ERC4626, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Virtual shares: 10**6 for each unit of the asset. Who inflates the share price of an empty vault loses a
    /// million times what the next depositor does.
    uint8 private constant DECIMALS_OFFSET = 6;

    /// @inheritdoc ILiquidityVault
    address public controller;

    /// @inheritdoc ILiquidityVault
    uint256 public transient freshDeposits;

    modifier onlyController() {
        require(msg.sender == controller, LiquidityVault_NotController(msg.sender));
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
    function supply(IERC4626 strategy, uint256 assets, address receiver)
        external
        onlyController
        nonReentrant
        returns (uint256 shares)
    {
        IERC20 settlement = IERC20(asset());
        // Balances before and after the call are the point; the lock keeps everybody else out meanwhile. Whoever gives
        // something in between, the strategy alone could, makes its own deposit fail.
        // slither-disable-start reentrancy-balance,incorrect-equality,reentrancy-events
        uint256 cash = idle();
        uint256 held = strategy.balanceOf(receiver);
        settlement.forceApprove(address(strategy), assets);
        // What the strategy answers is not believed; both balances are measured.
        // slither-disable-next-line unused-return
        strategy.deposit(assets, receiver);
        if (settlement.allowance(address(this), address(strategy)) != 0) settlement.forceApprove(address(strategy), 0);

        uint256 left = idle();
        uint256 spent = cash > left ? cash - left : 0;
        require(spent == assets, LiquidityVault_UnexpectedSpend(address(strategy), spent, assets));
        shares = strategy.balanceOf(receiver) - held;
        emit Supplied(address(strategy), receiver, assets, shares);
        // slither-disable-end reentrancy-balance,incorrect-equality,reentrancy-events
    }

    /// @inheritdoc ILiquidityVault
    function pay(address receiver, uint256 assets) external onlyController nonReentrant {
        emit Paid(receiver, assets);
        IERC20(asset()).safeTransfer(receiver, assets);
    }

    /// @inheritdoc IERC4626
    function deposit(uint256 assets, address receiver)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 shares)
    {
        _requireOpen();
        shares = previewDeposit(assets);
        _deposit(msg.sender, receiver, assets, shares);
    }

    /// @inheritdoc IERC4626
    function mint(uint256 shares, address receiver)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 assets)
    {
        _requireOpen();
        assets = previewMint(shares);
        _deposit(msg.sender, receiver, assets, shares);
    }

    /// @inheritdoc IERC4626
    function withdraw(uint256 assets, address receiver, address owner)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 shares)
    {
        _requireOpen();
        shares = previewWithdraw(assets);
        if (assets > idle() || shares > balanceOf(owner)) {
            revert ERC4626ExceededMaxWithdraw(owner, assets, maxWithdraw(owner));
        }
        _withdraw(msg.sender, receiver, owner, assets, shares);
    }

    /// @inheritdoc IERC4626
    function redeem(uint256 shares, address receiver, address owner)
        public
        override(ERC4626, IERC4626)
        nonReentrant
        returns (uint256 assets)
    {
        _requireOpen();
        assets = previewRedeem(shares);
        if (assets > idle() || shares > balanceOf(owner)) {
            revert ERC4626ExceededMaxRedeem(owner, shares, maxRedeem(owner));
        }
        _withdraw(msg.sender, receiver, owner, assets, shares);
    }

    /// @inheritdoc ILiquidityVault
    function idle() public view returns (uint256) {
        return IERC20(asset()).balanceOf(address(this));
    }

    /// @inheritdoc IERC4626
    /// @dev The controller refuses to value what it is moving, so this cannot be read half-way.
    function totalAssets() public view override(ERC4626, IERC4626) returns (uint256) {
        address current = controller;
        return current == address(0) ? idle() : idle() + IAssetController(current).deployedValue();
    }

    /// @inheritdoc IERC4626
    function maxDeposit(address) public view override(ERC4626, IERC4626) returns (uint256) {
        return _isOpen() ? type(uint256).max : 0;
    }

    /// @inheritdoc IERC4626
    function maxMint(address) public view override(ERC4626, IERC4626) returns (uint256) {
        return _isOpen() ? type(uint256).max : 0;
    }

    /// @inheritdoc IERC4626
    function maxWithdraw(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        return _isOpen() ? Math.min(convertToAssets(balanceOf(owner)), idle()) : 0;
    }

    /// @inheritdoc IERC4626
    function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        return _isOpen() ? Math.min(balanceOf(owner), convertToShares(idle())) : 0;
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

    /// @dev Shares are minted for what was sent; so all of it must arrive, or the other depositors pay for the token's
    /// fee.
    function _transferIn(address from, uint256 assets) internal override {
        uint256 before = idle();
        super._transferIn(from, assets);
        uint256 received = idle() - before;
        // slither-disable-next-line incorrect-equality
        require(received == assets, LiquidityVault_UnexpectedReceipt(received, assets));
    }

    /// @dev Refuses depositors without a controller, and while it is at work.
    function _requireOpen() internal view {
        address current = controller;
        require(current != address(0), LiquidityVault_NoController());
        require(!IAssetController(current).locked(), LiquidityVault_ControllerLocked());
    }

    /// @dev Whether depositors would be served: as `_requireOpen`, and every price that is needed is good.
    function _isOpen() internal view returns (bool) {
        if (controller == address(0)) return false;
        // Whether there is a value is the question, not which; only a call can be tried.
        // slither-disable-next-line unused-return,var-read-using-this
        try this.totalAssets() {
            return true;
        } catch {
            return false;
        }
    }

    function _requireServes(address newController) internal view {
        require(newController.code.length != 0, LiquidityVault_InvalidController(newController));
        require(
            IAssetController(newController).vault() == address(this), LiquidityVault_InvalidController(newController)
        );
    }

    /// @dev Depositors must not lose sight of what the previous controller deployed.
    function _requireSuccessor(address previous, address next) internal view {
        require(!IAssetController(previous).locked(), LiquidityVault_ControllerLocked());
        for (uint8 tier = 1; tier <= 2; ++tier) {
            // slither-disable-start calls-loop
            if (IAssetController(previous).portfolio(tier) != IAssetController(next).portfolio(tier)) {
                uint256 left = IAssetController(previous).deployedValue();
                require(left == 0, LiquidityVault_InvalidController(next));
            }
            // slither-disable-end calls-loop
        }
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return DECIMALS_OFFSET;
    }
}
