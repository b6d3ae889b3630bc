"""Redaction of log lines: no secret passes, however deep it is nested."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.contextvars import bound_contextvars

from keepers.model.chain import Signed
from keepers.runtime.process.logs import LogFormat, configure_logs
from keepers.telemetry.redaction import Redactor

KEY = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
HASH = "0x" + "ab12" * 16
RAW = "0x02f8" + "6b01c3" * 40
PASSWORD = "correct-horse"
SECRETS = (KEY, RAW, PASSWORD, "v2/1a2b3c4d5e6f", "hunter22")

TEXTS = st.sampled_from(
    [
        KEY,
        f"0x{KEY}",
        f"the key 0x{KEY} is bad",
        KEY.upper(),
        RAW,
        f"cannot send {RAW}: no",
        PASSWORD,
        f"wrong password {PASSWORD}!",
        "https://rpc.example/v2/1a2b3c4d5e6f",
        "POST https://me:hunter22@rpc.example:8545/ failed",
        "postgresql+psycopg://ballast:hunter22@db/ballast",
        "Authorization: Bearer hunter22",
        "password=hunter22",
        "pin: 'hunter22'",
    ]
)


def signed_with(value: object) -> Signed:
    """Return an object whose text contains the value."""
    return Signed(str(value), str(value), "0xaa")


LEAVES = TEXTS | st.none() | st.integers() | st.text() | TEXTS.map(str.encode)
NAMES = st.sampled_from(["event", "problem", "said", "transaction", "key", "rows"]) | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(NAMES, inner, max_size=4)
        | st.builds(signed_with, inner)
        | st.builds(ValueError, inner)
    ),
    max_leaves=12,
)


def redactor() -> Redactor:
    made = Redactor()
    made.hide(PASSWORD)
    return made


def shown(**line: Any) -> str:
    return json.dumps(redactor()(None, "info", line), ensure_ascii=False)


@given(VALUES)
def test_redact__nested_anyhow__shows_no_secret(value: Any) -> None:
    text = shown(event="x", value=value).lower()
    assert [secret for secret in SECRETS if secret.lower() in text] == []


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_redact__any_names__show_no_secret(line: dict[str, Any]) -> None:
    line.pop("transaction", None)
    text = json.dumps(redactor()(None, "info", line), ensure_ascii=False).lower()
    assert [secret for secret in SECRETS if secret.lower() in text] == []


@pytest.mark.parametrize(
    "name", ["password", "pin", "raw", "seal_box", "private_key", "api_key", "Authorization"]
)
def test_redact__names_of_secrets__hide_whatever_there_is(name: str) -> None:
    assert shown(**{name: ["1234", {"a": 7}]}) == f'{{"{name}": "***"}}'


def test_redact__hidden_key__is_hidden_also_where_hashes_are() -> None:
    made = Redactor()
    made.hide(f"0x{KEY}")
    assert KEY not in str(made(None, "info", {"transaction": f"0x{KEY}"}))


@pytest.mark.parametrize("value", [{"transaction": f"0x{KEY}"}, [{"digest": f"0x{KEY}"}]])
def test_redact__nested_field_with_a_name_of_hashes__shows_no_key(value: Any) -> None:
    assert KEY not in shown(event="x", value=value)


def test_redact__harmless__is_unchanged() -> None:
    line = {
        "event": "sent",
        "transaction": HASH,
        "nonce": 7,
        "sender": "0x" + "cc" * 20,
        "problem": "block 12 is no longer in the chain",
        "succeeded": True,
    }
    assert redactor()(None, "info", line) == line


def test_redact__hash_in_a_text__can_be_recognised() -> None:
    assert "0xab12ab12…(32 bytes)" in shown(problem=f"block 7 ({HASH}) is gone")


def test_redact__itself__ends() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "***" in shown(value=loop)


@pytest.mark.parametrize("form", LogFormat)
def test_logs__line__is_redacted_and_bound(
    form: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(verbose=False, form=form)
    try:
        with bound_contextvars(intent=4):
            structlog.get_logger().warning("funds", problem=f"key 0x{KEY}", nonce=9)
    finally:
        configure_logs(verbose=False)
    line = capsys.readouterr().err
    assert KEY not in line
    assert line.count("\n") == 1
    if form is LogFormat.JSON:
        found = json.loads(line)
        assert (found["event"], found["intent"], found["nonce"]) == ("funds", 4, 9)
        assert found["level"] == "warning"
    else:
        assert "intent=4" in line
