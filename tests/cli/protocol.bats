load helper

# Runs a client of the protocol (protocol.py), which is read from standard input.
client() {
    drover get >/dev/null # a supervisor
    { echo 'from protocol import *'; cat; } >client.py
    PYTHONPATH=$BATS_TEST_DIRNAME PYTHONDONTWRITEBYTECODE=1 python3 client.py
}

@test "a member of the wrong type is refused by its name, and nothing is done" {
    client <<'END'
c = Client()
needed, raw = command("true")
wrong = [
    ("start", {"after": "1"}, "after"),
    ("start", {"after": [1]}, "after"),
    ("start", {"after": None}, "after"),
    ("start", {"aftr": ["1"]}, "aftr"),
    ("start", {"argc": "1"}, "argc"),
    ("start", {"limits": [[-1, -1]] * 15}, "limits"),
    ("start", {"limits": [[-1, "a"]] * 16}, "limits"),
    ("start", {"name": 7}, "name"),
    ("start", {"stdin": 1}, "stdin"),
    ("start", {"timeout": -1}, "timeout"),
    ("start", {"timeout": 1.5}, "timeout"),
    ("start", {"umask": 0o1000}, "umask"),
    ("batch", {"halt_when": 7}, "halt_when"),
    ("batch", {"max_load": "1"}, "max_load"),
    ("batch", {"serial": "x"}, "serial"),
    ("batch", {"after": ["1"]}, "after"),
]
for op, member, name in wrong:
    code, text = c.refused(op, raw, **{**needed, **member})
    assert code == "usage" and name in text and text.startswith(op), (member, code, text)
for op, members, name in [
    ("list", {"jobs": "1"}, "jobs"),
    ("list", {"has_more_data": 1}, "has_more_data"),
    ("list", {"states": ["Running", 2]}, "states"),
    ("receive", {"job": 1}, "job"),
    ("receive", {"job": "1", "stream": "both"}, "stream"),
    ("receive", {"job": "1", "order": "any"}, "order"),
    ("receive", {"job": "1", "attempt": 2**32}, "attempt"),
    ("receive", {}, "job"),
    ("wait", {"jobs": 1}, "jobs"),
    ("stop", {"jobs": ["1"], "grace": "1s"}, "grace"),
    ("remove", {"jobs": ["1"], "force": "yes"}, "force"),
    ("throttle", {"queue": "default"}, "throttle"),
    ("throttle", {"throttle": 2}, "job"),
    ("throttle", {"queue": "default", "job": "1", "throttle": 2}, "job"),
    ("queue", {"name": "q"}, "throttle"),
    ("queue", {"name": "", "throttle": 2}, "name"),
    ("items_end", {"batch": "1"}, "count"),
    ("feed", {}, "batch"),
    ("ack", {"job": "1"}, "attempt"),
    ("progress", {}, "job"),
    ("shutdown", {"force": 1}, "force"),
    ("nothing", {}, "nothing"),
]:
    code, text = c.refused(op, **members)
    assert code == "usage" and name in text, (op, members, code, text)
for name in needed:
    less = {key: value for key, value in needed.items() if key != name}
    code, text = c.refused("start", raw, **less)
    assert code == "usage" and name in text, (name, text)
assert c.refused("start", raw[:-1], **needed)[0] == "usage"
END
    prints '' drover get --format id
}

@test "frames that belong to no request, or are not a client's, are answered" {
    client <<'END'
c = Client()
for kind, members, raw in [
    (ITEMS, {"first": 1}, items("a")),
    (INPUT, None, b"data"),
    (ACK, {"job": "1", "attempt": 1, "out": 1}, b""),
]:
    tag = 70 + kind
    c.send(kind, tag, members, raw)
    kind, answer = c.last(tag)
    assert kind == ERROR and answer["code"] == "usage", answer
for kind in (REPLY, ERROR, ROWS, OUTPUT, STORED, EVENT, CHILD, 13, 99):
    other = Client()
    other.send(kind, 5, {})
    kind, tag, answer, _ = other.frame()
    assert kind == ERROR and tag == 0 and answer["code"] == "protocol", answer
    assert other.frame() is None
c.start("true")
END
}

