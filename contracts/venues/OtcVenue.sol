// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import {IOtcVenue} from "../interfaces/IOtcVenue.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {ITradeVenue} from "../interfaces/ITradeVenue.sol";
import {Bps} from "../libraries/Bps.sol";

/// @title Trades against desks, by quotes that they sign
/// @dev A desk signs away its own tokens, so its nonces and its allowance are sufficient protection; bounded here is
/// the amount that traders can lose to a desk, even one that shares a thief's keys.
contract OtcVenue is IOtcVenue, AccessManaged, EIP712, ReentrancyGuardTransient {
    using BitMaps for BitMaps.BitMap;
    using SafeERC20 for IERC20;

    bytes32 private constant QUOTE_TYPEHASH = keccak256(
        "Quote(address desk,address trader,address tokenIn,address tokenOut,uint256 amountIn,uint256 amountOut,uint256 nonce,uint256 deadline)"
    );
    uint16 private constant DEFAULT_MAX_LOSS_BPS = 100;

    /// @inheritdoc IOtcVenue
    address public immutable oracle;

    /// @inheritdoc IOtcVenue
    uint16 public maxLossBps;
    /// @inheritdoc IOtcVenue
    mapping(address account => bool) public isTrader;
    /// @inheritdoc IOtcVenue
    mapping(address account => bool) public isDesk;
    mapping(address desk => BitMaps.BitMap used) private _nonces;

    constructor(address manager, address oracle_) AccessManaged(manager) EIP712("Ballast OtcVenue", "1") {
        require(oracle_.code.length != 0, OtcVenue_InvalidOracle(oracle_));
        oracle = oracle_;
        _setMaxLoss(DEFAULT_MAX_LOSS_BPS);
    }

    /// @inheritdoc IOtcVenue
    function setDesk(address desk, bool allowed) external restricted {
        _setDesk(desk, allowed);
    }

    /// @inheritdoc IOtcVenue
    function removeDesk(address desk) external restricted {
        require(isDesk[desk], OtcVenue_NotDesk(desk));
        _setDesk(desk, false);
    }

    /// @inheritdoc IOtcVenue
    function setTrader(address trader, bool allowed) external restricted {
        isTrader[trader] = allowed;
        emit TraderSet(trader, allowed);
    }

    /// @inheritdoc IOtcVenue
    function setMaxLoss(uint16 newMaxLossBps) external restricted {
        require(newMaxLossBps <= Bps.MAX_LOSS, OtcVenue_InvalidMaxLoss(newMaxLossBps));
        _setMaxLoss(newMaxLossBps);
    }

    /// @inheritdoc IOtcVenue
    function lowerMaxLoss(uint16 newMaxLossBps) external restricted {
        require(newMaxLossBps < maxLossBps, OtcVenue_InvalidMaxLoss(newMaxLossBps));
        _setMaxLoss(newMaxLossBps);
    }

    /// @inheritdoc IOtcVenue
    function cancelQuote(uint256 nonce) external {
        _useNonce(msg.sender, nonce);
        emit QuoteCancelled(msg.sender, nonce);
    }

    /// @inheritdoc ITradeVenue
    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata data
    ) external nonReentrant returns (uint256 out) {
        require(isTrader[msg.sender], OtcVenue_NotTrader(msg.sender));
        (Quote memory quote, bytes memory signature) = abi.decode(data, (Quote, bytes));
        require(
            quote.tokenIn == tokenIn && quote.tokenOut == tokenOut, OtcVenue_OtherTokens(quote.tokenIn, quote.tokenOut)
        );
        require(quote.amountIn == amountIn, OtcVenue_OtherAmount(quote.amountIn, amountIn));
        require(quote.amountOut >= minOut, OtcVenue_BelowMinimum(quote.amountOut, minOut));
        _take(quote, signature);
        _requireFair(quote);
        out = _exchange(quote, receiver);
    }

    /// @inheritdoc IOtcVenue
    function isNonceUsed(address desk, uint256 nonce) external view returns (bool) {
        return _nonces[desk].get(nonce);
    }

    /// @inheritdoc IOtcVenue
    function hashOf(Quote calldata quote) external view returns (bytes32) {
        return _hash(quote);
    }

    /// @inheritdoc ITradeVenue
    function spot(address, address, uint256) external pure returns (uint256) {
        revert OtcVenue_NoSpot();
    }

    function _setDesk(address desk, bool allowed) internal {
        isDesk[desk] = allowed;
        emit DeskSet(desk, allowed);
    }

    function _setMaxLoss(uint16 newMaxLossBps) internal {
        maxLossBps = newMaxLossBps;
        emit MaxLossSet(newMaxLossBps);
    }

    function _useNonce(address desk, uint256 nonce) internal {
        BitMaps.BitMap storage used = _nonces[desk];
        require(!used.get(nonce), OtcVenue_NonceUsed(desk, nonce));
        used.set(nonce);
    }

    /// @dev Uses up the quote, if it is the caller's, current, and signed by an admitted desk.
    function _take(Quote memory quote, bytes memory signature) internal {
        require(quote.trader == msg.sender, OtcVenue_OtherTrader(quote.trader, msg.sender));
        // Quotes live for seconds and minutes at the desk's own choice; a validator's freedom of some seconds is the
        // desk's risk.
        // slither-disable-next-line timestamp
        require(block.timestamp <= quote.deadline, OtcVenue_Expired(quote.deadline));
        require(isDesk[quote.desk], OtcVenue_NotDesk(quote.desk));
        _useNonce(quote.desk, quote.nonce);
        bytes32 quoteHash = _hash(quote);
        require(
            SignatureChecker.isValidSignatureNow(quote.desk, quoteHash, signature),
            OtcVenue_InvalidSignature(quoteHash, quote.desk)
        );
    }

    /// @dev The output first: a desk is paid after it has delivered. The received amount is measured, and the lock
    /// prevents another trade's output from counting for this one. The giver is not arbitrary: it has signed for this
    /// trade.
    // slither-disable-next-line reentrancy-balance,reentrancy-events,arbitrary-send-erc20
    function _exchange(Quote memory quote, address receiver) internal returns (uint256 out) {
        (IERC20 tokenIn, IERC20 tokenOut) = (IERC20(quote.tokenIn), IERC20(quote.tokenOut));
        uint256 offered = tokenIn.balanceOf(address(this));
        require(offered >= quote.amountIn, OtcVenue_MissingInput(quote.tokenIn, offered, quote.amountIn));
        uint256 before = tokenOut.balanceOf(receiver);
        tokenOut.safeTransferFrom(quote.desk, receiver, quote.amountOut);
        uint256 balance = tokenOut.balanceOf(receiver);
        out = Math.saturatingSub(balance, before);
        require(out >= quote.amountOut, OtcVenue_InsufficientOutput(quote.tokenOut, out, quote.amountOut));
        tokenIn.safeTransfer(quote.desk, quote.amountIn);
        _emitTraded(quote, out, receiver);
    }

    function _emitTraded(Quote memory quote, uint256 out, address receiver) internal {
        emit Traded(quote.desk, quote.nonce, quote.trader, quote.tokenIn, quote.tokenOut, quote.amountIn, out, receiver);
    }

    /// @dev Rounded against the desk: the fair output up, the allowed loss down.
    function _requireFair(Quote memory quote) internal view {
        address[] memory tokens = new address[](2);
        (tokens[0], tokens[1]) = (quote.tokenIn, quote.tokenOut);
        uint256[] memory prices = IPriceOracle(oracle).unitPrices(tokens);
        uint256 fair = Math.mulDiv(quote.amountIn, prices[0], prices[1], Math.Rounding.Ceil);
        uint256 floor = fair - Bps.partDown(fair, maxLossBps);
        require(quote.amountOut >= floor, OtcVenue_BelowFloor(quote.amountOut, floor));
    }

    function _hash(Quote memory quote) internal view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(QUOTE_TYPEHASH, quote)));
    }
}
