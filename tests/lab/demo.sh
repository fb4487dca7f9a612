#!/bin/bash
# The main job, watched: an LNS and a LAC in two network namespaces, PPP login, traffic through the
# kernel, a clean close. Runs as root where the kernel has L2TP and PPP; tests/demo brings it there.
set -euo pipefail

build=${1:?usage: demo.sh BUILD-DIR}
dir=$(mktemp -d)
pids=()

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
run() { printf '\033[1m$ %s\033[0m\n' "$*"; "$@"; }
lac() { ip netns exec l2demo-lac "$@"; }
lns() { ip netns exec l2demo-lns "$@"; }

cleanup() {
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	ip netns del l2demo-lac 2>/dev/null || true
	ip netns del l2demo-lns 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT

# Processor time of both daemons so far, in ms (proc(5): utime and stime in 1/100 s).
cpu() { cat "/proc/${pids[0]}/stat" "/proc/${pids[1]}/stat" | awk '{ t += $14 + $15 } END { print t * 10 }'; }

# until COMMAND succeeds; emulated machines are slow, so for a long time
await() {
	local deadline=$((SECONDS + 90))
	until "$@" >/dev/null 2>&1; do
		((SECONDS < deadline)) || { echo "demo: gave up waiting for: $*" >&2; exit 1; }
		sleep 0.1
	done
}

say "two hosts: 192.0.2.1 (server, LNS) and 192.0.2.2 (client, LAC)"
ip netns add l2demo-lns
ip netns add l2demo-lac
ip link add eth0 netns l2demo-lns type veth peer name eth0 netns l2demo-lac
lns ip addr add 192.0.2.1/24 dev eth0
lac ip addr add 192.0.2.2/24 dev eth0
for side in lns lac; do
	$side ip link set lo up
	$side ip link set eth0 up
done

cat >"$dir/lns.conf" <<CONF
[daemon]
pppd-plugin = $build/l2tpd.so
[link dialin]
type = l2tp
self = 192.0.2.1
incoming = yes
secret = tunnel-secret
ppp = server
[ppp server]
require = chap-md5
users = $dir/users
address = 10.9.0.1
pool = 10.9.0.10-10.9.0.99
CONF
cat >"$dir/lac.conf" <<CONF
[daemon]
pppd-plugin = $build/l2tpd.so
[link office]
type = l2tp
peer = 192.0.2.1
originate = yes
secret = tunnel-secret
callingnum = 5551212
ppp = client
[ppp client]
user = alice
password = wonderland
CONF
echo 'alice * wonderland *' >"$dir/users"
chmod 600 "$dir"/*

say "the server's configuration"
sed 's/\(secret = \).*/\1******/' "$dir/lns.conf"
say "the client's configuration"
sed 's/\(secret = \|password = \).*/\1******/' "$dir/lac.conf"

say "both daemons start"
ip netns exec l2demo-lns "$build/l2tpd" -c "$dir/lns.conf" -s "$dir/lns.sock" &
pids+=($!)
ip netns exec l2demo-lac "$build/l2tpd" -c "$dir/lac.conf" -s "$dir/lac.sock" &
pids+=($!)
await "$build/l2tpctl" -s "$dir/lns.sock" show version
await "$build/l2tpctl" -s "$dir/lac.sock" show version

say "the client calls (login by CHAP as alice)"
run "$build/l2tpctl" -s "$dir/lac.sock" open office

say "traffic through the tunnel"
run lac ping -c 4 -i 0.2 10.9.0.1
ip netns exec l2demo-lns iperf3 -s -1 >/dev/null &
pids+=($!)
await sh -c 'ip netns exec l2demo-lns ss -Hltn sport = 5201 | grep -q .'
before=$(cpu)
run lac iperf3 -c 10.9.0.1 -t 5
after=$(cpu)

say "what the daemons say"
run "$build/l2tpctl" -s "$dir/lns.sock" show tunnels
run "$build/l2tpctl" -s "$dir/lns.sock" show sessions
run "$build/l2tpctl" -s "$dir/lac.sock" show link office

say "what the kernel says: it carried the data; the daemon's processor time"
run lac ip l2tp show session
run lac ip -s link show type ppp
echo "processor time of both daemons during the transfer: $((after - before)) ms"

say "clean close"
run "$build/l2tpctl" -s "$dir/lac.sock" close office
for pid in "${pids[@]:0:2}"; do
	kill "$pid"
	code=0
	wait "$pid" || code=$?
	echo "l2tpd $pid: exit $code"
done
pids=("${pids[@]:2}")
run lac ip l2tp show tunnel
run lns ip l2tp show tunnel
say "done: no tunnel is left in either kernel table"
