"""A client of drover's supervisor, written from docs/protocol.md alone.

    c = Client()                            connects and says HELLO
    c.request("list", 7, newest=3)          asks, under tag 7
    kind, tag, json, raw = c.frame()        the next frame; None at the end of the connection
    c.last(7)                               skips to the last answer of tag 7: (kind, json)
    c.ask("list", newest=3)                 request and last; raises Refused for an ERROR
    c.start("sh", "-c", "echo hello")       an id

Nothing is waited for longer than LIMIT seconds.
"""

import json
import os
import socket
import struct

PROTOCOL = 5
LIMIT = 60

HELLO, REQUEST, REPLY, ERROR, ROWS, OUTPUT, ACK, ITEMS, STORED, EVENT, INPUT, CHILD = range(1, 13)


class Refused(Exception):
    """An ERROR: its code and text."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['text']}")
        self.code = error["code"]
        self.text = error["text"]


def command(*words, env=()):
    """Members and raw part of what `start` and `batch` need."""
    lines = [f"{name}={value}" for name, value in os.environ.items()] + list(env)
    members = {
        "argc": len(words),
        "envc": len(lines),
        "umask": 0o022,
        "limits": [[-1, -1]] * 16,
    }
    raw = b"".join(os.fsencode(text) + b"\0" for text in [*words, os.getcwd(), *lines])
    return members, raw


def items(*texts):
    """The raw part of ITEMS."""
    return b"".join(struct.pack("<I", len(text)) + text for text in map(os.fsencode, texts))


def records(raw):
    """Output records: (stream, position, bytes) each."""
    while raw:
        size, stream, _, position, _ = struct.unpack("<IB3xqQQ", raw[:32])
        yield stream, position, raw[32 : 32 + size]
        raw = raw[32 + size :]


class Client:
    def __init__(self, hello=True, protocol=PROTOCOL):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(LIMIT)
        directory = os.open(os.environ["DROVER_HOME"] + "/run", os.O_RDONLY)
        self.socket.connect(f"/proc/self/fd/{directory}/supervisor")
        os.close(directory)
        self.tag = 1000
        if hello:
            self.send(HELLO, 0, {"protocol": protocol, "version": "test"})
            kind, _, answer, _ = self.frame()
            if kind == ERROR:
                raise Refused(answer)
            assert kind == HELLO and answer["pid"] > 1, answer

    def send(self, kind, tag, members=None, raw=b""):
        text = b"" if members is None else json.dumps(members).encode()
        header = struct.pack("<IIHHI", len(text) + len(raw), len(text), kind, 0, tag)
        self.socket.sendall(header + text + raw)

    def request(self, op, tag, raw=b"", **members):
        self.send(REQUEST, tag, {"op": op, **members}, raw)

    def bytes(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                return None
            data += piece
        return data

    def frame(self):
        header = self.bytes(16)
        if header is None:
            return None
        size, text, kind, zero, tag = struct.unpack("<IIHHI", header)
        assert zero == 0
        payload = self.bytes(size)
        members = json.loads(payload[:text]) if text else None
        return kind, tag, members, payload[text:]

    def last(self, tag):
        while True:
            frame = self.frame()
            assert frame, "the connection has ended"
            kind, got, members, _ = frame
            if got == tag and kind in (REPLY, ERROR):
                return kind, members

    def ask(self, op, raw=b"", **members):
        self.tag += 1
        self.request(op, self.tag, raw, **members)
        kind, answer = self.last(self.tag)
        if kind == ERROR:
            raise Refused(answer)
        return answer

    def start(self, *words, **members):
        needed, raw = command(*words)
        return self.ask("start", raw, **needed, **members)["id"]

    def refused(self, op, raw=b"", **members):
        """Asks for what has to be refused: the code and text."""
        try:
            answer = self.ask(op, raw, **members)
        except Refused as error:
            return error.code, error.text
        raise AssertionError(f"{op} {members} was served: {answer}")
