# SPDX-License-Identifier: GPL-2.0-or-later
"""What "ninja install" and "ninja uninstall" do to the machine: into a folder of ours."""

import os
import subprocess
from pathlib import Path

import pytest

BUILD = os.environ["L2TPD_BUILD"]
MESON = os.environ["MESON"].split()
# which test runner, and whoever called it, are no business of an installation
ENV = {key: value for key, value in os.environ.items() if key not in ("DESTDIR", "MAKEFLAGS")}


def meson(*args):
    r = subprocess.run([*MESON, *args], cwd=BUILD, env=ENV, stdin=subprocess.DEVNULL, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    assert r.returncode == 0, r.stdout


@pytest.fixture(name="root")
def fixture_root(tmp_path):
    meson("install", "--no-rebuild", "--quiet", "--destdir", str(tmp_path))
    return tmp_path


def found(root: Path, name: str) -> Path:
    paths = [path for path in root.rglob(name) if path.is_file()]
    assert len(paths) == 1, (name, paths)
    return paths[0]


def test_configuration_stays(root):
    """friction.md U3: an edited configuration outlives an installation over it, and its end."""
    conf = next(path for path in root.rglob("l2tpd.conf") if path.parent.name == "l2tpd" and
                "doc" not in path.parts)
    assert conf.stat().st_mode & 0o777 == 0o640
    conf.write_text("# mine\n")
    own = conf.parent / "conf.d" / "office.conf"
    own.write_text("# mine, too\n")
    meson("install", "--no-rebuild", "--quiet", "--destdir", str(root))
    assert conf.read_text() == "# mine\n"
    meson("--internal", "uninstall")
    assert conf.read_text() == "# mine\n" and own.read_text() == "# mine, too\n"
    assert not list(root.rglob("l2tpctl.8")), "nothing was uninstalled"


def test_what_is_there(root):
    for name in ("README.md", "COPYING", "l2tpctl.8", "org.l2tpd.varlink"):
        assert found(root, name)
    plugin = found(root, "l2tpd.so")
    assert plugin.parent.parent.name == "pppd" and "-linux-" not in str(plugin.relative_to(root))
