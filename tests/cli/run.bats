load helper

@test "run shows the output and removes the job" {
    prints hello drover run -- echo hello
    prints '' drover get --format id
}

@test "run keeps the streams apart" {
    drover run -c 'echo out; echo err >&2' >got.out 2>got.err
    same out "$(cat got.out)"; same err "$(cat got.err)"
}

@test "run has the exit code of the job" {
    exits 0 drover run -- true
    exits 7 drover run -c 'exit 7'
    exits 143 drover run -c 'kill -TERM $$'
    exits 127 drover run -- no-such-command
}

@test "run has exit 124 when the job timed out" {
    exits 124 drover run --timeout 200ms -- sleep 60
}

@test "run shows output as it comes" {
    mkfifo fifo
    drover run -c 'echo a; read -r x <fifo; echo b' >got &
    wait_until grep -q a got
    echo go >fifo; wait $!
    same $'a\nb' "$(cat got)"
}

@test "run hands its standard input on with -i -" {
    prints HELLO bash -c 'echo hello | drover run -i - -- tr a-z A-Z'
}

@test "an interrupt stops the job" {
    env --default-signal=INT drover run -c 'echo $$ >pid; exec sleep 60' & command=$!
    wait_until test -s pid
    kill -INT "$command"
    exits 130 wait "$command"
    wait_until gone "$(cat pid)"
}

@test "a lost terminal leaves the job running" {
    drover run -- sleep 60 & pid=$!
    wait_until bash -c 'drover get --format state | grep Running'
    kill -HUP $pid
    exits 129 wait $pid
    prints Running field state 1
}

@test "run takes large binary output" {
    head -c 5000000 /dev/urandom >data
    drover run -- cat data >got
    same_file data got
}

@test "run -i - that is interrupted while it feeds leaves no job, and nothing of its input" {
    mkfifo fifo; exec 9<>fifo
    drover run -i - -- cat <fifo 9>&- & pid=$!
    echo some >&9
    wait_until bash -c '[ -s "$DROVER_HOME"/input/upload.* ]'
    kill -TERM "$pid"
    exits 130 wait "$pid"
    prints '' field id
    wait_until rmdir "$DROVER_HOME/input"
}
