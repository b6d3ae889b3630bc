"""What the transaction engine's tables refuse: moves, changes of what is fixed, contradictions."""

# ruff: noqa: S608 - statements are put together from words in this file

from keepers.store.triggers import allow, refuse

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BEGINNINGS = {
    "run_steps": ("PENDING",),
    "intents": ("QUEUED",),
    "nonce_slots": ("RESERVED", "FOREIGN"),
    "slot_attempts": ("SIGNED",),
    "requests": ("QUEUED",),
    "leases": ("HELD",),
    "ticks": ("CLAIMED",),
}
MOVES = {
    "run_steps": (
        "PENDING>ACTIVE PENDING>SKIPPED PENDING>FAILED ACTIVE>DONE ACTIVE>FAILED DONE>ACTIVE"
        " FAILED>ACTIVE"
    ),
    "intents": (
        "QUEUED>BUILT BUILT>AUDITED BUILT>QUEUED AUDITED>QUEUED"
        " QUEUED>BLOCKED BUILT>BLOCKED AUDITED>BLOCKED NUMBERED>BLOCKED BLOCKED>QUEUED"
        " QUEUED>FAILED BUILT>FAILED AUDITED>FAILED NUMBERED>FAILED BLOCKED>FAILED"
        " QUEUED>CANCELLED BUILT>CANCELLED AUDITED>CANCELLED NUMBERED>CANCELLED BLOCKED>CANCELLED"
        " AUDITED>NUMBERED NUMBERED>QUEUED NUMBERED>SIGNED SIGNED>SEALED SIGNED>NUMBERED"
        " SEALED>NUMBERED SEALED>BROADCAST"
        " NUMBERED>INCLUDED SIGNED>INCLUDED SEALED>INCLUDED BROADCAST>INCLUDED INCLUDED>SAFE"
        " INCLUDED>NUMBERED INCLUDED>SIGNED INCLUDED>SEALED INCLUDED>BROADCAST"
        " SAFE>NUMBERED SAFE>SIGNED SAFE>SEALED SAFE>BROADCAST"
        " INCLUDED>FINAL INCLUDED>REVERTED INCLUDED>CANCELLED SAFE>FINAL SAFE>REVERTED"
        " SAFE>CANCELLED"
        " NUMBERED>DISPLACED SIGNED>DISPLACED SEALED>DISPLACED BROADCAST>DISPLACED"
        " DISPLACED>NUMBERED DISPLACED>SIGNED DISPLACED>SEALED DISPLACED>BROADCAST"
        " DISPLACED>QUEUED"
    ),
    "nonce_slots": (
        "RESERVED>VOID RESERVED>IN_USE RESERVED>FOREIGN IN_USE>FOREIGN IN_USE>OURS OURS>IN_USE"
        " FOREIGN>RESERVED FOREIGN>IN_USE FOREIGN>VOID OURS>OURS_FINAL FOREIGN>FOREIGN_FINAL"
    ),
    "slot_attempts": (
        "SIGNED>SEALED SIGNED>REFUSED SEALED>REFUSED SEALED>BROADCAST"
        " SIGNED>INCLUDED REFUSED>INCLUDED SEALED>INCLUDED BROADCAST>INCLUDED"
        " SIGNED>REPLACED SEALED>REPLACED BROADCAST>REPLACED"
        " INCLUDED>REFUSED INCLUDED>SIGNED INCLUDED>SEALED INCLUDED>BROADCAST"
        " REPLACED>SIGNED REPLACED>SEALED REPLACED>BROADCAST"
        " INCLUDED>FINAL REPLACED>DROPPED REFUSED>DROPPED"
    ),
    "requests": (
        "QUEUED>SENT QUEUED>CANCELLED SENT>ACCEPTED SENT>DONE SENT>FAILED SENT>CANCELLED"
        " ACCEPTED>DONE ACCEPTED>FAILED ACCEPTED>CANCELLED"
    ),
    "leases": "FREE>HELD HELD>HELD HELD>FREE",
    "ticks": "CLAIMED>RUN CLAIMED>SKIPPED",
}
"""The legal moves, as `keepers/model/transactions/moves.py` has them."""

