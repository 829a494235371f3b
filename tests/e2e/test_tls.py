# SPDX-License-Identifier: Apache-2.0
"""TLS on the listener: what is spoken, what is refused, and that nothing else is different; certificates that change while clients ask.

test_http_limits.py runs over both; with RTALP_TLS=1 so do all the others.
"""
import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import stat
import threading
import time

import pytest

from lib import ctl, proc, raw
from lib.build import SLOWER
from lib.callers import make_token
from lib.client import Client
from lib.daemon import Daemon
from lib.sse import Watch
from lib.tls import EVERYWHERE, Certificate, Port

pytestmark = pytest.mark.skipif(EVERYWHERE, reason="it has daemons with TLS and without, as it needs them")

DEADLINE = 1.0 * SLOWER
CONNECTIONS = 20
MANY = 6000
LIST = "/api/matters?limit=5000"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def daemon(tmp_path_factory, the_sandbox, certificate):
    d = Daemon(tmp_path_factory.mktemp("daemon"), the_sandbox, {
        "http.max_connections": CONNECTIONS, "http.request_timeout_ms": int(DEADLINE * 1000)}, certificate=certificate)
    d.start()
    yield d
    d.end()


@pytest.fixture
def fresh(tmp_path):
    return Certificate(tmp_path)


def plain(port):
    return socket.create_connection(("127.0.0.1", int(port)), 10)


def shake(port, context):
    return context.wrap_socket(plain(port), server_hostname="localhost", suppress_ragged_eofs=False)


