# Queues, delays, dependencies, retries.
load helper

@test "a queue lets only so many run at once" {
    drover queue slow --throttle 2 >/dev/null
    for i in 1 2 3; do drover start -q slow -- sleep 60; done
    wait_state Running 2
    prints 'waiting for a slot in queue slow (2 of 2 busy)' field reason 3
}

@test "a slot that is free is taken by the next, in order" {
    drover queue slow --throttle 1 >/dev/null
    for i in 1 2 3 4; do drover start -q slow -c "echo $i >>order"; done; drover wait >/dev/null
    same $'1\n2\n3\n4' "$(cat order)"
}

@test "queue shows the queues" {
    drover queue slow --throttle 3 >/dev/null
    drover queue | grep -E '^slow +3 '
    drover queue slow | grep -E '^slow +3 '
}

@test "throttle changes a queue while it runs" {
    drover queue slow --throttle 1 >/dev/null
    for i in 1 2; do drover start -q slow -- sleep 60; done
    wait_state Running 1; prints NotStarted field state 2
    prints '' drover throttle queue:slow 2
    wait_state Running 2
}

@test "a throttle of 0 drains: what runs goes on, nothing new starts" {
    drover queue slow --throttle 0 >/dev/null; drover start -q slow -- true
    prints NotStarted field state 1
    drover throttle queue:slow 1; wait_state Completed 1
}

@test "throttle of something unknown is exit 3" {
    fails 3 '*99*' drover throttle 99 2
    fails 2 '*lots*' drover throttle queue:slow lots
}

@test "--delay starts later" {
    drover start --delay 500ms -- true
    prints NotStarted field state 1
    wait_state Completed 1
    prints true json '.[0] | (.begin_at[17:26] | tonumber) - (.submitted_at[17:26] | tonumber) | if . < 0 then . + 60 else . end | . >= 0.5'
}

@test "--delay starts at its time when nobody has asked for anything since" {
    mkdir -m 700 "$DROVER_HOME"; echo 'idle = 200ms' >"$DROVER_HOME/config"
    drover start --delay 1s -- touch started
    wait_until test -e started
}

@test "--after starts when that one completed" {
    mkfifo fifo; drover start -c 'read -r x <fifo; echo 1 >>order'; drover start --after 1 -c 'echo 2 >>order'
    prints $'NotStarted\twaiting for job 1' field state,reason 2
    echo go >fifo; drover wait >/dev/null
    same $'1\n2' "$(cat order)"
}

@test "--after a job that fails: this one is Failed and never runs" {
    drover start -- false; drover start --after 1 -- touch ran; exits 1 drover wait
    prints Failed field state 2
    matches '*1*' "$(field reason 2)"
    [ ! -e ran ]
}

@test "--after a job that has completed starts at once" {
    drover start -- true; drover wait >/dev/null; drover start --after 1 -- true
    wait_state Completed 2
}

@test "--after several waits for all" {
    drover start -- true; drover start -- sleep 0.3; drover start --after 1,2 -- true; drover wait >/dev/null
    prints true bash -c 'drover get --json | jq ".[2].begin_at >= .[1].end_at"'
}

@test "--after-any starts however they ended" {
    drover start -- false; drover start --after-any 1 -- true
    wait_state Completed 2
}

@test "--after an unknown job is exit 3 and starts nothing" {
    fails 3 '*99*' drover start --after 99 -- true
    prints '' drover get --format id
}

@test "a chain of dependencies fails as a whole" {
    drover start -- false; drover start --after 1 -- true; drover start --after 2 -- true; exits 1 drover wait
    prints $'Failed\nFailed\nFailed' field state
}

@test "--retries tries again until it completes, and keeps every attempt" {
    drover start --retries 5 --backoff 10ms -c 'echo $DROVER_ATTEMPT; [ $DROVER_ATTEMPT = 3 ]'; drover wait >/dev/null
    prints $'Completed\t3' field state,attempt 1
    prints 2 drover receive --attempt 2 1
}

@test "--retries gives up after that many further attempts" {
    drover start --retries 2 --backoff 10ms -c 'echo x >>count; exit 4'; exits 1 drover wait
    prints $'Failed\t3\t4' field state,attempt,exit_code 1
    same 3 "$(wc -l <count)"
}

@test "--backoff waits before the next attempt" {
    drover start --retries 1 --backoff 600ms -c 'date +%s%N >>times; exit 1'; exits 1 drover wait
    (($(tail -n 1 times) - $(head -n 1 times) >= 300000000))
}

