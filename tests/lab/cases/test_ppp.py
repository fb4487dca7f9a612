"""What PPP gets and may: encryption that is demanded, one call for a user, an empty pool."""

import wire
from lablib import wait_for
from peers import OUR_LNS_PPP, L2tpd, lac_conf, lns_conf

IP, MPPE = b"\x00\x21", b"\x00\xfd"


def protocols(pcap) -> set[bytes]:
    """Of all data packets; FF 03 comes first, as Linux always says it."""
    return {p.raw[at + 2:at + 4] for p in wire.packets(pcap) if not p.control
            for at in [p.raw.index(b"\xff\x03")]}


def test_mppe_required(net):
    """Both ends demand it: IP goes through, and not one packet of it in clear."""
    capture = wire.Capture(net.lac)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "dataseq = no", require="mschapv2",
                                  ppp=("mppe = required",)))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "dataseq = no", ppp=("mppe = required",)))
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP)
    assert "l2tpd-" in net.lac.run("nft", "list", "tables", check=False).stdout
    lac.ctl("close", "office")
    lac.wait_idle()
    lns.wait_idle()
    assert lac.stop() == 0 and lns.stop() == 0
    seen = protocols(capture.stop())
    assert MPPE in seen and IP not in seen


def test_mppe_refused(net):
    """A peer that does not encrypt: the call ends, and the reason says of what."""
    capture = wire.Capture(net.lac)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, require="mschapv2"))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, ppp=("mppe = required",)))
    failed = lac.ctl("open", "office")
    assert failed.rc != 0 and "mppe = required" in failed.err
    lac.wait_idle()
    assert lac.stop() == 0 and lns.stop() == 0
    assert IP not in protocols(capture.stop())


def test_single_session(net):
    """Killed without a word, and back at once with the same user: the old call gives way."""
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, require="mschapv2", pool="10.99.0.10",
                                  ppp=("single-session = replace",)))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    lac.open("office")
    lac.kill()
    again = L2tpd(net.lac, lac_conf(net.lns.addr))
    again.open("office")
    net.lac.ping(OUR_LNS_PPP)
    wait_for(lambda: len(lns.sessions()) == 1, what="one call of this user")
    assert again.stop() == 0 and lns.stop() == 0


def test_pool_is_empty(net):
    """The one who finds no address is told so, and the one who has it keeps it."""
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, pool="10.99.0.10"))
    one = lac_conf(net.lns.addr)
    lac = L2tpd(net.lac, one + "[link second]" + one.split("[link office]")[1].split("[ppp")[0])
    lac.open("office")
    failed = lac.ctl("open", "second")
    assert failed.rc != 0 and "the server has no free address" in failed.err
    net.lac.ping(OUR_LNS_PPP)
    assert lac.stop() == 0 and lns.stop() == 0
