# Leaving a batch in the background, and coming back.
load helper

@test "Ctrl-Z leaves the batch running, and receive --wait shows the rest, once" {
    drover each -j 1 -- sh -c 'while [ "$0" != a ] && [ ! -e go ]; do sleep 0.02; done; echo $0' ::: a b c >got 2>err & pid=$!
    wait_until grep -qx a got
    kill -TSTP "$pid"; status=0; wait "$pid" || status=$?
    same 148 "$status"
    same 'drover: batch 1 goes on in the background; come back with: drover receive --wait 1' "$(cat err)"
    touch go
    prints $'b\nc' drover receive --wait 1
}

@test "after Ctrl-Z items that are still to come are fed on" {
    mkfifo fifo
    drover each -- echo <fifo >/dev/null 2>&1 & pid=$!
    exec 9>fifo
    echo 1 >&9
    wait_until is_state Completed 1.1
    kill -TSTP "$pid"; wait "$pid" || true
    seq 2 50 >&9
    exec 9>&-
    wait_state Completed 1
    same 50 "$(json '.[0].children.completed' 1)"
}

@test "a lost terminal: the input is fed on" {
    mkfifo fifo
    drover each -- echo <fifo >/dev/null 2>&1 & pid=$!
    exec 9>fifo
    echo 1 >&9
    wait_until is_state Completed 1.1
    kill -HUP "$pid"
    seq 2 50 >&9
    exec 9>&-
    wait_state Completed 1
    same 50 "$(json '.[0].children.completed' 1)"
}

@test "Ctrl-Z leaves a run, whose job goes on" {
    drover run -c 'echo a; while [ ! -e go ]; do sleep 0.02; done; echo b' >got 2>/dev/null & pid=$!
    wait_until grep -qx a got
    kill -TSTP "$pid"; status=0; wait "$pid" || status=$?
    same 148 "$status"
    touch go
    prints b drover receive --wait 1
}