@test "--on-finish runs once, with the job's facts in its environment" {
    drover start --on-finish "env | grep ^DROVER_ | sort >$work/facts; echo x >>$work/count" -c 'exit 3'; exits 1 drover wait
    wait_until test -s count
    same 1 "$(wc -l <count)"
    grep -qx 'DROVER_JOB=1' facts; grep -q 'Failed' facts; grep -q '=3$' facts
}

@test "many jobs at once all end, each once" {
    for i in $(seq 60); do drover start -c "echo $i >>ran" >/dev/null; done; drover wait >/dev/null
    same "$(seq 60)" "$(sort -n ran)"
}

@test "an empty part of --after is an error of usage" {
    for list in '' '1,,2' '1,' ',1'; do fails 2 '*after: a job is empty*' drover start --after "$list" -- true; done
    fails 2 '*after-any: a job is empty*' drover start --after-any '' -- true
}

@test "a command of a job waits for all jobs but that one, and refuses to wait for itself" {
    drover start --name other -- sleep 0.2 >/dev/null
    drover start --name self -c 'drover wait >/dev/null; echo $?; setsid -w drover wait; echo $?; drover wait self; echo $?' >/dev/null
    exits 0 timeout 20 drover wait self
    drover receive self >said 2>&1
    matches $'*\n0\n*0\n*is the job that this command is part of*3*' $'\n'"$(cat said)" || matches '*is the job that this command is part of*' "$(cat said)"
    drover each --as-job --name batch -c 'drover wait >/dev/null; drover wait batch || echo $?' ::: 1 >/dev/null
    exits 0 timeout 20 drover wait batch
    prints 3 drover receive --stream out batch
}

@test "a job that waits for a slot of the job that started it says so" {
    drover start -q one -c 'drover run -q one -- echo inner' >/dev/null
    wait_until says '*queue one (1 of 1 busy): job 1, which started it, has one' field reason 2
    drover stop 1 2
    exits 1 drover wait
}

@test "a queue is removed when it has no jobs" {
    drover start -q typo -- true >/dev/null
    wait_state Completed 1
    fails 3 'queue typo: has jobs*--queue typo' drover queue typo --remove
    drover remove 1
    wait_until drover queue typo --remove
    exits 3 drover queue typo
    fails 3 'typo: no such queue' drover queue typo --remove
    fails 2 '*takes one name*' drover queue --remove
    drover start -q typo -- true >/dev/null
    wait_state Completed 2
}

@test "how a command of --on-finish ends is told over a restart" {
    drover start -- sleep 60 >/dev/null
    drover start --on-finish 'touch begun; sleep 1; echo mail: not sent; exit 3' -- true >/dev/null
    wait_until test -e begun
    drover supervisor --restart
    wait_until says '--on-finish: exit 3: mail: not sent' field reason 2
}

@test "a restart does not wait for ever for a command of --on-finish" {
    drover start -- sleep 60 >/dev/null
    drover start --on-finish 'echo $$ >begun.new; mv begun.new begun; exec sleep 600' -- true >/dev/null
    wait_until test -e begun
    before=$(drover supervisor --json | jq .started_at)
    timeout 40 drover supervisor --restart
    refute test "$before" = "$(drover supervisor --json | jq .started_at)"
    kill "$(cat begun)"
}

@test "a failed command of --on-finish is told with its job" {
    drover start --on-finish 'echo mail: not sent >&2; exit 3' -- true >/dev/null
    drover start --on-finish 'kill -9 $$' -c 'exit 4' >/dev/null
    drover start --on-finish 'echo fine' -- true >/dev/null
    wait_until says '--on-finish: exit 3: mail: not sent' field reason 1
    wait_until says 'exit 4; --on-finish: signal 9' field reason 2
    same $'Completed\nFailed\nCompleted' "$(field state)"
    drover supervisor --restart
    same '--on-finish: exit 3: mail: not sent' "$(field reason 1)"
    wait_until drover supervisor --stop
    same '' "$(field reason 3)"
}

@test "durations near the largest number are as good as for ever" {
    local long=9223372036854s
    drover start --delay $long -- true >/dev/null
    drover start --timeout $long --retries 60 --backoff $long -- false >/dev/null
    drover each --as-job -j 1 --delay $long -- true ::: 1 2 >/dev/null
    wait_until says 'attempt 1 failed*' field reason 2
    wait_state Completed 3.1
    same $'NotStarted\nNotStarted\nNotStarted' "$(field state 1 2 3.2)"
    exits 124 drover wait -t 0.1 1
    drover stop -g $long 1 2 3
    exits 1 drover wait
    same $'Stopped\nStopped\nStopped' "$(field state 1 2 3)"
}
