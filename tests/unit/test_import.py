# SPDX-License-Identifier: GPL-2.0-or-later
"""l2tpctl import: files as people have them, in import/, and what becomes of them.

A folder import/FORMAT/NAME holds the files, the arguments ("args") and what is printed ("golden").
L2TPD_WRITE_GOLDEN=1 writes it anew: read the difference. L2TPCTL and L2TPD name the programs; otherwise those in build/ are taken.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest

from console_rig import L2TPD
from ctl_daemon import L2TPCTL, TIMEOUT, environment

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = sorted(p.parent for p in (HERE / "import").glob("*/*/args"))
# Keys of the contract that other work brings: until the parser knows them, a line with
# one is left out before the check.
TO_COME = {"route", "ifname", "up", "down"}


def run(folder, *args, code=0):
    r = subprocess.run([L2TPCTL, "import", *args], cwd=folder, capture_output=True, text=True,
                       timeout=TIMEOUT, env=environment(), stdin=subprocess.DEVNULL, check=False)
    assert r.returncode == code, r.stderr
    return r


def copy_of(sample, folder):
    """The files with modes that a checkout does not keep."""
    for path in sample.iterdir():
        if path.name not in ("args", "golden"):
            shutil.copy(path, folder / path.name)
            (folder / path.name).chmod(0o600)
    return shlex.split((sample / "args").read_text())


def import_sample(sample, folder):
    return run(folder, sample.parent.name, *copy_of(sample, folder))


def write(folder, name, text, mode=0o600):
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


def parsed(text):
    """{"link NAME": {key: [values]}}"""
    sections = {}
    for line in text.splitlines():
        if line.startswith("["):
            section = sections.setdefault(line[1:-1], {})
        elif line and not line.startswith("#"):
            key, value = line.split(" = ", 1)
            section.setdefault(key, []).append(value)
    return sections


def check(text, folder):
    """l2tpd --check, without what is not there yet; what was left out."""
    conf = write(folder, "checked.conf", text)
    users = write(folder, "users", "u * x *\n")
    text = re.sub(r"^(users|secret-file|password-file) = .*$", rf"\1 = {users}", text, flags=re.M)
    text = re.sub(r"^(up|down) = .*$", r"\1 = /bin/true", text, flags=re.M)
    # what a call would need and is not on this machine, or not for a plugin of this build
    text = f"[daemon]\npppd = /bin/true\npppd-plugin = {users}\n{text}"
    left_out = set()
    while True:
        conf.write_text(text)
        r = subprocess.run([L2TPD, "--check", "-c", str(conf)], capture_output=True, text=True,
                           timeout=TIMEOUT, env=environment(), check=False)
        if r.returncode == 0:
            return left_out
        lines = text.splitlines()
        for message in r.stderr.splitlines():
            match = re.match(rf"{conf}:(\d+): unknown key '(\S+)' in", message)
            assert match, message + "\n" + text
            number, key = int(match[1]) - 1, match[2]
            assert key in TO_COME, message
            left_out.add(key)
            lines[number] = ""
        text = "\n".join(lines) + "\n"


def name_of(sample):
    return f"{sample.parent.name}-{sample.name}"


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_golden(sample, tmp_path):
    r = import_sample(sample, tmp_path)
    if os.environ.get("L2TPD_WRITE_GOLDEN"):
        (sample / "golden").write_text(r.stdout)
    assert r.stdout == (sample / "golden").read_text()


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_result_is_a_configuration(sample, tmp_path):
    left_out = check(import_sample(sample, tmp_path).stdout, tmp_path)
    if left_out:
        print("not known yet:", sorted(left_out))


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_every_line_is_accounted_for(sample, tmp_path):
    """Each line of each file: in the account once or more, or counted as empty or a comment."""
    r = import_sample(sample, tmp_path)
    account = r.stdout[r.stdout.index("# What became of every line"):]
    for path in tmp_path.iterdir():
        told = {int(n) for n in re.findall(rf"^# {re.escape(path.name)}:(\d+): .* => "
                                           "(?:taken|not needed|NOT POSSIBLE): .", account, re.M)}
        empty = int(re.search(rf"^# {re.escape(path.name)}, mode 600, and (\d+) lines that are empty "
                              "or comments$", account, re.M)[1])
        # lines that a backslash or an option's value ties to the one before are that one's
        lines = path.read_text().split("\n")[:-1]
        tied = sum(1 for i, line in enumerate(lines)
                   if i + 1 not in told and line.strip().strip("\ufeff") and i
                   and (lines[i - 1].rstrip().endswith("\\") or lines[i - 1].startswith("#")
                        and lines[i - 2].rstrip().endswith("\\")
                        or lines[i - 1].endswith("lcp-echo-interval")))
        assert len(told) + empty + tied == len(lines), (path.name, sorted(told), empty, tied)
    impossible = account.count("NOT POSSIBLE: ")
    for line in re.findall(r"^# (\S+:\d+): .*NOT POSSIBLE: ", account, re.M):
        assert f"{line}: warning: '" in r.stderr
    assert impossible or "is not possible" not in r.stderr


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_no_secret_without_being_asked(sample, tmp_path):
    """Without --secrets nothing that is one gets out; nor does what follows unknown words."""
    args = copy_of(sample, tmp_path)
    while "--secrets" in args:
        at = args.index("--secrets")
        del args[at:at + 2]
    r = run(tmp_path, sample.parent.name, *args)
    secrets = set()
    for path in tmp_path.iterdir():
        text = path.read_text()
        secrets |= set(re.findall(r"(?:password|secret|pasword|frobnicate|Password)[ \t]+\"?(\S+?)\"?\s*$",
                                  text, re.M))
        if "secret" in path.name:
            secrets |= {word for line in text.splitlines() for word in line.split()[1:]
                        if re.search(r"pass|s3cret|unter2|interop|secret", word)}
    secrets -= {"password", "secret", "secrets"}
    secrets |= {"testing123"}
    for secret in secrets:
        assert secret.strip('"') not in r.stdout + r.stderr, secret


# --- the command line ---

def one_line(r):
    assert r.stdout == "" and r.stderr.startswith("l2tpctl: ") and r.stderr.count("\n") == 1
    return r.stderr[len("l2tpctl: "):-1]


@pytest.mark.parametrize("args,says", [
    (["frr", "x"], "what is imported is mpd or xl2tpd, not \"frr\"; usage: "),
    (["mpd", "--secrets"], "--secrets needs a value; usage: "),
    (["mpd", "--frob", "x"], "unknown option --frob of import; usage: "),
    (["mpd", "--secrets", "x"], "usage: l2tpctl import mpd|xl2tpd FILE ... [--secrets FILE] "),
])
def test_usage(tmp_path, args, says):
    assert one_line(run(tmp_path, *args, code=2)).startswith(says)


def test_words_are_missing(tmp_path):
    assert one_line(run(tmp_path, "mpd", code=2)).startswith("usage: l2tpctl import mpd|xl2tpd")


@pytest.mark.parametrize("name,content,says", [
    ("none", None, "none: cannot be read: No such file or directory"),
    (".", None, ".: cannot be read: Is a directory"),
    ("utf16", "[lac x]\n".encode("utf-16"), "utf16: cannot be read: it is no text (UTF-16? save it "
                                            "as UTF-8)"),
    ("nul", b"[lac x]\n\0", "nul: cannot be read: it is no text (UTF-16? save it as UTF-8)"),
    ("empty", b"", "empty: nothing in it is a link of L2TP"),
])
def test_files_that_cannot_be(tmp_path, name, content, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    for form in ("xl2tpd", "mpd"):
        assert one_line(run(tmp_path, form, name, code=1)) == says
    write(tmp_path, "good", "[lac x]\nlns = 192.0.2.1\n")
    if name != "empty":
        assert one_line(run(tmp_path, "xl2tpd", "good", "--secrets", name, code=1)).startswith(
            says.split(":")[0])


def test_nothing_of_l2tp_says_why(tmp_path):
    write(tmp_path, "mpd.conf", "default:\n\tcreate link static P pptp\n")
    r = run(tmp_path, "mpd", "mpd.conf", code=1)
    assert r.stdout == "" and r.stderr == (
        "mpd.conf:2: warning: 'create link static P pptp' is not possible: link \"P\" is of type "
        "pptp, and not L2TP; it is left out\nl2tpctl: mpd.conf: nothing in it is a link of L2TP\n")


def test_options_may_be_written_with_equals(tmp_path):
    write(tmp_path, "x", "[lac x]\nlns = 192.0.2.1\nname = u\npppoptfile = /nowhere/o\n")
    write(tmp_path, "o", "password hunter2\nmtu 1300\n")
    out = parsed(run(tmp_path, "xl2tpd", "--options=o", "x", "--secrets=o").stdout)
    assert (out["ppp x"]["password"], out["ppp x"]["mtu"]) == (["hunter2"], ["1300"])


# --- secrets ---

CLIENT = "default:\n\tcreate link static L l2tp\n\tset l2tp peer 192.0.2.1\n\tset l2tp secret %s\n"


def test_secret_by_request_only(tmp_path):
    write(tmp_path, "mpd.conf", CLIENT % "hunter2")
    r = run(tmp_path, "mpd", "mpd.conf")
    assert "hunter2" not in r.stdout + r.stderr
    assert parsed(r.stdout)["link L"]["secret-file"] == ["/etc/l2tpd/L.secret"]
    assert "# /etc/l2tpd/L.secret: make it, with mode 600; its first line is the secret of " \
           "mpd.conf:4\n" in r.stdout and "There are secrets in here" not in r.stdout
    r = run(tmp_path, "mpd", "mpd.conf", "--secrets", "mpd.conf")
    assert parsed(r.stdout)["link L"]["secret"] == ["hunter2"]
    assert "# There are secrets in here: mode 600, or l2tpd refuses it.\n" in r.stdout
    # of a file that was not named nothing is printed
    write(tmp_path, "mpd.links", "L:\n")
    r = run(tmp_path, "mpd", "mpd.conf", "--secrets", "mpd.links")
    assert "hunter2" not in r.stdout + r.stderr


@pytest.mark.parametrize("secret,problem", [
    ('"a #b"', "it has a comment sign in it"),
    ('"#b"', "it has a comment sign in it"),
    ('" b"', "it begins or ends with a blank"),
    ('\\"b', "it begins with a quote"),
    ('"\\x01b"', "it has a control character, or is not UTF-8"),
])
def test_secret_that_a_line_cannot_hold(tmp_path, secret, problem):
    write(tmp_path, "mpd.conf", CLIENT % secret)
    r = run(tmp_path, "mpd", "mpd.conf", "--secrets", "mpd.conf")
    assert parsed(r.stdout)["link L"]["secret-file"] == ["/etc/l2tpd/L.secret"]
    assert f"mpd.conf:4, which cannot stand here: {problem}\n" in r.stdout
    check(r.stdout, tmp_path)


def test_password_that_is_empty(tmp_path):
    """It is as if there were none: a file is named that has to be made."""
    write(tmp_path, "mpd.conf", CLIENT % "s" + '\tset auth authname u\n\tset auth password ""\n')
    r = run(tmp_path, "mpd", "mpd.conf", "--secrets", "mpd.conf")
    assert parsed(r.stdout)["ppp L"]["password-file"] == ["/etc/l2tpd/L.password"]
    assert "mpd.conf:6: warning: 'set auth password ******' is not possible: as password: it is " \
        "empty\n" in r.stderr
    check(r.stdout, tmp_path)


def test_options_that_name_files(tmp_path):
    """Files may name others; one that names itself is told, and the rest is read."""
    write(tmp_path, "xl2tpd.conf", "[lac a]\nlns = 192.0.2.1\npppoptfile = x\n")
    write(tmp_path, "x", f"file {tmp_path}/y\nmtu 1300\n")
    write(tmp_path, "y", f"mru 1310\nfile {tmp_path}/y\nfile {tmp_path}/z\n")
    write(tmp_path, "z", f"file {tmp_path}/x\n" + f"file {tmp_path}/y\n" * 10 + "usepeerdns\n")
    r = run(tmp_path, "xl2tpd", "xl2tpd.conf", "--options", f"{tmp_path}/x")
    profile = parsed(r.stdout)["ppp a"]
    assert (profile["mtu"], profile["mru"], profile["usepeerdns"]) == (["1300"], ["1310"], ["yes"])
    assert r.stderr.count("the file names itself") == r.stderr.count("\n") == 12
    # many that name each other by several names come to an end, too
    many = [tmp_path / f"many{i}" for i in range(9)]
    for path in many:
        write(tmp_path, path.name, "".join(f"file {other}\n" for other in many))
    write(tmp_path, "x", f"file {many[0]}\nmtu 1300\n")
    r = run(tmp_path, "xl2tpd", "xl2tpd.conf", "--options", f"{tmp_path}/x")
    assert parsed(r.stdout)["ppp a"]["mtu"] == ["1300"]
    assert "more than 100 files are named by others" in r.stderr


def test_output_that_others_could_read(tmp_path):
    write(tmp_path, "mpd.conf", CLIENT % "hunter2")
    command = [L2TPCTL, "import", "mpd", "mpd.conf", "--secrets", "mpd.conf"]
    for mode, code in ((0o644, 1), (0o600, 0), (0o640, 0)):
        path = write(tmp_path, "out", "", mode)
        with open(path, "w", encoding="utf-8") as out:
            r = subprocess.run(command, cwd=tmp_path, stdout=out, stderr=subprocess.PIPE, text=True,
                               timeout=TIMEOUT, env=environment(), check=False)
        assert r.returncode == code
        assert ("hunter2" in path.read_text()) == (code == 0)
        assert ("umask 077" in r.stderr) == (code == 1)


def test_input_that_others_can_read(tmp_path):
    write(tmp_path, "mpd.conf", CLIENT % "hunter2", 0o644)
    assert run(tmp_path, "mpd", "mpd.conf").stderr == (
        "l2tpctl: warning: mpd.conf has secrets, and others can get at it: chmod o-r mpd.conf\n")
    write(tmp_path, "x", "[lac x]\nlns = 192.0.2.1\n", 0o644)
    assert run(tmp_path, "xl2tpd", "x").stderr == ""


def test_users_of_mpd_as_pppd_has_them(tmp_path):
    """What sed takes out of the result is read back by l2tpd's own parser of users."""
    write(tmp_path, "mpd.conf", "default:\n\tcreate link template L l2tp\n\tset link enable chap\n"
                                "\tset link enable incoming\n")
    write(tmp_path, "mpd.secret", 'a\\\\b "x \\"y\\" \\\\z" 10.1.2.3\n"c d" plain\n')
    out = run(tmp_path, "mpd", "mpd.conf", "--secrets", "mpd.secret").stdout
    users = subprocess.run(["sed", "-n", "s/^#users: //p"], input=out, capture_output=True, text=True,
                           check=True).stdout
    assert users == '"a\\\\b" * "x \\"y\\" \\\\z" 10.1.2.3\n"c d" * "plain" *\n'


