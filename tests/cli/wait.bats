load helper

@test "wait prints the table of the finished ones" {
    drover start -- true; drover start -- sleep 0.2
    drover wait >got
    same "$(drover get)" "$(cat got)"
    same 2 "$(grep -c Completed got)"
}

@test "wait is exit 1 when a job failed" {
    drover start -- true; drover start -- false
    exits 0 drover wait 1
    exits 1 drover wait 1 2
}

@test "wait without a job waits for all there are" {
    drover start -- sleep 0.3; drover start -- sleep 0.1
    drover wait >/dev/null
    prints $'Completed\nCompleted' field state
}

@test "wait with nothing to wait for returns at once" {
    exits 0 drover wait
}

@test "wait --any returns with the first" {
    drover start -- sleep 60; drover start -- true
    timeout 10 drover wait --any 1 2 >got
    same 2 "$(awk 'NR == 3 { print $1 }' got)"; same 3 "$(wc -l <got)"
}

@test "wait --timeout is exit 124" {
    drover start -- sleep 60
    exits 124 drover wait --timeout 200ms 1
}

@test "waiting for the same job twice is waiting for it once" {
    drover start -- true
    exits 0 drover wait 1 1
    same 1 "$(grep -c Completed <<<"$out")"
    exits 0 drover wait 1
}

@test "wait for an unknown job is exit 3" {
    fails 3 '*99*' drover wait 99
}

@test "wait for a good and a bad one waits for the good one" {
    drover start -- sleep 0.2
    exits 3 drover wait 1 99
    prints Completed field state 1
}

@test "an interrupt ends the wait with 130, and not the job" {
    drover start -- sleep 60
    exits 130 timeout --preserve-status -s INT 0.5 drover wait 1
    prints Running field state 1
}

@test "wait for a child" {
    drover each --as-job -- sleep ::: 0.1 60 >/dev/null
    exits 0 timeout 10 drover wait 1.1
    prints $'Completed\nRunning' field state 1.1 1.2
}

@test "wait learns of the end without asking again and again" {
    drover start -c 'until [ -e go ]; do sleep 0.02; done'
    drover wait 1 >got & pid=$!
    wait_until says 2 bash -c 'drover supervisor --status --json | jq .clients' # it, and who asks
    said() { awk '/^syscw/ { print $2 }' "/proc/$pid/io"; }
    before=$(said)
    for i in 1 2 3 4 5 6 7 8; do drover run -- sleep 0.1; done
    same "$before" "$(said)"
    touch go
    exits 0 wait "$pid"
    grep -q Completed got
}

# What the supervisor answers to `wait` for ids, without the command, which looks first whether they are there.
answer_to_wait() { # MEMBERS
    python3 - "$DROVER_HOME" "$1" <<'END'
import json, socket, struct, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1] + "/run/supervisor")
def say(kind, tag, members):
    text = json.dumps(members).encode()
    peer.sendall(struct.pack("<IIHHI", len(text), len(text), kind, 0, tag) + text)
def hear():
    header = peer.recv(16, socket.MSG_WAITALL)
    size, _, kind, _, _ = struct.unpack("<IIHHI", header)
    return json.loads(peer.recv(size, socket.MSG_WAITALL))
with open(sys.argv[1] + "/../protocol") as file:
    say(1, 0, {"protocol": int(file.read()), "version": "0"})
hear()
say(2, 1, json.loads(sys.argv[2]))
answer = hear()
print(answer["timed_out"], [refused["job"] + " " + refused["code"] for refused in answer["refused"]])
END
}

@test "a wait for what is not there says so, and waits for what is" {
    drover start -- true >/dev/null
    drover wait 1 >/dev/null
    drover start -- sleep 600 >/dev/null
    awk '/define FRAME_PROTOCOL/ { print $3 }' "$BATS_TEST_DIRNAME/../../src/wire/frame.h" >protocol
    prints "False ['9 no-such-job']" answer_to_wait '{"op": "wait", "jobs": ["1", "9"]}'
    prints "False ['9 no-such-job']" answer_to_wait '{"op": "wait", "jobs": ["9"], "any": true}'
    prints "True ['9 no-such-job']" answer_to_wait '{"op": "wait", "jobs": ["2", "9"], "any": true, "timeout": 200000}'
    prints "True ['9 no-such-job', '1.7 no-such-job']" answer_to_wait '{"op": "wait", "jobs": ["2", "9", "1.7"], "timeout": 200000}'
}
