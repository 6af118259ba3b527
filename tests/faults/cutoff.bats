# Every command, its connection cut or its supervisor killed behind a frame. Of all the frames there are
# CUTOFF_SHARE=N/OF says which part is tried; 1/1 is every one, and takes some minutes.
load ../cli/helper
TEST_LIMIT=900

cutoff() {
    TMPDIR=$work PYTHONDONTWRITEBYTECODE=1 timeout "${CUTOFF_TIME:-900}" python3 "$BATS_TEST_DIRNAME/cutoff.py" "$@" >&2
}

@test "a connection that is cut behind any frame, either way: each command ends as it does uncut" {
    cutoff --share "${CUTOFF_SHARE:-1/10}"
}

@test "a connection that is cut behind a frame, and so is the one after it: each command ends as it does uncut" {
    cutoff --again --share "${CUTOFF_SHARE:-1/25}"
}

@test "a supervisor that is killed behind any frame, either way: each command ends as it does else" {
    cutoff --kill --share "${CUTOFF_SHARE:-1/20}"
}

written() { # PID BYTES: it has written so much
    [ "$(awk '/^wchar/ { print $2 }' "/proc/$1/io")" -ge "$2" ]
}

asked_again() { # the status is one client, the receiver another
    [ "$(drover supervisor --status --json | jq .clients)" -ge 2 ]
}

@test "a receiver whose reader is slow goes on though the supervisor is killed, and hands nothing over again" {
    drover start -- seq 9000 >/dev/null
    drover wait 1 >/dev/null
    mkfifo fifo
    drover receive 1 >fifo &
    pid=$!
    exec 9<fifo
    wait_until written "$pid" 40000
    kill_and_wait "$(supervisor_pid)"
    wait_until asked_again
    timeout 60 cat <&9 >got
    wait "$pid"
    seq 9000 | cmp - got >&2
    prints '' drover receive 1
}

@test "input that was sent to a supervisor that is stopped, then killed, is sent to the next one" {
    drover get
    supervisor=$(supervisor_pid)
    mkfifo fifo
    timeout 60 drover start -i - -- cat <fifo >id &
    pid=$!
    exec 9>fifo
    echo data >&9
    sent() { [ "$(stat -c %s "$DROVER_HOME"/input/upload.*)" = 5 ]; }
    wait_until sent
    kill -STOP "$supervisor"
    echo more >&9
    exec 9>&-
    kill_and_wait "$supervisor"
    wait "$pid"
    same 1 "$(cat id)"
    drover wait 1 >/dev/null
    prints $'data\nmore' drover receive 1
    same 1 "$(field id | wc -l)"
}
