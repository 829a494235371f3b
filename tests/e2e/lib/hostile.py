# SPDX-License-Identifier: Apache-2.0
"""Requests that nobody sane sends, made from the contract, and what every answer to one must be like."""
import gzip
import json
import re
import time
import urllib.parse

from hypothesis import strategies as st

from lib import tls
from lib.build import SLOWER
from lib.raw import Raw

DEADLINE_S = 5 * SLOWER
# What walks the whole store, or writes a copy of it at a bounded rate, has longer.
WHOLE_STORE = ("/api/backups", "/api/store/")
WHOLE_STORE_DEADLINE_S = 60 * SLOWER
# What an answer says of a client's fault although it begins with a 5.
CLIENTS_FAULTS = (501, 505)
NO_BODY = (204, 304)


class Request:
    """`body` None: there is none. `headers` are pairs of bytes; `chunked`: how it is framed."""

    def __init__(self, method, target, headers=(), body=None, chunked=False):
        self.method, self.target, self.headers, self.body, self.chunked = method, target, list(headers), body, chunked

    def bytes(self):
        headers = list(self.headers)
        if not any(name.lower() == b"host" for name, _ in headers):
            headers.insert(0, (b"Host", b"localhost"))
        body = self.body or b""
        if self.body is not None and self.chunked:
            headers.append((b"Transfer-Encoding", b"chunked"))
            body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]) if part) + b"0\r\n\r\n"
        elif self.body is not None:
            headers.append((b"Content-Length", b"%d" % len(body)))
        lines = [b"%s %s HTTP/1.1" % (self.method.encode("latin-1"), self.target.encode("latin-1"))]
        return b"\r\n".join(lines + [name + b": " + value for name, value in headers] + [b"", b""]) + body

    def __repr__(self):
        return f"{self.method} {self.target[:300]!r} {self.headers!r} {(self.body or b'')[:300]!r}"


class Wire(Raw):
    def __init__(self, port, source="127.0.0.1", deadline_s=DEADLINE_S):
        self.socket = tls.connect(port, deadline_s, source)
        self.left = b""

    def exchange(self, request):
        """The final answer, unpacked; of a stream its head and the first bytes."""
        self.send(request.bytes())
        return self.final(request.method)

    def final(self, method="GET"):
        answer = self.answer(head_only=True)
        while answer is not None and answer.status == 100:
            answer = self.answer(head_only=True)
        assert answer is not None, "closed without an answer"
        length = int(answer.headers.get("content-length", 0))
        if answer.headers.get("transfer-encoding") == "chunked":
            length = 1
        if method == "HEAD" or answer.status in NO_BODY:
            length = 0
        while len(self.left) < length:
            assert self._more(), "closed in the middle of an answer"
        answer.body, self.left = self.left[:length], self.left[length:]
        if answer.headers.get("content-encoding") == "gzip" and answer.body:
            answer.body = gzip.decompress(answer.body)
        return answer

    def check_what_is_left(self, answer):
        """The connection ends as announced, or another request on it is answered, and by its own answer."""
        if answer.headers.get("transfer-encoding") == "chunked":
            return
        if answer.headers.get("connection") == "close":
            assert self.ended(), "announced an end and sent more"
            return
        probe = self.exchange(Request("GET", "/healthz", [(b"X-Request-Id", b"the-probe")]))
        assert (probe.status, probe.headers["x-request-id"]) == (200, "the-probe"), "the connection is out of step"


def check_problem(contract, answer, head=False):
    assert answer.headers["content-type"] == "application/problem+json", answer.headers
    assert "x-request-id" in answer.headers
    if head:
        return
    told = json.loads(answer.body)
    contract.validate(told, contract.document["components"]["schemas"]["Problem"], told)
    assert told["status"] == answer.status and told["code"] and told["request_id"] == answer.headers["x-request-id"]


def operation_of(contract, method, target):
    """What the contract says that this would call; None if nothing."""
    path = re.sub("^http://[^/?]*", "", target, flags=re.IGNORECASE).partition("?")[0] or "/"
    method = "GET" if method == "HEAD" else method
    for literal in (True, False):
        matching = [o for o in contract.operations if ("{" not in o.path) == literal and
                    re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(o.path)), path)]
        if matching:
            return next((o for o in matching if o.method == method), None)
    return None


