"""Keeper, signer and validator as three processes: the keeper sees only encrypted payloads."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from keepers.model.run import AttemptStatus, RunStatus
from keepers.runtime.services import generate_key
from keepers.runtime.vault.sender import TOGETHER
from tests.integration.keeper.test_rebalance import is_on_target
from tests.integration.support.deploy import KEEPER_ACCOUNT, DeployedVault
from tests.integration.support.keeper import Keeper
from tests.integration.support.pki import Authority, Pair
from tests.integration.support.service import running

FUND = "purchaseAsset(address token, uint256 amount, uint256 minimumOut, bytes<> data)"
PLAN = TOGETHER[0]


@dataclass(frozen=True)
class Duties:
    """Certificates and files of keeper, signer and validator."""

    folder: Path
    authority: Authority
    server: Pair
    client: Pair
    public_key: str
    vault: DeployedVault

    def policy(self, *functions: str) -> str:
        controller = self.vault.deployment.address("AssetController")
        rules = "".join(
            f'[[policy.rules]]\nname = "rule {number}"\ntarget = "{controller}"\n'
            f'function = "{function}"\n'
            for number, function in enumerate(functions)
        )
        return f"""[policy]
chain_ids = [{self.vault.chain.chain_id}]
senders = ["{KEEPER_ACCOUNT.address}"]
maximum_gas_limit = 16777216
maximum_fee_per_gas_wei = "400000000000"
maximum_total_cost_wei = "400000000000000000"
access_list = "any"
{rules}"""

    @property
    def listen(self) -> str:
        return f"""[listen]
port = 0
certificate_file = "{self.server.certificate}"
key_file = "{self.server.key}"
authority_file = "{self.authority.certificate}"
clients = ["keeper"]
"""

    @contextmanager
    def services(self, *, signs: tuple[str, ...], opens: tuple[str, ...]) -> Generator[str]:
        """Run both services; yield the keeper's settings for them."""
        signer, validator = self.folder / "signer.toml", self.folder / "validator.toml"
        key = '[signer]\nkind = "private_key_env"\nvariable = "SERVICE_KEY"\n'
        public = f'validator_public_key = "{self.public_key}"\n'
        signer.write_text(public + self.listen + key + self.policy(*signs))
        private = 'private_key_file = "validator.key"\n'
        validator.write_text(private + self.listen + self.policy(*opens))
        environment = {"SERVICE_KEY": f"0x{KEEPER_ACCOUNT.key.hex()}"}
        with (
            running("signer", signer, environment) as one,
            running("validator", validator, {}) as other,
        ):
            yield self.settings(one.url, other.url)

    def settings(self, signer: str, validator: str) -> str:
        identity = f"""authority_file = "{self.authority.certificate}"
certificate_file = "{self.client.certificate}"
key_file = "{self.client.key}"
"""
        return f"""
[signers.elsewhere]
kind = "json_rpc"
url = "{signer}"
address = "{KEEPER_ACCOUNT.address}"
sealed = true
{identity}
[validators.elsewhere]
url = "{validator}"
{identity}"""


@pytest.fixture
def duties(vault: DeployedVault, tmp_path: Path) -> Duties:
    folder = tmp_path / "duties"
    folder.mkdir()
    authority = Authority(folder, "authority")
    return Duties(
        folder=folder,
        authority=authority,
        server=authority.issue("server"),
        client=authority.issue("keeper"),
        public_key=generate_key(folder / "validator.key"),
        vault=vault,
    )


def configure(keeper: Keeper, settings: str) -> None:
    """Write the usual settings, with the remote signer and validator."""
    keeper.configure()
    file = keeper.folder / "ballast.toml"
    text = file.read_text().replace(
        'signer = "keeper"', 'signer = "elsewhere"\nvalidator = "elsewhere"'
    )
    file.write_text(text + settings)


def test_sealed__rebalances_without_a_key_on_the_keepers_host(
    keeper: Keeper, duties: Duties
) -> None:
    every = (PLAN,)
    with duties.services(signs=every, opens=every) as settings:
        configure(keeper, settings)
        done = keeper.run(
            "run", "--once", "--arm", "--json", environment={"TEST_KEEPER_KEY": "0x01"}
        )
    assert done.status == 0, done.err
    assert is_on_target(keeper)
    assert {each.status for each in keeper.attempts()} == {AttemptStatus.SUCCEEDED}


def test_sealed__validator_allows_less_than_the_signer__nothing_leaves_and_the_key_is_paused(
    keeper: Keeper, duties: Duties
) -> None:
    with duties.services(signs=(PLAN,), opens=(FUND,)) as settings:
        configure(keeper, settings)
        done = keeper.rebalance()
    assert done.status == 1
    assert "the validator rejects the signed transaction" in done.err
    (refused,) = keeper.attempts()
    assert (refused.status, refused.signed.raw) == (AttemptStatus.REFUSED, None)
    assert keeper.vault.keeper_nonce() == 0
    assert keeper.runs()[0].status is RunStatus.OPEN
