"""Fixtures: a test network for each case, checked for leftovers when the case is over."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lablib  # noqa: E402
from lablib import IN_VM, LONG, RESULTS, Net  # noqa: E402

NETS = pytest.StashKey[list]()
LOG_TAIL = 60       # lines of each log shown with a failure


def folder_name(item: pytest.Item) -> str:
    """As report.claim_name() has it."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{item.path.stem}-{item.name}").strip("-")


@pytest.fixture
def make_net(request: pytest.FixtureRequest) -> Iterator[Callable[..., Net]]:
    """make_net(direct) or make_net(routed, nat=True): the network of this case.

    At the end everything is stopped, and the case fails if a tunnel, session, process, interface,
    route or file is left on any host.
    """
    nets: list[Net] = []
    request.node.stash[NETS] = nets

    def make(shape: Callable[..., Net], **how) -> Net:
        net = Net(RESULTS / "cases" / folder_name(request.node))
        nets.append(net)
        return shape(net, **how)

    yield make
    bad: list[str] = []
    for net in nets:
        try:
            bad += net.finish()
        finally:
            net.close()
    assert not bad, "left behind:\n" + "\n".join(bad)


@pytest.fixture
def net(make_net: Callable[..., Net]) -> Net:
    """lac and lns on one cable."""
    return make_net(lablib.direct)


@pytest.fixture
def routed_net(make_net: Callable[..., Net]) -> Net:
    """lac and lns with a router between."""
    return make_net(lablib.routed)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Show the end of every daemon's log with a failure."""
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    for net in item.stash.get(NETS, []):
        for name, text in net.logs():
            if text.strip() and "tcpdump" not in name:
                tail = "\n".join(text.splitlines()[-LOG_TAIL:])
                report.sections.append((f"{name} (all: {net.results})", tail))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("vm") and not IN_VM:
            item.add_marker(pytest.mark.skip(reason="changes the kernel it runs on: guests only"))
    # of an ordinary run on several kernels; a case asked for by name is run wherever it is wanted
    if not LONG and not config.option.keyword and os.environ.get("LAB_KERNEL") in ("6.1", "6.12"):
        left = [item for item in items if _is_for_another_kernel(item)]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """One of several guests: run what no other has begun, the longest cases first."""
    if "LAB_CLAIMS" not in os.environ or session.config.option.collectonly:
        return None
    if session.testsfailed and not session.config.option.continue_on_collection_errors:
        raise session.Interrupted(f"{session.testsfailed} errors during collection")
    for item in sorted(session.items, key=lambda item: item.get_closest_marker("long") is None):
        if _claim(".stop", take=False):
            break
        if not _claim(folder_name(item)):
            continue
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if session.shouldfail or session.shouldstop:
            _claim(".stop")     # -x stops the others as well
            raise session.Interrupted(session.shouldfail or session.shouldstop)
    return True


def _claim(name: str, take: bool = True) -> bool:
    """Whether this guest is the first to ask for it; take False: whether somebody has."""
    path = Path(os.environ["LAB_CLAIMS"], name)
    if not take:
        return path.exists()
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


def _is_for_another_kernel(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("kernel")
    return marker is not None and os.environ["LAB_KERNEL"] not in marker.args