# --- what must not get lost ---

def mpd_profile(tmp_path, bundle, link=""):
    write(tmp_path, "mpd.conf", "default:\n\tcreate bundle static B\n" +
          "".join(f"\t{line}\n" for line in bundle.splitlines()) +
          "\tcreate link static L l2tp\n\tset link action bundle B\n\tset l2tp peer 192.0.2.1\n" +
          "".join(f"\t{line}\n" for line in link.splitlines()))
    r = run(tmp_path, "mpd", "mpd.conf")
    return {**parsed(r.stdout)["link L"], **parsed(r.stdout)["ppp L"]}, r


@pytest.mark.parametrize("bundle,mppe", [
    ("set bundle enable crypt-reqd", "required"),
    ("set bundle enable compression crypt-reqd\nset ccp yes mppc\nset mppc yes e40", "required"),
    ("set bundle enable encryption crypt-reqd", "required"),
    ("set bundle enable compression\nset ccp yes mppc\nset mppc yes e128", "yes"),
    ("set bundle enable compression\nset ccp accept mppc\nset mppc accept e128", "yes"),
    ("set bundle enable compression\nset ccp yes mppc\nset mppc yes e40", None),
    ("set ccp yes mppc\nset mppc yes e128", None),
    ("set bundle enable crypt-reqd\nset bundle disable crypt-reqd", None),
])
def test_encryption_that_mpd_demands(tmp_path, bundle, mppe):
    keys, _ = mpd_profile(tmp_path, bundle)
    assert keys.get("mppe") == ([mppe] if mppe else None)


