# Callers that leave drover in an odd state.
load ../cli/helper

# Starts a job, waits, receives: by a caller that was set up by the given Python.
odd_caller() { # PYTHON
    python3 -c "import os, signal, sys
$1
os.execvp('sh', ['sh', '-c', 'id=\$(drover start -c \"echo fine; exit 3\") && { drover wait \$id >/dev/null; echo \$?; } && drover receive \$id'])"
}

@test "SIGCHLD ignored" {
    prints $'1\nfine' odd_caller 'signal.signal(signal.SIGCHLD, signal.SIG_IGN)'
    prints 3 field exit_code 1
}

@test "all signals blocked" {
    prints $'1\nfine' odd_caller 'signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())'
}

@test "all signals ignored" {
    prints $'1\nfine' odd_caller 'for s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(s, signal.SIG_IGN)'
}

@test "descriptors 0 to 2 closed" {
    drover start -c 'echo fine; exit 3' <&- >&- 2>&- || same 4 $?
    exits 1 drover wait
    prints fine drover receive 1
    exits 4 bash -c "drover start -c 'echo fine' >&-"
    exits 1 drover wait
    prints fine drover receive 2
}

@test "a current directory that is gone" {
    mkdir gone
    cd gone
    rmdir "$work/gone"
    drover start --cwd / -- echo fine
    drover wait >/dev/null
    prints fine drover receive 1
}

@test "no PATH" {
    drover=$(command -v drover)
    env -u PATH "$drover" start -- /bin/echo fine
    drover wait >/dev/null
    prints fine drover receive 1
}

@test "a large environment" {
    export LARGE
    LARGE=$(head -c 100000 /dev/zero | tr '\0' x)
    drover start -c 'printf %s "$LARGE" | wc -c'
    drover wait >/dev/null
    prints 100000 drover receive 1
}
