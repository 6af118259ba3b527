load helper

# What a batch minds: halt, delay, load, memory, throttles that change, time-outs by the median.

children() { # STATE BATCH: how many of its children are in that state
    json ".[0].children.$1" "$2"
}

@test "--halt soon,fail=1 starts nothing more and lets the running ones end" {
    exits 1 drover each --keep-job -j 2 --halt soon,fail=1 -- sh -c 'test $0 = 1 && exit 1; until [ -e go ]; do sleep 0.02; test $0 = 2 && drover get --format state 1.1 | grep -q Failed && touch go; done; echo $0' ::: 1 2 3 4 5
    same 2 "$out"
    matches '*drover: batch 1: halted: 1 completed, 1 failed, 3 not started*retry with: drover retry 1' "$err"
    prints $'Failed\thalted: 1 completed, 1 failed, 3 not started' drover get --format state,reason 1
    prints 3 children not_started 1
    # what will never print has no more data
    same $'NotStarted\tFalse' "$(field state,has_more_data 1.5)"
}

@test "--halt now,fail=1 stops the running ones too" {
    exits 1 drover each --keep-job -j 2 --halt now,fail=1 -- sh -c 'if [ $0 = 1 ]; then until [ "$(drover get --json 1 | jq .[0].children.running)" = 2 ]; do sleep 0.02; done; exit 1; fi; sleep 60' ::: 1 2 3 4
    prints 1 children stopped 1
    prints 2 children not_started 1
}

@test "--halt now,success=1 ends fine when one has completed" {
    exits 0 drover each --keep-job -j 2 --halt now,success=1 -- sh -c 'test $0 = quick || sleep 60' ::: slow quick never
    prints $'Completed\thalted: 1 completed, 0 failed, 1 not started' drover get --format state,reason 1
}

@test "--halt soon,done=3 gives up after three, however they ended" {
    exits 1 drover each --keep-job -j 1 --halt soon,done=3 -- sh -c 'exit $0' ::: 0 1 0 0 0
    prints 2 children not_started 1
    exits 0 drover each --keep-job -j 1 --halt soon,done=3 -- true ::: a b c d
    prints 1 children not_started 2
}

@test "--halt soon,fail=50% counts the share of all items" {
    # the share is known when all items are: the first child ends behind that
    exits 1 drover each --keep-job -j 1 --halt soon,fail=50% -c 'until [ "$(drover get --json 1 | jq ".[0].children.total")" = 4 ]; do sleep 0.02; done; sleep 0.2; false {}' ::: a b c d
    prints 2 children failed 1
    prints 2 children not_started 1
}

@test "a halted batch is resumed: what did not complete is run" {
    touch broken
    exits 1 drover each --keep-job -j 1 --halt soon,fail=1 -- sh -c 'echo $0 >>ran; test $0 != 2 || test ! -e broken' ::: 1 2 3 4
    same $'1\n2' "$(cat ran)"
    rm broken
    drover resume 1
    wait_state Completed 1
    same $'1\n2\n2\n3\n4' "$(cat ran)"
}

@test "a batch that has halted takes no more items: input without end ends" {
    exits 1 timeout 30 bash -c 'yes | drover each -j 2 --halt now,fail=2 -- false'
    yes | timeout 30 drover each --as-job -j 2 --halt now,fail=2 -- false >id
    wait_state Failed "$(cat id)"
}

@test "a halt that makes no sense is an error of usage" {
    for halt in sometimes soon soon, soon,fail=0 soon,fail=x soon,luck=1 now,fail=101% never,fail=1 fail=1; do
        fails 2 "each: --halt: $halt is not like*" drover each --halt "$halt" -- true ::: a
    done
    prints '' drover each --halt never -- true ::: a
    prints '' drover each --halt now,fail -- true ::: a
}

@test "--delay keeps starts apart" {
    drover each -j 8 --delay 500ms -- sh -c 'date +%s%N' ::: 1 2 3 4 >times
    sort -n times | awk 'NR > 1 && $1 - last < 250000000 { exit 1 } { last = $1 }'
    same 4 "$(wc -l <times)"
}

