# Receiving: what was printed comes exactly, in order, and once.
load helper

# Starts a job, waits for its end, prints its id.
finished() {
    local id
    id=$(drover start "$@")
    drover wait "$id" >/dev/null || same 1 $?
    echo "$id"
}

@test "output is received once" {
    finished -c 'echo hello'
    prints hello drover receive 1
    prints '' drover receive 1
    prints False bash -c 'drover get | awk "NR == 3 { print \$5 }"'
}

@test "recv is receive" {
    finished -- echo hello
    prints hello drover recv 1
}

@test "HasMoreData is true for an unfinished job, even without output" {
    drover start -- sleep 60
    prints true json '.[0].has_more_data'
}

@test "--keep marks nothing read" {
    finished -- echo hello
    prints hello drover receive --keep 1
    prints hello drover receive 1
}

@test "what a running job has printed so far can be received" {
    mkfifo fifo; drover start -c 'echo first; read -r x <fifo; echo second'
    wait_until bash -c '[ "$(drover receive --keep 1)" = first ]'
    prints first drover receive 1
}

@test "a running job's next output follows the first" {
    mkfifo fifo; drover start -c 'echo first; read -r x <fifo; echo second'
    wait_until bash -c '[ "$(drover receive --keep 1)" = first ]'
    prints first drover receive 1
    echo go >fifo; drover wait >/dev/null
    prints second drover receive 1
}

@test "standard output goes there and errors to standard error" {
    finished -c 'echo out; echo err >&2'
    drover receive 1 >got.out 2>got.err
    same out "$(cat got.out)"; same err "$(cat got.err)"
}

@test "both streams come in the order in which they came" {
    finished -c 'for i in 1 2 3 4 5; do echo out $i; sleep 0.02; echo err $i >&2; sleep 0.02; done'
    prints "$(for i in 1 2 3 4 5; do echo "out $i"; echo "err $i"; done)" bash -c 'drover receive 1 2>&1'
}

@test "binary output is exact, of every byte" {
    python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 100)' >data
    finished -- cat data
    drover receive 1 >got
    same_file data got
}

@test "output without a newline at its end stays without" {
    finished -- printf 'no newline'
    drover receive 1 >got
    printf 'no newline' | cmp - got
}

@test "large output is exact, and both streams are" {
    head -c 20000000 /dev/urandom >a; head -c 3000000 /dev/urandom >b
    finished -c 'cat b >&2 & cat a; wait'
    drover receive 1 >got.a 2>got.b
    same_file a got.a; same_file b got.b
    prints false json '.[0].has_more_data'
}

@test "--stream hands over one stream and leaves the other" {
    finished -c 'echo out; echo err >&2'
    prints err bash -c 'drover receive --stream err 1 2>&1'
    prints true json '.[0].has_more_data'
    prints out drover receive 1
}

@test "--wait streams until the job is finished" {
    drover start -c 'echo a; sleep 0.3; echo b'
    prints $'a\nb' drover receive --wait 1
    prints Completed field state 1
}

@test "--wait shows a line when it comes, not at the end" {
    mkfifo fifo; drover start -c 'echo a; read -r x <fifo; echo b'
    drover receive --wait 1 >got &
    wait_until grep -q a got
    echo go >fifo; wait $!
    same $'a\nb' "$(cat got)"
}

@test "--wait shows what there is already in the order of ids" {
    for i in 1 2 3; do drover start -- echo $i; done; drover wait >/dev/null
    prints $'1\n2\n3' drover receive --wait --keep 1-3
    prints $'1\n2\n3' drover receive --wait 3 1 2
}

@test "--wait is exit 1 when a job did not complete" {
    finished -c 'echo x; exit 2'
    exits 1 drover receive --wait 1
    same x "$out"
}

@test "--wait --auto-remove leaves nothing behind" {
    drover start -- echo x
    prints x drover receive --wait --auto-remove 1
    prints '' drover get --format id
}

@test "--timestamps puts the time before each line" {
    finished -c 'echo one; echo two'
    drover receive --timestamps 1 >got
    same 2 "$(grep -cE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?[[:space:]]+(one|two)$' got)"
}

@test "--tag puts the job before each line" {
    finished -c 'echo one; echo two'
    prints $'1\tone\n1\ttwo' drover receive --tag 1
}

@test "several jobs come one after the other, in the order given" {
    finished -- echo one; finished -- echo two; finished -- echo three
    prints $'three\none\ntwo' drover receive 3 1 2
}

@test "with --wait lines of two jobs are never mixed" {
    for i in a b; do
        drover start -c "for n in \$(seq 300); do printf '$i$i$i'; printf '$i$i$i\n'; done"
    done
    drover receive --wait 1-2 >got
    same 300 "$(grep -cx aaaaaa got)"; same 300 "$(grep -cx bbbbbb got)"; same 600 "$(wc -l <got)"
}

