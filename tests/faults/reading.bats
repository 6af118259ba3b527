# What cannot be read now is not taken for what is not there.
load ../cli/helper

# A job that has ended while no supervisor and no runner was there to see it, its news in the journal alone.
unseen_end() {
    mkfifo go
    drover start -c 'echo x >>ran; read -r x <go; exit 7' >/dev/null
    wait_state Running 1
    job=$(field pid 1) runner=$(runner_pid)
    kill_and_wait "$(supervisor_pid)"
    echo >go
    wait_until gone "$job"
    wait_until told_exit
    kill_and_wait "$runner"
}

# A record of 96 bytes is that of an exit (docs/journal.md).
told_exit() {
    python3 - "$DROVER_HOME"/journal/*.journal <<'END'
import struct, sys
for name in sys.argv[1:]:
    data, at = open(name, 'rb').read(), 32
    while at + 48 <= len(data):
        size, kind = struct.unpack_from('<IB', data, at)
        if kind == 6:
            sys.exit(0)
        at += max(size, 1)
sys.exit(1)
END
}

ended_once() {
    same $'Failed\t7\t1' "$(field state,exit_code,attempt 1)"
    same x "$(cat ran)"
}

# Once at the start: nobody notices. All the time: nothing is told but why, until it is over.
cannot_start() { # CALL PATH ERROR
    inject "program=drover-supervisor call=$1 path=$2 error=$3 while=$work/once;
        program=drover-supervisor call=$1 path=$2 error=$3 times=0 while=$work/always"
    unseen_end
    touch always
    exits 4 drover get
    matches '*cannot be read*' "$err"
    same '' "$out"
    rm always
    touch once
    ended_once
}

@test "a journal that cannot be opened at a start (no descriptors): no end is invented, nothing runs twice" {
    cannot_start open .journal EMFILE
}

@test "a journal that cannot be opened at a start (no memory)" {
    cannot_start open .journal ENOMEM
}

@test "a journal that cannot be read at a start" {
    cannot_start read .journal EIO
}

@test "the boot id cannot be read: no job is told that the machine was restarted" {
    inject "program=drover-supervisor call=open path=boot_id error=EMFILE while=$work/once"
    mkfifo go
    drover start -c 'read -r x <go; exit 7' >/dev/null
    wait_state Running 1
    kill_and_wait "$(supervisor_pid)"
    touch once
    prints Running field state 1
    echo >go
    exits 1 timeout 20 drover wait 1
    prints $'Failed\t7' field state,exit_code 1
}

@test "processes cannot be looked for: a job that lives is not told to be lost" {
    inject "program=drover-supervisor call=open path=/proc/ error=EMFILE skip=1 times=0 while=$work/always"
    mkfifo go
    drover start -c 'read -r x <go; exit 7' >/dev/null
    wait_state Running 1
    sleep_until_held 1
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)"
    touch always
    exits 4 drover get
    matches "*cannot be*Too many open files*" "$err"
    rm always
    prints Running field state 1
    echo >go
    exits 1 timeout 20 drover wait 1
    prints $'Failed\t7' field state,exit_code 1
}

@test "one read of the journal fails: its news come all the same, with nobody asking" {
    inject "program=drover-supervisor call=read path=.journal error=EIO while=$work/once"
    mkfifo go
    drover start -c 'read -r x <go; echo done' >/dev/null
    wait_state Running 1
    drover wait 1 >/dev/null &
    pid=$!
    touch once
    echo >go
    wait "$pid"
    prints done drover receive 1
    prints Completed field state 1
}

@test "a journal that cannot be read for a while: nothing is started or told, it is said, and it passes by itself" {
    inject "program=drover-supervisor call=read path=.journal error=EIO times=0 while=$work/always"
    mkfifo go
    drover start -c 'echo x >>ran; read -r x <go; exit 7' >/dev/null
    wait_state Running 1
    supervisor=$(supervisor_pid)
    touch always
    echo >go
    wait_until exits 4 drover get # the runner has told of it
    matches '*cannot be read*' "$err"
    exits 4 drover start -- touch started
    exits 0 drover supervisor
    matches '*warning *cannot be read*' "$out"
    matches '*cannot be told now*' "$out"
    prints null bash -c 'drover supervisor --status --json | jq .running'
    rm always
    ended_once
    [ ! -e started ]
    prints 2 drover start -- true
    prints "$supervisor" supervisor_pid
    same null "$(drover supervisor --status --json | jq .warning)"
}

@test "a supervisor that cannot read can be ended, and what runs goes on" {
    inject "program=drover-supervisor call=open path=.journal error=EMFILE times=0 while=$work/always"
    mkfifo go
    drover start -c 'echo x >>ran; read -r x <go; exit 7' >/dev/null
    wait_state Running 1
    wait_until test -s ran
    sleep_until_held 1
    touch always
    kill_and_wait "$(runner_pid)"
    wait_until says '*cannot be read*' drover supervisor
    exits 3 drover supervisor --stop
    matches '*cannot be told now*' "$err"
    exits 0 drover supervisor --stop --force
    rm always
    prints Running field state 1
    echo >go
    exits 1 timeout 20 drover wait 1
    same x "$(cat ran)"
}

# The supervisor has the job's pipes too, so that a killed runner costs nothing.
sleep_until_held() { # JOB
    holds() { [ "$(find "/proc/$(supervisor_pid)/fd" -lname 'pipe:*' | wc -l)" -ge 2 ]; }
    wait_until holds
}

@test "a journal that is not there any more: it is said, what is told is the store's, and work goes on" {
    drover start -c 'echo kept' >/dev/null
    drover wait >/dev/null
    unseen_end_of_second
    rm "$DROVER_HOME"/journal/*
    prints $'Completed\nFailed' field state 1 2
    matches 'lost: *' "$(field reason 2)"
    matches '*not there any more*' "$(drover supervisor)"
    prints 3 drover start -- echo new
    timeout 20 drover wait 3 >/dev/null
    prints $'kept\nnew' drover receive 1 3
}

unseen_end_of_second() {
    mkfifo go
    drover start -c 'read -r x <go' >/dev/null
    wait_state Running 2
    job=$(field pid 2) runner=$(runner_pid)
    kill_and_wait "$(supervisor_pid)"
    echo >go
    wait_until gone "$job"
    kill_and_wait "$runner"
}

@test "the journal is taken away while drover runs: nothing waits for ever" {
    drover start -- true >/dev/null
    drover wait >/dev/null
    drover start -- sleep 60 >/dev/null
    wait_state Running 2
    sleep_until_held 2
    rm "$DROVER_HOME"/journal/*
    prints 3 drover start -- echo new
    exits 0 timeout 30 drover wait 3
    prints new drover receive 3
    kill_and_wait "$(supervisor_pid)"
    # Its file is gone, and what the runner goes on to tell with it.
    prints 4 drover start -- echo newer
    exits 0 timeout 30 drover wait 4
    prints newer drover receive 4
    prints Running field state 2
    matches '*not there any more*' "$(drover supervisor)"
    drover stop 2
}

@test "how a command of --on-finish ended is told when the store can be written again" {
    inject "program=drover-supervisor call=write path=jobs.db error=EIO times=0 while=$work/always"
    mkfifo go
    drover start --on-finish 'echo >begun; read -r x <go; exit 3' -- true >/dev/null
    wait_until test -e begun
    wait_state Completed 1
    touch always
    echo >go
    wait_until says '*warning*' drover supervisor
    rm always
    wait_until says '--on-finish: exit 3' field reason 1
}
