# Homes that cannot be used, and what is said of them.
load ../cli/helper

# The database of the home, whatever its name.
database() {
    find "$DROVER_HOME" -maxdepth 1 -name '*.db'
}

# A home in which one job has finished and nothing runs.
used_home() {
    drover start -c 'echo kept; exit 3' >/dev/null
    exits 1 drover wait
    drover supervisor --stop
    WAIT_LIMIT=5 wait_until no_process
}

@test "a home that is not writable" {
    mkdir ro
    chmod 500 ro
    if [ "$(id -u)" = 0 ]; then
        chmod 755 "$work"
        chown 100123 ro
        fails 4 '*ro*ermission denied*' env "DROVER_HOME=$work/ro/home" setpriv --reuid 100123 --clear-groups drover start -- true
    else
        fails 4 '*ro*ermission denied*' env "DROVER_HOME=$work/ro/home" drover start -- true
    fi
}

@test "a home that is not ours" {
    [ "$(id -u)" = 0 ] || skip 'needs root to give a directory away'
    mkdir -m 700 home
    chown 100123 home
    fails 4 '*home*not to you*' drover start -- true
}

@test "a home that others may write to" {
    mkdir home
    chmod 777 home
    fails 4 '*home*others*' drover start -- true
}

@test "a home that is a file" {
    touch home
    fails 4 '*home*is no directory*' drover start -- true
}

@test "a home on a path of 200 characters works" {
    deep=$work/$(printf 'd%.0s' {1..100})/$(printf 'e%.0s' {1..100})
    mkdir -p "$deep"
    export DROVER_HOME=$deep/home
    prints 1 drover start -- echo deep
    drover wait >/dev/null
    prints deep drover receive 1
}

@test "a home of an older schema is taken over, with its jobs and their output" {
    for schema in "$BATS_TEST_DIRNAME"/schema/*.sql; do
        export DROVER_HOME=$work/${schema##*/}
        mkdir -m 700 "$DROVER_HOME"
        sqlite3 "$DROVER_HOME/jobs.db" <"$schema"
        prints $'old\tFailed\texit\nbatch\tFailed\tchildren' drover get --format name,state,cause
        exits 0 drover receive old batch
        same $'kept\nitem a\nitem b\nitem c' "$out"
        drover retry batch 2>/dev/null || same 1 $?
        prints 2 field attempt 2.2
        prints 3 drover start -- true
        exits 0 drover supervisor --stop --force
    done
}

# A finished job of schema 4: its STATE (3 Failed, 4 Stopped, 2 Completed), its REASON.
older_job() { # ID STATE REASON
    for table in job spec; do
        echo "CREATE TEMP TABLE copy AS SELECT * FROM $table WHERE key = 1 << 32; UPDATE copy SET key = $1 << 32;"
        [ $table = spec ] || echo "UPDATE copy SET state = $2, reason = NULLIF('$3', '');"
        [ $table = job ] || echo "UPDATE copy SET submit_key = NULL;"
        echo "INSERT INTO $table SELECT * FROM copy; DROP TABLE copy;"
    done
}

@test "why a job of an older schema ended is known by what was told of it" {
    mkdir -m 700 "$DROVER_HOME"
    sqlite3 "$DROVER_HOME/jobs.db" <"$BATS_TEST_DIRNAME/schema/4.sql"
    id=9
    while IFS='|' read -r cause state reason; do
        older_job $((++id)) "$state" "$reason"
        echo "$cause" >>want
    done >older.sql <<'END'
null|2|
output-lost|2|its runner was killed: output may be missing
stopped|4|stopped
exit|3|exit 3; its runner was killed: output may be missing
signal|3|signal 9 (Killed)
timeout|3|timed out after 1 s
timeout|3|timeout: the command took longer than 5s
cannot-start|3|nowhere: command not found
dependency|3|never started: job 3, which it waited for, is Failed
lost|3|lost: nobody saw its end
lost|3|unreachable: its session was ended by signal 9 (Killed): nothing was sent
input-cut|3|input cut off after 3 items
children|3|1 of 3 failed
halted|3|halted: 1 completed, 2 failed, 3 not started
unreachable|3|unreachable: ssh: No route to host
refused|3|refused: Connection refused
auth|3|auth: Permission denied (publickey)
host-key|3|host key: verification failed
no-answer|3|timeout: no answer within 10s
disconnected|3|unreachable: connection lost while the command ran
put|3|put: x is no file
get|3|get: x: could not be read there
check|3|check: exit 3
END
    sqlite3 "$DROVER_HOME/jobs.db" <older.sql
    same "$(cat want)" "$(json '.[] | .cause' 10-32)"
}

@test "a job that an older version had just begun is lost, not Running for ever" {
    mkdir -p -m 700 "$DROVER_HOME"
    sqlite3 "$DROVER_HOME/jobs.db" <"$BATS_TEST_DIRNAME/schema/3.sql"
    sqlite3 "$DROVER_HOME/jobs.db" 'UPDATE job SET state = 1, reason = NULL, begin = NULL, end = NULL, pid = NULL, start = NULL, status = NULL WHERE key = 1 << 32'
    wait_state Failed 1
    matches 'lost*' "$(field reason 1)"
    exits 1 timeout 20 drover wait 1
}

@test "a home of a newer schema is refused and left as it is" {
    used_home
    sqlite3 "$(database)" "UPDATE meta SET value = 9999 WHERE key LIKE '%schema%' OR name LIKE '%schema%'" 2>/dev/null ||
        sqlite3 "$(database)" "UPDATE meta SET schema = 9999" 2>/dev/null || sqlite3 "$(database)" 'PRAGMA user_version = 9999'
    before=$(sha256sum <"$(database)")
    fails 4 '*newer*' drover get
    same "$before" "$(sha256sum <"$(database)")"
}

