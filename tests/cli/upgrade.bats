load helper

# tests/next has a drover of a later protocol and link, beside the one that is tested.
setup_file() {
    NEXT=$(cd "${DROVER_BUILD:-$BATS_TEST_DIRNAME/../../build}/tests/next" && pwd)
    export NEXT
}

next() {
    "$NEXT/drover" "$@"
}

runs_long() { # a job that prints before and after a file `go` is there
    drover start -c 'echo before; while ! [ -e go ]; do sleep 0.05; done; echo after; exit 7'
    wait_state Running 1
    wait_until says '*before*' drover receive --keep 1
}

program_of() { # PID
    readlink "/proc/$1/exe"
}

@test "a newer command replaces an older supervisor by itself, while jobs run and commands wait" {
    runs_long
    pid=$(field pid 1) supervisor=$(supervisor_pid) runner=$(runner_pid)
    next wait 1 >waited &
    waiter=$!
    wait_until says next eval 'next supervisor --json | jq -r .version'
    prints Running next get --format state 1
    prints "$pid" next get --format pid 1
    same next "$(next supervisor --json | jq -r .runner_version)"
    same "$NEXT/drover-supervisor" "$(program_of "$(next supervisor --json | jq -r .pid)")"
    same "$NEXT/drover-runner" "$(program_of "$(next supervisor --json | jq -r .runner_pid)")"
    wait_until gone "$runner"
    touch go
    exits 1 wait "$waiter"
    prints $'Failed\t7\texit 7' next get --format state,exit_code,reason 1
    prints $'before\nafter' next receive 1
    next supervisor --stop
}

@test "jobs that print while their runner makes way for a newer one: every byte of it" {
    printer='i=0; while [ $i -lt 60 ]; do seq $((i*1000)) $((i*1000+999)); i=$((i+1)); sleep 0.01; done; exit 5'
    for _ in 1 2 3 4; do drover start -c "$printer"; done
    for id in 1 2 3 4; do wait_until says '0*' drover receive --keep "$id"; done
    runner=$(runner_pid)
    next get >/dev/null
    wait_until gone "$runner"
    exits 1 next wait
    for id in 1 2 3 4; do
        prints $'Failed\t5\texit 5' next get --format state,exit_code,reason "$id"
        same "$(seq 0 59999 | cksum)" "$(next receive "$id" | cksum)"
    done
    next supervisor --stop
}

@test "newer commands that come at once do not wait for each other" {
    local began i commands=()
    drover start -- sleep 60; wait_state Running 1
    began=$SECONDS
    for i in 1 2 3 4 5 6; do
        next get --format state >"said.$i" 3>&- &
        commands+=($!)
    done
    for i in "${commands[@]}"; do wait "$i"; done
    ((SECONDS - began < 9)) || fail "$((SECONDS - began)) s"
    for i in 1 2 3 4 5 6; do same Running "$(cat "said.$i")"; done
    next supervisor --stop --force
}

@test "a command that waits at a supervisor that is replaced by a newer one ends, and says why" {
    runs_long
    drover wait 1 >out 2>err &
    waiter=$!
    wait_until says 2 eval 'drover supervisor --json | jq .clients'
    next get >/dev/null
    exits 4 wait "$waiter"
    matches 'drover: *drover next of protocol 1000, newer*' "$(cat err)"
    prints Running next get --format state 1
    touch go
    exits 1 next wait 1
    next supervisor --stop
}

@test "an older command never replaces a newer supervisor, and says what to do" {
    next get >/dev/null
    fails 3 '*newer*drover supervisor --stop' drover supervisor --restart
    same next "$(next supervisor --json | jq -r .version)"
    next start -- sleep 60
    wait_until says Running next get --format state 1
    pid=$(next supervisor --json | jq .pid)
    fails 4 '*newer than this command*drover supervisor --stop' drover get
    fails 3 '*newer*drover supervisor --stop' drover supervisor --restart
    same "$pid" "$(next supervisor --json | jq .pid)"
    # Looking after it is understood all the same.
    same "next 1" "$(drover supervisor --json | jq -r '"\(.version) \(.running)"')"
    fails 3 '*1 job runs*' drover supervisor --stop
    prints '' drover supervisor --stop --force
    wait_until gone "$pid"
}

@test "--restart executes the caller's program, of whatever prefix" {
    runs_long
    pid=$(supervisor_pid)
    next supervisor --restart
    same "$pid" "$(next supervisor --json | jq .pid)"
    same "$NEXT/drover-supervisor" "$(program_of "$pid")"
    prints Running next get --format state 1
    touch go
    exits 1 next wait 1
    prints 7 next get --format exit_code 1
    next supervisor --stop
}

@test "a newer command stops an older supervisor" {
    runs_long
    fails 3 '*1 job runs*' next supervisor --stop
    prints '' next supervisor --stop --force
    prints Stopped drover get --format state 1
}