def check(contract, request, answer):
    """No failure of ours, and nothing that the contract does not say."""
    head = request.method == "HEAD"
    assert answer.status < 500 or answer.status in CLIENTS_FAULTS, answer.body
    if answer.status >= 400:
        check_problem(contract, answer, head)
    operation = operation_of(contract, request.method, request.target)
    if operation is None:
        if request.method == "OPTIONS" and answer.status == 204:
            assert "OPTIONS" in answer.headers["allow"]
            return
        assert answer.status in (400, 401, 403, 404, 405, 408, 413, 414, 417, 429, 431, 501, 505), answer.status
        assert answer.status != 405 or answer.headers["allow"], answer.headers
    elif head:
        assert answer.status in operation.answers() and answer.body == b""
    elif answer.headers.get("transfer-encoding") == "chunked":
        assert operation.streams() and answer.status == 200
    else:
        operation.check(answer)


def send(port, contract, request, source="127.0.0.1"):
    """Sends it, and holds everything that must hold whatever it was against the answer."""
    began = time.monotonic()
    deadline_s = WHOLE_STORE_DEADLINE_S if request.target.startswith(WHOLE_STORE) else DEADLINE_S
    with Wire(port, source, deadline_s) as wire:
        try:
            answer = wire.exchange(request)
        except TimeoutError:
            raise AssertionError(f"no answer within {deadline_s} s to {request}") from None
        check(contract, request, answer)
        wire.check_what_is_left(answer)
    assert time.monotonic() - began < deadline_s, request
    return answer


# --- values -----------------------------------------------------------------------------------------------------------------------

NASTY = ["", "\0", "a\0b", "\r\nX-Evil: 1", "\x1b[31m", "\u202e", "\ufeff", "\U0010ffff", "e\u0301", "'; DROP TABLE job; --", "%s%n", "../../etc/passwd",
         "=1+1", "<script>", "a" * 64, "a" * 65, "a" * 200, "a" * 201, "\u00e9" * 300, "x" * 5000, "NaN", "null", " ", "\t"]
DAYS = ["0000-00-00", "2026-02-30", "2026-13-01", "99999-01-01", "2026-1-1", "2026-01-01T00:00:00Z", "-001-01-01", "2026-01-0\u0661"]
NUMBERS = ["0", "-0", "-1", "1.0", "1e0", "1E+2", "0.1", "0.05", "1e400", "-1e400", "1e-400", "9007199254740991", "9007199254740992", "9007199254740993",
           "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1" * 400, "0." + "3" * 400]
JUNK = NUMBERS + ["null", "true", "false", "[]", "{}", "[null]", '{"a":{"b":[1]}}', '"1"', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"',
                  '"\\/"', '"\\u00"', "NaN", "Infinity", "01", "+1", ".5", "'a'", "tru", "", '"', "[" * 14 + "]" * 14, "[" * 17 + "]" * 17,
                  "[" * 30000, '{"a":' * 20 + "1" + "}" * 20]