@test "--max-load: nothing starts while the load is not below, and the reason says so" {
    drover each --as-job --max-load 0.000001 -- echo ::: a b >/dev/null
    wait_until says 'waiting: the load is * not below 1e-06' field reason 1.1
    matches 'waiting: the load is*' "$(field reason 1)"
    prints 2 children not_started 1
    prints x drover each --max-load 100000 -- echo ::: x
}

@test "--min-free: nothing starts while less memory is free, and the reason says so" {
    drover each --as-job --min-free 100T -- echo ::: a b >/dev/null
    wait_until says 'waiting: * MiB of memory are free, fewer than 104857600 MiB' field reason 1.2
    prints 2 children not_started 1
    prints x drover each --min-free 1K -- echo ::: x
}

@test "--throttle takes a share of the processors, more than them, and fewer" {
    prints a drover each -j 100% -- echo ::: a
    prints a drover each -j 1% -- echo ::: a
    prints a drover each -j -1000 -- echo ::: a
    drover each -j +2 -- sh -c 'mkdir run.$0; until [ "$(ls -d run.* | wc -l)" -ge $(($(nproc) + 2)) ]; do sleep 0.02; done' ::: $(seq $(($(nproc) + 2)))
    same $(($(nproc) + 2)) "$(ls -d run.* | wc -l)"
}

@test "--throttle FILE is read again when it changes" {
    echo 1 >limit
    drover each --as-job -j limit -- sleep 60.1 ::: 1 2 3 4 >/dev/null
    running_are() { [ "$(children running 1)" = "$1" ]; }
    wait_until running_are 1
    prints 3 children not_started 1
    echo 3 >limit
    wait_until running_are 3
    echo nonsense >limit
    printf 4 >new && mv new limit
    wait_until running_are 4
}

@test "a --throttle that is nothing is an error of usage" {
    fails 2 '*--throttle: nowhere is neither*' drover each -j nowhere -- true ::: a
    echo many >limit
    fails 2 '*limit: holds no throttle*' drover each -j limit -- true ::: a
    fails 2 '*0 would start nothing*' drover each -j 0 -- true ::: a
}

@test "drover throttle takes a share too" {
    drover each --as-job -j 1 -- sleep 60.2 ::: 1 2 3 >/dev/null
    drover throttle 1 +1
    running_are() { [ "$(children running 1)" = "$1" ]; }
    wait_until running_are 3
    fails 2 '*is no number*' drover throttle 1 lots
}

@test "--timeout in per cent of the median stops the one that takes far longer" {
    exits 1 drover each --keep-job -j 2 --timeout 2000% -- sh -c 'if [ $0 = 9 ]; then sleep 60; fi; sleep 0.05' ::: $(seq 9)
    matches 'timed out after * 2000 % of the median' "$(field reason 1.9)"
    prints 8 children completed 1
}

@test "--timeout stops a child after that time" {
    exits 1 drover each --keep-job --timeout 300ms -- sleep ::: 60 0
    prints 'timed out after 0.3 s' field reason 1.1
    fails 2 '*--timeout: soon is neither*' drover each --timeout soon -- true ::: a
}

@test "--retries runs what fails again, with a growing pause" {
    drover each --keep-job --retries 3 --backoff 10ms -- sh -c 'echo $0 >>tries; [ "$(grep -c $0 tries)" -ge $0 ]' ::: 1 2 3
    same $'1\n2\n2\n3\n3\n3' "$(sort tries)"
    prints $'1\n2\n3' field attempt 1.1-3
}

@test "--nice is added to the niceness of children" {
    prints "$(($(nice) + 3))" drover each --nice 3 -- sh -c 'nice' ::: a
}

@test "the policy outlives the supervisor" {
    echo 2 >limit
    drover each --as-job -j limit --halt soon,fail=1 --joblog log -- sh -c 'until [ -e go ]; do sleep 0.02; done; exit 1' ::: 1 2 3 4 >/dev/null
    wait_state Running 1.2
    kill_and_wait "$(supervisor_pid)"
    touch go
    wait_state Failed 1
    prints 2 children failed 1
    prints 2 children not_started 1
    same 3 "$(wc -l <log)"
}
