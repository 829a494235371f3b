# SPDX-License-Identifier: Apache-2.0
"""The published contract, and whether an answer keeps it."""
import json
import re
import urllib.parse

import jsonschema

METHODS = ("get", "put", "post", "delete", "patch")
# What belongs to HTTP and not to the contract.
EVERYDAY = {"date", "content-type", "content-length", "content-encoding", "connection", "cache-control", "x-content-type-options",
            "transfer-encoding", "content-security-policy", "referrer-policy"}

# An instant comes in any way that RFC 3339 allows, and goes out in one.
TAKEN, GIVEN = jsonschema.FormatChecker(formats=("date",)), jsonschema.FormatChecker(formats=("date",))
for formats, fraction, offset in ((TAKEN, r"(\.\d+)?", r"(Z|[+-]\d\d:\d\d)"), (GIVEN, r"\.\d{3}", "Z")):
    pattern = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d" + fraction + offset)
    formats.checks("date-time")(lambda value, pattern=pattern: not isinstance(value, str) or bool(pattern.fullmatch(value)))


def once(pairs):
    """An object in which no name stands twice: readers would differ about it."""
    assert len(dict(pairs)) == len(pairs), [name for name, _ in pairs]
    return dict(pairs)


class Operation:
    def __init__(self, contract, path, method, described):
        self.contract, self.path, self.described = contract, path, described
        self.method = method.upper()
        self.id = described["operationId"]
        self.parameters = [contract.resolve(p) for p in described["parameters"]]

    def __repr__(self):
        return f"{self.method} {self.path}"

    def named(self, where):
        return [p for p in self.parameters if p["in"] == where]

    def scopes(self):
        """Of tokens, any of which will do; none: no token is asked for."""
        return [scope for one in self.described["security"] for scope in one["bearer"]]

    def answers(self):
        return {int(status): self.contract.resolve(answer) for status, answer in self.described["responses"].items()}

    def streams(self):
        return any("text/event-stream" in answer.get("content", {}) for answer in self.answers().values())

    def check_events(self, text):
        """Each event of a stream has a name and data as described. Gives their names."""
        kinds = self.answers()[200]["content"]["text/event-stream"]["schema"]["contentSchema"]["items"]["oneOf"]
        described = {kind["properties"]["event"]["const"]: kind["properties"]["data"] for kind in kinds}
        names = []
        for event in filter(None, text.split("\n\n")):
            fields = dict(line.split(": ", 1) for line in event.split("\n") if not line.startswith(":"))
            if "event" in fields:
                assert fields["event"] in described, fields
                self.contract.validate(json.loads(fields["data"]), described[fields["event"]], fields)
                names.append(fields["event"])
        return names

    def body_schema(self):
        """Of an object; an import takes an array, and has tests of its own."""
        body = self.described.get("requestBody")
        schema = self.contract.resolve(body["content"]["application/json"]["schema"]) if body else {}
        # One, or an array of such.
        schema = self.contract.resolve(schema.get("anyOf", [schema])[0])
        return schema if schema.get("type") == "object" else None

    def target(self, path=None, query=None):
        """The address, with each {parameter} filled in: by `path`, else by its example, else by a number."""
        values = {p["name"]: p.get("example", (p["schema"].get("enum") or ["1"])[0]) for p in self.named("path")}
        values.update(path or {})
        text = re.sub(r"\{(\w+)\}", lambda m: urllib.parse.quote(str(values[m[1]]), safe=""), self.path)
        return text + ("?" + urllib.parse.urlencode(query) if query else "")

    def check(self, answer):
        """Status, headers, media type and body are as described. Gives the answer back."""
        about = f"{self}: {answer.status} {answer.body[:500]}"
        described = self.answers().get(answer.status)
        assert described is not None, f"undocumented status of {about}"
        headers = {name.lower(): value for name, value in answer.headers.items()}
        known = {name.lower(): self.contract.resolve(h) for name, h in described.get("headers", {}).items()}
        assert set(headers) <= set(known) | EVERYDAY, f"undocumented header of {about}: {set(headers) - set(known) - EVERYDAY}"
        assert "x-request-id" in headers, about
        for name in set(headers) & set(known):
            schema = known[name]["schema"]
            self.contract.validate(int(headers[name]) if schema["type"] == "integer" else headers[name], schema)
        content = described.get("content")
        if not content:
            assert answer.body == b"", about
            return answer
        media = headers["content-type"].partition(";")[0]
        assert media in content, f"undocumented media type {media} of {about}"
        if media.endswith("json"):
            self.contract.validate(json.loads(answer.body), content[media]["schema"], about)
        return answer


class Contract:
    def __init__(self, document):
        self.document = document
        self.resolver = jsonschema.RefResolver.from_schema(document)
        self.operations = [Operation(self, path, method, described) for path, item in document["paths"].items()
                           for method, described in item.items() if method in METHODS]

    @classmethod
    def of(cls, client):
        answer = client.get("/openapi.json")
        assert answer.status == 200, answer
        return cls(json.loads(answer.body, object_pairs_hook=once))

    def operation(self, operation_id):
        return next(o for o in self.operations if o.id == operation_id)

    def resolve(self, thing):
        while "$ref" in thing:
            thing = self.resolver.resolve(thing["$ref"])[1]
        return thing

    def validate(self, value, schema, about="", formats=GIVEN):
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver, format_checker=formats)
        found = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(value)]
        assert not found, (found, about)