JUNK_BYTES = [text.encode() for text in JUNK] + [b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82"', b'"\x00"', b'"\n"', b'"\x7f"']
SEGMENTS = ["0", "-1", "+1", "01", "1.0", "1e3", "%31", "9007199254740991", "9007199254740992", "9223372036854775808", "9" * 60, "a" * 300, ".", "..", "%2e%2e",
            "%2F", "1%2F2", "1%00", "%00", "%", "%zz", "%ff", "1;v=1", ";", "\\", "..\\..", "~", "*", "1%20", "%0d%0aX-Evil:%201", "fetch%2f", "-", "{job_id}"]
PIECES = ["%", "%0", "%zz", "%00", "%ff%fe", "%c0%80", "%ed%a0%80", "%0d%0aX-Evil:1", "+", "%2B1", "a" * 300, "[]", "1,2", "%2C", "queued,,failed", "'", "\\", ";", "%26"]
PREFERS = [b"wait=0", b"wait=1", b"wait=", b"wait=x", b"wait=-1", b"wait", b"respond-async", b"=", b";;", b",,,", b"wait=0x1", b"WAIT = 0", b"wait=\"0\""]
HEADERS = {
    b"X-Request-Id": [b"", b"a" * 64, b"a" * 65, b"a b", b"<x>", b"\xff", b"a\tb", b"%0d%0a"],
    b"Idempotency-Key": [b"", b"k", b"k" * 255, b"k" * 256, b"a b", b"\xff", b"\"quoted\"", b"k"],
    b"If-Match": [b"", b"*", b"x", b"\"", b"\"e1-1\"", b"W/\"e1-1\"", b"\"e99999999999999999999-1\"", b"\"e1-\"", b"\"a\",\"b\",*", b",,,", b"\"u1-1-x\"", b"\xff"],
    b"If-None-Match": [b"", b"*", b"*", b"*, \"a\"", b"\"", b"W/\"x\"", b"\"a\"" * 100, b", ," * 50, b"\xff\xfe"],
    b"Prefer": PREFERS,
    b"Range": [b"bytes=0-0", b"bytes=-1", b"bytes=9-1", b"bytes=" + b"0-1," * 100, b"x"],
    b"Accept": [b"", b"*/*", b"text/csv", b"text/csv;q=0", b"*/*;q=0", b"text/event-stream", b"a", b"/", b"*/x", b"text/csv;q=1e9", b"text/csv;q=0.0001", b",,", b";q=1", b"\xff"],
    b"Accept-Encoding": [b"gzip", b"gzip;q=0", b"*", b"*;q=0", b"identity;q=0", b"gzip;q=x", b"br, zstd, gzip;q=0.001", b";;", b",,,", b"\xff"],
    b"Last-Event-ID": [b"", b"0", b"-1", b"9007199254740991", b"9007199254740992", b"9" * 100, b"1.0", b" 1 1", b"\xff", b"0x1"],
    b"Origin": [b"null", b"http://evil.example", b"", b"http://localhost", b"file://", b"http://[::1", b"\xff"],
    b"Content-Type": [b"", b"text/plain", b"application/json; charset=latin1", b"application/json;;;", b"application/jsonx", b"application/x-www-form-urlencoded",
                      b"multipart/form-data; boundary=x", b"application/merge-patch+json", b"application/json;charset=\"utf-8", b"\xff/\xff"],
    b"Content-Encoding": [b"gzip", b"identity", b"", b"deflate, gzip"],
    b"Connection": [b"close", b"keep-alive", b"upgrade", b"Host", b"", b",,,", b"close, close", b"Authorization"],
    b"Upgrade": [b"websocket", b"h2c"],
    b"Expect": [b"100-continue", b"100-Continue", b"magic", b""],
    b"TE": [b"trailers", b"x" * 100],
    b"Transfer-Encoding": [b"gzip", b"identity", b"chunked, chunked", b"", b"\x0bchunked"],
    b"Content-Length": [b"0", b"1", b"-1", b"+1", b"0x1", b"1, 1", b"9" * 19],
    b"Host": [b"", b"evil.example", b"localhost:99999", b"[::1", b"a" * 300, b"\xff", b"localhost, localhost"],
    b"X-HTTP-Method-Override": [b"DELETE"],
    b"X-Forwarded-For": [b"127.0.0.1", b"' OR 1=1", b"\xff" * 50],
    b"Forwarded": [b"for=127.0.0.1;host=evil.example"],
    b"Cookie": [b"a=b; " * 200, b"\xff"],
    b"Authorization": [b"", b"Bearer", b"Bearer ", b"Bearer x", b"Bearer rtalp_1_" + b"A" * 43, b"Bearer rtalp_99999999999999999_" + b"A" * 43, b"Basic YTpi", b"Bearer \xff",
                       b"Bearer rtalp_-1_" + b"A" * 43, b"Bearer " + b"A" * 4000, b"bearer x y"],
}
# Made once: making a strategy takes longer than drawing from it.
ODD_VALUES = st.binary(max_size=40).map(lambda b: bytes(c for c in b if c >= 0x20 and c != 0x7f))
HEADER_VALUES = {name: st.sampled_from(some) | ODD_VALUES for name, some in HEADERS.items()}
JUNK_VALUES = st.sampled_from(JUNK_BYTES) | st.sampled_from(NASTY + DAYS) | st.text()
WHOLE_JUNK = st.sampled_from(JUNK_BYTES) | st.binary(max_size=60)
QUERY_VALUES = st.sampled_from(PIECES + [urllib.parse.quote(text[:300]) for text in NASTY + DAYS + NUMBERS])
QUERIES = st.sampled_from(["&&&", "=", "==1", "&=&", "%00=1", "%ff=1", "a" * 3000, "a=1&" * 300, "%6cimit=1", "limit=1&limit=1", "?", "/../", "x\\y"])
ONE_IN_SIX, ONE_IN_THREE, COIN, KINDS = st.integers(0, 5), st.integers(0, 2), st.booleans(), st.integers(0, 6)
FAULTS = st.lists(st.sampled_from(["path", "query", "body", "body", "header", "header", "header", "many"]), min_size=1, max_size=3)
_made = {}


def texts(schema):
    low, high = schema.get("minLength", 0), min(schema.get("maxLength", 300), 300)
    if "pattern" in schema:
        return st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7e), min_size=max(low, 1), max_size=high)
    plain = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=low, max_size=high)
    return st.one_of(plain, st.sampled_from([t for t in NASTY if "\0" not in t and low <= len(t) <= high] or ["x" * low]))


