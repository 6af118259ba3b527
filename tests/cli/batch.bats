# A batch is a job, and so are its children.
load helper

# A batch in the background whose item says what its child does: `ok`, `fail`, or `wait` for ./go.
batch() { # ITEM...
    drover each --as-job -j 8 -- sh -c 'echo "$0"; case $0 in
        fail*) exit 3 ;;
        wait*) while [ ! -e go ]; do sleep 0.02; done ;;
    esac' ::: "$@"
}

@test "its children have ids below its own, and the next job has the next id" {
    batch ok1 ok2 >/dev/null
    prints 2 drover start -- true
    prints $'1.1\n1.2' drover get --format id 1.1-2
}

@test "its state: Completed when all did" {
    batch ok1 ok2
    wait_state Completed 1
}

@test "what its children used and printed is told of each, not of the batch" {
    drover each --as-job -- echo ::: a >/dev/null; drover wait 1 >/dev/null
    prints '[null,null,null]' bash -c 'drover get 1 --json | jq -c ".[0]|[.out_bytes,.err_bytes,.user_s]"'
    prints 2 bash -c 'drover get 1.1 --json | jq ".[0].out_bytes"'
}

@test "while it runs its reason says how far it has come" {
    batch ok fail wait1 wait2
    wait_until is_state Running 1.4; wait_state Completed 1.1; wait_state Failed 1.2
    matches '2 of 4 done, 1 failed, 2 running, */*, *s left' "$(field reason 1)"
    touch go
    wait_state Failed 1
    prints '1 of 4 failed' field reason 1
}

@test "its state: Failed when any did" {
    batch ok1 fail ok2
    wait_state Failed 1
    prints '{"total":3,"not_started":0,"running":0,"completed":2,"failed":1,"stopped":0}' json '.[0].children | tojson' 1
}

@test "its state: Stopped when some were stopped and none failed" {
    batch ok1 wait1
    wait_state Running 1.2
    drover stop 1.2
    wait_state Stopped 1
}

@test "its state: Failed wins over Stopped" {
    batch fail wait1
    wait_state Failed 1.1
    wait_state Running 1.2
    drover stop 1.2
    wait_state Failed 1
}

@test "queued children of a stopped batch are Stopped" {
    drover each --as-job -j 1 -- sleep ::: 60 61 62
    wait_state Running 1.1
    drover stop 1
    prints $'Stopped\nStopped\nStopped' field state 1.1-3
    prints Stopped field state 1
}

@test "resume of a stopped batch runs what did not complete, and only that" {
    drover each --as-job -j 1 -- sh -c 'echo $0 >>ran; [ $0 != b ] || [ -e go ] || exec sleep 60' ::: a b c
    wait_state Completed 1.1
    wait_state Running 1.2
    drover stop 1
    touch go
    drover resume 1
    wait_state Completed 1
    same $'a\nb\nb\nc' "$(cat ran)"
}

@test "resume goes by item: each child keeps its own" {
    drover each --as-job -j 1 -- sh -c 'echo $0; [ -e go ] || exec sleep 60' ::: a b c
    wait_state Running 1.1
    drover stop 1
    touch go
    drover resume 1
    drover wait 1 >/dev/null
    prints $'1.1\ta\n1.2\tb\n1.3\tc' field id,item 1.1-3
    prints $'b\nc' drover receive 1.2-3
}

@test "suspend starts no more children; resume goes on" {
    drover each --as-job -j 1 -- sh -c 'touch started.$0; while [ ! -e go.$0 ]; do sleep 0.02; done' ::: 1 2 3
    wait_until test -e started.1
    drover suspend 1
    wait_state Suspended 1
    touch go.1 go.2 go.3
    wait_state Completed 1.1
    drover run -- true # whoever was to follow would have been started before it
    prints NotStarted field state 1.2
    [ ! -e started.2 ]
    drover resume 1
    wait_state Completed 1
}

@test "receive of a batch: its children in the order of the items, then nothing" {
    batch ok1 ok2 ok3 >/dev/null
    drover wait 1 >/dev/null
    prints $'ok1\nok2\nok3' drover receive 1
    prints '' drover receive 1
}

@test "receive of one child leaves the others" {
    batch ok1 ok2 >/dev/null
    drover wait 1 >/dev/null
    prints ok2 drover receive 1.2
    prints true json '.[0].has_more_data' 1
    prints ok1 drover receive 1
    prints false json '.[0].has_more_data' 1
}

@test "a child is stopped alone" {
    batch wait1 wait2
    wait_state Running 1.1
    wait_state Running 1.2
    drover stop 1.1
    prints $'Stopped\nRunning' field state 1.1-2
    touch go
    wait_state Stopped 1
}

@test "wait for a batch is exit 1 when it failed" {
    batch ok fail >/dev/null
    exits 1 drover wait 1
}

@test "throttle changes a batch while it runs" {
    drover each --as-job -j 1 -- sleep ::: 60 61 62
    wait_state Running 1.1
    prints NotStarted field state 1.2
    drover throttle 1 3
    wait_state Running 1.2
    wait_state Running 1.3
}

