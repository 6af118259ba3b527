# recovery: what becomes of a job in each of its states when the runner dies, or supervisor and runner, in
# either order; docs/recovery.md has the table. Each function below is a row of it, told how to kill:
#
#   runner               the supervisor sees it and starts another
#   supervisor-runner    both, one dead before the other,
#   runner-supervisor    and neither seen by the other
#
# It tries the row with each kind of job that is in $kinds: job, child (of a batch), machine (a child on one).
# shellcheck shell=bash

# ---- beginning, killing ----

# Starts the script as each kind; their ids are in ${jobs[@]} then. ${options[@]}: of start, each and on.
# In the script $me is a name, and `up` says that it is up: then it has been waited for.
begin() { # SCRIPT
    local kind batch script="cd $work; up() { echo \$\$ >up.\$me.tmp; mv up.\$me.tmp up.\$me; }; $1"
    jobs=()
    for kind in $kinds; do
        case $kind in
        job) jobs+=("$(drover start "${options[@]}" -c "me=job; $script")") ;;
        child)
            batch=$(drover each --as-job "${options[@]}" -- sh -c "me=child; $script" ::: item)
            jobs+=("$batch.1")
            ;;
        machine)
            batch=$(drover on -F "$machines/ssh_config" --as-job "${options[@]}" 127.0.0.1 -- sh -c "me=machine; $script")
            jobs+=("$batch.1")
            ;;
        esac
    done
    [[ $1 != *up* ]] || wait_until each_has up
}

# Whether each kind has made its file.
each_has() { # NAME
    local kind
    for kind in $kinds; do
        [ -s "$1.$kind" ] || return
    done
}

interrupt() { # HOW
    local supervisor runner
    supervisor=$(supervisor_pid) runner=$(runner_pid)
    case $1 in
    runner) kill_and_wait "$runner" ;;
    supervisor-runner) kill_and_wait "$supervisor" && kill_and_wait "$runner" ;;
    runner-supervisor)
        kill -STOP "$supervisor"
        kill_and_wait "$runner" && kill_and_wait "$supervisor"
        ;;
    *) fail "interrupt $1" ;;
    esac
}

# ---- what is so of each ----

all_are() { # STATE
    local job
    for job in "${jobs[@]}"; do
        wait_state "$1" "$job"
    done
}

all_are_gone() {
    local kind
    for kind in $kinds; do
        wait_until gone "$(cat "up.$kind")"
    done
}

all_files_are() { # TEXT NAME
    local kind
    for kind in $kinds; do
        same "$1" "$(cat "$2.$kind")"
    done
}

milliseconds() {
    echo $((${EPOCHREALTIME/./} / 1000))
}

# ---- rows ----

defiant='trap "echo term >>terms.$me" TERM; up; while :; do sleep 0.05; done'

stop_is_carried_on() { # HOW
    local began
    begin "$defiant"
    began=$(milliseconds)
    drover stop -g 4s "${jobs[@]}" 3>&- &
    wait_until each_has terms
    interrupt "$1"
    wait $!
    [ $(($(milliseconds) - began)) -ge 4000 ] || fail 'ended before its time'
    all_are Stopped
    all_are_gone
    all_files_are term terms
}

time_out_is_carried_on() { # HOW
    local job began
    options=(--timeout 1s)
    began=$(milliseconds)
    begin "$defiant"
    wait_until each_has terms
    interrupt "$1"
    all_are Failed
    [ $(($(milliseconds) - began)) -ge 11000 ] || fail 'ended before its time'
    for job in "${jobs[@]}"; do
        matches 'time*out*' "$(field reason "$job")"
    done
    all_are_gone
    all_files_are term terms
}

suspended_stays_so() { # HOW
    local job
    begin 'up; until [ -e go ]; do sleep 0.05; done; echo went >went.$me'
    all_are Running
    drover suspend "${jobs[@]}"
    interrupt "$1"
    all_are Suspended
    for job in "${jobs[@]}"; do
        wait_until is_stopped "$job"
    done
    touch go
    drover resume "${jobs[@]}"
    all_are "${2:-Completed}"
    all_files_are went went
}

suspended_can_be_stopped() { # HOW
    begin 'up; while :; do sleep 0.05; done'
    all_are Running
    drover suspend "${jobs[@]}"
    interrupt "$1"
    drover stop "${jobs[@]}"
    all_are Stopped
    all_are_gone
}

retry_comes() { # HOW
    local job
    options+=(--retries 1 --backoff 3s)
    begin 'echo ran >>ran.$me; [ "$(wc -l <ran.$me)" = 2 ]'
    for job in "${jobs[@]}"; do
        wait_until says 'attempt 1 failed*' field reason "$job"
    done
    interrupt "$1"
    all_are Completed
    all_files_are $'ran\nran' ran
}

retry_that_is_suspended_comes() { # HOW
    local job
    options+=(--retries 1 --backoff 1s)
    begin 'echo ran >>ran.$me; [ "$(wc -l <ran.$me)" = 2 ]'
    for job in "${jobs[@]}"; do
        wait_until says 'attempt 1 failed*' field reason "$job"
    done
    drover suspend "${jobs[@]}"
    interrupt "$1"
    all_are Suspended
    drover resume "${jobs[@]}"
    all_are Completed
    all_files_are $'ran\nran' ran
}

