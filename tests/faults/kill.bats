# What dies, dies harmlessly.
load ../cli/helper

# A job that prints a numbered line every few milliseconds, each stream its own, and exits with 7.
# It starts here and goes on through what the test does to drover.
counter() { # LINES
    drover start -c 'i=0; while [ $((i += 1)) -le $1 ]; do echo $i; echo e$i >&2; sleep 0.004; done; exit 7' "$1"
}

# All of what the counter printed, and how it ended, whoever died meanwhile.
whole() { # JOB LINES
    exits 1 timeout 60 drover wait "$1"
    same $'Failed\t7' "$(field state,exit_code "$1")"
    drover receive "$1" >got.out 2>got.err
    seq "$2" | cmp - got.out >&2
    seq -f 'e%.0f' "$2" | cmp - got.err >&2
}

# Waits until the job has printed that line.
printed() { # JOB LINE
    wait_until bash -c "drover receive --keep $1 2>/dev/null | grep -qx $2"
}

@test "a killed supervisor costs no byte and no status" {
    counter 150
    printed 1 50
    kill_and_wait "$(supervisor_pid)"
    whole 1 150
}

@test "a job that ends while no supervisor runs is seen by the next" {
    counter 100
    printed 1 10
    pid=$(field pid 1)
    kill_and_wait "$(supervisor_pid)"
    wait_until gone "$pid"
    whole 1 100
}

@test "a killed runner costs no byte and no status" {
    counter 150
    printed 1 50
    wait_until is_held 1
    kill_and_wait "$(runner_pid)"
    whole 1 150
}

@test "a job that ends right after its runner was killed has its status" {
    drover start -c 'echo ready; while [ ! -e go ]; do sleep 0.01; done; echo last; exit 7'
    printed 1 ready
    wait_until is_held 1
    kill_and_wait "$(runner_pid)"
    touch go
    exits 1 timeout 20 drover wait 1
    prints $'Failed\t7' field state,exit_code 1
    prints $'ready\nlast' drover receive 1
}

# Whether this kernel tells how a process has ended to one that is not its parent (6.15 and later).
kernel_tells() {
    [ "$(printf '%s\n' 6.15 "$(uname -r)" | sort -V | head -n 1)" = 6.15 ]
}

# A job that prints 100 lines, half of them when it is told to, through the death of all that held its pipes.
found_again() { # PID-NAME PID-NAME: who is killed, in this order
    drover start -c 'seq 50; until [ -e go ]; do sleep 0.02; done; seq 51 100; exit 7'
    printed 1 50
    wait_until is_held 1
    job=$(field pid 1)
    killed=("$($1)" "$($2)")
    kill_and_wait "${killed[0]}"
    kill_and_wait "${killed[1]}"
    prints "Running"$'\t'"$job" field state,pid 1
    touch go
    exits 1 timeout 20 drover wait 1
    if kernel_tells; then
        prints $'Failed\t7' field state,exit_code 1
    else
        matches $'Failed\t\tlost: its exit status was not seen*' "$(field state,exit_code,reason 1)"
    fi
    prints "$(seq 100)" drover receive 1
}

@test "supervisor and then runner killed: jobs that live are found again" {
    found_again supervisor_pid runner_pid
}

@test "runner and then supervisor killed" {
    found_again runner_pid supervisor_pid
}

@test "both killed, and a quiet job lives: it is shown as running, and its end is never guessed" {
    drover start -c 'while [ ! -e go ]; do sleep 0.02; done'
    wait_state Running 1
    wait_until is_held 1
    job=$(field pid 1)
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)"
    prints Running field state 1
    prints "$job" field pid 1
    touch go
    if kernel_tells; then
        exits 0 timeout 20 drover wait 1
        prints $'Completed\t0' field state,exit_code 1
    else
        exits 1 timeout 20 drover wait 1
        matches $'Failed\t\tlost: its exit status was not seen*' "$(field state,exit_code,reason 1)"
    fi
}

