"""Debian kernel images for the lab: found by apt, unpacked into a cache, never installed."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

KERNELS = {
    "6.1": r"linux-image-6\.1\.[0-9.]+-[0-9]+-amd64",
    "6.12": r"linux-image-6\.12\.[0-9]+\+deb12-amd64",
}

INITRAMFS_LOCK = threading.Lock()
OLD = 7 * 86400     # seconds

# What the initramfs needs until the host's root is mounted; the rest is loaded from that root.
BOOT_MODULES = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay"]

# Runs from the initramfs under busybox. The host's root is the read-only lower layer of an overlay
# whose upper layer is memory, so nothing the guest does lasts. /host shows the raw lower layer:
# the guest has its own /tmp and /run, and a checkout below the host's /tmp is found there.
INITRAMFS_INIT = """#!/bin/busybox sh
B=/bin/busybox
$B mount -t proc proc /proc
$B mount -t devtmpfs dev /dev
for word in $($B cat /proc/cmdline); do
	case $word in lab.guest=*) guest=${word#lab.guest=} ;; esac
done
for m in $($B cat /modules.list); do
	$B insmod /modules/$m || $B echo "lab: insmod $m failed"
done
case $($B cat /proc/cmdline) in
*lab.probe*)
	$B echo "lab: alive"
	$B echo o > /proc/sysrq-trigger
	$B sleep 60
	;;
esac
o=trans=virtio,version=9p2000.L,msize=512000
$B mount -t 9p -o $o,ro,cache=loose rootfs /lower || $B echo "lab: no rootfs share"
$B mount -t tmpfs -o mode=755 tmpfs /upper
$B mkdir /upper/upper /upper/work
$B mount -t overlay -o lowerdir=/lower,upperdir=/upper/upper,workdir=/upper/work overlay /new
$B mkdir -p /new/host /new/lab
$B mount --move /lower /new/host
$B mount -t 9p -o $o results /new/lab || $B echo "lab: no results share"
$B mount --move /dev /new/dev
$B umount /proc
exec $B switch_root /new /lab/$guest/init $guest
"""


class LabError(Exception):
    """Something a user can act on; the text is shown without a traceback."""


def cache_dir() -> Path:
    own = os.environ.get("L2TPD_CACHE")
    if own:
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base).absolute() / "l2tpd-lab"


def _release_key(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", text)]


def _run(cmd: list[str], **kw) -> str:
    done = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)
    if done.returncode:
        raise LabError(f"{' '.join(cmd)}: exit {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout


class Kernel:
    """One unpacked kernel package."""

    def __init__(self, name: str, root: Path):
        self.name = name
        self.root = root
        self.image = next((root / "boot").glob("vmlinuz-*"))
        self.release = self.image.name[len("vmlinuz-"):]
        self.modules = root / "lib/modules" / self.release

    def initramfs(self) -> Path:
        """The lab's initramfs for this kernel, made once for each version of its content."""
        busybox = Path("/bin/busybox")
        if not busybox.exists():
            raise LabError("/bin/busybox is missing: install busybox-static (tests/setup does)")
        files = self._boot_modules()
        stamp = hashlib.sha256()
        stamp.update(INITRAMFS_INIT.encode())
        stamp.update(busybox.read_bytes())
        stamp.update("\n".join(str(f) for f in files).encode())
        out = self.root / f"initramfs-{stamp.hexdigest()[:12]}.img"
        with INITRAMFS_LOCK:        # several guests are started at a time
            if not out.exists():
                for old in self.root.glob("initramfs-*.img"):
                    # a young one may be another checkout's, which is about to boot it
                    if time.time() - old.stat().st_mtime > OLD:
                        old.unlink(missing_ok=True)
                self._build_initramfs(out, busybox, files)
        return out

    def _boot_modules(self) -> list[Path]:
        """Files to insmod, in order. Modules built into the kernel give no insmod line."""
        files: list[Path] = []
        for module in BOOT_MODULES:
            text = _run(["/sbin/modprobe", "-d", str(self.root), "-S", self.release,
                         "--show-depends", module])
            for line in text.splitlines():
                words = line.split()
                if words and words[0] == "insmod" and Path(words[1]) not in files:
                    files.append(Path(words[1]))
        return files

    def _build_initramfs(self, out: Path, busybox: Path, files: list[Path]) -> None:
        with tempfile.TemporaryDirectory(dir=self.root) as tmp:
            top = Path(tmp)
            for name in ("bin", "dev", "proc", "lower", "upper", "new", "modules"):
                (top / name).mkdir()
            shutil.copy2(busybox, top / "bin/busybox")
            names = []
            for file in files:
                plain = file.name.removesuffix(".xz")
                if file.suffix == ".xz":
                    # busybox insmod does not unpack
                    with open(top / "modules" / plain, "wb") as dst:
                        subprocess.run(["xz", "-dc", str(file)], stdout=dst, check=True)
                else:
                    shutil.copy2(file, top / "modules" / plain)
                names.append(plain)
            (top / "modules.list").write_text("\n".join(names) + "\n")
            (top / "init").write_text(INITRAMFS_INIT)
            (top / "init").chmod(0o755)
            part = out.with_suffix(".part")
            with open(part, "wb") as dst:
                names_in = "\n".join(str(p.relative_to(top)) for p in sorted(top.rglob("*")))
                subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=top,
                               input=names_in.encode(), stdout=dst, check=True)
            part.rename(out)