@test "what a feeder sends wrong ends its feeding with an error, and another goes on" {
    client <<'END'
def batch():
    c = Client()
    needed, raw = command("echo")
    c.request("batch", 1, raw, **needed)
    kind, answer = c.last(1)
    assert kind == REPLY
    c.send(ITEMS, 1, {"first": 1}, items("a", "b"))
    while (frame := c.frame())[0] != STORED or frame[2]["items"] < 2:
        pass
    return c, answer["id"]

for members, raw, word in [
    ({"first": 7}, items("x"), "first"),
    ({"first": "3"}, items("x"), "first"),
    ({}, items("x"), "first"),
    ({"first": 3}, items("x")[:-1], "item 3"),
    ({"first": 3}, b"\1\0\0\x80x", "item 3"),
]:
    c, id = batch()
    c.send(ITEMS, 1, members, raw)
    c.send(ITEMS, 1, {"first": 9}, items("under way"))
    kind, answer = c.last(1)
    assert kind == ERROR and answer["code"] == "usage" and word in answer["text"], answer
    assert c.ask("queues")  # no further answer came on tag 1
    c.request("feed", 2, batch=id)
    kind, answer = c.last(2)
    assert kind == REPLY and answer["items"] == 2, answer
    c.send(ITEMS, 2, {"first": 3}, items("c"))
    while (frame := c.frame())[0] != STORED or frame[2]["items"] < 3:
        pass
    assert c.refused("items_end", batch=id, count=4)[0] == "refused"
    c.ask("items_end", batch=id, count=3)
    c.send(ITEMS, 2, {"first": 4}, items("d"))
    kind, answer = c.last(2)
    assert kind == ERROR and answer["code"] == "usage", answer
    c.ask("wait", jobs=[id])

# The same request sent again goes on with its batch.
needed, raw = command("echo")
for c in Client(), Client():
    c.request("batch", 1, raw, **needed, key="once")
    kind, answer = c.last(1)
    assert kind == REPLY and answer["id"] == "6", answer
    c.send(ITEMS, 1, {"first": 1}, items("a", "b"))
    while (frame := c.frame())[0] != STORED or frame[2]["items"] < 2:
        pass
c.ask("items_end", batch="6", count=2)

# Two feeders: the one before is told.
c, id = batch()
other = Client()
other.request("feed", 1, batch=id)
assert other.last(1)[0] == REPLY
assert c.last(1)[1]["code"] == "refused"
other.ask("items_end", batch=id, count=2)
assert c.refused("feed", batch="999")[0] == "no-such-job"
END
    prints 7 sh -c 'drover get --format id | wc -l'
    prints '' drover get --state Failed --format id
}

@test "items that come before the end of a batch's input end it, and it is told" {
    client <<'END'
c = Client()
needed, raw = command("cat")
c.request("batch", 1, raw, **needed, stdin=True)
c.send(INPUT, 1, None, b"some")
c.send(ITEMS, 1, {"first": 1}, items("a"))
c.send(INPUT, 1, None, b"more")
c.send(INPUT, 1, None, b"")
kind, answer = c.last(1)
assert kind == ERROR and answer["code"] == "usage", answer
assert c.ask("queues")
END
    prints '' drover get --format id
}

@test "a request on the tag of one that is under way breaks the connection off" {
    client <<'END'
id = Client().start("sleep", "60")
for op, members in [
    ("wait", {"jobs": [id]}),
    ("receive", {"job": id, "wait": True}),
    ("events", {}),
]:
    c = Client()
    c.request(op, 3, **members)
    c.request("queues", 3)
    kind, tag, answer, _ = c.frame()
    assert kind == ERROR and tag == 0 and answer["code"] == "protocol", answer
    assert c.frame() is None
c = Client()
c.request("events", 1)
assert c.refused("events")[0] == "refused"
END
    drover stop 1
}

@test "start -i - where the input cannot be kept is refused, and makes nothing" {
    drover get >/dev/null
    rmdir "$DROVER_HOME/input"
    echo data >file
    fails 4 'the input cannot be kept in *' drover start -i - -- cat <file
    client <<'END'
c = Client()
needed, raw = command("cat")
for op in "start", "batch":
    c.request(op, 1, raw, **needed, stdin=True)
    c.send(INPUT, 1, None, b"data")
    c.send(INPUT, 1, None, b"")
    kind, answer = c.last(1)
    assert kind == ERROR and answer["code"] == "internal" and "input" in answer["text"], answer
    assert c.ask("queues")
END
    prints '' drover get --format id
    drover supervisor --restart
    prints 1 drover start -i - -- cat <file
    prints data drover receive --wait 1
}