@test "throttle 0 drains a batch" {
    drover each --as-job -j 1 -- sh -c 'touch ran.$0; until [ -e go ]; do sleep 0.02; done' ::: 1 2 3
    wait_until test -e ran.1
    drover throttle 1 0
    touch go
    wait_state Completed 1.1
    drover run -- true # whoever was to follow would have been started before it
    prints NotStarted field state 1.2
    [ ! -e ran.2 ]
    drover throttle 1 2
    wait_state Completed 1
}

@test "removing a batch removes its children" {
    batch ok1 ok2 >/dev/null
    drover wait 1 >/dev/null
    drover remove 1
    prints '' drover get --children --format id
    fails 3 '*1.1*' drover get 1.1
}

@test "removing a running batch is refused" {
    batch wait1
    wait_state Running 1.1
    fails 3 '*1*' drover remove 1
    touch go
}

@test "a child's reason says what became of it" {
    batch fail ok >/dev/null
    exits 1 drover wait 1
    matches 'exit 3*' "$(field reason 1.1)"
}

@test "retry runs again only the children that did not complete" {
    drover each --as-job -- sh -c 'echo $0 >>ran; [ $0 = a ] || [ -e go ]' ::: a b >/dev/null
    wait_state Failed 1
    touch go
    exits 0 drover retry 1
    same $'a\nb\nb' "$(sort ran)"
}

@test "a job may wait for a batch" {
    batch ok1 ok2 >/dev/null
    drover start --after 1 -- true >/dev/null
    wait_state Completed 2
}

@test "throttle knows queues that are there" {
    fails 3 'none: no such queue' drover throttle queue:none 2
    drover queue some --throttle 1 >/dev/null; prints '' drover throttle queue:some 3
    same 3 "$(drover queue some --json | jq '.[0].throttle')"
}

@test "queue checks names as start does" {
    for name in '' ' ' $'a\nb' $'\xff' "$(head -c 1001 /dev/zero | tr '\0' a)"; do fails 2 '*the name: *' drover queue "$name" --throttle 1; done
}

# A batch whose children note in `log` when they begin and end, so that no more are ever seen there
# than run.
noting() { # THROTTLE COUNT SECONDS
    drover each --as-job -j "$1" -- sh -c 'echo + >>log; sleep '"$3"'; echo - >>log' ::: $(seq "$2") >/dev/null
}

# The most that ran at once from line FIRST of the log on, of those that began there.
most() { # FIRST
    tail -n "+$1" log | awk '{ n += $1 == "+" ? 1 : -1; if (n > most) most = n } END { print most + 0 }'
}

@test "quick children never run more at once than the throttle" {
    noting 3 300 0
    exits 0 drover wait 1
    same 600 "$(wc -l <log)"
    same 300 "$(grep -c + log)"
    [ "$(most 1)" -le 3 ]
}

@test "a throttle that is lowered while many stand in line holds for all that start" {
    drover each --as-job -j 4 -- sh -c 'echo + >>log; [ $0 -le 20 ] || until [ -e go ]; do sleep 0.02; done; echo - >>log' ::: $(seq 200) >/dev/null
    wait_until bash -c '[ "$(grep -c + log)" = 24 ]'
    drover throttle 1 0
    touch go
    wait_until bash -c '[ "$(grep -c - log)" = 24 ]'
    prints NotStarted field state 1.25
    same 24 "$(grep -c + log)"
    drover throttle 1 1
    exits 0 drover wait 1
    same 200 "$(grep -c + log)"
    same 1 "$(most 49)"
}

@test "a throttle that is raised while many stand in line lets more start at once" {
    drover each --as-job -j 1 -- sh -c 'echo >>begun; until [ -e go ]; do sleep 0.02; done' ::: $(seq 100)
    wait_until test -e begun
    drover throttle 1 5
    wait_until bash -c '[ "$(wc -l <begun)" = 5 ]'
    drover run -- true
    prints 5 json '.[0].children.running' 1
    same 5 "$(wc -l <begun)"
    touch go
    drover throttle 1 max
    exits 0 drover wait 1
    same 100 "$(wc -l <begun)"
}

@test "a batch that is stopped or suspended starts none that stand in line" {
    noting 2 200 0.01
    wait_until bash -c '[ "$(wc -l <log)" -gt 10 ]'
    drover suspend 1
    wait_until bash -c '[ "$(grep -c + log)" = "$(grep -c - log)" ]'
    begun=$(grep -c + log)
    drover run -- true
    prints 0 json '.[0].children.running' 1
    same "$begun" "$(grep -c + log)"
    drover resume 1
    wait_until bash -c "[ \$(grep -c + log) -gt $begun ]"
    drover stop 1
    wait_state Stopped 1
    begun=$(grep -c + log)
    [ "$begun" -lt 200 ]
    drover run -- true
    prints 0 json '.[0].children.running' 1
    same "$begun" "$(grep -c + log)"
    drover resume 1 >/dev/null
    exits 0 drover wait 1
    same 200 "$(json '.[0].children.completed' 1)"
}
