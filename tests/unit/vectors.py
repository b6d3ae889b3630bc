"""Loading of test vectors and comparison with their expected values."""

import json
from pathlib import Path
from typing import Any

from keepers.model.json_document import Json

VECTORS = Path(__file__).parents[1] / "vectors"


def load_vectors(folder: str) -> dict[str, dict[str, Any]]:
    """Return all vectors of a folder by name; each has an origin, an input and an expectation."""
    return {path.stem: json.loads(path.read_text()) for path in (VECTORS / folder).glob("*.json")}


def assert_agrees(actual: Json, expected: Json, path: str = "answer") -> None:
    """Assert that a value has all members of the expectation; lists have the same length."""
    match expected:
        case dict():
            assert isinstance(actual, dict), path
            for key, value in expected.items():
                assert key in actual, f"{path}.{key}"
                assert_agrees(actual[key], value, f"{path}.{key}")
        case list():
            assert isinstance(actual, list), path
            assert len(actual) == len(expected), f"{path}: {actual}"
            for index, value in enumerate(expected):
                assert_agrees(actual[index], value, f"{path}[{index}]")
        case _:
            assert actual == expected, f"{path}: {actual!r} is not {expected!r}"
            assert type(actual) is type(expected), path
