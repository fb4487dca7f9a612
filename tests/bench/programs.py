"""Programs of the guest in memory, as they are on any machine that has run them before.

The guest sees the host's files through 9p, where each open() costs milliseconds and a pppd has
thirty. Only in a virtual machine: there a copied file replaces the original in an overlay.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

PROGRAMS = ("pppd", "xl2tpd", "xl2tpd-control", "iperf3", "tcpdump", "ip")
PLUGINS = ("pppol2tp.so",)
BUILT = ("l2tpd", "l2tpctl", "l2tpd.so")
BIN = Path("/l2tpd-bench-bin")


def _libraries(file: Path) -> set[Path]:
    """What the dynamic linker opens for it."""
    text = subprocess.run(["ldd", str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, check=False).stdout
    return {Path(p).resolve() for p in re.findall(r"(/\S+) \(0x", text)}


def into_memory() -> None:
    """Also points L2TPD_BUILD to the copies."""
    if not os.environ.get("LAB_VM"):
        return
    BIN.mkdir(exist_ok=True)
    build = Path(os.environ["L2TPD_BUILD"])
    for name in BUILT:
        if (build / name).exists():
            shutil.copy2(build / name, BIN / name)
    os.environ["L2TPD_BUILD"] = str(BIN)
    files = {Path(p).resolve() for name in PROGRAMS if (p := shutil.which(name))}
    files |= {p for name in PLUGINS for p in Path("/usr/lib/pppd").glob(f"*/{name}")}
    for file in files | set(BIN.iterdir()):
        files = files | _libraries(file)
    files |= {Path("/etc/ld.so.cache")}
    for file in files:
        copy = file.with_name(f".{file.name}.bench")
        shutil.copy2(file, copy)
        copy.rename(file)
