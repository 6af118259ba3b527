# What a job leaves: processes of it that are there when its main process has ended.
load helper

# Starts a job that leaves a daemon (other session, no pipes, its number in the file `pid`) and ends with STATUS.
leaves() { # STATUS [OPTION...]
    drover start "${@:2}" -c '(setsid sh -c "echo \$\$ >pid; exec sleep 600 >/dev/null 2>&1" &)
        until [ -s pid ]; do sleep 0.01; done; exit '"$1"
}

# The same, once it has ended; $pid is the daemon.
left() { # STATUS [OPTION...]
    id=$(leaves "$@")
    exits $(($1 > 0)) drover wait "$id"
    wait_until shows_left 1 "$id"
    pid=$(cat pid)
}

shows_left() { # COUNT JOB
    [ "$(field processes_left "$2")" = "$1" ]
}

alive() { # PID
    ! gone "$1"
}

@test "what a job leaves is shown, the state is that of the main process" {
    left 3
    prints $'Failed\t3\texit 3; processes left: 1\t1' field state,exit_code,reason,processes_left 1
    prints '1' json '.[0].processes_left' 1
    alive "$pid"
    kill -KILL "$pid"
    wait_until shows_left 0 1
    prints 'exit 3' field reason 1
}

@test "wait and run do not wait for it" {
    exits 5 timeout 20 drover run -c '(sleep 600 &); exit 5'
}

@test "a job that leaves nothing shows none" {
    drover start -c 'sleep 0.01 & sleep 0.05'; drover wait >/dev/null
    prints $'Completed\t\t0' field state,reason,processes_left 1
}

@test "what it still prints is captured" {
    drover start -c '(sh -c "until [ -e go ]; do sleep 0.01; done; echo late" &); echo early'
    drover wait >/dev/null
    prints early drover receive 1
    touch go
    wait_until says late drover receive --keep 1
    wait_until shows_left 0 1
}

@test "stop ends what a finished job left" {
    left 0
    prints '' timeout 20 drover stop 1
    wait_until gone "$pid"
    prints $'Completed\t0' field state,processes_left 1
}

@test "stop ends what heeds no SIGTERM after --grace" {
    drover start -c '(setsid sh -c "trap \"\" TERM; echo \$\$ >pid; while :; do sleep 0.1; done" >/dev/null 2>&1 &)
        until [ -s pid ]; do sleep 0.01; done'
    drover wait >/dev/null
    timeout 20 drover stop --grace 200ms 1
    wait_until gone "$(cat pid)"
}

@test "stop right at the end reaches it" {
    for i in 1 2 3 4 5; do
        rm -f pid
        id=$(leaves 0)
        drover wait "$id" >/dev/null
        drover stop "$id"
        wait_until gone "$(cat pid)"
    done
}

@test "remove ends what a finished job left, and with --force" {
    left 0
    prints '' timeout 20 drover remove 1
    wait_until gone "$pid"
    fails 3 '*1*' drover get 1
    rm pid; left 0
    prints '' timeout 20 drover remove --force 2
    wait_until gone "$pid"
}

@test "run ends what its job left" {
    exits 0 drover run -c '(setsid sleep 600 >/dev/null 2>&1 & echo $!)'
    wait_until gone "$out"
}

@test "the time-out ends it, and the job stays Completed" {
    leaves 0 --timeout 1
    drover wait >/dev/null
    pid=$(cat pid)
    wait_until gone "$pid"
    wait_until shows_left 0 1
    prints $'Completed\t0\t' field state,exit_code,reason 1
}

@test "supervisor --stop --force ends it" {
    left 0
    drover supervisor --stop --force
    wait_until gone "$pid"
}

@test "supervisor --stop and --restart leave it, and the next supervisor knows it" {
    left 0
    drover supervisor --restart
    prints 1 field processes_left 1
    drover supervisor --stop
    prints 1 field processes_left 1
    drover stop 1
    wait_until gone "$pid"
}

@test "retry ends what the attempt before left" {
    left 1
    exits 1 drover retry 1
    wait_until gone "$pid"
}

