load helper

# {%}, the number of the slot a child runs in: 1 to the throttle, never shared by two live children.

# Holds the slot as a directory, which a second child in it could not make.
hold='mkdir slot.$1 || { echo shared >>shared; exit 1; }; [ $1 -le 3 ] || echo beyond >>shared'

@test "no two live children have the same slot, and none is beyond the throttle" {
    seq 60 | drover each -j 3 -- sh -c "$hold; sleep 0.0\$((\$0 % 5)); rmdir slot.\$1; echo ran" {} {%} >got
    refute test -e shared
    same 60 "$(wc -l <got)"
}

@test "slots under failures, retries and commands that cannot be executed" {
    seq 30 | drover each --keep-job -j 3 --retries 2 --backoff 10ms -- sh -c "$hold; sleep 0.01; rmdir slot.\$1; [ \$((\$0 % 3)) != 0 ] || [ \$DROVER_ATTEMPT = 3 ]" {} {%}
    refute test -e shared
    prints 30 json '.[0].children.completed' 1
    exits 1 drover each -j 2 -- ./no-such-{%} ::: a b c
    exits 0 drover each -j 2 -- test {%} -le 2 ::: a b c
}

@test "slots are kept by a supervisor that takes over" {
    drover each --as-job -j 3 -- sh -c "$hold; until [ -e go ]; do sleep 0.02; done; rmdir slot.\$1" {} {%} ::: 1 2 3 4 5 6 >/dev/null
    wait_until test -d slot.1 -a -d slot.2 -a -d slot.3
    kill_and_wait "$(supervisor_pid)"
    drover get >/dev/null
    touch go
    wait_state Completed 1
    refute test -e shared
}

@test "slots are kept when supervisor and runner are killed" {
    drover each --as-job -j 3 -- sh -c "$hold; until [ -e go ]; do sleep 0.02; done; rmdir slot.\$1" {} {%} ::: 1 2 3 4 5 6 >/dev/null
    wait_until test -d slot.1 -a -d slot.2 -a -d slot.3
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)"
    drover get >/dev/null
    touch go
    wait_state Completed 1
    refute test -e shared
}

@test "a lowered throttle gives the lowest slots on" {
    drover each --as-job -j 3 -- sh -c 'echo $0 $1 >>ran; until [ -e go.$0 ]; do sleep 0.02; done' {} {%} ::: 1 2 3 4 5 >/dev/null
    wait_until bash -c '[ "$(wc -l <ran)" = 3 ]'
    drover throttle 1 1
    touch go.2 go.3
    wait_until bash -c '[ "$(drover get --json 1 | jq .[0].children.completed)" = 2 ]'
    touch go.1 go.4 go.5
    wait_state Completed 1
    same $'4 1\n5 1' "$(tail -n 2 ran)"
}