@pytest.mark.parametrize("line,method", [
    ("set link enable pap", "pap"),
    ("set link enable chap-md5", "chap-md5"),
    ("set link yes chap", "mschapv2"),
    ("set link enable pap chap-md5", "chap-md5"),
    ("set link enable eap", "mschapv2"),
    ("set link enable chap\nset link disable chap", None),
])
def test_login_that_mpd_demands(tmp_path, line, method):
    keys, r = mpd_profile(tmp_path, "", line + "\nset link enable incoming")
    assert keys.get("require") == ([method] if method else None)
    assert ("users" in keys) == bool(method)
    if "pap chap-md5" in line:
        assert "who can only PAP gets no call" in r.stderr


@pytest.mark.parametrize("options,require", [
    ("auth\n", "mschapv2"),
    ("require-mschap-v2\nnoauth\n", "mschapv2"),
    ("noauth\nauth\n", "mschapv2"),
    ("auth\nnoauth\n", None),
    ("require-eap\n", "mschapv2"),
    ("+pap\n", "pap"),
])
def test_login_that_a_server_demands(tmp_path, options, require):
    write(tmp_path, "x", "[lns default]\nip range = 10.0.0.2-9\nlocal ip = 10.0.0.1\npppoptfile = /o\n")
    write(tmp_path, "o", options)
    keys = parsed(run(tmp_path, "xl2tpd", "x", "--options", "o").stdout)["ppp default"]
    assert keys.get("require") == ([require] if require else None)


