"""Where the lab's commands run: a QEMU guest, or namespaces of the running kernel."""

import ctypes
import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import kernels
from kernels import Kernel, LabError

LAB = Path(__file__).resolve().parent
QEMU = "qemu-system-x86_64"
# Folders that are fresh in a guest, so that what the host has there must be bound in by name.
HIDDEN_IN_GUEST = ("/tmp", "/run", "/var/run", "/dev/shm")
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """A guest must not outlive its runner, not even one that was killed with SIGKILL."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _qemu_path(path: Path) -> str:
    return str(path).replace(",", ",,")


class Machine:
    """One command in one guest. The process started here is the only one to end."""

    outside_helps = False       # programs run quicker outside of the guest

    def __init__(self, name: str, out: Path, guest: str):
        """out: the folder of results, which several guests may share; guest: the one in it of this."""
        self.name = name
        self.out = out
        self.guest = out / guest
        self.proc: subprocess.Popen | None = None

    def prepare(self, script: str) -> None:
        self.guest.mkdir(parents=True, exist_ok=True)
        for stale in ("exit", "env"):
            (self.guest / stale).unlink(missing_ok=True)
        command = self.guest / "command"
        command.write_text("#!/bin/bash\n" + script)
        command.chmod(0o755)

    def start(self, interactive: bool = False) -> subprocess.Popen:
        raise NotImplementedError

    def kill(self) -> None:
        if self.proc and self.proc.poll() is None:
            self.proc.kill()

    def exit_code(self) -> int | None:
        """What the command returned; None when the machine ended without saying."""
        try:
            return int((self.guest / "exit").read_text())
        except (OSError, ValueError):
            return None


class Vm(Machine):
    """A guest of QEMU with the host's root file system, seen through an overlay in memory."""

    def __init__(self, kernel: Kernel, out: Path, guest: str, accel: list[str], memory: int,
                 cpus: int, binds: list[Path]):
        super().__init__(kernel.name, out, guest)
        self.outside_helps = "tcg" in accel[1]
        self.kernel = kernel
        self.accel = accel
        self.memory = memory
        self.cpus = cpus
        self.binds = [b for b in binds if str(b).startswith(HIDDEN_IN_GUEST)]

    def start(self, interactive: bool = False) -> subprocess.Popen:
        shutil.copy2(LAB / "guest-init", self.guest / "init")
        env = [f"LAB_MODULES={shlex.quote(str(self.kernel.modules))}",
               f"LAB_OUT={shlex.quote(str(self.out))}",
               "LAB_BINDS=" + shlex.quote("".join(f"{b}\n" for b in self.binds)),
               f"LAB_MODE={'shell' if interactive else 'run'}"]
        (self.guest / "env").write_text("\n".join(env) + "\n")
        cmd = qemu_command(self.kernel, self.accel, self.memory, self.cpus,
                           self.guest / "console.log", f"lab.guest={self.guest.name}")
        cmd += ["-device", "virtio-serial-pci",
                "-chardev", "stdio,id=con,signal=off",
                "-device", "virtconsole,chardev=con",
                "-virtfs", "local,path=/,mount_tag=rootfs,security_model=none,readonly=on,"
                           "multidevs=remap",
                "-virtfs", f"local,path={_qemu_path(self.out)},mount_tag=results,"
                           "security_model=none,multidevs=remap"]
        if interactive:
            self.proc = subprocess.Popen(cmd)
        else:
            self.proc = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, start_new_session=True,
                                         preexec_fn=_die_with_parent)
        return self.proc


class HostMachine(Machine):
    """The running kernel: own mount, network and process namespaces, no VM."""

    INSIDE = """
mount -t tmpfs -o mode=755 tmpfs /run && mount -t sysfs sysfs /sys
mkdir -p /run/lock
ip link set lo up
"$1"
echo $? >"$2"
"""

    def __init__(self, out: Path, guest: str):
        super().__init__("host", out, guest)

    def start(self, interactive: bool = False) -> subprocess.Popen:
        subprocess.run(["modprobe", "-a", "l2tp_ppp", "l2tp_netlink", "pppoe", "veth"],
                       check=False)
        # bash stays PID 1 of the namespace: it reaps what daemons leave behind
        cmd = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
               "--propagation", "private", "bash", "-c", self.INSIDE, "lab",
               str(self.guest / "command"), str(self.guest / "exit")]
        if interactive:
            self.proc = subprocess.Popen(cmd)
        else:
            self.proc = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, start_new_session=True,
                                         preexec_fn=_die_with_parent)
        return self.proc


def qemu_command(kernel: Kernel, accel: list[str], memory: int, cpus: int, console: Path,
                 append: str = "") -> list[str]:
    return [QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-machine", "q35", *accel, "-m", str(memory), "-smp", str(cpus), "-nic", "none",
            "-kernel", str(kernel.image), "-initrd", str(kernel.initramfs()),
            "-append", f"console=ttyS0 loglevel=5 panic=-1 mitigations=off {append}".strip(),
            "-serial", f"file:{_qemu_path(console)}"]


def choose_accel(wish: str, kernel: Kernel) -> list[str]:
    """QEMU arguments: KVM when a guest really boots with it, else emulation."""
    kvm = ["-accel", "kvm", "-cpu", "host"]
    # an old processor: emulating the wide vector instructions of "max" costs a quarter more
    tcg = ["-accel", "tcg,thread=multi", "-cpu", "qemu64,+rdrand"]
    if not shutil.which(QEMU):
        raise LabError(f"{QEMU} is missing: install qemu-system-x86 (tests/setup does)")
    if wish != "auto":
        return kvm if wish == "kvm" else tcg
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return tcg
    fact = kernels.remembered("kvm")
    if fact is None:
        print("lab: does KVM work here? booting a guest to see (once per machine)", flush=True)
        works = _boots(kernel, kvm)
        kernels.remember("kvm", works=works)
        print(f"lab: KVM {'works' if works else 'does not work: using emulation'}", flush=True)
        fact = {"works": works}
    return kvm if fact["works"] else tcg


def _boots(kernel: Kernel, accel: list[str], limit: float = 20) -> bool:
    """Boot to the initramfs and off again. A KVM without hardware below it hangs or crashes."""
    console = kernels.cache_dir() / "kvm-probe.log"
    proc = subprocess.Popen(qemu_command(kernel, accel, 512, 1, console, "lab.probe"),
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent)
    try:
        proc.wait(limit)
    except subprocess.TimeoutExpired:
        proc.kill()
        proc.wait()
    except BaseException:
        proc.kill()
        raise
    return console.exists() and "lab: alive" in console.read_text(errors="replace")


def host_can() -> str | None:
    """None when the running kernel can carry the cases itself, else what is missing."""
    if os.geteuid() != 0:
        return "needs root"
    for module in ("ppp_generic", "l2tp_ppp"):
        known = Path("/sys/module", module).exists() or subprocess.run(
            ["modprobe", "-n", "-q", module], check=False).returncode == 0
        if not known:
            return f"the running kernel ({os.uname().release}) has no {module}"
    return None


class Deadline:
    """Seconds left of a time limit."""

    def __init__(self, seconds: float):
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        return self.end - time.monotonic()