@test "both killed with the job alive: it can still be stopped" {
    drover start -- sleep 60
    wait_state Running 1
    wait_until is_held 1
    job=$(field pid 1)
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)"
    timeout 15 drover stop 1
    wait_until gone "$job"
}

@test "all three killed: the end that nobody saw is lost, never success" {
    drover start -c 'echo before; exec sleep 60'
    printed 1 before
    wait_until is_held 1
    job=$(field pid 1)
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)" "$job"
    exits 1 timeout 20 drover wait 1
    prints Failed field state 1
    matches 'lost: *' "$(field reason 1)"
    prints null json '.[0].exit_code' 1
    prints before drover receive 1
}

@test "after a reboot what ran is lost, what was finished is kept, what waited goes on" {
    drover start -c 'echo done; exit 3'
    exits 1 drover wait 1
    drover start -c 'echo before; exec sleep 60'
    drover queue later --throttle 0 >/dev/null
    drover start -q later -- echo waited
    printed 2 before
    wait_until is_held 2
    kill_and_wait $(processes)
    export DROVER_BOOT_ID=00000000-0000-4000-8000-000000000001
    prints $'Failed\t3' field state,exit_code 1
    prints $'Failed\t' field state,exit_code 2
    matches 'lost: *' "$(field reason 2)"
    prints before drover receive 2
    drover throttle queue:later 1
    wait_state Completed 3
    prints $'done\nwaited' drover receive 1 3
}

@test "after a reboot a process that has got the job's old number is not touched" {
    drover start -- sleep 60
    wait_state Running 1
    wait_until is_held 1
    job=$(field pid 1)
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)"
    export DROVER_BOOT_ID=00000000-0000-4000-8000-000000000001
    prints Failed field state 1
    drover stop 1
    refute gone "$job"
    kill -KILL "$job"
}

ran_at_least() { # COUNT
    [ "$(wc -l <ran)" -ge "$1" ]
}

@test "a batch goes on though the supervisor is killed again and again" {
    drover each --as-job -j 2 -- sh -c 'echo $0 >>ran; echo out $0; sleep 0.01' ::: $(seq 150)
    for i in 1 2 3; do
        drover get >/dev/null
        wait_until ran_at_least $((i * 25))
        kill_and_wait "$(supervisor_pid)"
    done
    timeout 60 drover wait 1 >/dev/null
    same "$(seq 150)" "$(sort -n ran)"
    same "$(seq -f 'out %.0f' 150)" "$(drover receive 1)"
}

@test "a batch goes on though the runner is killed" {
    drover each --as-job -j 2 -- sh -c 'echo $0 >>ran; sleep 0.02' ::: $(seq 100)
    wait_until ran_at_least 30
    kill_and_wait "$(runner_pid)"
    timeout 60 drover wait 1 >/dev/null || same 1 $?
    # Children that the runner had just begun may be lost, and say so; none ran twice.
    same "$(sort -nu ran)" "$(sort -n ran)"
    lost=$(json '[.[] | select(.type == "Child" and .state == "Failed")] | length' 1.1-100)
    [ "$lost" -le 2 ]
    [ "$lost" = 0 ] || drover resume 1
    timeout 60 drover wait 1 >/dev/null
    same "$(seq 100)" "$(sort -nu ran)"
}

@test "a batch whose children stand in line: with the supervisor dead none starts, with the next all do, once" {
    drover each --as-job -j 2 -- sh -c 'echo $0 >>ran; until [ -e go ]; do sleep 0.02; done' ::: $(seq 100)
    wait_until bash -c '[ "$(wc -l <ran)" = 2 ]'
    runner=$(runner_pid)
    kill_and_wait "$(supervisor_pid)"
    touch go
    wait_until refute pgrep -P "$runner" # it has reaped both, and would have begun the next
    same 2 "$(wc -l <ran)"
    timeout 60 drover wait 1 >/dev/null
    same "$(seq 100)" "$(sort -n ran)"
}

