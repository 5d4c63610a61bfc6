"""A real boto3 client that talks over a pipe in place of a network.

Reads one JSON order per line: service, operation, protocol, seed, full, error. Makes up an input and an
output (or a modelled error) from botocore's own model, calls the client, and just before it would send,
prints the request with the input, the output and the error; the next line read is the HTTP answer. What
the client made of it is printed last. Nothing here knows what the other side does.
"""

import base64
import datetime
import io
import json
import math
import random
import sys

import boto3
import botocore.client
import botocore.model
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import ClientError, UnknownServiceError

UTC = datetime.timezone.utc
TEXT = ["a", "Z", "9", " ", "é", "語", "😀", "&", "<", ">", '"', "'", "+", "%", "=", "/", ":", "?", "#", ",", "\n", "\\", "{", "}", ";", "~", "|"]
PLAIN = "abcXYZ019-_.:/ ,\"=;+"
# What the client library uses to find a server, so that not any text will do.
FIXED = {
    ("s3", "Bucket"): "bucket-1",
    ("s3", "RequestRoute"): "route",
    ("s3", "CopySource"): "bucket-1/key",
    ("s3", "ChecksumAlgorithm"): "CRC32",
    ("s3", "ChecksumMode"): None,
    ("s3", "SSECustomerKey"): None,
    ("s3", "SSECustomerKeyMD5"): None,
    ("s3", "CopySourceSSECustomerKey"): None,
    ("s3", "CopySourceSSECustomerKeyMD5"): None,
    ("s3", "ContentMD5"): None,
    ("s3", "ContentLength"): None,
    ("s3", "ContentEncoding"): None,
    # The client has this as a time, AWS's model as a text.
    ("s3", "Expires"): None,
    ("events", "EndpointId"): None,
    ("ec2", "PresignedUrl"): None,
    ("ec2", "DestinationRegion"): None,
}


# What the client puts in an answer's place by itself.
UNSAID = {("s3", "Expires"), ("s3", "ContentLength"), ("s3", "ContentEncoding"), ("s3", "EncodingType")}