@test "no more output is confirmed than was handed over" {
    client <<'END'
import time
c = Client()
id = c.start("sh", "-c", "echo one; while ! [ -e go ]; do sleep 0.05; done; echo two")

def text(c, tag, confirm):
    """What a receive prints up to its end, or to the first record that confirm() is called for."""
    got = b""
    while (frame := c.frame())[0] == OUTPUT:
        for stream, position, data in records(frame[3]):
            got += data
            if confirm(position + len(data)):
                return got
    assert frame[0] == REPLY, frame
    return got

def far(end):
    c.send(ACK, 1, {"job": id, "attempt": 9, "out": 2**62})
    c.send(ACK, 1, {"job": id, "attempt": 1, "out": 2**62, "err": 2**62})
    return True

c.request("receive", 1, job=id, wait=True)
assert text(c, 1, far) == b"one\n"
c.ask("ack", job=id, attempt=1, out=2**62, err=2**62)
c.ask("ack", job=id, attempt=2, out=2**62)
open("go", "w").close()

def exact(end):
    c.send(ACK, 1, {"job": id, "attempt": 1, "out": end})
    return False

assert text(c, 1, exact) == b"two\n"
c.ask("ack", job="999", attempt=1, out=1)
END
}

@test "an ACK of another job, or that is none, ends a receive with an error, and its output stays" {
    client <<'END'
c = Client()
id = c.start("echo", "kept")
c.ask("wait", jobs=[id])
for tag, members in [(1, {"job": "77", "attempt": 1, "out": 1}), (2, {"job": id}), (3, {"job": id, "attempt": 1, "out": "5"})]:
    c.request("receive", tag, job=id, wait=True)
    while c.frame()[0] != OUTPUT:
        pass
    c.send(ACK, tag, members)
    c.send(ACK, tag, members)
    kind, answer = c.last(tag)
    assert kind == ERROR and answer["code"] == "usage", answer
    assert c.ask("queues")
END
    prints kept drover receive 1
}

# Sets BOUND to so many KiB, or to more than is ever used where a sanitizer keeps what was freed.
bound() {
    export BOUND=$1
    if ldd "$DROVER_BUILD/src/supervisor/drover-supervisor" | grep -q 'libasan'; then BOUND=999999999; fi
}

@test "a client that reads no answers is not read on, and takes no more than a bound" {
    bound 60000
    client <<'END'
drover = Client()
for i in range(50):
    drover.ask("queue", name=f"queue-{i:04}" + "x" * 200, throttle=1)
c = Client()
c.socket.settimeout(1)
sent = 0
try:
    while sent < 100000:  # each answer has 20 KB: 2 GB
        c.request("queues", 1000 + sent)
        sent += 1
except TimeoutError:
    pass
assert sent < 100000
rss = drover.ask("status")["max_rss_kib"]
assert rss < int(os.environ["BOUND"]), rss
c.socket.settimeout(LIMIT)
for i in range(sent):
    kind, tag, answer, _ = c.frame()
    assert kind == REPLY and tag == 1000 + i and len(answer["queues"]) >= 50
END
}

@test "half frames of many clients take no more than a bound, and nobody waits for ever" {
    bound 120000
    client <<'END'
import time
half = struct.pack("<IIHHI", 8 << 20, 0, REQUEST, 0, 1) + bytes(7 << 20)
others = [Client() for _ in range(30)]
for o in others:
    o.socket.setblocking(False)
    try:
        while True:
            o.socket.send(half)
    except BlockingIOError:
        pass
end = time.monotonic() + 3
while time.monotonic() < end:
    for o in others:
        try:
            o.socket.send(half[:1 << 16])
        except (BlockingIOError, ConnectionError):
            pass
c = Client()
rss = c.ask("status")["max_rss_kib"]
assert rss < int(os.environ["BOUND"]), rss
needed, raw = command("true", env=["BIG=" + "x" * 100000])
c.ask("start", raw, **needed)  # large, and behind all of these
END
    wait_state Completed 1
}