def values(schema, pool=()):
    """Values that the schema takes, as Python has them; some from the pool, of things that are there."""
    key = (json.dumps(schema, sort_keys=True), *pool)
    if key not in _made:
        _made[key] = make_values(schema, pool)
    return _made[key]


def make_values(schema, pool):
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "object" in types:
        good = st.fixed_dictionaries({}, optional={name: values(member) for name, member in schema["properties"].items()})
        return st.none() | good if "null" in types else good
    if "array" in types:
        return st.lists(values(schema["items"]), min_size=1, max_size=3)
    if "integer" in types:
        # Beside a pool, nothing else that is there: a token must not be revoked that others go on with.
        low = max(schema["minimum"], 1000000) if pool else schema["minimum"]
        good = st.one_of(st.sampled_from([schema["minimum"], schema["maximum"]]), st.integers(low, schema["maximum"]))
        good = st.one_of(*[st.sampled_from(list(pool))] * 4, good) if pool else good
    elif "number" in types:
        good = st.integers(round(schema["minimum"] * 10), round(schema["maximum"] * 10)).map(lambda n: n / 10)
    elif "boolean" in types:
        good = st.booleans()
    elif schema.get("format") == "date":
        good = st.dates().map(str).filter(lambda d: "2000" <= d < "2100")
    elif schema.get("format") == "date-time":
        good = st.sampled_from(["2036-01-31T00:00:00Z", "2036-02-29T23:59:59.999+14:00", "2040-01-01T00:00:00.1-00:30"])
    else:
        good = st.sampled_from(list(pool)) | texts(schema) if pool else texts(schema)
    return st.none() | good if "null" in types else good


def edges(schema):
    """Values just within the limits of a schema, and just beyond, as JSON."""
    found = [bound + step for bound in (schema.get("minimum"), schema.get("maximum")) if bound is not None for step in (-1, -0.1, 0, 0.1, 1)]
    for bound in filter(None, (schema.get("minLength"), schema.get("maxLength"))):
        found += [letter * (bound + step) for letter in ("x", "\u00e9", "\U0001f600") for step in (-1, 0, 1)]
    return found or DAYS


def spelt(value):
    """In a path or query."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


@st.composite
def members(draw, schema, pools, everything=False):
    """An object's members that a schema takes, as name and value."""
    chosen = []
    for name, member in schema["properties"].items():
        if name in schema.get("required", ()) or everything or draw(ONE_IN_THREE) > 0:
            chosen.append((name, draw(values(member, pools.get(name, ())))))
    return chosen


def as_json(pairs, ascii_only=True):
    """Member by member, so that names may repeat; values that are bytes stand as they are."""
    def text(value):
        return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    return b"{" + b", ".join(text(name) + b": " + text(value) for name, value in pairs) + b"}"


@st.composite
def good_requests(draw, contract, operation, pools):
    path = {p["name"]: draw(values(p["schema"], pools.get(p["name"], ()))) for p in operation.named("path")}
    query = {p["name"]: spelt(draw(values(p["schema"], pools.get(p["name"], ())))) for p in operation.named("query")
             if p.get("required") or draw(ONE_IN_THREE) == 0}
    headers, body = [], None
    schema = operation.body_schema()
    if schema is not None:
        body = as_json(draw(members(schema, pools)), draw(COIN))
        headers.append((b"Content-Type", b"application/json"))
    return Request(operation.method, operation.target(path, query), headers, body, draw(COIN))


