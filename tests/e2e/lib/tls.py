# SPDX-License-Identifier: Apache-2.0
"""Certificates of the tests' own, and ports that are spoken to by TLS."""
import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import threading

from lib import proc
from lib.build import SLOWER

# Every daemon of this run speaks it on TCP that is not told otherwise.
EVERYWHERE = "RTALP_TLS" in os.environ


class Port(int):
    """A port with what its clients need: whoever connects to it does so by TLS."""

    def __new__(cls, number, context):
        port = super().__new__(cls, number)
        port.context = context
        return port


def context_of(port):
    """The client's side of it; None: it is a plain one."""
    return getattr(port, "context", None)


class Spoken:
    """A socket behind TLS that does what a plain one does: it can be peeked at, polled, used by a reader and a writer at once, and half closed."""

    def __init__(self, plain, context):
        self.plain, self.got = plain, b""
        self.lock, self.writing = threading.Lock(), threading.Lock()
        self.inward, self.outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.inward, self.outward, server_hostname="localhost")
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.plain.sendall(self.outward.read())
                self._feed(self.plain.recv(65536))
            except ssl.SSLError:
                # The other side is told why.
                self.plain.sendall(self.outward.read())
                raise
        self.plain.sendall(self.outward.read())

    def __getattr__(self, name):
        if name not in ("close", "fileno", "getsockname", "getsockopt", "setblocking", "setsockopt", "settimeout"):
            raise AttributeError(f"{name}: would go past TLS")
        return getattr(self.plain, name)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def _feed(self, data):
        if data:
            self.inward.write(data)
        else:
            self.inward.write_eof()

    def _open(self):
        """What there is goes to `got`; True: nothing more will come. An end without a goodbye is an error, as data may have been cut off."""
        with self.lock:
            try:
                while data := self.tls.read(65536):
                    self.got += data
            except ssl.SSLWantReadError:
                return False
            except ssl.SSLZeroReturnError:
                return True
            except ssl.SSLError:
                if not self.got:
                    raise
            return True

    def recv(self, size, flags=0):
        while not self.got and not self._open() and not self.got:
            data = self.plain.recv(65536)
            with self.lock:
                self._feed(data)
        data = self.got[:size]
        if not flags & socket.MSG_PEEK:
            self.got = self.got[size:]
        return data

    def sendall(self, data):
        with self.writing:
            with self.lock:
                while data:
                    data = data[self.tls.write(data):]
                sealed = self.outward.read()
            self.plain.sendall(sealed)

    def shutdown(self, how):
        """Says goodbye first; what the other side still has to say can be read."""
        if how != socket.SHUT_RD:
            self._open()
            with self.writing, self.lock:
                with contextlib.suppress(ssl.SSLError):
                    self.tls.unwrap()
                self.plain.sendall(self.outward.read())
        self.plain.shutdown(how)


def connect(port, timeout=10, source=None, receive_buffer=None):
    """A connection to a port of 127.0.0.1, and of the tests' own making: what is sent on it is what is said here, byte by byte, behind TLS if the port is one of those."""
    plain = socket.socket()
    try:
        if receive_buffer is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source is not None:
            plain.bind((source, 0))
        plain.settimeout(timeout * SLOWER)
        plain.connect(("127.0.0.1", int(port)))
        return plain if context_of(port) is None else Spoken(plain, context_of(port))
    except BaseException:
        plain.close()
        raise


class Certificate:
    """One that signs itself, for this machine; made again, it has another key."""

    def __init__(self, directory, name="server", days=90, owner=None):
        self.path, self.key, self.owner = directory / f"{name}.pem", directory / f"{name}.key", owner
        self.make(days)

    def make(self, days=90, newkey=("ec", "-pkeyopt", "ec_paramgen_curve:P-256")):
        fresh = [self.path.with_suffix(".pem.new"), self.key.with_suffix(".key.new")]
        addresses = [f",IP:{address}" for address in ("127.0.0.1", proc.own_address()) if address is not None]
        subprocess.run(["openssl", "req", "-x509", "-newkey", *newkey, "-nodes", "-days", str(days), "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost" + "".join(addresses), "-out", fresh[0], "-keyout", fresh[1]],
                       check=True, capture_output=True, timeout=30)
        fresh[1].chmod(0o600)
        if self.owner is not None:
            shutil.chown(fresh[1], self.owner)
        fresh[1].rename(self.key)
        fresh[0].rename(self.path)

    @property
    def settings(self):
        return {"http.tls_certificate": self.path, "http.tls_key_file": self.key}

    def context(self, least=None, most=None):
        """A client that believes it, and knows these versions only."""
        context = ssl.create_default_context(cafile=self.path)
        if least is not None:
            context.minimum_version = least
        if most is not None:
            context.maximum_version = most
        return context

    def port(self, number, **versions):
        return Port(number, self.context(**versions))
