// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAsyncVenue} from "../interfaces/IAsyncVenue.sol";
import {IErc7540Venue} from "../interfaces/IErc7540Venue.sol";
import {ITradeVenue} from "../interfaces/ITradeVenue.sol";
import {IERC7540Vault} from "../interfaces/external/IERC7540Vault.sol";
import {BoundedCall} from "../libraries/BoundedCall.sol";
import {ReturnData} from "../libraries/ReturnData.sol";

/// @dev The properties of its portfolio that the venue reads, once.
interface IServedPortfolio {
    function settlement() external view returns (address);
    function home() external view returns (address);
}

/// @title Requests deposits and redemptions of one asynchronous vault (ERC-7540), for one portfolio
/// @dev A unit is in one place at a time: pushed here and requested in the same call, then pending or claimable by the
/// vault's report but at most the booked amount, and removed from the book when it is claimed. Settlement tokens held
/// here are returned deposits that the vault no longer knows, or a gift.
contract Erc7540Venue is IErc7540Venue, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Requested and unclaimed amounts of one direction.
    /// @param id The vault's id of the last request.
    /// @param amount Assets of a deposit, shares of a redemption.
    /// @param value Their value when they were sent: shares of a deposit, assets of a redemption.
    struct Request {
        uint256 id;
        uint256 amount;
        uint256 value;
    }

    /// @dev Gas of one call to the vault.
    uint256 private constant QUESTION_GAS = 400_000;
    /// @dev Gas of the claim of one direction, and gas used between reading the remaining gas and the call.
    uint256 private constant CLAIM_GAS = 1_500_000;
    uint256 private constant CALL_GAS = 10_000;
    /// @dev A call gets all of the available gas except one part in this many.
    uint256 private constant KEPT_PARTS = 64;
    uint256 private constant REASON_SIZE = 256;
    /// @dev A call that failed for lack of gas leaves at most a 64th for each level of calls below it.
    uint256 private constant GAS_PART = 8;
    /// @dev Whole shares whose value determines the rate of a request, so that rounding does not matter.
    uint256 private constant PROBED_SHARES = 1_000_000;

    /// @inheritdoc IErc7540Venue
    address public immutable portfolio;
    /// @inheritdoc IErc7540Venue
    address public immutable vault;
    /// @inheritdoc IErc7540Venue
    address public immutable home;
    /// @inheritdoc IErc7540Venue
    address public immutable settlement;
    uint256 private immutable _probe;

    Request private _deposits;
    Request private _redemptions;

    modifier onlyPortfolio() {
        require(msg.sender == portfolio, Erc7540Venue_NotPortfolio(msg.sender));
        _;
    }

    modifier onlySelf() {
        require(msg.sender == address(this), Erc7540Venue_NotPortfolio(msg.sender));
        _;
    }

    // An address without code is refused in the body, and zero has none.
    // slither-disable-next-line missing-zero-check
    constructor(address portfolio_, address vault_) {
        require(portfolio_.code.length != 0, Erc7540Venue_InvalidPortfolio(portfolio_));
        (portfolio, vault) = (portfolio_, vault_);
        home = IServedPortfolio(portfolio_).home();
        settlement = IServedPortfolio(portfolio_).settlement();
        require(vault_.code.length != 0, Erc7540Venue_InvalidVault(vault_));
        require(IERC7540Vault(vault_).asset() == settlement, Erc7540Venue_InvalidVault(vault_));
        _probe = PROBED_SHARES * 10 ** IERC7540Vault(vault_).decimals();
    }

    // The vault is called during both, and its answers are stored afterwards. The lock refuses all others meanwhile,
    // also for reads; and only the portfolio may do more.
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
        bool sound = purchase ? tokenOut == vault : tokenIn == vault && tokenOut == settlement;
        require(sound, Erc7540Venue_InvalidTokens(tokenIn, tokenOut));
        require(amountIn != 0, Erc7540Venue_InvalidAmount(amountIn));
        require(minOut == 0, Erc7540Venue_MinimumNotSupported(minOut));
        address expected = purchase ? portfolio : home;
        require(receiver == expected, Erc7540Venue_InvalidReceiver(receiver, expected));

        uint256 before = _balance(tokenIn);
        require(before >= amountIn, Erc7540Venue_MissingInput(tokenIn, before, amountIn));
        if (purchase) _requestDeposit(amountIn);
        else _requestRedeem(amountIn);
        uint256 taken = Math.saturatingSub(before, _balance(tokenIn));
        // Exactly the input must leave.
        // slither-disable-next-line incorrect-equality
        require(taken == amountIn, Erc7540Venue_InputMismatch(tokenIn, taken, amountIn));
        return 0;
    }

    /// @inheritdoc IAsyncVenue
    /// @dev Each direction is a separate call with bounded gas, so that a failing one does not block the others.
    function claim(address asset)
        external
        onlyPortfolio
        nonReentrant
        returns (uint256 shares, uint256 assets, uint256 lost)
    {
        require(asset == vault, Erc7540Venue_InvalidVault(asset));
        (uint256 held, uint256 cash) = (_sharesOf(portfolio), IERC20(settlement).balanceOf(home));
        (uint256 kept, bytes memory problem) = _attempt(abi.encodeCall(this.claimShares, ()));
        (uint256 keptBack, bytes memory next) = _attempt(abi.encodeCall(this.claimAssets, ()));
        if (problem.length == 0) problem = next;
        (, next) = _attempt(abi.encodeCall(this.passShares, ()));
        if (problem.length == 0) problem = next;
        _passReturned();
        shares = Math.saturatingSub(_sharesOf(portfolio), held);
        assets = Math.saturatingSub(IERC20(settlement).balanceOf(home), cash);
        lost = kept + keptBack;
        bool came = shares != 0 || assets != 0;
        require(came || problem.length == 0, Erc7540Venue_ClaimFailed(vault, problem));
        if (problem.length != 0) emit ClaimIncomplete(vault, problem);
        if (came) emit Claimed(vault, shares, assets);
    }

    /// @notice Claims all claimable shares. A claim that returns nothing is left: a stranger may request one unit in
    /// our name, and many vaults revert for it.
    /// @dev Who: this contract.
    /// @return lost Part that the issuer kept of the assets sent for them.
    function claimShares() external onlySelf returns (uint256 lost) {
        uint256 claimable = IERC7540Vault(vault).maxDeposit(address(this));
        if (claimable == 0 || IERC7540Vault(vault).maxMint(address(this)) == 0) return 0;
        Request memory request = _deposits;
        uint256 ours = Math.min(claimable, IERC7540Vault(vault).claimableDepositRequest(request.id, address(this)));
        uint256 before = _sharesOf(portfolio) + _sharesOf(address(this));
        // The received amount is measured.
        // slither-disable-next-line unused-return
        IERC7540Vault(vault).deposit(claimable, portfolio, address(this));
        uint256 received = Math.saturatingSub(_sharesOf(portfolio) + _sharesOf(address(this)), before);
        (uint256 pending, uint256 ready) = _depositsOf();
        _strikeClaimed(_deposits, ours, pending + ready);
        return _lostOf(request, Math.min(ours, request.amount), received);
    }

    /// @notice Claims all claimable assets.
    /// @dev Who: this contract.
    /// @return lost Part that the issuer kept of the value of the shares sent for them.
    function claimAssets() external onlySelf returns (uint256 lost) {
        uint256 claimable = IERC7540Vault(vault).maxRedeem(address(this));
        if (claimable == 0 || IERC7540Vault(vault).maxWithdraw(address(this)) == 0) return 0;
        uint256 ours = IERC7540Vault(vault).claimableRedeemRequest(_redemptions.id, address(this));
        ours = Math.min(claimable, ours);
        uint256 sent = _worthSent(ours);
        uint256 before = IERC20(settlement).balanceOf(home) + _balance(settlement);
        // slither-disable-next-line unused-return
        IERC7540Vault(vault).redeem(claimable, home, address(this));
        uint256 received = IERC20(settlement).balanceOf(home) + _balance(settlement);
        received = Math.saturatingSub(received, before);
        (uint256 pending, uint256 ready) = _redemptionsOf();
        _strikeClaimed(_redemptions, ours, pending + ready);
        return Math.saturatingSub(sent, received);
    }

    /// @notice Passes on shares that arrived without a claim: of a refused redemption, of a deposit whose shares were
    /// sent directly, or gifts. They are removed from the book, at the rate of the deposit's request.
    /// @dev Who: this contract.
    function passShares() external onlySelf {
        uint256 stray = _sharesOf(address(this));
        if (stray == 0) return;
        (uint256 pendingShares, uint256 claimableShares) = _redemptionsOf();
        uint256 back = Math.min(stray, _redemptions.amount - pendingShares - claimableShares);
        _strike(_redemptions, _redemptions.amount - back);
        Request memory request = _deposits;
        (uint256 pendingAssets, uint256 claimableAssets) = _depositsOf();
        uint256 settled = request.value == 0 ? 0 : Math.mulDiv(request.amount, stray - back, request.value);
        uint256 left = Math.saturatingSub(request.amount, settled);
        _strike(_deposits, Math.max(left, pendingAssets + claimableAssets));
        IERC20(vault).safeTransfer(portfolio, stray);
    }

    // slither-disable-end reentrancy-balance,reentrancy-events,reentrancy-no-eth,reentrancy-benign

    /// @inheritdoc IAsyncVenue
    function pendingValue(address asset) external view nonReentrantView returns (uint256) {
        require(asset == vault, Erc7540Venue_InvalidVault(asset));
        uint256 stray = _ask(abi.encodeCall(IERC20.balanceOf, (address(this))));
        return _depositValue() + _redemptionValue() + _worth(stray);
    }

    /// @inheritdoc IAsyncVenue
    function requested(address asset) external view returns (uint256 assets, uint256 shares) {
        return asset == vault ? (_deposits.amount, _redemptions.amount) : (0, 0);
    }

    /// @inheritdoc IErc7540Venue
    function missing() public view returns (uint256) {
        (uint256 pending, uint256 claimable) = _depositsOf();
        return _deposits.amount - pending - claimable;
    }

    /// @inheritdoc IErc7540Venue
    function requestIds() external view returns (uint256 depositId, uint256 redeemId) {
        return (_deposits.id, _redemptions.id);
    }

    /// @inheritdoc ITradeVenue
    function spot(address, address, uint256) external pure returns (uint256) {
        revert Erc7540Venue_NoSpot();
    }

    // As above: the lock refuses everybody while the vault is called.
    // slither-disable-start reentrancy-no-eth,reentrancy-benign,reentrancy-events

    /// @dev The vault must take all of the approval, or the trade reverts, so none is left.
    function _requestDeposit(uint256 assets) internal {
        (uint256 pending, uint256 claimable) = _depositsOf();
        uint256 returned = Math.min(missing(), _balance(settlement) - assets);
        uint256 worth = _worth(_probe);
        uint256 shares = worth == 0 ? 0 : Math.mulDiv(assets, _probe, worth);
        IERC20(settlement).forceApprove(vault, assets);
        uint256 id = IERC7540Vault(vault).requestDeposit(assets, address(this), address(this));
        _record(_deposits, [pending + claimable, returned], Request(id, assets, shares));
        emit DepositRequested(vault, id, assets);
    }

    function _requestRedeem(uint256 shares) internal {
        (uint256 pending, uint256 claimable) = _redemptionsOf();
        uint256 value = _worthOr0(shares);
        uint256 id = IERC7540Vault(vault).requestRedeem(shares, address(this), address(this));
        _record(_redemptions, [pending + claimable, 0], Request(id, shares, value));
        emit RedemptionRequested(vault, id, shares);
    }

    // slither-disable-end reentrancy-no-eth,reentrancy-benign,reentrancy-events

    /// @dev Adds to a request of the same id, or begins another when the vault has nothing left of the last one.
    /// @param left Part of it that the vault still has, and the returned part held here.
    function _record(Request storage request, uint256[2] memory left, Request memory added) internal {
        _strike(request, left[0] + left[1]);
        // Ids are equal or they are not.
        // slither-disable-next-line incorrect-equality
        require(left[0] == 0 || request.id == added.id, Erc7540Venue_RequestPending(vault, request.id));
        request.id = added.id;
        request.amount += added.amount;
        request.value += added.value;
    }

    /// @dev Calls this contract; the call may fail.
    /// @return answer A word; 0 where it failed.
    /// @return problem Why it failed, never empty then.
    function _attempt(bytes memory part) internal returns (uint256 answer, bytes memory problem) {
        uint256 available = gasleft();
        uint256 given = CLAIM_GAS;
        bool done;
        assembly ("memory-safe") {
            done := call(given, address(), 0, add(part, 0x20), mload(part), 0, 0x20)
            if and(done, gt(returndatasize(), 0x1f)) { answer := mload(0) }
        }
        if (done) return (answer, problem);
        problem = ReturnData.head(REASON_SIZE);
        // With little gas anybody could cause a failure.
        require(available - available / KEPT_PARTS >= given + CALL_GAS, Erc7540Venue_OutOfGas());
        if (problem.length == 0) problem = bytes("no reason");
    }

    /// @dev Sends settlement tokens held here home: returned deposits, which are then removed from the book, and tokens
    /// without an owner. No failing view keeps them here.
    function _passReturned() internal {
        uint256 cash = _balance(settlement);
        // Zero is exact here.
        // slither-disable-next-line incorrect-equality
        if (cash == 0) return;
        _strike(_deposits, _deposits.amount - Math.min(_missingOr0(), cash));
        IERC20(settlement).safeTransfer(home, cash);
    }

    /// @dev Removes claimed amounts from the book, and amounts that the vault no longer knows. Claims cover all ids
    /// together, and a stranger may have had others settled in our name: `claimed` is the claimable amount of our own.
    function _strikeClaimed(Request storage request, uint256 claimed, uint256 left) internal {
        _strike(request, Math.min(left, Math.saturatingSub(request.amount, claimed)));
    }

    /// @dev Removes settled amounts from the book: at most `left` stays.
    function _strike(Request storage request, uint256 left) internal {
        uint256 amount = request.amount;
        if (left >= amount) return;
        request.value = Math.mulDiv(request.value, left, amount);
        request.amount = left;
    }

    /// @dev Pending assets, returned assets, and claimable ones by the value of their shares, if these have lost. A
    /// vault whose claims are paused reports no claimable shares: then the assets count.
    function _depositValue() internal view returns (uint256) {
        (uint256 pending, uint256 claimable) = _depositsOf();
        uint256 shares = claimable == 0 ? 0 : _ask(abi.encodeCall(IERC4626.maxMint, (address(this))));
        uint256 returned = Math.min(_deposits.amount - pending - claimable, _balance(settlement));
        return pending + returned + (shares == 0 ? claimable : Math.min(claimable, _worth(shares)));
    }

    /// @dev Pending shares at the vault's rate, and the claimable assets. A vault whose claims are paused reports
    /// nothing to withdraw: then the shares count.
    function _redemptionValue() internal view returns (uint256) {
        (uint256 pending, uint256 claimable) = _redemptionsOf();
        uint256 assets = claimable == 0 ? 0 : _ask(abi.encodeCall(IERC4626.maxWithdraw, (address(this))));
        if (assets == 0) assets = _worth(claimable);
        Request storage request = _redemptions;
        uint256 ceiling = Math.max(request.value, _worth(request.amount));
        return Math.min(Math.saturatingAdd(_worth(pending), assets), ceiling);
    }

    /// @dev Assets sent that are pending, and that are claimable; together at most the booked amount.
    function _depositsOf() internal view returns (uint256 pending, uint256 claimable) {
        (uint256 id, uint256 amount) = (_deposits.id, _deposits.amount);
        if (amount == 0) return (0, 0);
        pending = _ask(abi.encodeCall(IERC7540Vault.pendingDepositRequest, (id, address(this))));
        pending = Math.min(pending, amount);
        claimable = _ask(abi.encodeCall(IERC7540Vault.claimableDepositRequest, (id, address(this))));
        claimable = Math.min(claimable, amount - pending);
    }

    /// @dev Shares sent that are pending, and that are claimable; together at most the booked amount.
    function _redemptionsOf() internal view returns (uint256 pending, uint256 claimable) {
        (uint256 id, uint256 amount) = (_redemptions.id, _redemptions.amount);
        if (amount == 0) return (0, 0);
        pending = _ask(abi.encodeCall(IERC7540Vault.pendingRedeemRequest, (id, address(this))));
        pending = Math.min(pending, amount);
        claimable = _ask(abi.encodeCall(IERC7540Vault.claimableRedeemRequest, (id, address(this))));
        claimable = Math.min(claimable, amount - pending);
    }

    /// @dev Value of a part of a redemption's shares when they were sent, or now if that is less: a fall of the market
    /// is no loss of the claim. For a vault that does not answer the earlier value applies.
    function _worthSent(uint256 shares) internal view returns (uint256) {
        uint256 amount = _redemptions.amount;
        shares = Math.min(shares, amount);
        if (shares == 0) return 0;
        uint256 value = Math.mulDiv(_redemptions.value, shares, amount);
        uint256 present = _worthOr0(shares);
        // No answer and a small answer are different.
        // slither-disable-next-line incorrect-equality
        return present == 0 ? value : Math.min(value, present);
    }

    /// @dev Part of `sent` that the issuer kept: by the rate of the request and by the present rate, whichever is less.
    /// A fall of the market between request, settlement and claim is no loss of the claim.
    function _lostOf(Request memory request, uint256 sent, uint256 received) internal view returns (uint256 lost) {
        if (sent == 0) return 0;
        lost = Math.saturatingSub(sent, _worthOr0(received));
        uint256 expected = Math.mulDiv(request.value, sent, request.amount);
        if (expected == 0) return lost;
        lost = Math.min(lost, Math.mulDiv(sent, Math.saturatingSub(expected, received), expected));
    }

    /// @dev A vault that cannot be called has no value either, and so nothing that could count twice.
    function _missingOr0() internal view returns (uint256) {
        uint256 gas = gasleft();
        // A separate call, so that a vault that reverts is caught.
        // slither-disable-next-line var-read-using-this
        try this.missing() returns (uint256 assets) {
            return assets;
        } catch {
            // With little gas anybody could cause a failure.
            require(gasleft() > gas / GAS_PART, Erc7540Venue_OutOfGas());
            return 0;
        }
    }

    /// @dev Shares at the vault's rate, rounded down.
    function _worth(uint256 shares) internal view returns (uint256) {
        // Zero shares are worth zero.
        // slither-disable-next-line incorrect-equality
        return shares == 0 ? 0 : _ask(abi.encodeCall(IERC4626.convertToAssets, (shares)));
    }

    /// @dev Shares without a value now can still be requested and claimed.
    function _worthOr0(uint256 shares) internal view returns (uint256 worth) {
        // No answer counts as 0.
        // slither-disable-next-line unused-return
        (, worth) = BoundedCall.tryRead(vault, abi.encodeCall(IERC4626.convertToAssets, (shares)), QUESTION_GAS);
    }

    /// @dev An account's shares; 0 where the vault does not answer.
    function _sharesOf(address account) internal view returns (uint256 shares) {
        // slither-disable-next-line unused-return
        (, shares) = BoundedCall.tryRead(vault, abi.encodeCall(IERC20.balanceOf, (account)), QUESTION_GAS);
    }

    function _ask(bytes memory question) internal view returns (uint256) {
        return BoundedCall.read(vault, question, QUESTION_GAS);
    }

    function _balance(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }
}
