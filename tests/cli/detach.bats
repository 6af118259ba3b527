# Leaving a batch in the background, and coming back.
load helper

@test "Ctrl-Z leaves the batch running, and receive --wait shows the rest, once" {
    drover each -j 1 -- sh -c 'while [ "$0" != a ] && [ ! -e go ]; do sleep 0.02; done; echo $0' ::: a b c >got 2>err & pid=$!
    wait_until grep -qx a got
    kill -TSTP "$pid"
    exits 148 wait "$pid"
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
    kill -TSTP "$pid"; wait "$pid" || same 148 $?
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
    kill -TSTP "$pid"
    exits 148 wait "$pid"
    touch go
    prints b drover receive --wait 1
}

@test "Ctrl-Z leaves receive --wait, and the next one has the rest, once" {
    drover each --as-job -j 1 -- sh -c 'while [ "$0" != a ] && [ ! -e go ]; do sleep 0.02; done; echo $0' ::: a b c
    drover receive --wait 1 >got 2>err & pid=$!
    wait_until grep -qx a got
    kill -TSTP "$pid"
    exits 148 wait "$pid"
    matches 'drover: * 1 goes on in the background; come back with: drover receive --wait 1' "$(cat err)"
    touch go
    drover receive --wait 1 >>got
    same $'a\nb\nc' "$(cat got)"
}

@test "Ctrl-Z leaves retry, whose batch goes on" {
    exits 1 drover each -j 1 -- sh -c '[ -e again ] || exit 1; while [ "$0" != a ] && [ ! -e go ]; do sleep 0.02; done; echo $0' ::: a b c
    touch again
    drover retry 1 >got 2>err & pid=$!
    wait_until grep -qx a got
    kill -TSTP "$pid"
    exits 148 wait "$pid"
    same 'drover: batch 1 goes on in the background; come back with: drover receive --wait 1' "$(cat err)"
    touch go
    drover receive --wait 1 >>got
    same $'a\nb\nc' "$(cat got)"
}

@test "a lost terminal while run sends its input: all of it is sent, and the job goes on" {
    mkfifo fifo
    drover run -i - -- sh -c 'cat >copy; echo done' <fifo >/dev/null 2>&1 & pid=$!
    exec 9>fifo
    seq 1000 >&9
    wait_until bash -c 'ls "$DROVER_HOME"/input/* && grep -q . "$DROVER_HOME"/input/*'
    kill -HUP "$pid"
    seq 1001 2000 >&9
    exec 9>&-
    exits 129 wait "$pid"
    wait_state Completed 1
    same "$(seq 2000)" "$(cat copy)"
    prints 'done' drover receive 1
}

@test "a terminal that goes away leaves the batch going, and each line is shown once" {
    exits 129 python3 "$BATS_TEST_DIRNAME/screen.py" 24x80 until '^a4$' hangup x -- \
        drover each --no-bar -j 1 -- sh -c 'while [ "$0" = b ] && [ ! -e go ]; do sleep 0.02; done; for i in 1 2 3 4; do echo "$0$i"; done' ::: a b c
    same $'a1\na2\na3\na4' "$out"
    is_state Running 1
    touch go
    prints $'b1\nb2\nb3\nb4\nc1\nc2\nc3\nc4' drover receive --wait 1
}

@test "Ctrl-Z typed on a terminal leaves the batch; what was shown and the rest are each line once" {
    exits 148 python3 "$BATS_TEST_DIRNAME/screen.py" 24x80 until '^a$' until running key $'\x1a' -- \
        drover each -j 1 -- sh -c 'while [ "$0" != a ] && [ ! -e go ]; do sleep 0.02; done; echo $0' ::: a b c
    same $'a\ndrover: batch 1 goes on in the background; come back with: drover receive --wait 1' "$out"
    touch go
    prints $'b\nc' drover receive --wait 1
}