@test "with --wait a line that comes in many small pieces is shown whole, and holds up nothing" {
    for i in a b; do drover start -c "for n in \$(seq 60); do printf $i; sleep 0.01; done; echo; echo end"; done
    timeout 30 drover receive --wait 1-2 >got
    line=$(printf 'a%.0s' $(seq 60))
    same "$(printf '%s\n' "$line" "${line//a/b}" end end)" "$(sort got)"
}

@test "a good id is served beside a bad one" {
    finished -- echo hello
    exits 3 drover receive 99 1
    same hello "$out"; matches 'drover: *99*' "$err"
}

@test "a pattern that matches nothing receives nothing" {
    drover start --name some -- echo text; drover wait >/dev/null
    prints '' drover receive 'none*'
    prints text drover receive 'so*'
}

@test "receive without a job is an error of usage" {
    fails 2 '*' drover receive
}

@test "a reader that goes away loses nothing: head -1 and then the rest" {
    finished -- seq 200000
    drover receive 1 | head -n 1 >first
    drover receive 1 >rest
    same 1 "$(cat first)"
    # The last line before the rest was written but perhaps not read: nothing else may be missing.
    seq 200000 | tail -c "$(wc -c <rest)" | cmp - rest
    [ "$(wc -c <rest)" -gt 1000000 ]
}

@test "a closed standard output loses nothing" {
    finished -- echo hello
    drover receive 1 >&- || same 4 $?
    prints hello drover receive 1
}

@test "a full disk under the receiver loses nothing" {
    finished -- echo hello
    [ -e /dev/full ] || skip 'no /dev/full'
    refute drover receive 1 >/dev/full 2>err
    matches 'drover: *No space*' "$(cat err)"
    prints hello drover receive 1
}

@test "a receiver that is killed loses nothing, and repeats only what it had not confirmed" {
    head -c 30000000 /dev/urandom >data
    mkfifo fifo
    finished -- cat data
    drover receive 1 >fifo &
    pid=$!
    exec 9<fifo
    head -c 5000000 <&9 >written
    kill_and_wait "$pid"
    cat <&9 >>written
    exec 9<&-
    head -c "$(wc -c <written)" data | cmp - written >&2
    drover receive 1 >rest
    tail -c "$(wc -c <rest)" data | cmp - rest >&2
    repeated=$(($(wc -c <written) + $(wc -c <rest) - $(wc -c <data)))
    [ "$repeated" -ge 0 ]
    [ "$repeated" -le 1048576 ]
}

@test "two receivers at once share it: each record goes to one of them" {
    finished -- seq 300000
    drover receive 1 >a & drover receive 1 >b
    wait $!
    same 300000 "$(cat a b | wc -l)"
    cat a b | sort -n | cmp - <(seq 300000)
}

@test "two waiting receivers of a running job share it" {
    drover start -c 'for i in $(seq 2000); do echo $i; done; sleep 0.3; seq 2001 4000'
    drover receive --wait 1 >a & drover receive --wait 1 >b
    wait $!
    cat a b | sort -n | cmp - <(seq 4000)
}

@test "late output of a grandchild is captured and makes HasMoreData true again" {
    mkfifo fifo
    finished -c 'echo early; { read -r x <fifo; echo late; } &'
    prints early drover receive 1
    prints $'Completed\tfalse' json '.[0] | [.state, .has_more_data | tostring] | join("\t")'
    echo go >fifo
    wait_until bash -c '[ "$(drover get --json 1 | jq .[0].has_more_data)" = true ]'
    prints late drover receive 1
}

@test "a grandchild that keeps the pipe open does not hold the job" {
    drover start -c 'sleep 600 & echo done'
    timeout 20 drover wait >/dev/null
    prints 'done' drover receive 1
}

@test "--follow goes on until the pipes are closed" {
    drover start -c 'echo early; (sleep 0.5; echo late) &'
    prints $'early\nlate' timeout 15 drover receive --follow 1
}

@test "--attempt receives what one attempt printed" {
    drover start --retries 2 --backoff 10ms -c 'echo attempt $DROVER_ATTEMPT; exit 1'; exits 1 drover wait
    for n in 1 2 3; do prints "attempt $n" drover receive --attempt $n 1; done
}

@test "--max-output keeps head and tail and marks the cut" {
    finished --max-output 100K -- seq 1000000
    drover receive 1 >got 2>&1
    [ "$(wc -c <got)" -lt 250000 ]
    same 1 "$(head -n 1 got)"; same 1000000 "$(tail -n 1 got)"
    grep -qi 'dropped\|cut' got
}

@test "output below --max-output is whole" {
    finished --max-output 100K -- seq 1000
    prints "$(seq 1000)" drover receive 1
}

@test "--attempt 0 is an error of usage" {
    fails 2 '*attempt: 0 is not a number above 0*' drover receive --attempt 0 1
}

@test "an attempt of a batch is asked for of a child" {
    drover each --as-job -- echo ::: a >/dev/null
    wait_state Completed 1
    fails 3 '1: is a batch: *1.1' drover receive --attempt 1 1
    prints a drover receive --attempt 1 1.1
}