@test "a damaged database is refused, said so, and left as it is" {
    used_home
    dd if=/dev/urandom of="$(database)" bs=1 count=4000 seek=0 conv=notrunc 2>/dev/null
    before=$(sha256sum <"$(database)")
    fails 4 '*database*' drover get
    same "$before" "$(sha256sum <"$(database)")"
    no_process
}

@test "a database that is no file is refused" {
    used_home
    file=$(database)
    rm -f "$file"*
    mkdir "$file"
    fails 4 '*' drover get
}

@test "a damaged journal: what is good is kept, the evidence too, and it is said" {
    drover start -c 'echo first' >/dev/null
    drover wait >/dev/null
    # What comes now is in the journal and not in the database: nobody reads it.
    mkfifo fifo
    drover start -c 'read -r x <fifo; for i in 1 2 3 4 5; do echo line $i; sleep 0.05; done' >/dev/null
    wait_state Running 2
    job=$(field pid 2)
    kill_and_wait "$(supervisor_pid)"
    echo go >fifo
    wait_until gone "$job"
    segment=$(find "$DROVER_HOME/journal" -name '*.journal' | sort | tail -n 1)
    at=$(grep -abo 'line 3' "$segment" | head -n 1 | cut -d : -f 1)
    printf XXXXXX | dd of="$segment" bs=1 seek="$at" conv=notrunc 2>/dev/null
    drover get >/dev/null
    exits 0 timeout 20 drover wait
    prints first drover receive 1
    drover receive 2 >got
    grep -qx 'line 1' got
    grep -qx 'line 5' got
    refute grep -q XXXXXX got
    [ -n "$(ls -A "$DROVER_HOME/damaged")" ]
    matches '*damaged*' "$(drover supervisor --status)"
}

@test "a torn tail of the journal is passed over in silence" {
    drover start -c 'echo first' >/dev/null
    drover wait >/dev/null
    kill_and_wait $(supervisor_pid) $(runner_pid)
    segment=$(find "$DROVER_HOME/journal" -name '*.journal' | sort | tail -n 1)
    head -c 100 /dev/urandom >>"$segment"
    prints 2 drover start -- echo second
    drover wait >/dev/null
    prints $'first\nsecond' drover receive 1 2
    [ -z "$(ls -A "$DROVER_HOME/damaged" 2>/dev/null)" ]
}

@test "garbage on the socket harms nobody" {
    drover start -- sleep 60 >/dev/null
    wait_state Running 1
    before=$(supervisor_pid)
    cat >garbage.py <<'END'
import os, socket, sys
for data in (b'GET / HTTP/1.1\r\n\r\n', os.urandom(65536), b'\0' * 65536, b'\xff' * 16, b'\1'):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5)
    s.connect(sys.argv[1])
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        while s.recv(65536):
            pass
    except (BrokenPipeError, ConnectionResetError):
        pass
    s.close()
END
    cd "$DROVER_HOME"
    python3 "$work/garbage.py" run/supervisor
    cd "$work"
    same "$before" "$(supervisor_pid)"
    prints Running field state 1
}

@test "a client that connects and says nothing stops nobody" {
    drover start -- true >/dev/null
    python3 -c 'import os, socket, sys, time
s = socket.socket(socket.AF_UNIX); s.connect("home/run/supervisor"); open("connected", "w").close(); time.sleep(60)' &
    pid=$!
    wait_until test -e connected
    prints 2 timeout 5 drover start -- true
    kill "$pid"
}

@test "a client of another protocol is told so" {
    drover start -- true >/dev/null
    python3 -c 'import socket, struct, sys
body = b"{\"protocol\":9999,\"version\":\"99\"}"
s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect("home/run/supervisor")
s.sendall(struct.pack("<IIHHI", len(body), len(body), 1, 0, 1) + body)
data = b""
while True:
    more = s.recv(65536)
    if not more: break
    data += more
assert b"version" in data, data' >&2
}

@test "another user's client is refused" {
    [ "$(id -u)" = 0 ] || skip 'needs root to become another user'
    drover start -- true >/dev/null
    chmod 755 "$work" home home/run
    chmod 777 home/run/supervisor
    setpriv --reuid 100123 --clear-groups /usr/bin/python3 -c 'import socket
s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect("home/run/supervisor")
body = b"{\"protocol\":3,\"version\":\"0\"}"
import struct
try:
    s.sendall(struct.pack("<IIHHI", len(body), len(body), 1, 0, 1) + body)
    data = s.recv(65536)
except (BrokenPipeError, ConnectionResetError):
    data = b""
assert b"pid" not in data, data' >&2
    prints 2 drover start -- true
}

@test "a socket that nobody listens at is replaced" {
    drover start -- true >/dev/null
    drover wait >/dev/null
    kill_and_wait $(processes)
    [ -S home/run/supervisor ]
    prints 2 drover start -- true
}

@test "a home is found whatever the runtime directory, as from cron and after a logout" {
    mkdir -m 700 runtime
    XDG_RUNTIME_DIR=$work/runtime drover start -- echo hi >/dev/null
    rm -r runtime
    timeout 10 drover wait 1 >/dev/null
    prints hi drover receive 1
}

@test "what stands in the place of a directory of the home is named" {
    used_home
    rm -r "$DROVER_HOME/input"; ln -s /tmp "$DROVER_HOME/input"
    fails 4 '*/home/input: is no directory: move it away' drover get
    rm "$DROVER_HOME/input"; : >"$DROVER_HOME/input"
    fails 4 '*/home/input: is no directory: move it away' drover get
    rm "$DROVER_HOME/input"
    exits 0 drover get
}
