load helper

@test "--status tells who runs, and what" {
    drover start -- sleep 60; wait_state Running 1
    drover supervisor --status --json >got
    jq -e '.pid > 1 and .runner_pid > 1 and .running == 1 and (.version | length > 0)' got
    drover supervisor --status | grep -q "$(jq .pid got)"
}

@test "--stop ends it when nothing runs" {
    drover start -- true; drover wait >/dev/null
    refute no_process
    exits 0 drover supervisor --stop
    WAIT_LIMIT=5 wait_until no_process
}

@test "--stop is refused while jobs run" {
    drover start -- sleep 60; wait_state Running 1
    fails 3 '*' drover supervisor --stop
    prints Running field state 1
}

@test "--stop --force stops the jobs first" {
    drover start -- sleep 60; wait_state Running 1; pid=$(field pid 1)
    exits 0 drover supervisor --stop --force
    WAIT_LIMIT=5 wait_until no_process
    prints Stopped field state 1
}

@test "--stop says so where a supervisor runs that cannot be reached" {
    drover get
    pid=$(supervisor_pid)
    mv "$DROVER_HOME/run/supervisor" away
    fails 4 "supervisor: it cannot be reached, *kill $pid" drover supervisor --stop --force
    kill "$pid"
    wait_until gone "$pid"
    prints '' drover supervisor --stop
}

@test "--stop waits for a supervisor that is just beginning" {
    drover get
    pid=$(supervisor_pid)
    mv "$DROVER_HOME/run/supervisor" away
    drover supervisor --stop 3>&- & stop=$!
    wait_until says "*$DROVER_HOME/run*" eval "readlink /proc/$stop/fd/*" # where it looks
    mv away "$DROVER_HOME/run/supervisor"
    exits 0 wait "$stop"
    gone "$pid"
}

@test "a supervisor that nobody waits for any more does not begin" {
    mkfifo fifo
    exec 8<>fifo 9>fifo 8<&-
    exits 0 timeout 20 "$DROVER_BUILD/src/supervisor/drover-supervisor" 9 3>&-
    fails 4 '*no supervisor runs*' drover supervisor --status
}

@test "--stop where none runs starts none" {
    prints '' drover supervisor --stop
    no_process
}

@test "--status where none runs says so, and starts none" {
    for option in '' --status '--status --json'; do fails 4 'no supervisor runs' drover supervisor $option; done
    no_process
}

@test "--restart replaces it while jobs run on" {
    drover start -c 'for i in $(seq 40); do echo $i; sleep 0.05; done'; wait_state Running 1
    before=$(supervisor_pid) job=$(field pid 1)
    exits 0 drover supervisor --restart
    same "$job" "$(field pid 1)"
    drover wait >/dev/null
    prints "$(seq 40)" drover receive 1
}

@test "a home survives its supervisor" {
    drover start --name kept -c 'echo output; exit 3'; exits 1 drover wait
    drover supervisor --stop
    prints $'1\tkept\tFailed\t3' field id,name,state,exit_code
    prints output drover receive 1
}

@test "the supervisor and the runner hold no directory of the caller" {
    mkdir here; cd here; drover start -- true; cd ..; drover wait >/dev/null
    for pid in "$(supervisor_pid)" "$(runner_pid)"; do
        same / "$(readlink "/proc/$pid/cwd")" || same "$DROVER_HOME" "$(readlink "/proc/$pid/cwd")"
    done
}

@test "events are one JSON line for each change of state" {
    drover get >/dev/null
    drover events >got &
    pid=$!
    wait_until bash -c 'drover start -- true >/dev/null; grep -q Completed got'
    drover start -- false >/dev/null
    wait_until bash -c 'jq -es "map(select(.state == \"Failed\")) | .[0].cause == \"exit\"" got'
    kill "$pid"; wait "$pid" || same 130 $?
    jq -es 'map(select(.state == "Completed")) | .[0] | .job and .time and .previous' got
    jq -es 'map(.state) | index("Running") != null' got
}

@test "the database's log gives its room back when what filled it is removed" {
    head -c 3000 /dev/zero | tr '\0' x >big
    seq 2000 | drover each --as-job -j 8 -c 'cat big; : {}' >/dev/null
    wait_state Completed 1
    drover remove 1
    wait_until bash -c '(($(stat -c %s "$DROVER_HOME/jobs.db-wal") <= 1 << 20))'
}