@test "a batch whose children stand in line when the runner is killed: none is lost, none runs twice" {
    drover each --as-job -j 2 -- sh -c 'echo $0 >>ran; until [ -e go ]; do sleep 0.02; done' ::: $(seq 100)
    wait_state Running 1.2
    wait_until is_held 1.2
    kill_and_wait "$(runner_pid)"
    touch go
    timeout 60 drover wait 1 >/dev/null
    same "$(seq 100)" "$(sort -n ran)"
    same 100 "$(json '.[0].children.completed' 1)"
}

@test "a start that was answered is there after the supervisor is killed at once" {
    for i in 1 2 3 4 5 6 7 8; do
        drover get >/dev/null
        pid=$(supervisor_pid)
        id=$(drover start -c "echo $i; echo $i >>ran")
        kill_and_wait "$pid"
        same "$i" "$id"
    done
    timeout 60 drover wait >/dev/null
    same "$(seq 8)" "$(drover receive 1-8)"
    same "$(seq 8)" "$(sort -n ran)"
}

@test "a killed command that waits for output loses nothing" {
    counter 300
    drover receive --wait 1 >first 2>&1 &
    pid=$!
    wait_until grep -qx 50 first
    kill_and_wait "$pid"
    exits 1 timeout 60 drover wait 1
    drover receive 1 >rest 2>&1
    cat first rest | grep -v e | cmp - <(seq 300) >&2
    cat first rest | grep e | cmp - <(seq -f 'e%.0f' 300) >&2
}

@test "a killed each leaves a batch that goes on" {
    drover each -j 1 -- sh -c 'echo $0 >>ran; sleep 0.02' ::: $(seq 40) &
    pid=$!
    wait_until test -s ran
    kill_and_wait "$pid"
    wait_until test -s ran
    timeout 60 drover wait 1 >/dev/null
    same "$(seq 40)" "$(cat ran)"
}

@test "a command killed while it feeds: the batch finishes what it has and says that its input was cut off" {
    mkfifo fifo
    drover each -j 2 -- touch <fifo 2>/dev/null &
    pid=$!
    exec 9>fifo
    printf 'a\nb\nc\n' >&9
    wait_until test -e c
    kill_and_wait "$pid"
    touch go
    WAIT_LIMIT=30 wait_until bash -c '[[ $(drover get --format reason 1) == *"input cut off after 3 items"* ]]'
    prints 3 json '.[0].children.completed' 1
}

@test "a supervisor killed while items are fed: no item is lost, none runs twice" {
    mkfifo fifo
    drover each -j 2 -- sh -c 'echo $0 >>ran' <fifo &
    pid=$!
    exec 9>fifo
    for round in 0 1 2; do
        seq $((round * 100 + 1)) $((round * 100 + 100)) >&9
        wait_until bash -c "[ -e ran ] && [ \$(wc -l <ran) -gt $((round * 100)) ]"
        kill_and_wait "$(supervisor_pid)"
    done
    exec 9>&-
    wait "$pid"
    same "$(seq 300)" "$(sort -n ran)"
}

@test "a wait goes on though the supervisor is killed" {
    drover start -c 'until [ -e go ]; do sleep 0.02; done'
    drover wait 1 >got &
    pid=$!
    wait_until says 2 bash -c 'drover supervisor --status --json | jq .clients' # it, and who asks
    kill_and_wait "$(supervisor_pid)"
    touch go
    wait "$pid"
    grep -q Completed got
}

@test "a waiting receiver goes on though the supervisor is killed" {
    counter 300
    drover receive --wait 1 >got.out 2>got.err &
    pid=$!
    wait_until grep -qx 50 got.out
    kill_and_wait "$(supervisor_pid)"
    exits 1 wait "$pid"
    seq 300 | cmp - got.out >&2
    seq -f 'e%.0f' 300 | cmp - got.err >&2
}

