# stop, suspend, resume, remove
load helper

@test "stop ends a job, which is then Stopped" {
    drover start -- sleep 60; wait_state Running 1
    prints '' drover stop 1
    prints $'Stopped\t15' field state,signal 1
}

@test "a stopped job was sent SIGTERM and could clean up" {
    drover start -c 'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.05; done'
    wait_until bash -c 'drover receive --keep 1 | grep ready'
    drover stop 1
    prints $'ready\nbye' drover receive --stream out 1
    prints Stopped field state 1
}

@test "a job that heeds no SIGTERM is killed after --grace" {
    drover start -c 'trap "" TERM; echo ready; while :; do sleep 0.05; done'
    wait_until bash -c 'drover receive --keep 1 | grep ready'
    timeout 10 drover stop --grace 200ms 1
    prints $'Stopped\t9' field state,signal 1
}

@test "stop ends the whole group" {
    drover start -c 'sleep 61 & sleep 62'; wait_state Running 1
    wait_until pgrep -f '^sleep 61$' -s "$(field pid 1)"
    session=$(field pid 1)
    drover stop 1
    wait_until bash -c "! pgrep -s $session"
}

@test "stop ends what escaped the group: a grandchild in a session of its own" {
    drover start -c 'setsid sleep 60 & echo $! >pid; sleep 60'
    wait_until test -s pid; pid=$(cat pid)
    drover stop 1
    wait_until gone "$pid"
}

@test "stop ends a daemon that left its parent" {
    drover start -c '(setsid sh -c "echo \$\$ >pid; exec sleep 60" &); sleep 60'
    wait_until test -s pid; pid=$(cat pid)
    drover stop 1
    wait_until gone "$pid"
}

@test "stopping a finished job does nothing, exit 0" {
    drover start -- true; drover wait >/dev/null
    prints '' drover stop 1
    prints Completed field state 1
}

@test "a queued job is taken off its queue" {
    drover queue one --throttle 1 >/dev/null; drover start -q one -- sleep 60; drover start -q one -- touch ran
    drover stop 2
    prints Stopped field state 2
    drover stop 1; [ ! -e ran ]
}

@test "a job that waits for its time is stopped at once" {
    drover start --delay 60s -- true
    timeout 5 drover stop 1
    prints Stopped field state 1
}

@test "a stopped job is not tried again" {
    drover start --retries 5 --backoff 10ms -c 'echo $DROVER_ATTEMPT; exec sleep 60'; wait_state Running 1
    drover stop 1
    prints $'Stopped\t1' field state,attempt 1
}

@test "stop of an unknown job is exit 3, and the good one is stopped" {
    drover start -- sleep 60; wait_state Running 1
    exits 3 drover stop 99 1
    prints Stopped field state 1
}

@test "suspend and resume" {
    drover start -c 'while :; do echo x; sleep 0.02; done'; wait_state Running 1
    prints '' drover suspend 1
    wait_state Suspended 1
    same T "$(awk '{ print $3 }' "/proc/$(field pid 1)/stat")"
    prints '' drover resume 1
    wait_state Running 1
    [ "$(awk '{ print $3 }' "/proc/$(field pid 1)/stat")" != T ]
}

@test "a job that is about to start is suspended once it has" {
    drover run -- true
    runner=$(runner_pid)
    kill -STOP "$runner"
    id=$(drover start -- sleep 60)
    prints '' drover suspend "$id"
    kill -CONT "$runner"
    wait_state Suspended "$id"
    same T "$(awk '{ print $3 }' "/proc/$(field pid "$id")/stat")"
    prints '' drover resume "$id"
    wait_state Running "$id"
}

@test "a suspended job can be stopped" {
    drover start -- sleep 60; wait_state Running 1
    drover suspend 1; wait_state Suspended 1
    timeout 8 drover stop 1
    prints Stopped field state 1
}

@test "suspending a finished job is refused" {
    drover start -- true; drover wait >/dev/null
    fails 3 '*1*' drover suspend 1
}

@test "resuming a job that runs does nothing" {
    drover start -- sleep 60; wait_state Running 1
    exits 0 drover resume 1
    prints Running field state 1
}

@test "remove forgets a finished job and its output" {
    drover start -- seq 100000; drover wait >/dev/null
    prints '' drover remove 1
    fails 3 '*1*' drover get 1
    fails 3 '*1*' drover receive 1
    wait_until bash -c '[ -z "$(ls -A "$DROVER_HOME/spill")" ]'
}

@test "removing a running job is refused" {
    drover start -- sleep 60; wait_state Running 1
    fails 3 '*1*' drover remove 1
    prints Running field state 1
}

@test "remove --force stops it first" {
    drover start -- sleep 60; wait_state Running 1; pid=$(field pid 1)
    prints '' drover rm --force 1
    wait_until gone "$pid"
    prints '' drover get --format id
}

@test "remove --finished takes those and leaves the others" {
    drover start -- true; drover start -- false; drover start -- sleep 60; exits 1 drover wait 1 2
    drover remove --finished
    prints 3 drover get --format id
}

@test "remove --older-than" {
    drover start -- true; drover wait >/dev/null
    drover remove --older-than 1h
    prints 1 drover get --format id
    sleep 0.2; drover remove --older-than 100ms
    prints '' drover get --format id
}

@test "remove of a good and a bad one removes the good one" {
    drover start -- true; drover wait >/dev/null
    exits 3 drover remove 99 1
    prints '' drover get --format id
}

@test "remove without a job is an error of usage" {
    fails 2 '*' drover remove
}

@test "what never started is not told as stopped" {
    drover each --as-job -j 1 -- sleep 60 ::: 1 2 3 >/dev/null
    wait_state Running 1.1
    drover stop 1
    wait_state Stopped 1
    same '1 of 3 stopped, 2 not started' "$(field reason 1)"
    exits 1 drover receive --wait 1
}