@test "a client that is written from the page alone does all that it tells" {
    client <<'END'
c = Client()

def rows(raw):
    """Job rows: id, state, argc, name, command words."""
    while raw:
        size, zero = struct.unpack("<II", raw[:8])
        row, raw = raw[8:size], raw[size:]
        numbers, row, strings = struct.unpack("<23q", row[:184]), row[184:], []
        for _ in range(8):
            n, row = struct.unpack("<I", row[:4])[0], row[4:]
            none = n == 2**32 - 1
            strings.append(None if none else row[:n])
            row = row if none else row[n:]
        numbers += struct.unpack("<q", row[:8])
        yield numbers, strings

# A job with standard input; its output is acknowledged bit by bit.
needed, raw = command("sh", "-c", "cat; echo error >&2; exit 3")
c.request("start", 1, raw, **needed, stdin=True, name="first", key="k1")
for piece in b"one\n", b"two\n", b"":
    c.send(INPUT, 1, None, piece)
kind, answer = c.last(1)
assert kind == REPLY and answer == {"id": "1", "existed": False}, answer
assert c.ask("start", key="k1")["id"] == "1"
assert c.ask("wait", jobs=["1"])["timed_out"] is False
c.request("receive", 2, job="1")
got = {1: b"", 2: b""}
while (frame := c.frame())[0] == OUTPUT:
    assert frame[2] == {"job": "1", "attempt": 1}
    for stream, position, data in records(frame[3]):
        assert position == len(got[stream])
        got[stream] += data
    c.send(ACK, 2, {"job": "1", "attempt": 1, "out": len(got[1]), "err": len(got[2])})
assert got == {1: b"one\ntwo\n", 2: b"error\n"}, got
assert frame[0] == REPLY and frame[2]["state"] == "Failed" and frame[2]["exit_code"] == 3, frame

# A REPLY of receive comes only when all is acknowledged.
id = c.start("echo", "held")
c.ask("wait", jobs=[id])
c.request("receive", 3, job=id)
assert c.frame()[0] == OUTPUT
c.request("queues", 4)
assert c.frame()[1] == 4
c.send(ACK, 3, {"job": id, "attempt": 1, "out": 5})
assert c.frame()[:2] == (REPLY, 3)

# A batch: the first STORED comes unasked; what is sent again is passed over.
needed, raw = command("echo", "{#}:{2}:{1/.}")
c.request("batch", 5, raw, **needed, throttle=2)
kind, answer = c.last(5)
batch = answer["id"]
kind, tag, stored, _ = c.frame()
assert (kind, tag) == (STORED, 5) and stored["items"] == 0 and stored["room"] > 0, stored
c.send(ITEMS, 5, {"first": 1}, items("/a/x.c\0red", "/b/y.c\0blue"))
c.send(ITEMS, 5, {"first": 2}, items("/b/y.c\0blue", "z\0green"))
while stored["items"] < 3:
    kind, tag, stored, _ = c.frame()
    assert (kind, tag) == (STORED, 5)
c.ask("items_end", batch=batch, count=3)
c.ask("wait", jobs=[batch])
c.request("receive", 6, job=batch, wait=True, order="item")
out, children = b"", []
while (frame := c.frame())[0] != REPLY:
    if frame[0] == CHILD:
        children.append(frame[3])
    else:
        for stream, position, data in records(frame[3]):
            out += data
            c.send(ACK, 6, {**frame[2], "out": position + len(data)})
assert out == b"1:red:x\n2:blue:y\n3:green:z\n", out
assert children == [b"/a/x.c red", b"/b/y.c blue", b"z green"], children
assert frame[2]["total"] == frame[2]["completed"] == 3
progress = c.ask("progress", job=batch)
assert progress["total"] == 3 and progress["open"] is False

# Rows.
c.request("list", 7, jobs=["1-2", batch + ".1-9", "nobody"])
listed = []
while (frame := c.frame())[0] == ROWS:
    listed += list(rows(frame[3]))
assert frame[2] == {"missing": ["nobody"]}, frame
ids = [(n[0] >> 32, n[0] & 0xffffffff) for n, _ in listed]
assert ids == [(1, 0), (2, 0)] + [(int(batch), i) for i in (1, 2, 3)], ids
numbers, strings = listed[0]
assert numbers[1] == 0 and numbers[2] == 3 and numbers[6] == 3 and strings[0] == b"first", (numbers, strings)
assert listed[2][1][4] == b"/a/x.c red" and listed[2][1][7] == b"echo\x001:red:x\0", listed[2]

# Events, and the end of a request by the end of its connection.
e = Client()
e.request("events", 1)
e.request("queues", 2)
assert e.frame()[1] == 2
id = c.start("sleep", "60")
while (event := e.frame()[2]).get("state") != "Running":
    pass
assert event["job"] == id
e.request("wait", 3, jobs=[id])
e.socket.close()
assert c.ask("suspend", jobs=[id, "999"])["refused"] == [{"job": "999", "code": "no-such-job", "text": "999: no such job"}]
c.ask("resume", jobs=[id])
c.ask("stop", jobs=[id], grace=0)
c.ask("remove", jobs=[id])
assert c.refused("receive", job=id)[0] == "no-such-job"

# Limits of JSON.
for text in b'{"op":"list","op":"list"}', b'{"op":"list","queue":"a\\u0000b"}', b'["op"]', b'{"op":"list","newest":9223372036854775808}', b'{"op":"list"', b'{"op":"list","queue":"\xff"}':
    c.socket.sendall(struct.pack("<IIHHI", len(text), len(text), REQUEST, 0, 9) + text)
    kind, answer = c.last(9)
    assert kind == ERROR and answer["code"] == "usage", answer
END
}
