// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {Test} from "../support/Test.sol";

/// @title Properties of every ERC-4626 vault, in any state
/// @notice Written from the standard, with one test for each property of the well-known public suites. `prop_` and
/// `RT_` are names of one suite; `rounding_`, `accounting_`, `proxy_`, `view_` and `security_` are subjects of the
/// other. No tolerance: rounding always favours the vault.
///
/// Each test begins in a random state: four people with shares and tokens, and a gain or loss since their deposits.
abstract contract Erc4626Properties is Test {
    using SafeERC20 for IERC20;

    uint256 internal constant PEOPLE = 4;

    struct State {
        uint256[PEOPLE] deposits;
        uint256[PEOPLE] tokens;
        uint256 result;
        bool gain;
    }

    /// @dev Caller, receiver, owner of the shares and another person; any of them may be the same.
    struct Cast {
        uint8 caller;
        uint8 receiver;
        uint8 owner;
        uint8 other;
    }

    IERC4626 internal subject;
    IERC20 internal token;

    /// @dev Makes the vault, with the deposits of the people (`_person`) and the result since.
    function _arrange(State memory state) internal virtual;

    /// @dev Returns a new, empty vault of the same kind.
    function _emptyVault() internal virtual returns (IERC4626);

    /// @dev Mints tokens for an account.
    function _fund(address account, uint256 assets) internal virtual;

    function _person(uint8 seed) internal pure returns (address) {
        return address(uint160(0xFACE0 + seed % PEOPLE));
    }

    // Properties of single functions

    function testFuzz_prop_asset(State memory state) public {
        _arrange(state);
        assertTrue(subject.asset() != address(0), "asset");
    }

    function testFuzz_prop_totalAssets(State memory state) public {
        _arrange(state);
        subject.totalAssets();
    }

    function testFuzz_prop_convertToShares(State memory state, Cast memory cast, uint256 assets) public {
        _arrange(state);
        assets = bound(assets, 0, 1e36);
        vm.prank(_person(cast.caller));
        uint256 shares = subject.convertToShares(assets);
        vm.prank(_person(cast.other));
        assertEq(subject.convertToShares(assets), shares, "whoever asks");
    }

    function testFuzz_prop_convertToAssets(State memory state, Cast memory cast, uint256 shares) public {
        _arrange(state);
        shares = bound(shares, 0, 1e36);
        vm.prank(_person(cast.caller));
        uint256 assets = subject.convertToAssets(shares);
        vm.prank(_person(cast.other));
        assertEq(subject.convertToAssets(shares), assets, "whoever asks");
    }

    function testFuzz_prop_maxDeposit(State memory state, Cast memory cast) public {
        _arrange(state);
        subject.maxDeposit(_person(cast.receiver));
        // It does not revert in a vault without assets either.
        _emptyVault().maxDeposit(_person(cast.receiver));
    }

    function testFuzz_prop_maxMint(State memory state, Cast memory cast) public {
        _arrange(state);
        subject.maxMint(_person(cast.receiver));
        _emptyVault().maxMint(_person(cast.receiver));
    }

    function testFuzz_prop_maxWithdraw(State memory state, Cast memory cast) public {
        _arrange(state);
        address owner = _person(cast.owner);
        uint256 most = subject.maxWithdraw(owner);
        vm.prank(owner);
        subject.withdraw(most, owner, owner);
        _emptyVault().maxWithdraw(owner);
    }

    function testFuzz_prop_maxRedeem(State memory state, Cast memory cast) public {
        _arrange(state);
        address owner = _person(cast.owner);
        uint256 most = subject.maxRedeem(owner);
        vm.prank(owner);
        subject.redeem(most, owner, owner);
        _emptyVault().maxRedeem(owner);
    }

    // Previews compared with the results

    function testFuzz_prop_previewDeposit(State memory state, Cast memory cast, uint256 assets) public {
        _arrange(state);
        assets = _affordable(_person(cast.caller), assets);
        vm.prank(_person(cast.other));
        uint256 preview = subject.previewDeposit(assets);
        assertGe(_deposit(_person(cast.caller), _person(cast.receiver), assets), preview, "shares");
    }

    function testFuzz_prop_previewMint(State memory state, Cast memory cast, uint256 shares) public {
        _arrange(state);
        shares = subject.convertToShares(_affordable(_person(cast.caller), shares));
        vm.prank(_person(cast.other));
        uint256 preview = subject.previewMint(shares);
        assertLe(_mint(_person(cast.caller), _person(cast.receiver), shares), preview, "assets");
    }

    function testFuzz_prop_previewWithdraw(State memory state, Cast memory cast, uint256 assets) public {
        _arrange(state);
        address owner = _person(cast.owner);
        assets = bound(assets, 0, subject.maxWithdraw(owner));
        vm.prank(_person(cast.other));
        uint256 preview = subject.previewWithdraw(assets);
        vm.prank(owner);
        assertLe(subject.withdraw(assets, _person(cast.receiver), owner), preview, "shares");
    }

    function testFuzz_prop_previewRedeem(State memory state, Cast memory cast, uint256 shares) public {
        _arrange(state);
        address owner = _person(cast.owner);
        shares = bound(shares, 0, subject.maxRedeem(owner));
        vm.prank(_person(cast.other));
        uint256 preview = subject.previewRedeem(shares);
        vm.prank(owner);
        assertGe(subject.redeem(shares, _person(cast.receiver), owner), preview, "assets");
    }

    // Transfers with exactly the required allowance

    function testFuzz_prop_deposit(State memory state, Cast memory cast, uint256 assets) public {
        _arrange(state);
        (address caller, address receiver) = (_person(cast.caller), _person(cast.receiver));
        assets = _affordable(caller, assets);
        (uint256 tokens, uint256 shares) = (token.balanceOf(caller), subject.balanceOf(receiver));
        uint256 minted = _deposit(caller, receiver, assets);
        assertEq(token.balanceOf(caller), tokens - assets, "caller's tokens");
        assertEq(subject.balanceOf(receiver), shares + minted, "receiver's shares");
        assertEq(token.allowance(caller, address(subject)), 0, "allowance");
    }

    function testFuzz_prop_mint(State memory state, Cast memory cast, uint256 shares) public {
        _arrange(state);
        (address caller, address receiver) = (_person(cast.caller), _person(cast.receiver));
        shares = subject.convertToShares(_affordable(caller, shares));
        (uint256 tokens, uint256 held) = (token.balanceOf(caller), subject.balanceOf(receiver));
        uint256 assets = _mint(caller, receiver, shares);
        assertEq(token.balanceOf(caller), tokens - assets, "caller's tokens");
        assertEq(subject.balanceOf(receiver), held + shares, "receiver's shares");
        assertEq(token.allowance(caller, address(subject)), 0, "allowance");
    }

    function testFuzz_prop_withdraw(State memory state, Cast memory cast, uint256 assets) public {
        _arrange(state);
        (address caller, address receiver, address owner) = _three(cast);
        assets = bound(assets, 0, subject.maxWithdraw(owner));
        uint256 expected = subject.previewWithdraw(assets);
        _allow(owner, caller, expected);
        (uint256 tokens, uint256 shares) = (token.balanceOf(receiver), subject.balanceOf(owner));
        vm.prank(caller);
        uint256 burned = subject.withdraw(assets, receiver, owner);
        assertEq(token.balanceOf(receiver), tokens + assets, "receiver's tokens");
        assertEq(subject.balanceOf(owner), shares - burned, "owner's shares");
        if (caller != owner) assertEq(subject.allowance(owner, caller), expected - burned, "allowance");
    }

    function testFuzz_prop_redeem(State memory state, Cast memory cast, uint256 shares) public {
        _arrange(state);
        (address caller, address receiver, address owner) = _three(cast);
        shares = bound(shares, 0, subject.maxRedeem(owner));
        _allow(owner, caller, shares);
        (uint256 tokens, uint256 held) = (token.balanceOf(receiver), subject.balanceOf(owner));
        vm.prank(caller);
        uint256 assets = subject.redeem(shares, receiver, owner);
        assertEq(token.balanceOf(receiver), tokens + assets, "receiver's tokens");
        assertEq(subject.balanceOf(owner), held - shares, "owner's shares");
        if (caller != owner) assertEq(subject.allowance(owner, caller), 0, "allowance");
    }

    function testFuzz_prop_withdraw_withoutAllowance(State memory state, Cast memory cast, uint256 assets) public {
        _arrange(state);
        (address caller, address receiver, address owner) = _three(cast);
        assets = bound(assets, 0, subject.maxWithdraw(owner));
        vm.prank(caller);
        try subject.withdraw(assets, receiver, owner) returns (uint256 shares) {
            assertTrue(caller == owner || (assets == 0 && shares == 0), "somebody else's");
        } catch {
            assertTrue(caller != owner, "one's own");
        }
    }

    function testFuzz_prop_redeem_withoutAllowance(State memory state, Cast memory cast, uint256 shares) public {
        _arrange(state);
        (address caller, address receiver, address owner) = _three(cast);
        shares = bound(shares, 0, subject.maxRedeem(owner));
        vm.prank(caller);
        try subject.redeem(shares, receiver, owner) returns (uint256 assets) {
            assertTrue(caller == owner || (assets == 0 && shares == 0), "somebody else's");
        } catch {
            assertTrue(caller != owner, "one's own");
        }
    }

    // Round trips make no gain

    function testFuzz_RT_deposit_redeem(State memory state, Cast memory cast, uint256 assets) public {
        address person = _arrangeFor(state, cast);
        assets = _affordable(person, assets);
        uint256 shares = _deposit(person, person, assets);
        _liquid(person, shares);
        vm.prank(person);
        assertLe(subject.redeem(shares, person, person), assets, "assets");
    }

    function testFuzz_RT_deposit_withdraw(State memory state, Cast memory cast, uint256 assets) public {
        address person = _arrangeFor(state, cast);
        assets = _affordable(person, assets);
        uint256 shares = _deposit(person, person, assets);
        if (subject.maxWithdraw(person) < assets) return;
        vm.prank(person);
        assertGe(subject.withdraw(assets, person, person), shares, "shares");
    }

    function testFuzz_RT_redeem_deposit(State memory state, Cast memory cast, uint256 shares) public {
        address person = _arrangeFor(state, cast);
        shares = bound(shares, 0, subject.maxRedeem(person));
        vm.prank(person);
        uint256 assets = subject.redeem(shares, person, person);
        assertLe(_deposit(person, person, assets), shares, "shares");
    }

    function testFuzz_RT_redeem_mint(State memory state, Cast memory cast, uint256 shares) public {
        address person = _arrangeFor(state, cast);
        shares = bound(shares, 0, subject.maxRedeem(person));
        vm.prank(person);
        uint256 assets = subject.redeem(shares, person, person);
        _fund(person, 1e6);
        assertGe(_mint(person, person, shares), assets, "assets");
    }

    function testFuzz_RT_mint_withdraw(State memory state, Cast memory cast, uint256 shares) public {
        address person = _arrangeFor(state, cast);
        shares = subject.convertToShares(_affordable(person, shares));
        uint256 assets = _mint(person, person, shares);
        if (subject.maxWithdraw(person) < assets) return;
        vm.prank(person);
        assertGe(subject.withdraw(assets, person, person), shares, "shares");
    }

    function testFuzz_RT_mint_redeem(State memory state, Cast memory cast, uint256 shares) public {
        address person = _arrangeFor(state, cast);
        shares = subject.convertToShares(_affordable(person, shares));
        uint256 assets = _mint(person, person, shares);
        _liquid(person, shares);
        vm.prank(person);
        assertLe(subject.redeem(shares, person, person), assets, "assets");
    }

    function testFuzz_RT_withdraw_mint(State memory state, Cast memory cast, uint256 assets) public {
        address person = _arrangeFor(state, cast);
        assets = bound(assets, 0, subject.maxWithdraw(person));
        vm.prank(person);
        uint256 shares = subject.withdraw(assets, person, person);
        _fund(person, 1e6);
        assertGe(_mint(person, person, shares), assets, "assets");
    }

    function testFuzz_RT_withdraw_deposit(State memory state, Cast memory cast, uint256 assets) public {
        address person = _arrangeFor(state, cast);
        assets = bound(assets, 0, subject.maxWithdraw(person));
        vm.prank(person);
        uint256 shares = subject.withdraw(assets, person, person);
        assertLe(_deposit(person, person, assets), shares, "shares");
    }

    // Rounding: zero for zero, and never something for zero

    function testFuzz_rounding_previewsOfNothing(State memory state) public {
        _arrange(state);
        assertEq(subject.previewDeposit(0), 0, "previewDeposit");
        assertEq(subject.previewRedeem(0), 0, "previewRedeem");
        assertEq(subject.convertToShares(0), 0, "convertToShares");
        assertEq(subject.convertToAssets(0), 0, "convertToAssets");
    }

    function testFuzz_rounding_previewMint(State memory state, uint256 shares) public {
        _arrange(state);
        assertGe(subject.previewMint(bound(shares, 1, 1e36)), 1, "no shares for nothing");
    }

    function testFuzz_rounding_previewWithdraw(State memory state, uint256 assets) public {
        _arrange(state);
        assertGe(subject.previewWithdraw(bound(assets, 1, 1e36)), 1, "no assets for nothing");
    }

    function testFuzz_rounding_convertThereAndBack(State memory state, uint256 amount) public {
        _arrange(state);
        amount = bound(amount, 0, 1e36);
        assertLe(subject.convertToAssets(subject.convertToShares(amount)), amount, "assets");
        assertLe(subject.convertToShares(subject.convertToAssets(amount)), amount, "shares");
    }

    function testFuzz_rounding_previewsAgainstConversions(State memory state, uint256 amount) public {
        _arrange(state);
        amount = bound(amount, 0, 1e36);
        assertLe(subject.previewDeposit(amount), subject.convertToShares(amount), "previewDeposit");
        assertGe(subject.previewMint(amount), subject.convertToAssets(amount), "previewMint");
        assertGe(subject.previewWithdraw(amount), subject.convertToShares(amount), "previewWithdraw");
        assertLe(subject.previewRedeem(amount), subject.convertToAssets(amount), "previewRedeem");
    }

    function testFuzz_rounding_depositAndRedeemNothing(State memory state, Cast memory cast) public {
        address person = _arrangeFor(state, cast);
        assertEq(_deposit(person, person, 0), 0, "deposit");
        vm.prank(person);
        assertEq(subject.redeem(0, person, person), 0, "redeem");
    }

    function testFuzz_rounding_mintSomething(State memory state, Cast memory cast, uint256 shares) public {
        address person = _arrangeFor(state, cast);
        _fund(person, 1e6);
        shares = bound(shares, 1, subject.convertToShares(token.balanceOf(person)));
        assertGe(_mint(person, person, shares), 1, "no shares for nothing");
    }

    function testFuzz_rounding_withdrawSomething(State memory state, Cast memory cast, uint256 assets) public {
        address person = _arrangeFor(state, cast);
        uint256 most = subject.maxWithdraw(person);
        if (most == 0) return;
        vm.prank(person);
        assertGe(subject.withdraw(bound(assets, 1, most), person, person), 1, "no assets for nothing");
    }

    // Accounting of the whole vault

    function testFuzz_accounting_deposit(State memory state, Cast memory cast, uint256 assets) public {
        _arrange(state);
        address caller = _person(cast.caller);
        assets = _affordable(caller, assets);
        (uint256 total, uint256 supply) = (subject.totalAssets(), subject.totalSupply());
        uint256 shares = _deposit(caller, _person(cast.receiver), assets);
        assertEq(subject.totalAssets(), total + assets, "total");
        assertEq(subject.totalSupply(), supply + shares, "supply");
    }

    function testFuzz_accounting_mint(State memory state, Cast memory cast, uint256 shares) public {
        _arrange(state);
        address caller = _person(cast.caller);
        shares = subject.convertToShares(_affordable(caller, shares));
        (uint256 total, uint256 supply) = (subject.totalAssets(), subject.totalSupply());
        uint256 assets = _mint(caller, _person(cast.receiver), shares);
        assertEq(subject.totalAssets(), total + assets, "total");
        assertEq(subject.totalSupply(), supply + shares, "supply");
    }

    function testFuzz_accounting_withdraw(State memory state, Cast memory cast, uint256 assets) public {
        _arrange(state);
        address owner = _person(cast.owner);
        assets = bound(assets, 0, subject.maxWithdraw(owner));
        (uint256 total, uint256 supply) = (subject.totalAssets(), subject.totalSupply());
        vm.prank(owner);
        uint256 shares = subject.withdraw(assets, _person(cast.receiver), owner);
        assertEq(subject.totalAssets(), total - assets, "total");
        assertEq(subject.totalSupply(), supply - shares, "supply");
    }

    function testFuzz_accounting_redeem(State memory state, Cast memory cast, uint256 shares) public {
        _arrange(state);
        address owner = _person(cast.owner);
        shares = bound(shares, 0, subject.maxRedeem(owner));
        (uint256 total, uint256 supply) = (subject.totalAssets(), subject.totalSupply());
        vm.prank(owner);
        uint256 assets = subject.redeem(shares, _person(cast.receiver), owner);
        assertEq(subject.totalAssets(), total - assets, "total");
        assertEq(subject.totalSupply(), supply - shares, "supply");
    }

    // Calls by an account with an allowance

    function testFuzz_proxy_withdraw(State memory state, Cast memory cast, uint256 assets) public {
        _arrange(state);
        address owner = _person(cast.owner);
        assets = bound(assets, 0, subject.maxWithdraw(owner));
        uint256 expected = subject.previewWithdraw(assets);
        _allow(owner, address(this), expected);
        uint256 tokens = token.balanceOf(address(this));
        assertEq(subject.withdraw(assets, address(this), owner), expected, "shares");
        assertEq(token.balanceOf(address(this)), tokens + assets, "paid to the proxy");
    }

    function testFuzz_proxy_redeem(State memory state, Cast memory cast, uint256 shares) public {
        _arrange(state);
        address owner = _person(cast.owner);
        shares = bound(shares, 0, subject.maxRedeem(owner));
        uint256 expected = subject.previewRedeem(shares);
        _allow(owner, address(this), shares);
        uint256 tokens = token.balanceOf(address(this));
        assertEq(subject.redeem(shares, address(this), owner), expected, "assets");
        assertEq(token.balanceOf(address(this)), tokens + expected, "paid to the proxy");
    }

    function testFuzz_proxy_allowanceTooSmall(State memory state, Cast memory cast, uint256 shares) public {
        _arrange(state);
        address owner = _person(cast.owner);
        uint256 most = subject.maxRedeem(owner);
        if (most == 0) return;
        shares = bound(shares, 1, most);
        _allow(owner, address(this), shares - 1);
        (bool done,) = address(subject).call(abi.encodeCall(subject.redeem, (shares, address(this), owner)));
        assertFalse(done, "redeem");
        uint256 assets = subject.maxWithdraw(owner);
        if (assets == 0) return;
        _allow(owner, address(this), subject.previewWithdraw(assets) - 1);
        (done,) = address(subject).call(abi.encodeCall(subject.withdraw, (assets, address(this), owner)));
        assertFalse(done, "withdraw");
    }

    function testFuzz_proxy_depositRequiresTokenApproval(State memory state, Cast memory cast, uint256 assets) public {
        _arrange(state);
        address person = _person(cast.caller);
        _fund(person, 1);
        assets = bound(assets, 1, token.balanceOf(person));
        _approve(person, assets - 1);
        vm.prank(person);
        (bool done,) = address(subject).call(abi.encodeCall(subject.deposit, (assets, person)));
        assertFalse(done, "deposit");
    }

    // Views that do not depend on the caller

    function testFuzz_view_maximaIgnoreTheSender(State memory state, Cast memory cast) public {
        _arrange(state);
        (address asker, address receiver) = (_person(cast.caller), _person(cast.receiver));
        uint256 assets = subject.maxDeposit(receiver);
        uint256 shares = subject.maxMint(receiver);
        _fund(asker, 1e12);
        vm.prank(asker);
        assertEq(subject.maxDeposit(receiver), assets, "maxDeposit");
        vm.prank(asker);
        assertEq(subject.maxMint(receiver), shares, "maxMint");
    }

    function testFuzz_view_previewsIgnoreTheSender(State memory state, Cast memory cast, uint256 amount) public {
        _arrange(state);
        amount = bound(amount, 0, 1e36);
        (address one, address two) = (_person(cast.caller), address(0xDEAD));
        assertEq(_ask(one, subject.previewDeposit, amount), _ask(two, subject.previewDeposit, amount), "deposit");
        assertEq(_ask(one, subject.previewMint, amount), _ask(two, subject.previewMint, amount), "mint");
        assertEq(_ask(one, subject.previewWithdraw, amount), _ask(two, subject.previewWithdraw, amount), "withdraw");
        assertEq(_ask(one, subject.previewRedeem, amount), _ask(two, subject.previewRedeem, amount), "redeem");
    }

    // Security

    function testFuzz_security_decimalsAtLeastTheAssets(State memory state) public {
        _arrange(state);
        assertGe(subject.decimals(), IERC20Metadata(address(token)).decimals(), "decimals");
    }

    /// @dev A9. A thief deposits first and donates until the next depositor's shares round down. The next depositor
    /// loses at most a millionth of the gift and one unit.
    function testFuzz_security_sharePriceInflation(State memory state, uint256 first, uint256 gift, uint256 assets)
        public
    {
        _arrange(state);
        subject = _emptyVault();
        first = bound(first, 1, 1e12);
        gift = bound(gift, 0, 1e18);
        assets = bound(assets, 1e6, 1e15);
        (address thief, address victim) = (_person(0), _person(1));
        _fund(thief, first + gift);
        _deposit(thief, thief, first);
        vm.startPrank(thief);
        token.safeTransfer(address(subject), gift);
        vm.stopPrank();
        _fund(victim, assets);
        uint256 shares = _deposit(victim, victim, assets);
        vm.prank(victim);
        uint256 back = subject.redeem(shares, victim, victim);
        assertLe(back, assets, "no gain either");
        assertLe(assets - back, gift / 1e6 + 2, "lost");
    }

    // Steps

    function _arrangeFor(State memory state, Cast memory cast) internal returns (address person) {
        _arrange(state);
        return _person(cast.caller);
    }

    /// @dev Returns a part of the account's tokens.
    function _affordable(address account, uint256 seed) internal view returns (uint256) {
        return bound(seed, 0, token.balanceOf(account));
    }

    /// @dev Fresh deposits can be redeemed unless the vault needs the cash for others.
    function _liquid(address account, uint256 shares) internal virtual {
        vm.assume(subject.maxRedeem(account) >= shares);
    }

    function _three(Cast memory cast) internal pure returns (address, address, address) {
        return (_person(cast.caller), _person(cast.receiver), _person(cast.owner));
    }

    function _deposit(address caller, address receiver, uint256 assets) internal returns (uint256 shares) {
        _approve(caller, assets);
        vm.prank(caller);
        return subject.deposit(assets, receiver);
    }

    function _mint(address caller, address receiver, uint256 shares) internal returns (uint256 assets) {
        _approve(caller, subject.previewMint(shares));
        vm.prank(caller);
        return subject.mint(shares, receiver);
    }

    function _approve(address account, uint256 assets) internal {
        vm.startPrank(account);
        token.forceApprove(address(subject), assets);
        vm.stopPrank();
    }

    function _allow(address owner, address spender, uint256 shares) internal {
        vm.prank(owner);
        subject.approve(spender, shares);
    }

    function _ask(address asker, function(uint256) external view returns (uint256) question, uint256 amount)
        internal
        returns (uint256)
    {
        vm.prank(asker);
        return question(amount);
    }
}