FIXED = {
    "run_steps": "run_id, position, kind",
    "intents": (
        "step_id, attempt_of_step, idempotency_key, chain_id, sender, target, calldata, value,"
        " created_at"
    ),
    "nonce_slots": "intent_id, chain_id, sender, nonce, reserved_at",
    "slot_attempts": (
        "slot_id, position, kind, transaction_hash, raw, gas_limit, max_fee_per_gas,"
        " max_priority_fee_per_gas, stored_at"
    ),
    "requests": "step_id, account, client_key, body, created_at",
    "leases": "scope",
    "ticks": "schedule, due, claimed_by, claimed_at",
}
"""What is written once, with its row. Signed bytes never change."""

SLOT = "SELECT 1 FROM nonce_slots s WHERE s.slot_id = NEW.slot_id AND s.state"
SLOT_OF_INTENT = "SELECT 1 FROM nonce_slots s WHERE s.intent_id = NEW.intent_id AND s.state"
SAME_SLOT = "SELECT 1 FROM slot_attempts a WHERE a.slot_id = NEW.slot_id AND"
ATTEMPT_OF_INTENT = (
    "SELECT 1 FROM slot_attempts a JOIN nonce_slots s ON s.slot_id = a.slot_id"
    " WHERE s.intent_id = NEW.intent_id AND"
)
LIVE_INTENT = "i.state NOT IN ('FINAL', 'REVERTED', 'CANCELLED', 'FAILED')"
LIVE_REQUEST = "r.state IN ('QUEUED', 'SENT', 'ACCEPTED')"
NO_ACTIVE_STEP = (
    "NOT EXISTS (SELECT 1 FROM run_steps t WHERE t.step_id = NEW.step_id AND t.state = 'ACTIVE')"
)
NO_OPEN_RUN = "NOT EXISTS (SELECT 1 FROM runs u WHERE u.run_id = NEW.run_id AND u.status = 'OPEN')"


def below(column: str) -> str:
    """A new amount is below one of `a`: digits compare by length first."""
    return (
        f"(length(NEW.{column}) < length(a.{column}) OR"
        f" length(NEW.{column}) = length(a.{column}) AND NEW.{column} < a.{column})"
    )


def written_again(column: str) -> str:
    return f"(OLD.{column} IS NOT NULL AND (NEW.{column} IS NULL OR NEW.{column} <> OLD.{column}))"