@test "the exchange that looks after a supervisor is the same, byte for byte, in every version" {
    drover start -- sleep 60; wait_state Running 1
    cat >frozen.py <<'END'
import json, os, socket, struct, sys

s = socket.socket(socket.AF_UNIX)
s.settimeout(30)
os.chdir(os.environ["DROVER_HOME"] + "/run")
s.connect("supervisor")
# HELLO, as it stands in the page, and a REQUEST on tag 1
header, hello = next(line.split(" {") for line in open(sys.argv[2]) if line.startswith("    1e000000"))
hello = bytes.fromhex(header) + b"{" + hello.strip().encode()
assert hello == b'\x1e\0\0\0\x1e\0\0\0\1\0\0\0\0\0\0\0{"protocol":3,"version":"any"}'
s.sendall(hello)
request = sys.argv[1].encode()
s.sendall(bytes([len(request), 0, 0, 0, len(request), 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0]) + request)

def frame():
    header = s.recv(16, socket.MSG_WAITALL)
    if not header:
        return None
    size, text, kind, zero, tag = struct.unpack("<IIHHI", header)
    assert size == text and zero == 0
    return kind, tag, json.loads(s.recv(size, socket.MSG_WAITALL))

kind, tag, answer = frame()
assert (kind, tag) == (1, 0) and answer["pid"] > 1 and answer["protocol"] >= 4, answer
kind, tag, answer = frame()
assert tag == 1 and kind in (3, 4), (kind, tag)
if kind == 4:
    print(answer["code"])
elif "pid" in answer:
    print(answer["protocol"], answer["version"], answer["pid"], answer["running"])
    assert answer["runner_pid"] > 1 and answer["runner_version"] and answer["home"]
else:
    print("done")
    assert frame() is None
END
    frozen() {
        python3 frozen.py "$1" "$BATS_TEST_DIRNAME/../../docs/protocol.md"
    }
    pid=$(supervisor_pid)
    same "5 $(drover supervisor --json | jq -r .version) $pid 1" "$(frozen '{"op":"status","later":true}')"
    same refused "$(frozen '{"op":"restart","protocol":3}')"
    same refused "$(frozen '{"op":"restart","program":"/nowhere"}')"
    same refused "$(frozen '{"op":"shutdown"}')"
    same "done" "$(frozen "{\"op\":\"restart\",\"protocol\":1000,\"program\":\"$NEXT/drover-supervisor\"}")"
    wait_until frozen '{"op":"status"}'
    same "1000 next $pid 1" "$(frozen '{"op":"status"}')"
    same version "$(frozen '{"op":"list"}')"
    same "done" "$(frozen '{"op":"shutdown","force":true}')"
    wait_until gone "$pid"
}

# A supervisor of protocol NUMBER, as they were before looking after them was frozen: it says no more
# than that it is of another protocol, and its restart runs the same program anew.
ancient() { # NUMBER
    mkdir -p "$DROVER_HOME/run"
    rm -f "$DROVER_HOME/run/supervisor"
    chmod 700 "$DROVER_HOME" "$DROVER_HOME/run"
    cat >ancient.py <<'END'
import json, os, socket, struct, sys, threading

number = int(sys.argv[1])
os.chdir(os.environ["DROVER_HOME"] + "/run")
listener = socket.socket(socket.AF_UNIX)
listener.bind("supervisor")
listener.listen()
open("../listens", "w").close()

def frame(s):
    header = s.recv(16, socket.MSG_WAITALL)
    size, text, kind, _, tag = struct.unpack("<IIHHI", header)
    payload = s.recv(size, socket.MSG_WAITALL) if size else b""
    return kind, tag, json.loads(payload[:text])

def send(s, kind, tag, answer):
    text = json.dumps(answer).encode()
    s.sendall(struct.pack("<IIHHI", len(text), len(text), kind, 0, tag) + text)

def serve(s):
    try:
        kind, tag, hello = frame(s)
        if hello["protocol"] != number:
            send(s, 4, tag, {"code": "version", "text": f"this supervisor speaks protocol {number}"})
        else:
            send(s, 1, tag, {"protocol": number, "version": "old", "pid": os.getpid()})
            kind, tag, request = frame(s)
            send(s, 3, tag, {"pid": os.getpid(), "version": "old"} if request["op"] == "status" else {})
            if request["op"] == "shutdown":
                os._exit(0)
    except (OSError, struct.error):
        pass
    s.close()

while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
END
    python3 ancient.py "$1" &
    ancient=$!
    wait_until test -e "$DROVER_HOME/listens"
    rm "$DROVER_HOME/listens"
}

@test "a command gets out of a supervisor that only says it is of another protocol" {
    for number in 2 3; do
        ancient "$number"
        prints '' drover get --format id
        wait_until gone "$ancient"
        refute test "$(supervisor_pid)" = "$ancient"
        drover supervisor --stop
        ancient "$number"
        prints '' drover supervisor --restart
        wait_until gone "$ancient"
        drover supervisor --stop
    done
}
