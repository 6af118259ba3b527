# helper: what the command tests share.
#
# Each test has a directory of its own ($work, and the current one) with a home of its own. At its
# end drover is told to stop; a process that is then still there fails the test.
#
#   prints TEXT COMMAND...           succeeds and prints just that (standard error included)
#   exits STATUS COMMAND...          exits with that status; what it printed is in $out and $err
#   fails STATUS PATTERN COMMAND...  exits with that status, prints nothing but one line on standard
#                                    error that begins with "drover: " and matches the glob pattern
#   refute COMMAND...                fails when it succeeds
#   wait_until COMMAND...            polls until it succeeds, for 20 s at most
#   wait_state STATE JOB             polls until the job is in that state
#   is_held JOB                      its pipes outlive its runner: for wait_until
#   is_stopped JOB                   no process of its group goes on: for wait_until
#   field NAME JOB...                one field of jobs, as `drover get --format` prints it
#   inject RULE                      what drover starts from here on has that fault (../faults/fault.c)
#
# `exits 1 wait "$pid"` is for commands in the background. Bash has them ignore SIGINT: one that is to be
# interrupted is begun with `env --default-signal=INT`.
# shellcheck shell=bash

: "${DROVER_BUILD:=$BATS_TEST_DIRNAME/../../build}"
PATH=$(cd "$DROVER_BUILD/src/commands" && pwd):$PATH
unset XDG_RUNTIME_DIR XDG_STATE_HOME NO_COLOR DROVER_JOB DROVER_ATTEMPT DROVER_BOOT_ID DROVER_HOME
export LC_ALL=C.UTF-8

setup() {
    work=$(mktemp -d "${BATS_TMPDIR:-/tmp}/drover-test.XXXXXX")
    export DROVER_HOME=$work/home
    cd "$work" || return
    mkfifo .never
    watch >/dev/null 2>&1 3>&- &
    watcher=$!
}

# A test that hangs fails: after two minutes all that it started is killed.
watch() {
    read -r -t "${TEST_LIMIT:-120}" <>.never || kill_processes
}

teardown() {
    finish
}

# What teardown does; for tests with a teardown of their own.
finish() {
    local left
    cd "$work" || return
    # Jobs whose supervisor was killed are stopped by the next one.
    no_process || timeout 20 drover get >/dev/null 2>&1 || true
    timeout 20 drover supervisor --stop --force >/dev/null 2>&1 || true
    WAIT_LIMIT=5 wait_until no_process || left=$(show_processes)
    kill_processes
    kill "$watcher" 2>/dev/null || true
    cd /
    rm -rf "$work"
    [ -z "$left" ] || fail "left behind after the end: $left"
}

# For what must not succeed: bash lets `! command` pass in the middle of a test.
refute() {
    ! "$@"
}

fail() {
    printf '%s\n' "$*" >&2
    return 1
}

# Processes that were started with a home of this test's in their environment. What looks for them is not.
processes() (
    unset DROVER_HOME
    for file in $(grep -lszE -- "^DROVER_HOME=$work/" /proc/[0-9]*/environ 2>/dev/null); do
        pid=${file//[^0-9]/}
        gone "$pid" || echo "$pid"
    done
)

no_process() {
    [ -z "$(processes)" ]
}

show_processes() {
    local pid
    for pid in $(processes); do
        printf '%s (%s) ' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
    done
}

kill_processes() {
    local pid
    for pid in $(processes); do
        kill -KILL "$pid" 2>/dev/null || true
    done
}

wait_until() {
    local end=$((SECONDS + ${WAIT_LIMIT:-20}))
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || fail "in vain waited until: $*" || return
        sleep 0.02
    done
}

same() { # WANT GOT
    [ "$1" = "$2" ] || fail "wanted: $1" $'\n'"got:    $2"
}

# Byte for byte, for what a variable cannot hold.
same_file() { # WANT GOT
    cmp "$1" "$2" >&2
}

matches() { # PATTERN TEXT
    # shellcheck disable=SC2053  # it is a pattern
    [[ $2 == $1 ]] || fail "wanted: $1" $'\n'"got:    $2"
}

# Asked anew each time: for wait_until.
says() { # PATTERN COMMAND...
    # shellcheck disable=SC2053  # it is a pattern
    [[ $("${@:2}" 2>/dev/null) == $1 ]]
}

exits() {
    local want=$1 status=0
    shift
    "$@" >"$work/.out" 2>"$work/.err" || status=$?
    out=$(tr -d '\0' <"$work/.out") err=$(tr -d '\0' <"$work/.err")
    ((status == want)) || fail "$*: exit status $status, wanted $want; out: $out; err: $err"
}

prints() {
    local want=$1
    shift
    exits 0 "$@" && same "$want" "$out$err"
}

fails() {
    local want=$1 pattern=$2
    shift 2
    # shellcheck disable=SC2295  # it is a pattern
    exits "$want" "$@" && same '' "$out" && same 1 "$(wc -l <"$work/.err")" && matches "drover: $pattern" "$err"
}

field() {
    local name=$1
    shift
    drover get --format "$name" "$@"
}

is_state() { # STATE JOB
    [ "$(field state "$2")" = "$1" ]
}

wait_state() {
    wait_until is_state "$@" || fail "job $2 is $(field state,reason "$2")"
}

json() { # FILTER [JOB...]
    local filter=$1
    shift
    drover get --json "$@" | jq -r "$filter"
}

supervisor_pid() {
    drover supervisor --status --json | jq -r '.pid'
}

runner_pid() {
    drover supervisor --status --json | jq -r '.runner_pid'
}

# Its pipes are the supervisor's too: they outlive its runner.
is_held() { # JOB
    local pipe
    pipe=$(readlink "/proc/$(field pid "$1")/fd/1") && [[ $(readlink "/proc/$(supervisor_pid)/fd/"*) == *"$pipe"* ]]
}

gone() { # PID
    [ ! -e "/proc/$1" ] || [[ $(awk '/^State/ { print $2 }' "/proc/$1/status" 2>/dev/null) == [ZX] ]]
}

# A shell that was just making a process waits (D) for one that was stopped before its exec.
is_stopped() { # JOB
    local states
    states=$(ps -e -o pgid=,stat= | awk -v group="$(field pid "$1")" '$1 == group { printf "%s", substr($2, 1, 1) }')
    [[ $states == *T* && $states != *[!TDZ]* ]]
}

kill_and_wait() { # PID...
    local pid
    kill -KILL "$@"
    for pid; do
        wait_until gone "$pid"
    done
}

# A sanitizer's library has to be loaded before the one with the faults, which then has no malloc to fail.
inject() { # RULES
    local real sanitizer
    real=$(PATH=${PATH#"$work/bin:"} type -P drover)
    sanitizer=$(ldd "$DROVER_BUILD/src/supervisor/drover-supervisor" | awk '/libasan|libtsan/ { print $3 }')
    [[ -z $sanitizer || $1 != *call=malloc* ]] || skip 'the sanitizer has a malloc of its own'
    mkdir -p "$work/bin"
    cat >"$work/bin/drover" <<END
#!/bin/sh
export LD_PRELOAD="$sanitizer $(cd "$DROVER_BUILD/tests/faults" && pwd)/libfault.so"
export DROVER_TEST_FAULT="$1"
exec "$real" "\$@"
END
    chmod +x "$work/bin/drover"
    PATH=$work/bin:${PATH#"$work/bin:"}
}
