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
/// vault says but at most what the book has, and struck from the book when it is claimed. Settlement tokens that lie
/// here are what came back of deposits of which the vaults know no more.
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
    /// @dev Vaults of which a deposit was ever requested; what comes back is theirs in this order.
    address[] private _asked;
    mapping(address vault => bool) private _isAsked;

    /// @dev A call that failed for lack of gas leaves at most a 64th for each level of calls below it.
    uint256 private constant GAS_PART = 8;

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

    /// @inheritdoc IAsyncVenue
    function requested(address vault) external view returns (uint256 assets, uint256 shares) {
        return (_deposits[vault].amount, _redemptions[vault].amount);
    }

    /// @inheritdoc IErc7540Venue
    function missing(address vault) external view returns (uint256) {
        (uint256 pending, uint256 claimable) = _depositsOf(vault);
        return _deposits[vault].amount - pending - claimable;
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
        (uint256 returned,) = _returned(vault, _balance(settlement) - assets);
        if (!_isAsked[vault]) {
            _isAsked[vault] = true;
            _asked.push(vault);
        }
        IERC20(settlement).forceApprove(vault, assets);
        uint256 id = IERC7540Vault(vault).requestDeposit(assets, address(this), address(this));
        _record(vault, _deposits[vault], [pending + claimable, returned], Request(id, assets, assets));
        emit DepositRequested(vault, id, assets);
    }

    function _requestRedeem(address vault, uint256 shares) internal {
        (uint256 pending, uint256 claimable) = _redemptionsOf(vault);
        uint256 value = _worthOr0(vault, shares);
        uint256 id = IERC7540Vault(vault).requestRedeem(shares, address(this), address(this));
        _record(vault, _redemptions[vault], [pending + claimable, 0], Request(id, shares, value));
        emit RedemptionRequested(vault, id, shares);
    }

    /// @dev Adds to a request of the same id, or begins another when the vault has nothing left of the last one.
    /// @param left What the vault has of it, and what came back of it and lies here.
    function _record(address vault, Request storage request, uint256[2] memory left, Request memory added) internal {
        _strike(request, left[0] + left[1]);
        // Ids are equal or they are not.
        // slither-disable-next-line incorrect-equality
        require(left[0] == 0 || request.id == added.id, Erc7540Venue_RequestPending(vault, request.id));
        request.id = added.id;
        request.amount += added.amount;
        request.value += added.value;
    }

    /// @dev Claims all shares there are, and passes on those that came without a claim. What gives nothing is left
    /// where it is: a stranger may request a unit in our name, and many a vault reverts for it. Lost is what the shares
    /// are worth less than the assets that were sent for them.
    function _claimShares(address vault) internal returns (uint256 received, uint256 lost) {
        uint256 before = IERC20(vault).balanceOf(portfolio);
        uint256 claimable = IERC7540Vault(vault).maxDeposit(address(this));
        uint256 sent = 0;
        if (claimable != 0 && IERC7540Vault(vault).maxMint(address(this)) != 0) {
            uint256 ours = IERC7540Vault(vault).claimableDepositRequest(_deposits[vault].id, address(this));
            sent = Math.min(Math.min(claimable, ours), _deposits[vault].amount);
            // What arrives is measured.
            // slither-disable-next-line unused-return
            IERC7540Vault(vault).deposit(claimable, portfolio, address(this));
            (uint256 waiting, uint256 ready) = _depositsOf(vault);
            _strikeClaimed(_deposits[vault], Math.min(claimable, ours), waiting + ready);
        }
        uint256 stray = _balance(vault);
        if (stray != 0) IERC20(vault).safeTransfer(portfolio, stray);
        received = Math.saturatingSub(IERC20(vault).balanceOf(portfolio), before);
        lost = Math.saturatingSub(sent, _worthOr0(vault, received));
    }

    /// @dev Claims all assets there are, and passes on those that came without a claim, but for what came back of other
    /// vaults' deposits. Lost is what they are less than the shares were worth that were sent for them.
    function _claimAssets(address vault) internal returns (uint256 received, uint256 lost) {
        uint256 before = IERC20(settlement).balanceOf(home);
        uint256 claimable = IERC7540Vault(vault).maxRedeem(address(this));
        uint256 sent = 0;
        if (claimable != 0 && IERC7540Vault(vault).maxWithdraw(address(this)) != 0) {
            uint256 ours = IERC7540Vault(vault).claimableRedeemRequest(_redemptions[vault].id, address(this));
            sent = _worthSent(vault, Math.min(claimable, ours));
            // slither-disable-next-line unused-return
            IERC7540Vault(vault).redeem(claimable, home, address(this));
            (uint256 waiting, uint256 ready) = _redemptionsOf(vault);
            _strikeClaimed(_redemptions[vault], Math.min(claimable, ours), waiting + ready);
        }
        (uint256 returned, uint256 free) = _returned(vault, _balance(settlement));
        _strike(_deposits[vault], _deposits[vault].amount - returned);
        if (returned + free != 0) IERC20(settlement).safeTransfer(home, returned + free);
        received = Math.saturatingSub(IERC20(settlement).balanceOf(home), before);
        // What came back of a deposit pays for no redemption.
        lost = Math.saturatingSub(sent + returned, received);
    }

    // slither-disable-end reentrancy-balance,reentrancy-events,reentrancy-no-eth,reentrancy-benign

    /// @dev What was claimed is off the book, and what the vault does not know any more. Claims are of all ids
    /// together, and a stranger may have had others settled in our name: `claimed` is what could be claimed of our own.
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

    /// @dev Pending assets, those that came back, and claimable ones by the shares they became, if these have lost. A
    /// vault that admits no claims for a while says that there are no shares to mint: then it is the assets.
    function _depositValue(address vault) internal view returns (uint256) {
        (uint256 pending, uint256 claimable) = _depositsOf(vault);
        uint256 shares = claimable == 0 ? 0 : IERC7540Vault(vault).maxMint(address(this));
        (uint256 returned,) = _returned(vault, _balance(settlement));
        return pending + returned + (shares == 0 ? claimable : Math.min(claimable, _worth(vault, shares)));
    }

    /// @dev Of settlement tokens that lie here: what came back of a vault's deposit, and what is nobody's. Whoever
    /// comes first on the list is served first, so that none counts twice.
    function _returned(address vault, uint256 balance) internal view returns (uint256 own, uint256 free) {
        free = balance;
        uint256 count = _asked.length;
        for (uint256 i = 0; i < count && free != 0; ++i) {
            address other = _asked[i];
            uint256 part = Math.min(_missingOr0(other), free);
            if (other == vault) own = part;
            free -= part;
        }
    }

    /// @dev A vault that cannot be asked has no value either, and so nothing to count twice.
    function _missingOr0(address vault) internal view returns (uint256) {
        uint256 gas = gasleft();
        // The list is as long as the vaults that were listed.
        // slither-disable-next-line calls-loop
        try this.missing(vault) returns (uint256 assets) {
            return assets;
        } catch {
            // With little gas anybody could make anything fail.
            require(gasleft() > gas / GAS_PART, Erc7540Venue_OutOfGas());
            return 0;
        }
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
    /// the market took is no loss of the claim. A vault that does not tell is held to what it was.
    function _worthSent(address vault, uint256 shares) internal view returns (uint256) {
        Request storage request = _redemptions[vault];
        uint256 amount = request.amount;
        shares = Math.min(shares, amount);
        if (shares == 0) return 0;
        uint256 value = Math.mulDiv(request.value, shares, amount);
        uint256 present = _worthOr0(vault, shares);
        // No answer is told apart from a small one.
        // slither-disable-next-line incorrect-equality
        return present == 0 ? value : Math.min(value, present);
    }

    /// @dev Shares at the vault's rate, rounded down.
    function _worth(address vault, uint256 shares) internal view returns (uint256) {
        // Nothing is worth nothing.
        // slither-disable-next-line incorrect-equality
        return shares == 0 ? 0 : IERC7540Vault(vault).convertToAssets(shares);
    }

    /// @dev What has no value now can be requested and claimed all the same.
    function _worthOr0(address vault, uint256 shares) internal view returns (uint256) {
        uint256 gas = gasleft();
        try IERC7540Vault(vault).convertToAssets(shares) returns (uint256 assets) {
            return assets;
        } catch {
            require(gasleft() > gas / GAS_PART, Erc7540Venue_OutOfGas());
            return 0;
        }
    }

    function _balance(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }
}
