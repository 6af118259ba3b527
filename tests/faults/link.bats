# What the supervisor says to its runner, hears of it, and keeps: one call that fails costs nothing.
load ../cli/helper

@test "a runner that does not read at once: a start with a large environment comes as soon as it does" {
    drover start -- true >/dev/null
    drover wait >/dev/null
    wait_until old_enough
    runner=$(runner_pid)
    kill -STOP "$runner"
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
        export "large_$i=$(printf '%100000s' x)"
    done
    prints 2 drover start -- touch started
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
        unset "large_$i"
    done
    [ ! -e started ]
    kill -CONT "$runner"
    wait_until test -e started # and no command comes by
}

# None of the timers that a supervisor begins with is still to come.
old_enough() {
    drover supervisor --status --json | jq -e '.uptime_s > 2'
}

@test "a runner dies with unread bytes in both directions: the supervisor notices, and the job goes on" {
    inject "program=drover-supervisor call=receive error=EAGAIN times=0 while=$work/deaf"
    mkfifo go
    drover start -c 'read -r x <go; exit 7' >/dev/null
    wait_state Running 1
    holds() { [ "$(find "/proc/$(supervisor_pid)/fd" -lname 'pipe:*' | wc -l)" -ge 2 ]; }
    wait_until holds
    runner=$(runner_pid)
    touch deaf
    exits 0 drover run -- true & # its end is told, and not heard
    run=$!
    wait_until told_exit
    kill -STOP "$runner"
    drover start -- touch started >/dev/null
    kill_and_wait "$runner"
    rm deaf
    wait_until test -e started
    wait "$run"
    echo >go
    exits 1 timeout 20 drover wait 1
    prints $'Failed\t7' field state,exit_code 1
}

@test "what the runner tells as a supervisor comes to it is heard, though nothing follows it" {
    inject "program=drover-supervisor call=receive error=EAGAIN times=0 while=$work/deaf"
    mkfifo go
    drover start -c '(read -r x <go) >/dev/null 2>&1 & exit 0' >/dev/null
    wait_until says 1 field processes_left 1
    kill_and_wait "$(supervisor_pid)"
    touch deaf
    drover get >/dev/null &
    wait_until hears_nothing
    echo >go
    wait_until told_twice_of_what_is_left # right behind all that the supervisor has not heard yet
    rm deaf
    wait $!
    wait_until says 0 field processes_left 1
}

# A supervisor that tries to read an answer again and again.
hears_nothing() {
    local pid
    for pid in $(processes); do
        [[ $(cat "/proc/$pid/comm") == drover-supervis* ]] &&
            [ "$(awk '{ print $14 + $15 }' "/proc/$pid/stat")" -ge 20 ] && return
    done
    return 1
}

told_exit() {
    [ "$(records 6)" -ge 1 ]
}

told_twice_of_what_is_left() {
    [ "$(records 9)" -ge 2 ]
}

# How many of a type stand in the journal (docs/journal.md).
records() { # TYPE
    python3 - "$1" "$DROVER_HOME"/journal/*.journal <<'END'
import struct, sys
count = 0
for name in sys.argv[2:]:
    data, at = open(name, 'rb').read(), 32
    while at + 48 <= len(data):
        size, kind = struct.unpack_from('<IB', data, at)
        count += kind == int(sys.argv[1])
        at += max(size, 1)
print(count)
END
}

@test "one lock of the database is refused, whichever: nobody notices" {
    local rules='' i
    for i in 0 1 2 3 4 5 6 7; do
        rules+="program=drover-supervisor call=fcntl path=jobs.db-shm error=EAGAIN skip=$i while=$work/lock.$i;"
    done
    inject "$rules"
    for i in 0 1 2 3 4 5 6 7; do
        export DROVER_HOME=$work/home.$i
        prints 1 drover start -- true
        drover wait 1 >/dev/null
        touch "lock.$i"
        prints 2 drover start -- echo done
        exits 0 timeout 20 drover wait 2
        prints done drover receive 2
        exits 0 drover supervisor --stop
    done
}