def test_a_server_that_says_how_means_it(tmp_path):
    """xl2tpd would ask nobody without 'require authentication'; a server that is open by mistake is
    not carried over."""
    write(tmp_path, "x", "[lns default]\nrequire chap = yes\n")
    assert parsed(run(tmp_path, "xl2tpd", "x").stdout)["ppp default"]["require"] == ["chap-md5"]


def test_mppe_of_pppd(tmp_path):
    write(tmp_path, "x", "[lac x]\nlns = 192.0.2.1\npppoptfile = /o\n")
    for options, mppe in (("require-mppe-128\nnomppe\n", "required"), ("nomppe\n+mppe\n", "required"),
                          ("mppe required,no40,no56,stateless\n", "required"), ("nomppe\n", "no"),
                          ("mppe no40\n", "yes")):
        write(tmp_path, "o", options)
        out = parsed(run(tmp_path, "xl2tpd", "x", "--options", "o").stdout)
        assert out["ppp x"]["mppe"] == [mppe], options


def test_options_file_that_is_named_in_the_file(tmp_path):
    options = write(tmp_path, "o", "file %s\nmtu 1400\n" % (tmp_path / "more"))
    write(tmp_path, "more", "mru 1300\nfile /nowhere/at/all\nname 'open quote\nmtu\n")
    write(tmp_path, "x", f"[lac x]\nlns = 192.0.2.1\npppoptfile = {options}\n"
                         "[lac y]\nlns = 192.0.2.2\npppoptfile = /nowhere/o\n")
    r = run(tmp_path, "xl2tpd", "x")
    keys = parsed(r.stdout)["ppp x"]
    assert (keys["mru"], keys["mtu"]) == (["1300"], ["1400"])
    assert r.stderr == (
        "x:6: warning: 'pppoptfile = /nowhere/o' is not possible: /nowhere/o cannot be read: No such "
        "file or directory. Name a copy of it: --options FILE\n"
        f"{tmp_path}/more:2: warning: 'file /nowhere/at/all' is not possible: it cannot be read: No "
        "such file or directory\n"
        f"{tmp_path}/more:3: warning: '...' is not possible: a quote is not closed\n"
        f"{tmp_path}/more:4: warning: 'mtu' is not possible: its value is missing\n")