CONTRADICTIONS = (
    # One effect of a step at a time, and only while its run is open.
    ("tr_run_steps_begin", "INSERT ON run_steps", NO_OPEN_RUN),
    ("tr_run_steps_run", "UPDATE OF state ON run_steps", NO_OPEN_RUN),
    (
        "tr_runs_effects",
        "UPDATE OF status ON runs",
        (
            "NEW.status <> 'OPEN' AND (EXISTS"
            " (SELECT 1 FROM run_steps t WHERE t.run_id = NEW.run_id AND t.state = 'ACTIVE')"
            " OR EXISTS (SELECT 1 FROM run_steps t"
            " JOIN intents i ON i.step_id = t.step_id"
            f" WHERE t.run_id = NEW.run_id AND {LIVE_INTENT}))"
        ),
    ),
    (
        "tr_intents_step",
        "INSERT ON intents",
        (
            f"{NO_ACTIVE_STEP} OR EXISTS"
            f" (SELECT 1 FROM requests r WHERE r.step_id = NEW.step_id AND {LIVE_REQUEST})"
        ),
    ),
    (
        "tr_requests_step",
        "INSERT ON requests",
        (
            f"{NO_ACTIVE_STEP} OR EXISTS"
            f" (SELECT 1 FROM intents i WHERE i.step_id = NEW.step_id AND {LIVE_INTENT})"
        ),
    ),
    # An intent stands as its nonce does.
    (
        "tr_intents_slot",
        "UPDATE OF state ON intents",
        (
            f"NEW.state = 'NUMBERED' AND NOT EXISTS ({SLOT_OF_INTENT} IN ('RESERVED', 'IN_USE'))"
            " OR NEW.state IN ('SIGNED', 'SEALED', 'BROADCAST') AND"
            f" NOT EXISTS ({SLOT_OF_INTENT} = 'IN_USE')"
            f" OR NEW.state IN ('INCLUDED', 'SAFE') AND NOT EXISTS ({SLOT_OF_INTENT} = 'OURS')"
            f" OR NEW.state = 'DISPLACED' AND NOT EXISTS ({SLOT_OF_INTENT} = 'FOREIGN')"
            " OR NEW.state NOT IN ('NUMBERED', 'SIGNED', 'SEALED', 'BROADCAST', 'INCLUDED', 'SAFE',"
            " 'DISPLACED')"
            f" AND EXISTS ({SLOT_OF_INTENT} IN ('RESERVED', 'IN_USE', 'OURS', 'FOREIGN'))"
        ),
    ),
    (
        "tr_intents_attempt",
        "UPDATE OF state ON intents",
        (
            "NEW.state IN ('SIGNED', 'SEALED', 'BROADCAST') AND"
            f" NOT EXISTS ({ATTEMPT_OF_INTENT} a.state = NEW.state)"
        ),
    ),
    (
        "tr_intents_outcome",
        "UPDATE OF state ON intents",
        (
            "NEW.state = 'FINAL' AND NOT EXISTS"
            f" ({ATTEMPT_OF_INTENT} a.state = 'FINAL' AND a.kind <> 'CANCEL' AND a.succeeded)"
            " OR NEW.state = 'REVERTED' AND NOT EXISTS"
            f" ({ATTEMPT_OF_INTENT} a.state = 'FINAL' AND a.kind <> 'CANCEL' AND NOT a.succeeded)"
            " OR NEW.state = 'CANCELLED' AND EXISTS"
            f" ({ATTEMPT_OF_INTENT} a.state = 'FINAL' AND a.kind <> 'CANCEL')"
        ),
    ),
    # A nonce stands as its attempts do.
    (
        "tr_nonce_slots_intent",
        "INSERT ON nonce_slots",
        (
            "NEW.state = 'RESERVED' AND NOT EXISTS (SELECT 1 FROM intents i"
            " WHERE i.intent_id = NEW.intent_id AND i.state = 'AUDITED'"
            " AND i.chain_id = NEW.chain_id AND i.sender = NEW.sender)"
            " OR NEW.state = 'FOREIGN' AND NEW.intent_id IS NOT NULL"
        ),
    ),
    (
        "tr_nonce_slots_attempts",
        "UPDATE OF state ON nonce_slots",
        (
            f"NEW.state = 'OURS' AND NOT EXISTS ({SAME_SLOT} a.state = 'INCLUDED')"
            f" OR NEW.state = 'OURS_FINAL' AND NOT EXISTS ({SAME_SLOT} a.state = 'FINAL')"
            f" OR NEW.state IN ('RESERVED', 'VOID') AND EXISTS ({SAME_SLOT} 1 = 1)"
            f" OR NEW.state = 'IN_USE' AND NOT EXISTS ({SAME_SLOT} 1 = 1)"
            f" OR NEW.state IN ('IN_USE', 'FOREIGN') AND EXISTS ({SAME_SLOT} a.state = 'INCLUDED')"
            " OR NEW.state IN ('OURS_FINAL', 'FOREIGN_FINAL')"
            f" AND EXISTS ({SAME_SLOT} a.state NOT IN ('FINAL', 'DROPPED'))"
            " OR NEW.state = 'VOID' AND OLD.state = 'FOREIGN' AND NEW.intent_id IS NOT NULL"
        ),
    ),
    (
        "tr_slot_attempts_slot",
        "INSERT ON slot_attempts",
        (
            "NOT EXISTS (SELECT 1 FROM nonce_slots s JOIN intents i ON i.intent_id = s.intent_id"
            " WHERE s.slot_id = NEW.slot_id AND s.state IN ('RESERVED', 'IN_USE')"
            " AND i.state IN ('NUMBERED', 'BROADCAST'))"
        ),
    ),
    (
        "tr_slot_attempts_place",
        "UPDATE OF state ON slot_attempts",
        (
            "OLD.state IN ('SIGNED', 'SEALED', 'BROADCAST', 'REFUSED') AND NEW.state <> 'DROPPED'"
            f" AND NOT EXISTS ({SLOT} = 'IN_USE')"
            f" OR NEW.state = 'FINAL' AND NOT EXISTS ({SLOT} = 'OURS')"
            " OR (OLD.state IN ('INCLUDED', 'REPLACED') OR NEW.state = 'DROPPED')"
            f" AND NOT EXISTS ({SLOT} IN ('OURS', 'FOREIGN'))"
        ),
    ),
    (
        "tr_slot_attempts_position",
        "INSERT ON slot_attempts",
        "NEW.position <> (SELECT count(*) FROM slot_attempts a WHERE a.slot_id = NEW.slot_id)",
    ),
    (
        "tr_slot_attempts_bump",
        "INSERT ON slot_attempts",
        (
            "NEW.kind = 'BUMP'"
            f" AND NOT EXISTS ({SAME_SLOT} a.kind = 'ORIGINAL' AND a.refused_at IS NULL)"
        ),
    ),
    (
        "tr_slot_attempts_cancelled",
        "INSERT ON slot_attempts",
        f"NEW.kind <> 'CANCEL' AND EXISTS ({SAME_SLOT} a.kind = 'CANCEL' AND a.refused_at IS NULL)",
    ),
    (
        "tr_slot_attempts_fees",
        "INSERT ON slot_attempts",
        (
            f"EXISTS ({SAME_SLOT} a.refused_at IS NULL"
            f" AND ({below('max_fee_per_gas')} OR {below('max_priority_fee_per_gas')}))"
        ),
    ),
    (
        "tr_slot_attempts_times",
        "UPDATE ON slot_attempts",
        " OR ".join(written_again(each) for each in ("sealed_at", "refused_at", "broadcast_at")),
    ),
    # A lease is fenced: whoever gets it anew gets the next epoch, and nobody an earlier one.
    ("tr_leases_first", "INSERT ON leases", "NEW.epoch <> 1"),
    (
        "tr_leases_epoch",
        "UPDATE ON leases",
        (
            "NEW.epoch < OLD.epoch OR NEW.epoch > OLD.epoch + 1"
            " OR NEW.state = 'FREE' AND NEW.epoch <> OLD.epoch"
            " OR NEW.state = 'HELD' AND (OLD.state = 'FREE' OR NEW.holder <> OLD.holder)"
            " AND NEW.epoch <> OLD.epoch + 1"
        ),
    ),
)


def upgrade() -> None:
    for name, change, condition in rules():
        refuse(name, change, condition)


def downgrade() -> None:
    for name, change, _ in rules():
        allow(name, change.split()[-1])


def rules() -> list[tuple[str, str, str | None]]:
    """Every trigger: its name, what it is asked about, and when it refuses."""
    found: list[tuple[str, str, str | None]] = []
    for table, moves in MOVES.items():
        legal, first = quoted(moves.split()), quoted(BEGINNINGS[table])
        found += [
            (
                f"tr_{table}_move",
                f"UPDATE OF state ON {table}",
                f"OLD.state || '>' || NEW.state NOT IN ({legal})",
            ),
            (f"tr_{table}_new", f"INSERT ON {table}", f"NEW.state NOT IN ({first})"),
            (f"tr_{table}_fixed", f"UPDATE OF {FIXED[table]} ON {table}", None),
            (f"tr_{table}_kept", f"DELETE ON {table}", None),
        ]
    found += [
        ("tr_events_fixed", "UPDATE ON events", None),
        ("tr_events_kept", "DELETE ON events", None),
    ]
    return [*found, *CONTRADICTIONS]


def quoted(values: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)
