"""Programs that test one part on a real kernel: the Linux layer, the plugin in real pppds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lablib import BUILD


LAB = Path(__file__).resolve().parent.parent


def passes(*cmd: str) -> None:
    done = subprocess.run(cmd, text=True, capture_output=True, timeout=280,
                          env={**os.environ, "L2TPD_BUILD": str(BUILD)})
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_linux_layer():
    passes(str(BUILD / "tests/lab/linux_selftest"))


@pytest.mark.long
@pytest.mark.kernel("6.12")
def test_plugin_in_pppd():
    passes(sys.executable, str(LAB / "plugin_selftest.py"))