def test_files_that_load_each_other_end(tmp_path):
    write(tmp_path, "o", "file o\nmtu 1400\n")
    write(tmp_path, "x", "[lac x]\nlns = 192.0.2.1\npppoptfile = o\n")
    says = run(tmp_path, "xl2tpd", "x").stderr
    assert says.startswith("o:1: warning: 'file o' is not possible: the file names itself")
    entries = "".join(f"e{i}:\n" + f"\tload e{i + 1}\n" * 9 for i in range(19))
    write(tmp_path, "mpd.conf", "default:\n\tcreate link static L l2tp\n"
                                "\tset l2tp peer 192.0.2.1\n\tload e0\n" + entries + "e19:\n\tload default\n")
    assert "too many commands: is it loaded in a loop?" in run(tmp_path, "mpd", "mpd.conf").stderr


@pytest.mark.parametrize("lines,pools", [
    ("ip range = 10.0.0.2-10.0.0.9", ["10.0.0.2-10.0.0.9"]),
    ("ip range = 10.0.0.1-10.0.0.9", ["10.0.0.2-10.0.0.9"]),        # ours is not given away
    ("ip range = 10.0.0.2 - 10.0.0.9\nno ip range = 10.0.0.4-5\nip range = 10.0.0.5",
     ["10.0.0.2-10.0.0.3", "10.0.0.5-10.0.0.9"]),
    ("ip range = 10.0.0.2-5\nip range = 10.0.0.6-10.0.0.8", ["10.0.0.2-10.0.0.8"]),
    ("ip range = 10.0.0.250-1.4", ["10.0.0.250-10.0.1.4"]),
    ("ip range = 224.0.0.1-224.0.0.9", None),
    ("no ip range = 10.0.0.2-10.0.0.9", None),
])
def test_pools_of_xl2tpd(tmp_path, lines, pools):
    write(tmp_path, "x", f"[lns default]\nlocal ip = 10.0.0.1\n{lines}\n")
    out = run(tmp_path, "xl2tpd", "x").stdout
    assert parsed(out)["ppp default"].get("pool") == pools
    check(out, tmp_path)