class Maker:
    """Makes values up, from a seed."""

    def __init__(self, seed, service, protocol, full, answer):
        self.random = random.Random(seed)
        self.service, self.protocol, self.full, self.answer = service, protocol, full, answer
        self.left = 600
        self.rest = protocol.startswith("rest")
        self.xml = protocol in ("query", "ec2", "rest-xml")

    def make(self, shape, depth=0, place=None):
        self.left -= 1
        return getattr(self, "make_" + shape.type_name, self.make_other)(shape, depth, place)

    def make_structure(self, shape, depth, place):
        if shape.is_document_type:
            return self.document(0)
        names = list(shape.members)
        if shape.is_tagged_union:
            if self.flat():
                names = [n for n in names if getattr(shape.members[n], "members", True)]
            names = [self.random.choice(names)]
            # A member that leads back here would never end.
            plain = [n for n in shape.members if shape.members[n].type_name not in ("structure", "list", "map")]
            if depth > 4 and plain:
                names = [plain[0]]
        out = {}
        payload = shape.serialization.get("payload")
        for name in names:
            member = shape.members[name]
            where = member.serialization.get("location")
            # An absent payload reads as an empty one, and an absent token is filled in by the client.
            needed = name in shape.required_members or shape.is_tagged_union or where == "uri" or name == payload
            needed = needed or member.metadata.get("idempotencyToken") or where == "headers"
            # Every answer with a body has one.
            needed = needed or (self.answer and name == "ContentType")
            wanted = (self.full and depth < 6 and self.left > 0) or (
                self.left > 0 and depth < 5 and self.random.random() < 0.5
            )
            if not (needed or wanted):
                continue
            if member.serialization.get("eventstream") or (payload and where is None and name != payload):
                continue
            if self.answer and (self.service, name) in UNSAID:
                continue
            if depth == 0 and (self.service, name) in FIXED and not self.answer:
                if FIXED[self.service, name] is not None:
                    out[name] = FIXED[self.service, name]
                continue
            out[name] = self.make(member, depth + 1, where or ("payload" if name == payload else None))
            if out[name] == {} and self.flat():
                del out[name]
        if not out and depth and names and self.flat():
            name = min(names, key=lambda name: shape.members[name].type_name in ("structure", "list", "map"))
            out[name] = self.make(shape.members[name], depth + 1)
        return out

    def flat(self):
        """Parameters alone have no way to say that something is empty."""
        return self.protocol in ("query", "ec2") and not self.answer

    def make_list(self, shape, depth, place):
        least = shape.metadata.get("min", 0)
        count = max(least, 1 if self.full or depth > 3 else self.random.choice([1, 1, 2, 3]))
        if self.protocol in ("json", "smithy-rpc-v2-cbor") and least == 0 and not self.full and self.random.random() < 0.1:
            count = 0
        return [self.make(shape.member, depth + 1, place) for _ in range(min(count, max(least, 12)))]

    def make_map(self, shape, depth, place):
        least = shape.metadata.get("min", 0)
        count = max(least, 1 if self.full else self.random.choice([1, 2]))
        out = {}
        while len(out) < count:
            key = self.make(shape.key, depth + 1, "key" if place in (None, "payload") else place)
            if place == "headers":
                key = "k%d" % len(out)
            out[key or "k%d" % len(out)] = self.make(shape.value, depth + 1, "header" if place == "headers" else place)
        return out

    def make_string(self, shape, depth, place):
        if shape.enum and self.random.random() < 0.9:
            return self.random.choice(shape.enum)
        least = max(shape.metadata.get("min", 0), 1 if place else 0)
        count = max(least, self.random.choice([1, 3, 8, 20]))
        if place is None and not least and self.random.random() < 0.05:
            return ""
        letters = PLAIN if place in ("header", "headers") else TEXT
        text = "".join(self.random.choice(letters) for _ in range(min(count, max(least, 2000))))
        if place in ("header", "headers", "uri", "querystring", "key"):
            text = "x" + text.strip().replace("\n", "_") + "x" * least
        return text

    def make_blob(self, shape, depth, place):
        least = max(shape.metadata.get("min", 0), 1)
        return self.random.randbytes(max(least, self.random.choice([1, 2, 3, 30])))

    def number(self, shape, low, high):
        low = max(low, int(math.ceil(shape.metadata.get("min", low))))
        high = max(low, min(high, int(shape.metadata.get("max", high))))
        return self.random.choice([low, high, self.random.randint(low, high)])

    def make_integer(self, shape, depth, place):
        if place == "statusCode":
            return self.random.choice([200, 201, 204, 206])
        return self.number(shape, -(2**31), 2**31 - 1)

    def make_long(self, shape, depth, place):
        return self.number(shape, -(2**53), 2**53)

    def make_double(self, shape, depth, place):
        low = shape.metadata.get("min", -1e6)
        return float(low) + self.random.choice([0.0, 0.125, 1.5, 100.0625, 1e9, 12345.678])

    def make_float(self, shape, depth, place):
        return float(shape.metadata.get("min", 0)) + self.random.choice([0.0, 0.125, 1.5, 100.0625])

    def make_boolean(self, shape, depth, place):
        return self.random.random() < 0.5

    def make_timestamp(self, shape, depth, place):
        # Within this client, only answers carry parts of a second everywhere.
        style = shape.serialization.get("timestampFormat", "")
        whole = place in ("header", "headers") or style == "rfc822" or not self.answer
        millis = 0 if whole else self.random.choice([0, 1, 120, 999])
        return datetime.datetime.fromtimestamp(self.random.randint(1, 4 * 10**9), UTC) + datetime.timedelta(milliseconds=millis)

    def make_other(self, shape, depth, place):
        raise ValueError("no way to make a " + shape.type_name)

    def document(self, depth):
        kinds = ["text", 7, True, 1.5] + ([{}, []] if depth < 3 else [])
        kind = self.random.choice(kinds)
        if kind == {}:
            return {"k%d" % i: self.document(depth + 1) for i in range(2)}
        if kind == []:
            return [self.document(depth + 1) for _ in range(2)]
        return kind


def plain(shape, value):
    """A value as JSON that says of each scalar what it is."""
    kind = shape.type_name
    if value is None:
        return None
    if kind == "structure":
        if shape.is_document_type:
            return {"d": value}
        return {k: plain(m, value[k]) for k, m in shape.members.items() if value.get(k) is not None}
    if kind == "list":
        return [plain(shape.member, item) for item in value]
    if kind == "map":
        return {str(k): plain(shape.value, item) for k, item in value.items()}
    if kind == "blob":
        if hasattr(value, "read"):
            file, value = value, value.read()
            if file.seekable():
                file.seek(0)
        if isinstance(value, str):
            value = value.encode()
        return {"b": base64.b64encode(bytes(value)).decode()}
    if kind == "timestamp":
        if not isinstance(value, datetime.datetime):
            return {"t": str(value)}
        return {"t": round((value - datetime.datetime(1970, 1, 1, tzinfo=UTC)) / datetime.timedelta(milliseconds=1))}
    if kind in ("float", "double"):
        value = float(value)
        return {"f": value if math.isfinite(value) else str(value)}
    return value


class Raw(io.BytesIO):
    """A body as urllib3 would hand it out."""

    def stream(self, *args, **kwargs):
        yield self.read()


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def hear():
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


