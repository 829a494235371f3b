# SPDX-License-Identifier: Apache-2.0
"""Certificates of the tests' own, and ports that are spoken to by TLS."""
import ssl
import subprocess


class Port(int):
    """A port with what its clients need: whoever connects to it does so by TLS."""

    def __new__(cls, number, context):
        port = super().__new__(cls, number)
        port.context = context
        return port


def context_of(port):
    """The client's side of it; None: it is a plain one."""
    return getattr(port, "context", None)


def wrapped(sock, port):
    context = context_of(port)
    return sock if context is None else context.wrap_socket(sock, server_hostname="localhost", suppress_ragged_eofs=False)


class Certificate:
    """One that signs itself, for localhost and 127.0.0.1; made again, it has another key."""

    def __init__(self, directory, name="server", days=90):
        self.path, self.key = directory / f"{name}.pem", directory / f"{name}.key"
        self.make(days)

    def make(self, days=90, newkey=("ec", "-pkeyopt", "ec_paramgen_curve:P-256")):
        fresh = [self.path.with_suffix(".pem.new"), self.key.with_suffix(".key.new")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", *newkey, "-nodes", "-days", str(days), "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", fresh[0], "-keyout", fresh[1]],
                       check=True, capture_output=True, timeout=30)
        fresh[1].chmod(0o600)
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
