"""One anvil and one PostgreSQL server for all; a database, a key and proxies for each test."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import structlog
from eth_utils.crypto import keccak
from sqlalchemy import Engine

from keepers.model.chain import NodeRole
from keepers.store.database import open_database
from tests.integration.faults.databases import Databases
from tests.integration.faults.oracle import judge
from tests.integration.faults.rig import Rig, Setup
from tests.integration.support.fault_proxy import fault_proxy
from tests.integration.support.faulty_chain import FaultyChain, faulty_chain
from tests.support.deep import IS_DEEP
from tests.support.postgres import MEMORY, database, postgres

RigOf = Callable[..., Rig]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out every second test on PostgreSQL, except with `make deep`."""
    here = Path(__file__).parent
    mine = [each for each in items if each.path.is_relative_to(here) and "[postgres" in each.name]
    left_out = mine[1::2]
    for each in left_out:
        each.add_marker("deep")
    if left_out and not IS_DEEP:
        items[:] = [each for each in items if each not in set(left_out)]
        config.hook.pytest_deselected(items=list(left_out))


@pytest.fixture(scope="package", autouse=True)
def quiet() -> Generator[None]:
    """Log warnings only: a line for every request would take a quarter of the time."""
    before = structlog.get_config()
    level = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=level)
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def server() -> Generator[Engine]:
    """A PostgreSQL server."""
    with postgres() as running:
        yield running


@pytest.fixture(scope="session")
def folder() -> Generator[Path]:
    """Folder in memory if there is one: nothing has to survive a power cut."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as made:
        yield Path(made)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest, folder: Path) -> Databases:
    """Source of the databases of tests."""
    if request.param == "sqlite":
        made, url = None, f"sqlite:///{folder / 'empty.sqlite'}"
    else:
        made = request.getfixturevalue("server")
        url = database(made)
    open_database(url).close()
    return Databases(request.param, url, folder, made)


@pytest.fixture(scope="session")
def anvil() -> Generator[FaultyChain]:
    """A chain without proxies."""
    with faulty_chain(0) as running:
        yield running


@pytest.fixture
def rig_of(
    request: pytest.FixtureRequest, anvil: FaultyChain, databases: Databases
) -> Generator[RigOf]:
    """Function that creates engines of a test; their invariants are checked at the end."""
    yield from _making(request, anvil, databases)


@pytest.fixture
def own_rig(request: pytest.FixtureRequest, databases: Databases) -> Generator[Rig]:
    """Engine over a chain of its own, whose process the test may end."""
    with faulty_chain(0) as own:
        for make in _making(request, own, databases):
            yield make()


def _making(
    request: pytest.FixtureRequest, anvil: FaultyChain, databases: Databases
) -> Generator[RigOf]:
    made: list[Rig] = []
    name = keccak(text=cast("Any", request).node.nodeid).hex()
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())

        def make(**setup: Any) -> Rig:
            chosen = Setup(**setup)
            proxies = tuple(stack.enter_context(fault_proxy(anvil.rule)) for _ in chosen.roles)
            url = stack.enter_context(databases.one(name[:16]))
            rig = Rig(replace(anvil, proxies=proxies), url, f"0x{name}", chosen, runner)
            stack.callback(rig.close)
            made.append(rig)
            rig.begin()
            return rig

        yield make
        for rig in made:
            judge(rig)


@pytest.fixture
def rig(rig_of: RigOf) -> Rig:
    """An engine with one node."""
    return rig_of()


@pytest.fixture
def three(rig_of: RigOf) -> Rig:
    """Engine with three nodes, of which two have to agree."""
    return rig_of(roles=(NodeRole.READER,) * 3)
