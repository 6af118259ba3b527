# What jobs left is found again, whoever died.
load ../cli/helper

# A finished job that left a daemon ($daemon) and a process in its own session that prints when `go` is there ($printer).
left() {
    drover start -c '(setsid sh -c "echo \$\$ >daemon; exec sleep 600 >/dev/null 2>&1" &)
        sh -c "echo \$\$ >printer; until [ -e go ]; do sleep 0.02; done; echo late; exec sleep 600" &
        until [ -s daemon ] && [ -s printer ]; do sleep 0.01; done'
    drover wait 1 >/dev/null
    daemon=$(cat daemon) printer=$(cat printer)
    wait_until shows_left 1
}

shows_left() { # AT LEAST
    [ "$(field processes_left 1)" -ge "$1" ]
}

# All of it is seen, captured and ended.
found() {
    wait_until shows_left 2
    prints Completed field state 1
    refute gone "$daemon"
    refute gone "$printer"
    touch go
    wait_until says late drover receive --keep 1
    timeout 20 drover stop 1
    wait_until gone "$daemon"
    wait_until gone "$printer"
    prints $'Completed\t0' field state,processes_left 1
}

@test "the runner is killed: what a finished job left is found by the next" {
    left
    kill_and_wait "$(runner_pid)"
    found
}

@test "the supervisor is killed: what a finished job left is found by the next" {
    left
    kill_and_wait "$(supervisor_pid)"
    found
}

@test "both are killed: what a finished job left is found by the next" {
    left
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)"
    found
}

@test "the runner is killed before the end: what the job left then is found" {
    drover start -c '(setsid sh -c "echo \$\$ >daemon; exec sleep 600 >/dev/null 2>&1" &)
        until [ -e go ]; do sleep 0.02; done'
    wait_until test -s daemon
    kill_and_wait "$(runner_pid)"
    touch go
    timeout 20 drover wait 1 >/dev/null
    wait_until shows_left 1
    drover stop 1
    wait_until gone "$(cat daemon)"
}

@test "a job that is lost with its runner and supervisor: what it left is found" {
    drover start -c '(setsid sh -c "echo \$\$ >daemon; exec sleep 600 >/dev/null 2>&1" &) ; exec sleep 600'
    wait_until test -s daemon
    wait_state Running 1
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)" "$(field pid 1)"
    wait_state Failed 1
    wait_until shows_left 1
    drover remove 1
    wait_until gone "$(cat daemon)"
}

@test "the runner is killed while what a job left is being ended: it is ended" {
    drover start -c '(setsid sh -c "trap \"touch told\" TERM; echo \$\$ >daemon; while :; do sleep 0.1; done" >/dev/null 2>&1 &)
        until [ -s daemon ]; do sleep 0.01; done'
    drover wait 1 >/dev/null
    runner=$(runner_pid)
    drover stop --grace 2s 1 &
    stop=$!
    wait_until test -e told
    kill_and_wait "$runner"
    wait "$stop"
    wait_until gone "$(cat daemon)"
}