# Of ${jobs[@]}, with a helper of each that holds its pipes open after the end.
late_output_comes() { # HOW
    local job kind
    begin '(until [ -e go ]; do sleep 0.05; done; echo late) & echo early; up; exit 3'
    for job in "${jobs[@]}"; do
        wait_state Failed "$job"
    done
    interrupt "$1"
    drover get >/dev/null
    touch go
    for job in "${jobs[@]}"; do
        wait_until says $'early\nlate' drover receive --keep "$job"
        prints $'Failed\t3' field state,exit_code "$job"
    done
}

# The runner has not read yet that they are to be started.
sent_and_not_begun() { # HOW
    local runner job
    drover run -- true
    runner=$(runner_pid)
    kill -STOP "$runner"
    begin 'echo ran >>ran.$me'
    interrupt "$1"
    all_are Completed
    all_files_are ran ran
}

sent_and_stopped_before_it_began() { # HOW
    local runner kind
    drover run -- true
    runner=$(runner_pid)
    kill -STOP "$runner"
    begin 'echo ran >>ran.$me'
    drover stop "${jobs[@]}" 3>&- &
    for job in "${jobs[@]}"; do
        wait_until stops "$job"
    done
    interrupt "$1"
    wait $!
    all_are Stopped
    for kind in $kinds; do
        [ ! -e "ran.$kind" ] || fail "$kind ran"
    done
}

# Not children: one that is about to start is not suspended.
sent_and_suspended_before_it_began() { # HOW
    local kinds=job
    drover run -- true
    kill -STOP "$(runner_pid)"
    begin 'echo ran >>ran.$me'
    drover suspend "${jobs[@]}"
    interrupt "$1"
    all_are Suspended
    [ ! -e ran.job ] || fail 'it ran'
    drover resume "${jobs[@]}"
    all_are Completed
    all_files_are ran ran
}

# Its process is there, the supervisor has not heard of it.
begun_and_suspended_before_it_was_told() { # HOW
    local kinds=job supervisor
    drover run -- true
    kill -STOP "$(runner_pid)"
    begin 'while [ ! -e go ]; do sleep 0.05; done; echo ran >>ran.$me'
    drover suspend "${jobs[@]}"
    supervisor=$(supervisor_pid) runner=$(runner_pid)
    kill -STOP "$supervisor"
    kill -CONT "$runner"
    wait_until runs
    kill_and_wait "$runner"
    if [[ $1 == runner ]]; then kill -CONT "$supervisor"; else kill_and_wait "$supervisor"; fi
    all_are Suspended
    wait_until is_stopped "${jobs[0]}"
    touch go
    drover resume "${jobs[@]}"
    all_are Completed
    all_files_are ran ran
}

# A job's shell.
runs() {
    [[ $(for pid in $(processes); do tr '\0' ' ' <"/proc/$pid/cmdline"; done) == *'/bin/sh -c '* ]]
}

stops() { # JOB
    [[ $(field state "$1") == Stop* ]]
}

# Dead, with nobody who has heard of it yet.
ended_and_not_read() { # HOW
    local runner job
    begin 'up; until [ -e go ]; do sleep 0.05; done; echo last; exit 7'
    for job in "${jobs[@]}"; do
        wait_until is_held "$job"
    done
    runner=$(runner_pid)
    kill -STOP "$runner"
    touch go
    all_are_gone
    interrupt "$1"
    for job in "${jobs[@]}"; do
        wait_until says 'Failed*' field state "$job"
        if [[ $1 == runner ]]; then
            prints $'7\texit 7' field exit_code,reason "$job"
            prints last drover receive "$job"
        else # what was in its pipes is gone with it
            matches '*its runner was killed: output may be missing' "$(field reason "$job")"
        fi
    done
}

waits_in_its_queue() { # HOW
    drover queue one --throttle 1 >/dev/null
    drover start -q one -c 'until [ -e go ]; do sleep 0.05; done'
    options=(-q one)
    begin 'echo ran >>ran.$me'
    interrupt "$1"
    prints NotStarted field state "${jobs[0]}"
    touch go
    all_are Completed
    all_files_are ran ran
}

removed_is_forgotten() { # HOW
    begin 'up; until [ -e go ]; do sleep 0.05; done; echo ran >ran.$me'
    drover stop "${jobs[@]}"
    drover remove "${jobs[@]%.*}"
    interrupt "$1"
    prints '[]' drover get --json
    all_are_gone
}

# The main process has ended at once, another of the job heeds no SIGTERM.
stop_of_the_rest_is_carried_on() { # HOW
    local kind
    begin 'sh -c "trap \"\" TERM; while :; do sleep 0.05; done" & echo $! >rest.$me; up; exec sleep 60'
    drover stop -g 4s "${jobs[@]}" 3>&- &
    all_are_gone
    interrupt "$1"
    wait $!
    all_are Stopped
    for kind in $kinds; do
        wait_until gone "$(cat "rest.$kind")"
    done
}