def test_no_address_is_in_two_pools(tmp_path):
    write(tmp_path, "x", "[lns default]\nlocal ip = 10.0.0.1\nip range = 10.0.0.2-9\n"
                         "[lns b]\nlac = 192.0.2.1\nlocal ip = 10.0.1.1\nip range = 10.0.0.8-20\n"
                         "[lns c]\nlac = 192.0.2.2\nip range = 10.0.2.2-9\n")
    r = run(tmp_path, "xl2tpd", "x")
    out = parsed(r.stdout)
    assert out["ppp default"]["pool"] == ["10.0.0.2-10.0.0.9"]
    assert out["ppp b"]["pool"] == ["10.0.0.10-10.0.0.20"] and "pool" not in out["ppp c"]
    assert "x:7: warning: 'ip range = 10.0.0.8-20' is not possible: an address of it is in the pool " \
           "of another section" in r.stderr
    assert "x:10: warning: 'ip range = 10.0.2.2-9' is not possible: a pool needs address" in r.stderr
    check(r.stdout, tmp_path)


def test_peers_of_xl2tpd_as_networks(tmp_path):
    write(tmp_path, "x", "[global]\naccess control = yes\n[lns default]\nlocal ip = 10.0.0.1\n"
                         "lac = 192.0.2.1-192.0.2.6\nno lac = 192.0.2.3\n")
    out = parsed(run(tmp_path, "xl2tpd", "x").stdout)
    assert [section["peer"][0] for name, section in out.items() if name.startswith("link ")] == [
        "192.0.2.1", "192.0.2.2", "192.0.2.4/31", "192.0.2.6"]
    assert len([name for name in out if name.startswith("ppp ")]) == 1
    write(tmp_path, "x", "[global]\naccess control = yes\n[lns default]\n" +
          "".join(f"lac = 192.0.2.{2 * i + 1}\n" for i in range(20)))
    r = run(tmp_path, "xl2tpd", "x")
    assert r.stdout.count("\npeer = ") == 16 and "more networks than links" in r.stderr