def shown(port):
    """The certificate that a new connection is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with shake(port, context) as s:
        return ssl.DER_cert_to_PEM_cert(s.getpeercert(True))


def ends_within(sock, seconds):
    sock.settimeout(seconds)
    start, got = time.monotonic(), b""
    with contextlib.suppress(ConnectionResetError):
        while data := sock.recv(4096):
            got += data
    return time.monotonic() - start, got


# --- what is spoken -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_that_are_sound_are_spoken(daemon, certificate, version):
    with shake(daemon.port, certificate.context(version, version)) as s:
        assert s.version() == version.name.replace("_", ".")
        assert s.cipher()[0].split("-")[0] in ("ECDHE", "TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")
    assert Client(certificate.port(daemon.port, least=version, most=version)).get("/healthz").status == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_older_versions_are_refused(daemon, certificate, version):
    context = certificate.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises(ssl.SSLError, match="(?i)protocol.version|unsupported"):
        shake(daemon.port, context)


def test_ciphers_without_forward_secrecy_are_refused(daemon, certificate):
    context = certificate.context(most=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("AES128-SHA:AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match="(?i)handshake.failure"):
        shake(daemon.port, context)


def test_the_oldest_version_is_a_setting_that_a_reload_changes(make_daemon, certificate):
    d = make_daemon(certificate=certificate).start()
    old = certificate.context(most=ssl.TLSVersion.TLSv1_2)
    shake(d.port, old).close()
    d.configure(http__tls_min_version="1.3")
    d.reload()
    d.wait_log("configuration read again: 1 settings changed")
    with pytest.raises(ssl.SSLError):
        shake(d.port, old)
    assert d.client.get("/healthz").status == 200


@pytest.mark.parametrize("offered, chosen", [(["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1"), ([], None)])
def test_http_1_1_is_chosen_of_what_is_offered(daemon, certificate, offered, chosen):
    context = certificate.context()
    if offered:
        context.set_alpn_protocols(offered)
    with shake(daemon.port, context) as s:
        assert s.selected_alpn_protocol() == chosen


def test_who_speaks_none_of_our_protocols_is_told(daemon, certificate):
    context = certificate.context()
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        shake(daemon.port, context).recv(1)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed(daemon, certificate, version):
    context = certificate.context(version, version)
    with shake(daemon.port, context) as s:
        s.sendall(raw.get().encode())
        assert s.recv(100).startswith(b"HTTP/1.1 200")
        assert not s.session_reused
        session = s.session
    with context.wrap_socket(plain(daemon.port), server_hostname="localhost", session=session) as s:
        assert s.session_reused
        s.sendall(raw.get().encode())
        assert s.recv(100).startswith(b"HTTP/1.1 200")


def test_a_connection_is_kept(daemon):
    with raw.Raw(daemon.port) as c:
        for _ in range(200):
            assert c.send(raw.get()).answer().status == 200
        c.send(raw.get() * 50)
        assert [c.answer().status for _ in range(50)] == [200] * 50


# --- who does not speak it ------------------------------------------------------------------------------------------------

def test_http_without_tls_is_told_what_is_needed(daemon):
    with raw.Raw(int(daemon.port)) as c:
        answer = c.send(raw.get()).answer()
        assert (answer.status, answer.json()["code"]) == (400, "tls_needed")
        assert c.ended()


@pytest.mark.parametrize("said", [b"\0" * 100, bytes(range(200, 100, -1)) * 3, b"SSH-2.0-x\r\n", b"\x16\x03\x01\x00\x05hello", b"\x15\x03\x03\x00\x02\x02\x28"])
def test_what_is_no_tls_comes_to_an_end(daemon, said):
    with plain(daemon.port) as s:
        s.sendall(said)
        s.shutdown(socket.SHUT_WR)
        took, _ = ends_within(s, DEADLINE * 10)
        assert took < DEADLINE + 3 * SLOWER
    assert daemon.client.get("/healthz").status == 200


def hello(context):
    """The first flight of a client, and what holds its state."""
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(inward, outward, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return client, inward, outward


@pytest.mark.parametrize("part", [0, 1, 100])
def test_hands_that_are_not_shaken_in_time_are_let_go(daemon, certificate, part):
    with plain(daemon.port) as s:
        s.sendall(hello(certificate.context())[2].read()[:part])
        took, got = ends_within(s, DEADLINE * 10)
        assert DEADLINE * 0.8 < took < DEADLINE + 1.5 * SLOWER and got == b""


def test_a_byte_of_a_handshake_now_and_then_does_not_move_the_deadline(daemon, certificate):
    first = hello(certificate.context())[2].read()
    with plain(daemon.port) as s:
        s.settimeout(0.05)
        start = time.monotonic()
        for byte in first:
            with contextlib.suppress(TimeoutError):
                s.sendall(bytes([byte]))
                if s.recv(1) == b"":
                    break
        assert time.monotonic() - start < DEADLINE + 1.5 * SLOWER


def test_a_crowd_that_does_not_shake_hands_keeps_nobody_out(daemon, certificate):
    first = hello(certificate.context())[2].read()
    with contextlib.ExitStack() as crowd:
        for i in range(CONNECTIONS * 3):
            s = crowd.enter_context(plain(daemon.port))
            s.sendall(first[:i])
        for _ in range(10):
            start = time.monotonic()
            assert daemon.client.get("/healthz").status == 200
            assert time.monotonic() - start < 0.5 * SLOWER


def shaken(port, context):
    """A client whose bytes on the wire are in our hands: (socket, SSL object, what came, what is to go)."""
    client, inward, outward = hello(context)
    s = plain(port)
    while True:
        s.sendall(outward.read())
        try:
            client.do_handshake()
            s.sendall(outward.read())
            return s, client, inward, outward
        except ssl.SSLWantReadError:
            inward.write(s.recv(65536))


def read_all(s, client, inward):
    got = b""
    while True:
        try:
            while data := client.read(65536):
                got += data
            return got
        except ssl.SSLWantReadError:
            data = s.recv(65536)
            if not data:
                return got
            inward.write(data)
        except ssl.SSLError:
            return got


def test_a_request_whose_record_never_ends_is_ended(daemon, certificate):
    s, client, inward, outward = shaken(daemon.port, certificate.context())
    with s:
        client.write(raw.get().encode())
        start = time.monotonic()
        s.sendall(outward.read()[:-10])
        got = read_all(s, client, inward)
        assert got.startswith(b"HTTP/1.1 408") and b"too_slow" in got
        assert DEADLINE * 0.8 < time.monotonic() - start < DEADLINE + 1.5 * SLOWER


def test_a_request_in_the_smallest_pieces_is_answered(daemon, certificate):
    s, client, inward, outward = shaken(daemon.port, certificate.context())
    with s:
        for byte in raw.get("/healthz", "Connection: close").encode():
            client.write(bytes([byte]))
            sealed = outward.read()
            s.sendall(sealed[:7])
            s.sendall(sealed[7:])
        assert read_all(s, client, inward).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("when", ["idle", "reading", "waiting"])
def test_a_record_that_was_changed_ends_its_connection_alone(daemon, certificate, sandbox, new_user, when):
    s, client, inward, outward = shaken(daemon.port, certificate.context())
    with s:
        if when == "reading":
            client.write(raw.get().encode()[:20])
        elif when == "waiting":
            user, key = new_user()
            sandbox.fault("delay", user=user, ms=3000, count=1)
            client.write(raw.post("/api/jobs/fetch", json.dumps({"alp_user_id": user, "rescue_time_api_key": key, "days": 1}), "Prefer: wait=10"))
        s.sendall(outward.read())
        time.sleep(0.1)
        client.write(b"x" * 100)
        sealed = bytearray(outward.read())
        sealed[40] ^= 1
        s.sendall(sealed)
        took, _ = ends_within(s, DEADLINE * 10)
        assert took < 4
    assert daemon.client.get("/healthz").status == 200


def test_a_client_that_says_goodbye_behind_its_request_is_answered(daemon, certificate):
    s, client, inward, outward = shaken(daemon.port, certificate.context())
    with s:
        client.write(raw.get("/api/jobs").encode())
        with contextlib.suppress(ssl.SSLWantReadError):
            client.unwrap()
        s.sendall(outward.read())
        took, got = ends_within(s, 5)
        assert len(got) > 200 and took < 3


# --- what goes through it -------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def rich(daemon):
    """With an answer of several megabytes."""
    matters = [{"code": f"M{n:06d}", "name": f"Matter {n} " + "of some length " * 30, "client": f"Client {n % 997} " + "& Sons " * 60} for n in range(MANY)]
    assert Client(daemon.port, timeout=60).put("/api/matters", matters).status == 200
    answer = Client(path=daemon.socket_path, timeout=60).get(LIST)
    assert len(answer.body) > 4_000_000
    return answer.body


def test_a_large_answer_comes_whole(daemon, rich):
    for _ in range(3):
        assert Client(daemon.port, timeout=30).get(LIST).body == rich


def test_a_large_answer_comes_whole_to_a_slow_reader_and_the_connection_goes_on(daemon, rich):
    with raw.Raw(daemon.port, timeout=60) as c:
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.send(raw.get(LIST))
        c.send(raw.get())
        time.sleep(0.5)
        while len(c.left) < 200_000:
            c.left += c.socket.recv(4000)
            time.sleep(0.001)
        assert c.answer().body == rich
        assert c.answer().status == 200


def test_who_takes_nothing_of_a_large_answer_holds_up_nobody(daemon, rich):
    with raw.Raw(daemon.port) as c:
        c.send(raw.get(LIST))
        for _ in range(20):
            start = time.monotonic()
            assert daemon.client.get("/healthz").status == 200
            assert time.monotonic() - start < 0.5 * SLOWER


def test_a_body_of_megabytes_is_read(daemon):
    matters = [{"code": f"N{n:06d}", "name": "x" * 500} for n in range(MANY)]
    assert Client(daemon.port, timeout=60).put("/api/matters", matters).status == 200
    assert len(Client(path=daemon.socket_path, timeout=60).get(LIST).json()) == 5000


def test_events_are_watched(daemon, sandbox, new_user):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=300, count=1)
    with Watch(daemon.port, "/api/events") as all_of_them:
        job = daemon.fetch(user, key, days=14)
        with Watch(daemon.port, f"/api/jobs/{job}/events") as w:
            events = w.wait_end()
            assert not w.cut and events[-1].name == "job.succeeded"
        ours = all_of_them.wait(lambda events: [e for e in events if e.data.get("job_id") == job and e.name == "job.succeeded"])
        assert len(ours) == 1


def test_the_unix_socket_stays_plain(daemon):
    assert Client(path=daemon.socket_path).get("/api/jobs").status == 200


def test_rtalpctl_speaks_it(daemon, certificate, tmp_path):
    url = f"https://127.0.0.1:{int(daemon.port)}"
    done = ctl.run("status", "--url", url, "--ca-file", str(certificate.path))
    assert done.status == 0, done
    other = Certificate(tmp_path)
    for arguments in (["--ca-file", str(other.path)], []):
        done = ctl.run("status", "--url", url, *arguments)
        assert done.status == 5 and "certificate" in done.err, done
    done = ctl.run("status", "--url", f"http://127.0.0.1:{int(daemon.port)}", "--ca-file", str(certificate.path))
    assert done.status == 2 and "--ca-file" in done.err, done
    assert ctl.run("status", "--url", url, "--ca-file", str(tmp_path / "none")).status == 2


# --- certificates ---------------------------------------------------------------------------------------------------------

def said(daemon, pattern):
    return daemon.wait_log(pattern)


def test_a_certificate_is_changed_under_load(make_daemon, fresh):
    d = make_daemon(certificate=fresh).start()
    first = shown(d.port)
    kept = raw.Raw(d.port)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    any_port, over, failures, done = Port(d.port, context), threading.Event(), [], [0, 0]

    def keep_asking():
        with raw.Raw(any_port) as c:
            while not over.is_set():
                answer = c.send(raw.get("/api/jobs")).answer()
                if answer is None or answer.status != 200:
                    failures.append(answer)
                    return
                done[0] += 1

    def come_anew():
        while not over.is_set():
            try:
                assert Client(any_port).get("/healthz").status == 200
                done[1] += 1
            except Exception as e:  # pylint: disable=broad-except
                failures.append(e)
                return
    threads = [threading.Thread(target=what) for what in (keep_asking, keep_asking, come_anew, come_anew)]
    for t in threads:
        t.start()
    seen = {first}
    with Watch(any_port, "/api/events") as w:
        for n in range(4):
            fresh.make()
            d.log_start = len(d.log())
            d.reload()
            said(d, "configuration read again")
            now = shown(d.port)
            assert now not in seen and now == fresh.path.read_text()
            seen.add(now)
        assert not w.over
    over.set()
    for t in threads:
        t.join(20)
    assert failures == [] and min(done) > 20, done
    assert kept.send(raw.get()).answer().status == 200
    kept.socket.close()


def broken_key(fresh):
    other = fresh.key.read_text()
    fresh.make()
    fresh.key.write_text(other)


WRONG = {
    "no certificate": (lambda c: c.path.write_text("nothing\n"), "there is no certificate in it"),
    "no file": (lambda c: c.path.unlink(), "No such file"),
    "another key": (broken_key, "key is that of another certificate"),
    "no key": (lambda c: c.key.write_text("nothing\n"), "key is none"),
    "an open key": (lambda c: c.key.chmod(0o640), "nobody else may read it"),
    "a missing key": (lambda c: c.key.unlink(), "No such file"),
    "a key that is locked": (lambda c: c.key.write_text(LOCKED), "encrypted"),
    "a weak one": (lambda c: c.make(newkey=("rsa:1024",)), "too weak"),
    "a huge key": (lambda c: c.key.write_text("x" * 40000), "too large"),
}
LOCKED = """-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhRT9lxhSPFUAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEELCZB+9nJpBFffNMcgpvKzsEgZCE
p6AtAMbqKTSguuh7JNklPciWIg6S3imPc2xZWltMYdN9tUbCQ3UqpY6zalsOmIgk
3w7i5etwMp6ZnxaewAvauDUniRasy8Hxl5ztAiuB0bGbLKaUGrsgoVOiKUTvgvv7
AXr/2CaZkkIsPzyaJ7hugN4e4Temhks+HFcagQZ8mm39CKUDo4qo/QyevkKin98=
-----END ENCRYPTED PRIVATE KEY-----
"""


@pytest.mark.parametrize("what", WRONG)
def test_one_that_is_wrong_changes_nothing_and_starts_nothing(make_daemon, fresh, what):
    spoil, words = WRONG[what]
    d = make_daemon({"queue.max_jobs": 100}, certificate=fresh).start()
    context, before = d.port.context, shown(d.port)
    spoil(fresh)
    d.configure(queue__max_jobs=1)
    d.reload()
    said(d, "certificate of .* cannot be used: .*" + words)
    said(d, "configuration has errors; the old one stays")
    assert shown(d.port) == before
    assert Client(Port(d.port, context)).get("/healthz").status == 200
    d.reload()
    assert "settings changed" not in d.log()
    d.stop()
    d.launch()
    assert d.process.wait(20) == 78
    assert "cannot start: TLS" in d.log(d.log_start) and "cannot be used" in d.log(d.log_start)


def test_a_certificate_without_a_key_starts_nothing(make_daemon, certificate):
    d = make_daemon({"http.tls_certificate": certificate.path})
    d.launch()
    assert d.process.wait(20) == 78
    assert 'neither http.tls_key_file nor the credential "tls-key"' in d.log()


def test_the_key_may_be_a_credential(make_daemon, fresh, tmp_path):
    (tmp_path / "credentials").mkdir()
    fresh.key.rename(tmp_path / "credentials" / "tls-key")
    d = make_daemon({"http.tls_key_file": ""}, certificate=fresh, environment={"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}).start()
    assert d.client.get("/healthz").status == 200


@pytest.mark.parametrize("days, line", [(5, "expires in 4 days"), (13, "expires in 12 days"), (15, None)])
def test_a_certificate_that_ends_soon_is_told_of(make_daemon, fresh, days, line):
    fresh.make(days)
    d = make_daemon(certificate=fresh).start()
    if line is None:
        assert "expires in" not in d.log()
        fresh.make(3)
        d.reload()
        line = "expires in 2 days"
    said(d, line)


def test_handshakes_and_the_expiry_are_counted(make_daemon, fresh):
    fresh.make(100)
    d = make_daemon(certificate=fresh).start()
    session = None
    for _ in range(2):
        with d.port.context.wrap_socket(plain(d.port), server_hostname="localhost", session=session) as s:
            s.sendall(raw.get().encode())
            s.recv(100)
            session = s.session
    with raw.Raw(int(d.port)) as c:
        c.send(raw.get()).answer()
        assert c.ended()
    found = d.client.get("/metrics").text
    for line in ('handshakes_total{result="full"} 2', 'handshakes_total{result="resumed"} 1', 'handshakes_total{result="failed"} 1'):
        assert f"rtalp_tls_{line}\n" in found, found
    left = float(found.split("\nrtalp_tls_certificate_expiry_seconds ")[1].split()[0]) - time.time()
    assert 99 * 86400 < left < 101 * 86400


def test_whether_there_is_tls_takes_a_restart(make_daemon, fresh):
    d = make_daemon(certificate=fresh).start()
    d.configure(http__tls_certificate="", http__tls_key_file="")
    d.reload()
    said(d, "http.tls_certificate changed but needs a restart")
    assert d.client.get("/healthz").status == 200


# --- beyond loopback ------------------------------------------------------------------------------------------------------

def test_beyond_loopback_there_is_tls_or_a_proxy(make_daemon, fresh):
    d = make_daemon().start()
    _, token = make_token(d.client, "service")
    d.stop()
    d.configure(http__listen=["0.0.0.0:0"])
    d.launch()
    assert d.process.wait(20) == 69
    assert "an address is not loopback, and there is no TLS" in d.log(d.log_start)

    def port():
        d.launch()
        found = int(proc.wait_until(lambda: d.wait_log(r"serves on 0\.0\.0\.0:(\d+) "), what="the start")[1])
        return found
    d.configure(http__behind_proxy="yes")
    assert Client(port(), token=token).get("/api/jobs").status == 200
    d.stop()
    d.configure(http__behind_proxy="no", **{k.replace(".", "__"): v for k, v in fresh.settings.items()})
    assert Client(fresh.port(port()), token=token).get("/api/jobs").status == 200
    assert stat.S_IMODE(fresh.key.stat().st_mode) == 0o600
    os.kill(d.pid, signal.SIGTERM)


def test_a_drain_lets_requests_end(make_daemon, fresh, sandbox, new_user):
    d = make_daemon(certificate=fresh).start()
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=1000, count=1)
    with raw.Raw(d.port, timeout=30) as c:
        c.send(raw.post("/api/jobs/fetch", json.dumps({"alp_user_id": user, "rescue_time_api_key": key, "days": 1}), "Prefer: wait=10"))
        time.sleep(0.3)
        os.kill(d.pid, signal.SIGTERM)
        assert c.answer().status in (200, 202)
        with contextlib.suppress(http.client.HTTPException):
            assert c.ended()
    assert d.process.wait(30) == 0