@st.composite
def broken_bodies(draw, schema, pools):
    kind = draw(KINDS)
    if kind == 0:
        return draw(WHOLE_JUNK)
    pairs = draw(members(schema, pools)) if schema else []
    if kind == 1 and pairs:
        pairs.append((pairs[0][0], draw(JUNK_VALUES)))
    elif kind == 2:
        pairs.append((draw(st.sampled_from(NASTY + ["__proto__", "zz"])), draw(JUNK_VALUES)))
    elif kind == 3:
        pairs = pairs[1:]
    elif kind == 4 and pairs:
        text = as_json(pairs)
        at = draw(st.integers(0, len(text) - 1))
        return text[:at] + draw(st.binary(max_size=3)) + text[at + draw(st.integers(0, 2)):]
    elif kind == 5:
        return as_json(pairs) + b" " * (draw(st.sampled_from([65536, 65537, 70000])) - len(as_json(pairs)))
    elif schema and schema["properties"]:
        names = draw(st.lists(st.sampled_from(sorted(schema["properties"])), min_size=1, max_size=3, unique=True))
        pairs = [(name, value) for name, value in pairs if name not in names]
        pairs += [(name, draw(JUNK_VALUES | st.sampled_from(edges(schema["properties"][name])))) for name in names]
    return as_json(pairs, draw(COIN))


@st.composite
def broken_queries(draw, operation, query):
    """What stands behind the question mark, made wrong."""
    if draw(COIN):
        more = draw(QUERIES)
    else:
        more = draw(st.sampled_from([p["name"] for p in operation.named("query")] + ["zz"])) + "=" + draw(QUERY_VALUES)
    return query + "&" + more if query else more


# Those that decide how an answer is framed or whether there is one end most tries early; the others more often.
NAMES = sorted(HEADERS) + 3 * sorted(set(HEADERS) - {b"Transfer-Encoding", b"Content-Length", b"Expect", b"Host", b"Authorization"})


@st.composite
def bad_requests(draw, contract, operation, pools):
    """One that is good but for one to three things."""
    request = draw(good_requests(contract, operation, pools))
    if request.method == "GET" and draw(ONE_IN_SIX) == 0:
        request.method = "HEAD"
    for kind in draw(FAULTS):
        path, _, query = request.target.partition("?")
        if kind == "path":
            names = operation.named("path")
            if names:
                path = operation.target({draw(st.sampled_from(names))["name"]: "\1"}).replace("%01", draw(st.sampled_from(SEGMENTS)))
            request.target = path + ("?" + query if query else "")
        elif kind == "query":
            request.target = path + "?" + draw(broken_queries(operation, query))
        elif kind == "body":
            request.body = draw(broken_bodies(operation.body_schema(), pools))
            request.headers = request.headers or [(b"Content-Type", b"application/json")]
        elif kind == "header":
            name = draw(st.sampled_from(NAMES))
            request.headers.append((name, draw(HEADER_VALUES[name])))
        else:
            request.headers += [(b"X-%d" % n, b"v") for n in range(draw(st.sampled_from([20, 40, 55, 64, 70])))]
    return request


@st.composite
def odd_targets(draw, contract, pools):
    """Any method on any path, and on what looks like one."""
    operation = draw(st.sampled_from(contract.operations))
    path = operation.target({name: str(pool[0]) for name, pool in pools.items() if pool})
    twists = [lambda p: p, lambda p: p + "/", lambda p: "/" + p, lambda p: p.replace("/", "//"), lambda p: "/." + p, lambda p: "/x/.." + p, lambda p: p + "/..",
              lambda p: p + ";a=b", lambda p: p.replace("/", "\\"), lambda p: "/" + p[1:].replace("/", "%2f"), lambda p: p.upper(), lambda p: p + "%00",
              lambda p: p + "%20", lambda p: p + ".json", lambda p: "http://localhost" + p, lambda p: "http://evil.example" + p, lambda p: "https://localhost" + p,
              lambda p: "http://a:b@localhost" + p, lambda p: "http://" + p, lambda p: "localhost" + p, lambda p: "*", lambda p: p + "#frag", lambda p: p + "<>\"",
              lambda p: "/" + "../" * 100 + p, lambda p: p + "/" + "a" * 4000, lambda p: p + "/a" * 1000, lambda p: "".join(f"%{ord(c):02x}" for c in p),
              lambda p: p + "\xe9", lambda p: p + "\x7f", lambda p: "", lambda p: "?" + p, lambda p: p + "??a?b"]
    target = draw(st.sampled_from(twists))(path)
    method = draw(st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "GETT", "", "G\xc9T", "PRI"]))
    return Request(method, target)