@test "a runner of another version makes way for this one's" {
    mkdir -m 700 -p "$DROVER_HOME/run"
    python3 - "$DROVER_HOME" <<'END' &
import fcntl, os, socket, struct, sys
os.chdir(sys.argv[1])
lock = open('runner.lock', 'w')
fcntl.flock(lock, fcntl.LOCK_EX)
server = socket.socket(socket.AF_UNIX)
server.bind('run/runner')
server.listen(1)
open('run/ready', 'w').close()
while True:
    peer, _ = server.accept()
    peer.recv(4096)
    peer.send(struct.pack('<IHHIIqQQII', 40, 1, 0, 99, 1, os.getpid(), 0, 0, 0, 0))
    peer.recv(4096)
END
    old=$!
    wait_until test -e "$DROVER_HOME/run/ready"
    prints new drover run -- echo new
    wait_until gone "$old"
}

@test "a runner that dies with news that nobody has read: its children are found, and the rest runs" {
    drover each --as-job -j 2 -- sh -c 'echo $0 >>ran; sleep 0.3; echo $0 >>ended' ::: $(seq 10) >/dev/null
    wait_until test -s ran
    supervisor=$(supervisor_pid) runner=$(runner_pid)
    kill -STOP "$supervisor"
    six() { [ "$(wc -l <ran)" -ge 6 ]; }
    wait_until six
    kill_and_wait "$runner"
    kill -CONT "$supervisor"
    timeout 60 drover wait 1 >/dev/null
    same $'Completed\t10' "$(field state 1)"$'\t'"$(json '.[0].children.completed' 1)"
    same "$(seq 10)" "$(sort -n ran)"
    same "$(seq 10)" "$(sort -n ended)"
}

is_held_or_not() {
    [ -e held ] || [ -s no ]
}

# Keeps the execution of a program waiting, as a file system that does not answer does, until `let_go`.
# Not to be had on every file system.
hold_back() { # PROGRAM
    python3 -c '
import fcntl, os, signal, sys, time
signal.signal(signal.SIGIO, signal.SIG_IGN)
fcntl.fcntl(os.open(sys.argv[1], os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_WRLCK)
open("held", "w").close()
while not os.path.exists("go"): time.sleep(0.01)' "$1" 3>&- 2>no &
    wait_until is_held_or_not
    [ -e held ] || skip 'no leases to be had here'
}

let_go() {
    touch go
}

# The process of a job that has not executed its program yet: it is a copy of the runner with a name of its own.
waits_for_exec() {
    grep -lE '^[0-9a-f]{15}$' $(processes | sed 's,.*,/proc/&/comm,')
}

slow_program() {
    printf '#!/bin/sh\necho ran >>%s/runs\necho through\nexit 7\n' "$work" >slow
    chmod +x slow
    hold_back slow
}

@test "a runner killed while a program is not executed yet: it runs once, with its output and status" {
    slow_program
    drover start --retries 0 -- ./slow
    wait_until waits_for_exec
    kill_and_wait "$(runner_pid)"
    prints Running field state 1
    wait_until runner_pid
    let_go
    exits 1 timeout 20 drover wait 1
    prints $'Failed\t7' field state,exit_code 1
    prints through drover receive 1
    prints ran cat runs
}

@test "supervisor and runner killed while a program is not executed yet: it runs once" {
    slow_program
    drover start -- ./slow
    wait_until waits_for_exec
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)"
    prints Running field state 1
    let_go
    exits 1 timeout 20 drover wait 1
    matches 'Failed*' "$(field state 1)"
    prints through drover receive 1
    prints ran cat runs
}

@test "while programs are not executed yet others run, and these can be stopped" {
    slow_program
    drover start -- ./slow
    drover start --timeout 200ms -- ./slow
    wait_until waits_for_exec
    prints 1 drover run -- echo 1
    exits 1 timeout 20 drover wait 2
    matches 'timed out*' "$(field reason 2)"
    timeout 20 drover stop 1
    prints Stopped field state 1
    let_go
    refute [ -e runs ]
}