def cached(name: str) -> Kernel | None:
    """The newest kernel of this series in the cache."""
    found = [d for d in cache_dir().glob("linux-image-*")
             if re.fullmatch(KERNELS[name], d.name) and (d / ".complete").exists()]
    if not found:
        return None
    return Kernel(name, max(found, key=lambda d: _release_key(d.name)))


def _apt_newest(name: str) -> str | None:
    """The newest package of the series that apt can download."""
    text = subprocess.run(["apt-cache", "pkgnames", "linux-image-6."], stdout=subprocess.PIPE,
                          text=True, check=False).stdout
    names = [n for n in text.split() if re.fullmatch(KERNELS[name], n)]
    for package in sorted(names, key=_release_key, reverse=True):
        policy = subprocess.run(["apt-cache", "policy", package], stdout=subprocess.PIPE, text=True,
                                env={**os.environ, "LC_ALL": "C"}, check=False).stdout
        # a name can outlive its package: only one with a source counts
        if re.search(r"Candidate: [0-9]", policy) and "http" in policy:
            return package
    return None


def fetch(name: str, newest: bool = False) -> Kernel:
    """The kernel from the cache, or downloaded into it."""
    kernel = cached(name)
    if kernel and not newest:
        return kernel
    package = _apt_newest(name)
    if not package and os.geteuid() == 0:
        print("lab: apt knows no such kernel yet, running apt-get update", flush=True)
        subprocess.run(["apt-get", "-q", "update"], check=False)
        package = _apt_newest(name)
    if not package:
        raise LabError(
            f"apt offers no Debian 12 kernel of the {name} series (wanted: {KERNELS[name]}). "
            "Debian 12's own sources (bookworm and bookworm-security, main) carry it; without it "
            f"go on with one kernel: --kernel {'6.12' if name == '6.1' else '6.1'}")
    if kernel and kernel.root.name == package:
        return kernel
    top = cache_dir()
    top.mkdir(parents=True, exist_ok=True)
    print(f"lab: downloading {package} into {top}", flush=True)
    with tempfile.TemporaryDirectory(dir=top, prefix=".fetch-") as tmp:
        os.chmod(tmp, 0o755)
        # apt's download user cannot write into a private folder: download as ourselves
        _run(["apt-get", "-q", "-o", "APT::Sandbox::User=" + _user_name(), "download", package],
             cwd=tmp)
        deb = next(Path(tmp).glob("*.deb"))
        root = Path(tmp) / "root"
        _run(["dpkg-deb", "-x", str(deb), str(root)])
        if not (root / "lib").exists() and (root / "usr/lib/modules").exists():
            (root / "lib").symlink_to("usr/lib")
        release = next((root / "boot").glob("vmlinuz-*")).name[len("vmlinuz-"):]
        _run(["/sbin/depmod", "-b", str(root), release])
        (root / ".complete").write_text(deb.name + "\n")
        dest = top / package
        if dest.exists():
            shutil.rmtree(dest)
        root.rename(dest)
    return Kernel(name, dest)


def _user_name() -> str:
    import pwd
    return pwd.getpwuid(os.geteuid()).pw_name


def remembered(key: str) -> dict | None:
    """A fact about this machine kept in the cache, forgotten when kernel or QEMU change."""
    try:
        fact = json.loads((cache_dir() / f"{key}.json").read_text())
    except (OSError, ValueError):
        return None
    return fact if fact.get("machine") == machine_key() else None


def remember(key: str, **fact) -> None:
    cache_dir().mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": machine_key(), **fact})
    (cache_dir() / f"{key}.json").write_text(text + "\n")


def machine_key() -> str:
    qemu = shutil.which("qemu-system-x86_64") or ""
    stamp = int(os.stat(qemu).st_mtime) if qemu else 0
    return f"{os.uname().nodename} {os.uname().release} {os.uname().version} qemu:{stamp}"


if __name__ == "__main__":
    sys.exit("run tests/lab/lab instead")
