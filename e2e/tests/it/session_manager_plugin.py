"""What AWS's Session Manager plugin does on the wire, for tests on machines that do not have it.

The AWS CLI starts it as `session-manager-plugin`. As the plugin does, it drops output until its session's handler is
ready, takes output in order, sends again what is not acknowledged, and looks for another size of the terminal twice a
second.
"""

import base64
import hashlib
import json
import os
import select
import signal
import socket
import struct
import sys
import termios
import threading
import time
import tty
import uuid

HEAD = 116
OUTPUT, SIZE, HANDSHAKE_REQUEST, HANDSHAKE_RESPONSE, HANDSHAKE_COMPLETE = 1, 3, 5, 6, 7


class Socket:
    """A WebSocket, as far as the plugin needs one."""

    def __init__(self, url):
        scheme, rest = url.split("://", 1)
        assert scheme == "ws", url
        host, path = rest.split("/", 1)
        name, port = host.rsplit(":", 1)
        self.raw = socket.create_connection((name, int(port)))
        key = base64.b64encode(os.urandom(16)).decode()
        self.raw.sendall((
            f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.raw.recv(1)
            if not piece:
                raise SystemExit("the connection ended")
            head += piece
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise SystemExit(head.decode())
        wanted = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        assert wanted in head, head
        self.lock = threading.Lock()

    def send(self, opcode, payload):
        mask = os.urandom(4)
        length = len(payload)
        head = bytes([0x80 | opcode])
        if length < 126:
            head += bytes([0x80 | length])
        else:
            head += bytes([0x80 | 126]) + struct.pack(">H", length)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        with self.lock:
            self.raw.sendall(head + mask + masked)

    def exactly(self, length):
        data = b""
        while len(data) < length:
            piece = self.raw.recv(length - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def receive(self):
        first, second = self.exactly(2)
        assert first & 0x80 and not second & 0x80, "a whole frame, and no mask"
        length = second & 0x7F
        if length == 126:
            length = struct.unpack(">H", self.exactly(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self.exactly(8))[0]
        return first & 0x0F, self.exactly(length)


def encode(kind, sequence, flags, payload_type, payload):
    ident = uuid.uuid4().bytes
    return (
        struct.pack(">I", HEAD) + kind.encode().ljust(32) + struct.pack(">I", 1)
        + struct.pack(">QqQ", int(time.time() * 1000), sequence, flags) + ident[8:] + ident[:8]
        + hashlib.sha256(payload).digest() + struct.pack(">II", payload_type, len(payload)) + payload)


class Message:
    def __init__(self, data):
        head = struct.unpack(">I", data[:4])[0]
        assert head == HEAD, head
        self.kind = data[4:36].decode().strip(" \0")
        self.created, self.sequence, self.flags = struct.unpack(">QqQ", data[40:64])
        assert self.created > 0
        self.ident = str(uuid.UUID(bytes=data[72:80] + data[64:72]))
        self.payload_type, length = struct.unpack(">II", data[112:120])
        self.payload = data[head + 4:]
        assert len(self.payload) == length
        assert length == 0 or hashlib.sha256(self.payload).digest() == data[80:112]


class Session:
    def __init__(self, response):
        self.id = response["SessionId"] if "SessionId" in response else response["sessionId"]
        url = response.get("StreamUrl") or response["streamUrl"]
        token = response.get("TokenValue") or response["tokenValue"]
        self.socket = Socket(url)
        self.sequence = 0
        self.expected = 0
        self.early = {}
        self.unacknowledged = {}
        self.guard = threading.Lock()
        self.ready = False
        self.dropped = 0
        first = {
            "MessageSchemaVersion": "1.0", "RequestId": str(uuid.uuid4()), "TokenValue": token,
            "ClientId": str(uuid.uuid4()), "ClientVersion": "1.2.553.0",
        }
        self.socket.send(1, json.dumps(first).encode())

    def send(self, payload_type, payload):
        if payload == b"\n":
            payload = b"\r"
        with self.guard:
            data = encode("input_stream_data", self.sequence, 0, payload_type, payload)
            self.unacknowledged[self.sequence] = data
            self.sequence += 1
            self.socket.send(2, data)

    def resend(self):
        while True:
            time.sleep(0.1)
            with self.guard:
                oldest = min(self.unacknowledged, default=None)
                data = self.unacknowledged.get(oldest)
            if data is not None:
                self.socket.send(2, data)

    def acknowledge(self, message):
        content = {
            "AcknowledgedMessageType": message.kind, "AcknowledgedMessageId": message.ident,
            "AcknowledgedMessageSequenceNumber": message.sequence, "IsSequentialMessage": True,
        }
        self.socket.send(2, encode("acknowledge", 0, 3, 0, json.dumps(content).encode()))

    def handle(self, message):
        """False: the handler is not ready, and it comes again."""
        if message.payload_type == HANDSHAKE_REQUEST:
            request = json.loads(message.payload)
            actions = []
            for action in request["RequestedClientActions"]:
                assert action["ActionType"] == "SessionType", action
                assert action["ActionParameters"]["SessionType"] in ("Standard_Stream", "InteractiveCommands"), action
                actions.append({"ActionType": "SessionType", "ActionStatus": 1, "ActionResult": None, "Error": ""})
            self.acknowledge(message)
            response = {"ClientVersion": "1.2.553.0", "ProcessedClientActions": actions, "Errors": None}
            self.send(HANDSHAKE_RESPONSE, json.dumps(response).encode())
            return True
        if message.payload_type == HANDSHAKE_COMPLETE:
            self.acknowledge(message)
            complete = json.loads(message.payload)
            assert isinstance(complete["HandshakeTimeToComplete"], int)
            threading.Thread(target=self.begin, daemon=True).start()
            return True
        if not self.ready or self.dropped == 0:
            self.dropped += 1
            return False
        sys.stdout.buffer.write(message.payload)
        sys.stdout.buffer.flush()
        self.acknowledge(message)
        return True

    def take(self, message):
        if message.sequence == self.expected:
            if not self.handle(message):
                return
            self.expected += 1
            while self.expected in self.early:
                early = self.early.pop(self.expected)
                sys.stdout.buffer.write(early.payload)
                sys.stdout.buffer.flush()
                self.expected += 1
        elif message.sequence > self.expected:
            self.acknowledge(message)
            self.early[message.sequence] = message

    def begin(self):
        self.ready = True
        threading.Thread(target=self.resize, daemon=True).start()
        for number, byte in ((signal.SIGINT, b"\x03"), (signal.SIGQUIT, b"\x1c"), (signal.SIGTSTP, b"\x1a")):
            self.controls[number] = byte
        while True:
            select.select([0], [], [])
            data = os.read(0, 1024)
            if not data:
                return
            self.send(OUTPUT, data)

    controls = {}

    def resize(self):
        known = None
        while True:
            try:
                size = os.get_terminal_size(1)
                size = {"cols": size.columns, "rows": size.lines}
            except OSError:
                size = {"cols": 300, "rows": 100}
            if size != known:
                known = size
                self.send(SIZE, json.dumps(size).encode())
            time.sleep(0.5)

    def run(self):
        threading.Thread(target=self.resend, daemon=True).start()
        while True:
            opcode, data = self.socket.receive()
            if opcode == 9:
                self.socket.send(10, data)
            if opcode not in (1, 2):
                if opcode == 8:
                    raise SystemExit(f"closed: {data!r}")
                continue
            message = Message(data)
            if message.kind == "output_stream_data":
                self.take(message)
            elif message.kind == "acknowledge":
                said = json.loads(message.payload)
                with self.guard:
                    self.unacknowledged.pop(said["AcknowledgedMessageSequenceNumber"], None)
            elif message.kind == "channel_closed":
                said = json.loads(message.payload)
                assert said["SessionId"] == self.id and said["MessageType"] == "channel_closed", said
                words = said["Output"]
                if words:
                    print(f"\n\nSessionId: {self.id} : {words}\n")
                else:
                    print(f"\n\nExiting session with sessionId: {self.id}.\n")
                sys.stdout.flush()
                return


def main():
    if len(sys.argv) == 1:
        print("\nThe Session Manager plugin was installed successfully. Use the AWS CLI to start a session.\n")
        return
    assert sys.argv[3] == "StartSession", sys.argv
    assert json.loads(sys.argv[5])["Target"].startswith("ecs:"), sys.argv
    response = json.loads(sys.argv[1])
    print(f"\nStarting session with SessionId: {response.get('SessionId') or response['sessionId']}")
    sys.stdout.flush()
    before = termios.tcgetattr(0) if os.isatty(0) else None
    session = Session(response)

    def control(number, _):
        if number in session.controls:
            session.send(OUTPUT, session.controls[number])

    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, control)
    if before is not None:
        tty.setcbreak(0)
    try:
        session.run()
    finally:
        if before is not None:
            termios.tcsetattr(0, termios.TCSANOW, before)


if __name__ == "__main__":
    main()
    os._exit(0)