def test_names_are_names(tmp_path):
    write(tmp_path, "x", "".join(f"[lac {name}]\nlns = 192.0.2.1\nname = {i}\n" for i, name in
                                 enumerate(["a b", "a_b", "A" * 80, "a/b"])))
    out = run(tmp_path, "xl2tpd", "x").stdout
    assert [line for line in out.splitlines() if line.startswith("[link ")] == [
        "[link a_b]", "[link a_b-2]", f"[link {'A' * 56}]", "[link a_b-3]"]
    check(out, tmp_path)


def test_mpd_links_alone(tmp_path):
    write(tmp_path, "mpd.links", "a:\n\tset phys type l2tp\n\tset l2tp peer 192.0.2.1\n"
                                 "\tset l2tp enable originate\nb:\n\tset link type l2tp\n"
                                 "\tset l2tp enable incoming\n")
    out = parsed(run(tmp_path, "mpd", "mpd.links").stdout)
    assert out["link a"]["originate"] == ["yes"] and out["link b"]["incoming"] == ["yes"]


def test_mpd_4_needs_originate(tmp_path):
    write(tmp_path, "mpd.conf", "default:\n\tnew B L\n\topen\n")
    write(tmp_path, "mpd.links", "L:\n\tset phys type l2tp\n\tset l2tp peer 192.0.2.1\n")
    r = run(tmp_path, "mpd", "mpd.conf", "mpd.links")
    assert "originate" not in parsed(r.stdout)["link L"]
    assert "mpd.conf:3: warning: 'open' is not possible: mpd 4 refuses it, too: 'set l2tp enable " \
           "originate' is missing\n" in r.stderr


def test_a_range_is_not_dialled(tmp_path):
    keys, r = mpd_profile(tmp_path, "", "set l2tp peer 192.0.2.0/24\nopen")
    assert "originate" not in keys and "there is no 'set l2tp peer' of one address" in r.stderr


def test_words_of_mpd(tmp_path):
    """The secret that mpd has, and no other."""
    for written, secret in (('ab"cd', 'ab"cd'), ("a\\\\b", "a\\b"), ('"DOM\\\\user"', "DOM\\user"),
                            ('"DOM\\user"', "DOMuser"), ("\\x41\\102", "AB")):
        write(tmp_path, "mpd.conf", CLIENT % written)
        out = run(tmp_path, "mpd", "mpd.conf", "--secrets", "mpd.conf").stdout
        assert parsed(out)["link L"]["secret"] == [secret]


def test_needs_no_daemon_and_runs_in_the_console(tmp_path):
    write(tmp_path, "x", "[lac x]\nlns = 192.0.2.1\n")
    r = subprocess.run([L2TPCTL, "-s", str(tmp_path / "none"), "console"], cwd=tmp_path, text=True,
                       input="import xl2tpd x\n", capture_output=True, timeout=TIMEOUT,
                       env=environment(), check=False)
    assert r.returncode == 0 and "[link x]" in r.stdout
