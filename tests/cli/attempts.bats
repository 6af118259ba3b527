# What is received of a job that was tried several times, and with whose environment jobs run.
load helper

thrice() {
    drover start --retries 2 --backoff 10ms -c 'echo out $DROVER_ATTEMPT; echo err $DROVER_ATTEMPT >&2; exit 5' >/dev/null
    exits 1 drover wait 1
}

@test "one stream of all attempts leaves the other unread" {
    thrice
    prints $'err 1\nerr 2\nerr 3' drover receive --stream err 1
    prints $'out 1\nout 2\nout 3' drover receive 1
    prints False bash -c 'drover get 1 | tail -n 1 | grep -o "True\|False"'
}

@test "an attempt that is asked for is shown, and nothing is marked received" {
    thrice
    prints 'out 2' drover receive --attempt 2 --stream out 1
    prints $'out 1\nout 2\nout 3' drover receive --stream out 1
    prints '' drover receive --stream out 1
}

@test "each job has the environment, umask and limits of its own caller" {
    for v in 1 2 3; do V=$v prints "V=$v" drover run -c 'echo V=$V'; done
    prints 0077 bash -c 'umask 077; drover run -c umask'
    prints 0027 bash -c 'umask 027; drover run -c umask'
    prints 55 bash -c 'ulimit -n 55; drover run -c "ulimit -n"'
}

@test "what each has shown of several attempts is not there to be received" {
    exits 1 drover each --retries 1 --backoff 10ms -c 'echo out {}; exit {}' ::: 0 1
    same $'out 0\nout 1\nout 1' "$(sort <<<"$out")"
    same False "$(field has_more_data 1)"
    same $'False\nFalse' "$(field has_more_data 1.1-2)"
    prints '' drover receive 1
}

@test "a stream that only an earlier attempt printed is received as soon as that was" {
    drover start --retries 1 --backoff 10ms -c 'test $DROVER_ATTEMPT = 2 || { echo out; exit 1; }' >/dev/null
    drover wait >/dev/null
    same True "$(field has_more_data 1)"
    kill_and_wait "$(supervisor_pid)"
    same True "$(field has_more_data 1)"
    prints out drover receive --stream out 1
    same False "$(field has_more_data 1)"
}

@test "a job that is stopped before its next attempt keeps what the last one printed, and says so" {
    drover start --retries 2 --backoff 60s -c 'echo out; exit 9' >/dev/null
    drover each --as-job --retries 1 --backoff 60s -c 'echo out {}; exit 9' ::: a >/dev/null
    wait_until says 'attempt 1 failed*' field reason 1
    wait_until says 'attempt 1 failed*' field reason 2.1
    drover stop 1 2
    wait_state Stopped 2
    same $'stopped before its next attempt: attempt 1 had not completed\nstopped before its next attempt: attempt 1 had not completed' "$(field reason 1 2.1)"
    same $'True\nTrue' "$(field has_more_data 1 2.1)"
    kill_and_wait "$(supervisor_pid)"
    same $'True\nTrue' "$(field has_more_data 1 2.1)"
    prints out drover receive --attempt 1 1
    prints out drover receive 1
    prints 'out a' drover receive 2
    same $'False\nFalse' "$(field has_more_data 1 2.1)"
}
