// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAsyncVenue} from "../interfaces/IAsyncVenue.sol";
import {IErc7540Venue} from "../interfaces/IErc7540Venue.sol";
import {ITradeVenue} from "../interfaces/ITradeVenue.sol";
import {IERC7540Vault} from "../interfaces/external/IERC7540Vault.sol";

/// @dev What the venue reads of its portfolio, once.
interface IServedPortfolio {
    function settlement() external view returns (address);
    function home() external view returns (address);
}

/// @title Requests deposits and redemptions of asynchronous vaults (ERC-7540), for one portfolio
/// @dev A unit is in one place at a time: pushed here and requested in the same call, then pending or claimable as the
/// vault says but at most what the book has, and struck from the book when it is claimed.
contract Erc7540Venue is IErc7540Venue, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice What was requested in one direction of a vault and not claimed.
    /// @param id The vault's id of the last request.
    /// @param amount Assets of a deposit, shares of a redemption.
    /// @param value What the shares of a redemption were worth when they were sent.
    struct Request {
        uint256 id;
        uint256 amount;
        uint256 value;
    }

    /// @inheritdoc IErc7540Venue
    address public immutable portfolio;
    /// @inheritdoc IErc7540Venue
    address public immutable home;
    /// @inheritdoc IErc7540Venue
    address public immutable settlement;

    mapping(address vault => Request request) private _deposits;
    mapping(address vault => Request request) private _redemptions;

    modifier onlyPortfolio() {
        require(msg.sender == portfolio, Erc7540Venue_NotPortfolio(msg.sender));
        _;
    }

    constructor(address portfolio_) {
        require(portfolio_.code.length != 0, Erc7540Venue_InvalidPortfolio(portfolio_));
        portfolio = portfolio_;
        home = IServedPortfolio(portfolio_).home();
        settlement = IServedPortfolio(portfolio_).settlement();
    }

    // The vault is called in the middle of both, and its answers are written down after. The lock refuses everybody
    // meanwhile, who would only read, too; and there is nobody but the portfolio who may do more.
    // slither-disable-start reentrancy-balance,reentrancy-events,reentrancy-no-eth,reentrancy-benign

    /// @inheritdoc ITradeVenue
    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata
    ) external onlyPortfolio nonReentrant returns (uint256) {
        bool purchase = tokenIn == settlement;
        address vault = purchase ? tokenOut : tokenIn;
        require(purchase != (tokenOut == settlement), Erc7540Venue_InvalidTokens(tokenIn, tokenOut));
        require(IERC7540Vault(vault).asset() == settlement, Erc7540Venue_InvalidVault(vault));
        require(amountIn != 0, Erc7540Venue_InvalidAmount(amountIn));
        require(minOut == 0, Erc7540Venue_MinimumNotSupported(minOut));
        address expected = purchase ? portfolio : home;
        require(receiver == expected, Erc7540Venue_InvalidReceiver(receiver, expected));

        uint256 before = _balance(tokenIn);
        require(before >= amountIn, Erc7540Venue_MissingInput(tokenIn, before, amountIn));
        if (purchase) _requestDeposit(vault, amountIn);
        else _requestRedeem(vault, amountIn);
        uint256 taken = Math.saturatingSub(before, _balance(tokenIn));
        // Exactly the input is to leave.
        // slither-disable-next-line incorrect-equality
        require(taken == amountIn, Erc7540Venue_InputMismatch(tokenIn, taken, amountIn));
        return 0;
    }

    /// @inheritdoc IAsyncVenue
    function claim(address asset)
        external
        onlyPortfolio
        nonReentrant
        returns (uint256 shares, uint256 assets, uint256 lost)
    {
        uint256 kept;
        (shares, kept) = _claimShares(asset);
        (assets, lost) = _claimAssets(asset);
        lost += kept;
        if (shares != 0 || assets != 0) emit Claimed(asset, shares, assets);
    }

    /// @inheritdoc IAsyncVenue
    function pendingValue(address asset) external view nonReentrantView returns (uint256) {
        return _depositValue(asset) + _redemptionValue(asset) + _worth(asset, _balance(asset));
    }

    /// @inheritdoc IErc7540Venue
    function requested(address vault) external view returns (uint256 assets, uint256 shares) {
        return (_deposits[vault].amount, _redemptions[vault].amount);
    }

    /// @inheritdoc IErc7540Venue
    function requestIds(address vault) external view returns (uint256 depositId, uint256 redeemId) {
        return (_deposits[vault].id, _redemptions[vault].id);
    }

    /// @inheritdoc ITradeVenue
    function spot(address, address, uint256) external pure returns (uint256) {
        revert Erc7540Venue_NoSpot();
    }

    /// @dev The vault must take all of the approval, or the trade reverts, so none is left.
    function _requestDeposit(address vault, uint256 assets) internal {
        (uint256 pending, uint256 claimable) = _depositsOf(vault);
        IERC20(settlement).forceApprove(vault, assets);
        uint256 id = IERC7540Vault(vault).requestDeposit(assets, address(this), address(this));
        _record(vault, _deposits[vault], pending + claimable, Request(id, assets, assets));
        emit DepositRequested(vault, id, assets);
    }

    function _requestRedeem(address vault, uint256 shares) internal {
        (uint256 pending, uint256 claimable) = _redemptionsOf(vault);
        uint256 value = _worth(vault, shares);
        uint256 id = IERC7540Vault(vault).requestRedeem(shares, address(this), address(this));
        _record(vault, _redemptions[vault], pending + claimable, Request(id, shares, value));
        emit RedemptionRequested(vault, id, shares);
    }

    /// @dev Adds to a request of the same id, or begins another when nothing is left of the last one.
    function _record(address vault, Request storage request, uint256 left, Request memory added) internal {
        _strike(request, left);
        if (left != 0) {
            // Ids are equal or they are not.
            // slither-disable-next-line incorrect-equality
            require(request.id == added.id, Erc7540Venue_RequestPending(vault, request.id));
            added.amount += request.amount;
            added.value += request.value;
        }
        (request.id, request.amount, request.value) = (added.id, added.amount, added.value);
    }

    /// @dev Claims all shares there are, and passes on those that came without a claim. Lost is what they are worth
    /// less than the assets that were sent for them.
    function _claimShares(address vault) internal returns (uint256 received, uint256 lost) {
        uint256 before = IERC20(vault).balanceOf(portfolio);
        uint256 claimable = IERC7540Vault(vault).maxDeposit(address(this));
        uint256 sent = Math.min(claimable, _deposits[vault].amount);
        if (claimable != 0) {
            // What arrives is measured.
            // slither-disable-next-line unused-return
            IERC7540Vault(vault).deposit(claimable, portfolio, address(this));
            (uint256 waiting, uint256 ready) = _depositsOf(vault);
            _strikeClaimed(_deposits[vault], claimable, waiting + ready);
        }
        uint256 stray = _balance(vault);
        if (stray != 0) IERC20(vault).safeTransfer(portfolio, stray);
        received = Math.saturatingSub(IERC20(vault).balanceOf(portfolio), before);
        lost = Math.saturatingSub(sent, _worth(vault, received));
    }

    /// @dev Claims all assets there are, and passes on those that came without a claim. Lost is what they are less than
    /// the shares were worth that were sent for them.
    function _claimAssets(address vault) internal returns (uint256 received, uint256 lost) {
        uint256 before = IERC20(settlement).balanceOf(home);
        uint256 claimable = IERC7540Vault(vault).maxRedeem(address(this));
        uint256 sent = _worthSent(vault, claimable);
        if (claimable != 0) {
            // slither-disable-next-line unused-return
            IERC7540Vault(vault).redeem(claimable, home, address(this));
            (uint256 waiting, uint256 ready) = _redemptionsOf(vault);
            _strikeClaimed(_redemptions[vault], claimable, waiting + ready);
        }
        uint256 stray = _balance(settlement);
        if (stray != 0) IERC20(settlement).safeTransfer(home, stray);
        received = Math.saturatingSub(IERC20(settlement).balanceOf(home), before);
        lost = Math.saturatingSub(sent, received);
    }

    // slither-disable-end reentrancy-balance,reentrancy-events,reentrancy-no-eth,reentrancy-benign

    /// @dev What was claimed is off the book, and what the vault does not know any more.
    function _strikeClaimed(Request storage request, uint256 claimed, uint256 left) internal {
        _strike(request, Math.min(left, Math.saturatingSub(request.amount, claimed)));
    }

    /// @dev Strikes from the book what is settled: at most `left` stays.
    function _strike(Request storage request, uint256 left) internal {
        uint256 amount = request.amount;
        if (left >= amount) return;
        request.value = Math.mulDiv(request.value, left, amount);
        request.amount = left;
    }

    /// @dev Pending assets, and claimable ones by the shares they became, if these have lost. A vault that admits no
    /// claims for a while says that there are no shares to mint: then it is the assets.
    function _depositValue(address vault) internal view returns (uint256) {
        (uint256 pending, uint256 claimable) = _depositsOf(vault);
        uint256 shares = claimable == 0 ? 0 : IERC7540Vault(vault).maxMint(address(this));
        return pending + (shares == 0 ? claimable : Math.min(claimable, _worth(vault, shares)));
    }

    /// @dev Pending shares at the vault's rate, and the assets that can be claimed. A vault that admits no claims for a
    /// while says that there is nothing to withdraw: then it is the shares.
    function _redemptionValue(address vault) internal view returns (uint256) {
        (uint256 pending, uint256 claimable) = _redemptionsOf(vault);
        uint256 assets = claimable == 0 ? 0 : IERC7540Vault(vault).maxWithdraw(address(this));
        if (assets == 0) assets = _worth(vault, claimable);
        Request storage request = _redemptions[vault];
        uint256 ceiling = Math.max(request.value, _worth(vault, request.amount));
        return Math.min(Math.saturatingAdd(_worth(vault, pending), assets), ceiling);
    }

    /// @dev Assets sent that wait, and that can be claimed; together at most what the book has.
    function _depositsOf(address vault) internal view returns (uint256 pending, uint256 claimable) {
        Request storage request = _deposits[vault];
        (uint256 id, uint256 amount) = (request.id, request.amount);
        if (amount == 0) return (0, 0);
        pending = Math.min(IERC7540Vault(vault).pendingDepositRequest(id, address(this)), amount);
        claimable = Math.min(IERC7540Vault(vault).claimableDepositRequest(id, address(this)), amount - pending);
    }

    /// @dev Shares sent that wait, and that can be claimed; together at most what the book has.
    function _redemptionsOf(address vault) internal view returns (uint256 pending, uint256 claimable) {
        Request storage request = _redemptions[vault];
        (uint256 id, uint256 amount) = (request.id, request.amount);
        if (amount == 0) return (0, 0);
        pending = Math.min(IERC7540Vault(vault).pendingRedeemRequest(id, address(this)), amount);
        claimable = Math.min(IERC7540Vault(vault).claimableRedeemRequest(id, address(this)), amount - pending);
    }

    /// @dev What so many of the shares of a redemption were worth when they were sent, or are now if that is less: what
    /// the market took is no loss of the claim.
    function _worthSent(address vault, uint256 shares) internal view returns (uint256) {
        Request storage request = _redemptions[vault];
        uint256 amount = request.amount;
        shares = Math.min(shares, amount);
        return shares == 0 ? 0 : Math.min(Math.mulDiv(request.value, shares, amount), _worth(vault, shares));
    }

    /// @dev Shares at the vault's rate, rounded down.
    function _worth(address vault, uint256 shares) internal view returns (uint256) {
        // Nothing is worth nothing.
        // slither-disable-next-line incorrect-equality
        return shares == 0 ? 0 : IERC7540Vault(vault).convertToAssets(shares);
    }

    function _balance(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }
}
