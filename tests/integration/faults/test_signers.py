"""Rows 51 to 55: remote signers that are silent, wrong, inconsistent, or refuse."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from keepers.model.alarms import CRITICAL, Alarm
from keepers.model.chain import Unsigned
from keepers.model.errors.run import StoreUnavailableError
from keepers.signing.checked import decode
from keepers.signing.curve import ORDER
from keepers.signing.https import Endpoint, Identity
from keepers.signing.remote import RemoteSigner
from tests.integration.faults.conftest import RigOf
from tests.integration.faults.oracle import included
from tests.integration.faults.rig import Rig
from tests.integration.faults.signers import (
    Signing,
    altering,
    honest,
    mirrored,
    scripted,
    undetermined,
)
from tests.integration.faults.target import FUNCTION, take
from tests.integration.support.bare import CHAIN_ID
from tests.integration.support.pki import Authority
from tests.integration.support.service import running

OTHER_KEY = "0x" + "5d" * 32


def test_fault_51_signer_is_silent__nonce_is_kept_and_used(rig: Rig, tmp_path: Path) -> None:
    over = threading.Event()

    def silent(asked: Unsigned) -> str:
        over.wait()
        return honest(rig.key)(asked)

    with scripted(tmp_path, rig.sender, silent, honest(rig.key), seconds=1.0) as (script, signer):
        rig.signer = signer
        rig.restart()
        intent_id = rig.submit()
        rig.run()
        over.set()
        assert rig.states(intent_id) == ("NUMBERED", [[]])
        assert Alarm.SIGNER_UNAVAILABLE in rig.raised
        rig.run()
        assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
        assert [each.nonce for each in script.asked] == [0, 0]
    rig.mine(4)
    assert [each["input"] for each in included(rig)] == [take(1)]


def test_fault_51_signer_is_silent_at_a_bump__what_was_sent_stands(
    rig: Rig, tmp_path: Path
) -> None:
    with scripted(tmp_path, rig.sender, honest(rig.key)) as (_, signer):
        rig.signer = signer
        rig.restart()
        intent_id = rig.sent()
    rig.stuck(4)  # the signer has stopped
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert Alarm.SIGNER_UNAVAILABLE in rig.raised
    rig.mine(4)
    assert rig.intent(intent_id).state == "FINAL"


@pytest.mark.parametrize("wrong", ["account", "chain", "nonce"])
def test_fault_52_signer_gives_something_else__nothing_is_stored_and_all_stops(
    rig: Rig, tmp_path: Path, wrong: str
) -> None:
    answers: dict[str, Signing] = {
        "account": honest(OTHER_KEY),
        "chain": altering(rig.key, chain_id=1),
        "nonce": altering(rig.key, nonce=7),
    }
    with scripted(tmp_path, rig.sender, answers[wrong], honest(rig.key)) as (script, signer):
        rig.signer = signer
        rig.restart()
        intent_id = rig.submit()
        rig.run(3)
        assert rig.states(intent_id) == ("NUMBERED", [[]])
        assert Alarm.SIGNER_WRONG in rig.raised & CRITICAL
        assert Alarm.PAUSED in rig.raised
        assert len(script.asked) == 1
        assert not rig.node.sent
        rig.resume()
        rig.run()
        assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])


@pytest.mark.parametrize(("parity", "s"), [(True, False), (False, True), (True, True)])
def test_fault_53_signature_in_another_form__is_written_anew_and_taken(
    rig: Rig, tmp_path: Path, parity: bool, s: bool
) -> None:
    with scripted(tmp_path, rig.sender, mirrored(rig.key, parity=parity, s=s)) as (_, signer):
        rig.signer = signer
        rig.restart()
        intent_id = rig.sent()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    sent = decode(bytes.fromhex(rig.node.sent[0][2:]))
    assert sent.s <= ORDER // 2
    rig.mine(4)
    assert rig.intent(intent_id).state == "FINAL"


def test_fault_54_signed_twice_with_other_bytes__those_stored_first_are_sent(
    rig_of: RigOf, tmp_path: Path
) -> None:
    fails = iter([True, False])

    def once(point: str) -> None:
        if point == "inside_store" and next(fails, False):
            raise StoreUnavailableError("the test says so")

    rig = rig_of(crash=once)
    with scripted(tmp_path, rig.sender, undetermined(rig.key)) as (script, signer):
        rig.signer = signer
        rig.restart()
        intent_id = rig.submit()
        with pytest.raises(StoreUnavailableError):
            rig.run()
        rig.restart()
        rig.run()
        rig.restart()
        rig.stuck()
    assert len(set(script.answered)) == 2
    assert len({each.nonce for each in script.asked}) == 1
    assert set(rig.node.sent) == {script.answered[1]}
    rig.mine(4)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])


def service_file(folder: Path, authority: Authority, rig: Rig) -> Path:
    """Write the configuration of a real signer that signs calls with an amount of one."""
    server = authority.issue("server")
    file = folder / "signer.toml"
    file.write_text(
        f"""
[listen]
port = 0
certificate_file = "{server.certificate}"
key_file = "{server.key}"
authority_file = "{authority.certificate}"
clients = ["keeper"]

[signer]
kind = "private_key_env"
variable = "SERVICE_KEY"

[policy]
chain_ids = [{CHAIN_ID}]
senders = ["{rig.sender}"]
maximum_gas_limit = 200000
maximum_fee_per_gas_wei = 1000000000000
maximum_total_cost_wei = 1000000000000000000

[[policy.rules]]
name = "one"
target = "{rig.target}"
function = "{FUNCTION}"
arguments = [{{ argument = "amount", at_most = 1 }}]
"""
    )
    return file


def test_fault_55_signers_policy_denies__waits_for_a_person_and_is_not_asked_again(
    rig: Rig, tmp_path: Path
) -> None:
    authority = Authority(tmp_path, "authority")
    keeper = authority.issue("keeper")
    file = service_file(tmp_path, authority, rig)
    with running("signer", file, {"SERVICE_KEY": rig.key}) as service:
        endpoint = Endpoint(
            url=service.url,
            seconds=20.0,
            authority=authority.certificate,
            identity=Identity(certificate=keeper.certificate, key=keeper.key),
        )
        rig.signer = RemoteSigner(endpoint, rig.sender)
        rig.restart()
        allowed, denied = rig.submit(), rig.submit()
        rig.run()
        service.event("refused")
        rig.run(4)
        rig.stuck(4)
        record = rig.intent(denied)
        assert (record.state, record.hold) == ("BLOCKED", "DENIED")
        assert "argument amount is 2, above 1" in (record.reason or "")
        assert Alarm.SIGNER_DENIED in rig.raised
        assert sum('"refused"' in line for line in service.seen) == 1
        assert rig.intent(allowed).state == "BROADCAST"
        third = rig.submit()
        rig.run()
        assert rig.slot(third).nonce == 1  # the nonce of the denied intent
        rig.mine(4)
    assert [each["input"] for each in included(rig)] == [take(1)]