@test "an automatic retry too" {
    drover start --retries 1 --backoff 10ms -c '(setsid sleep 600 >/dev/null 2>&1 & echo $! >pid.$DROVER_ATTEMPT); exit 1'
    exits 1 drover wait
    wait_until gone "$(cat pid.1)"
    wait_until shows_left 1 1
    alive "$(cat pid.2)"
    drover stop 1
    wait_until gone "$(cat pid.2)"
}

@test "--leave: it is left alone, and told so" {
    left 0 --leave --timeout 1s
    prints 'processes left: 1 (left alone)' field reason 1
    drover stop 1
    drover remove 1
    drover supervisor --stop --force
    alive "$pid"
    kill -KILL "$pid"
}

@test "--leave: a stop while the job runs ends all of it" {
    drover start --leave -c 'setsid sleep 600 >/dev/null 2>&1 & echo $! >pid; sleep 600'
    wait_until test -s pid
    drover stop 1
    wait_until gone "$(cat pid)"
    prints $'Stopped\t0' field state,processes_left 1
}

@test "run --leave" {
    exits 0 drover run --leave -c '(setsid sleep 600 >/dev/null 2>&1 & echo $!)'
    drover supervisor --stop --force
    alive "$out"
    kill -KILL "$out"
}

@test "children: the next starts at the end of the main process; the batch shows and ends what they left" {
    timeout 60 drover each -j 1 --as-job -c '(setsid sleep 600 >/dev/null 2>&1 & echo $! >pid.{}); exit {}' ::: 0 1 2
    exits 1 drover wait 1
    wait_until shows_left 3 1
    prints '2 of 3 failed; processes left: 3' field reason 1
    prints $'1.2\t1' field id,processes_left 1.2
    drover stop 1.2
    wait_until gone "$(cat pid.1)"
    alive "$(cat pid.0)"
    timeout 20 drover stop 1
    wait_until gone "$(cat pid.0)"; wait_until gone "$(cat pid.2)"
    prints $'Failed\t0' field state,processes_left 1
}

@test "children: removing their batch ends what they left, each --leave does not" {
    exits 0 drover each -c '(setsid sleep 600 >/dev/null 2>&1 & echo $!)' ::: a
    wait_until gone "$out"
    exits 0 drover each --leave -c '(setsid sleep 600 >/dev/null 2>&1 & echo $!)' ::: a
    drover supervisor --stop --force
    alive "$out"
    kill -KILL "$out"
}

@test "only the job's own processes are ended" {
    id=$(leaves 0); drover wait "$id" >/dev/null
    mv pid other
    left 0
    drover stop "$id"
    wait_until gone "$pid"
    alive "$(cat other)"
    drover stop 1
    wait_until gone "$(cat other)"
}

@test "another home that a job has begun to use is none of the job's" {
    drover start -c 'export DROVER_HOME=$DROVER_HOME/other; drover start -c "echo \$\$ >pid; exec sleep 600"; drover each --as-job -- sh -c "echo \$\$ >pid.child; exec sleep 600" ::: a; exit 0'
    drover wait 1 >/dev/null
    wait_until test -s pid
    wait_until test -s pid.child
    timeout 20 drover stop 1
    timeout 20 drover remove 1
    home=$DROVER_HOME DROVER_HOME=$DROVER_HOME/other
    prints $'Running\nRunning' field state 1 2
    alive "$(cat pid)"
    alive "$(cat pid.child)"
    timeout 20 drover supervisor --stop --force
    DROVER_HOME=$home
}

@test "the supervisor that a command of a job has started is none of the job's" {
    drover start -c 'until [ -e go ]; do sleep 0.02; done; drover get >/dev/null; touch got; exec sleep 600'
    wait_state Running 1
    kill_and_wait "$(supervisor_pid)"
    touch go
    wait_until test -e got
    supervisor=$(supervisor_pid)
    timeout 20 drover stop 1
    prints Stopped field state 1
    same "$supervisor" "$(supervisor_pid)"
}
