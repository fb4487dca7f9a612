# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests of l2tpctl and its console."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from console_rig import OPTIONS, Real, Terminal  # noqa: E402
from ctl_daemon import LINKS, Daemon  # noqa: E402


@pytest.fixture
def daemon(tmp_path):
    """A daemon that answers from a script; it knows what a console asks for by itself."""
    d = Daemon(tmp_path / "control")
    d.on("ListLinks", {"links": LINKS})
    d.on("ListOptions", {"options": OPTIONS})
    d.on("SetLink", {"message": ""})
    yield d
    d.stop()


@pytest.fixture
def terminal(daemon):
    """A console on a terminal, at its first prompt."""
    t = Terminal("-s", daemon.path)
    t.prompt(r"\[\] ")
    yield t
    t.end()


@pytest.fixture
def real(tmp_path):
    """l2tpd itself."""
    d = Real(tmp_path)
    yield d
    d.stop()