class Clients:
    """One client for each service and protocol, and what it did last."""

    def __init__(self):
        self.session = boto3.session.Session(
            aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret", region_name="us-east-1"
        )
        self.clients = {}

    def get(self, service, protocol):
        if (service, protocol) not in self.clients:
            self.clients[service, protocol] = self.open(service, protocol)
        return self.clients[service, protocol]

    def open(self, service, protocol):
        before = botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS
        if protocol:
            botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = (protocol,)
        try:
            client = self.session.client(
                service,
                endpoint_url="http://127.0.0.1:9",
                config=Config(
                    retries={"total_max_attempts": 1},
                    s3={"addressing_style": "path", "payload_signing_enabled": False},
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )
            # The model remembers its choice.
            assert client.meta.service_model.resolved_protocol in (protocol or client.meta.service_model.resolved_protocol)
        finally:
            botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = before
        client.call = {}
        events = client.meta.events
        events.register_last("before-parameter-build", lambda params, model, **_: client.call.update(
            input=plain(model.input_shape, params) if model.input_shape else {}))
        events.register_last("before-send", lambda request, **_: exchange(client, request))
        return client


def listen(client, model):
    """Notes what was parsed, before any of the client's customisations of that operation."""
    event = "after-call.%s.%s" % (model.service_model.service_id.hyphenize(), model.name)

    def note(parsed, model, http_response, **_):
        good = http_response.status_code < 300 and model.output_shape is not None
        client.call.update(parsed=plain(model.output_shape, parsed) if good else {})

    client.meta.events.register_first(event, note, unique_id="proof-" + event)


def exchange(client, request):
    """In place of the network: tells the request, hears the answer."""
    body = request.body
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    say({
        "method": request.method,
        "url": request.url,
        "headers": [[k, v.decode() if isinstance(v, bytes) else str(v)] for k, v in request.headers.items()],
        "body": base64.b64encode(body or b"").decode(),
        "input": client.call["input"],
        "output": client.call["output"],
        "error": client.call["error"],
    })
    answer = hear()
    headers = HeadersDict()
    for name, value in answer["headers"]:
        headers[name] = value
    return AWSResponse(request.url, answer["status"], headers, Raw(base64.b64decode(answer["body"])))


def make_error(maker, shape):
    """A modelled error's members; the message apart."""
    members = maker.make(shape)
    message = "Something & <else> at 'x' %d" % maker.random.randint(0, 99)
    for name in ("message", "Message"):
        members.pop(name, None)
    code = shape.metadata.get("error", {}).get("code") or shape.name
    status = shape.metadata.get("error", {}).get("httpStatusCode")
    return {"shape": shape.name, "code": code, "status": status, "message": message, "members": plain(shape, members)}


def run(clients, order):
    client = clients.get(order["service"], order.get("protocol"))
    service = client.meta.service_model
    protocol = service.resolved_protocol
    model = service.operation_model(order["operation"])
    seed = "%s.%s.%s" % (order["service"], order["operation"], order["seed"])
    full = order.get("full", False)
    if order.get("example") is not None:
        params = examples(clients, order["service"])[order["operation"]][order["example"]].get("input", {})
    elif model.input_shape:
        params = Maker(seed + "i", order["service"], protocol, full, False).make(model.input_shape)
    else:
        params = {}
    answers = Maker(seed + "o", order["service"], protocol, full, True)
    listen(client, model)
    client.call.clear()
    client.call.update(output=None, error=None)
    if order.get("error"):
        client.call["error"] = make_error(answers, service.shape_for(order["error"]))
    elif model.output_shape:
        client.call["output"] = plain(model.output_shape, answers.make(model.output_shape))
    method = botocore.xform_name(order["operation"])
    try:
        client._make_api_call(order["operation"], params)
    except ClientError as error:
        if "parsed" not in client.call:
            raise
        shape = service.shape_for(order["error"]) if order.get("error") else None
        parsed = {k: v for k, v in error.response.items() if k not in ("Error", "ResponseMetadata")}
        if shape is not None:
            parsed = {k: v for k, v in plain(shape, parsed).items() if k not in ("message", "Message")}
        said = error.response["Error"]
        return {
            "code": said.get("Code"),
            "message": said.get("Message"),
            "class": type(error).__name__,
            "query_code": said.get("QueryErrorCode"),
            "status": error.response["ResponseMetadata"].get("HTTPStatusCode"),
            "request_id": error.response["ResponseMetadata"].get("RequestId"),
            "members": parsed,
        }
    return {"parsed": client.call.get("parsed")}


def examples(clients, service):
    """AWS's own examples of calls, by operation."""
    try:
        return clients.session._session.get_component("data_loader").load_service_model(service, "examples-1")["examples"]
    except UnknownServiceError:
        return {}


def describe(clients, order):
    """Every operation of a service, with the errors that its model lists."""
    client = clients.get(order["service"], None)
    service = client.meta.service_model
    operations = {}
    for name in service.operation_names:
        model = service.operation_model(name)
        operations[name] = {
            "errors": [shape.name for shape in model.error_shapes],
            "events": model.has_event_stream_input or model.has_event_stream_output,
        }
    return {
        "protocol": service.resolved_protocol,
        "protocols": service.metadata.get("protocols"),
        "operations": operations,
        "examples": {name: len(calls) for name, calls in examples(clients, order["service"]).items()},
        "version": boto3.__version__,
    }


def main():
    clients = Clients()
    while True:
        order = hear()
        try:
            say({"done": describe(clients, order) if order["do"] == "describe" else run(clients, order)})
        except Exception as error:  # Told to the other side, which fails with it.
            say({"done": {"fault": "%s: %s" % (type(error).__name__, error)}})


main()
