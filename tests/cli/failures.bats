# Jobs that fail, and what drover says of them.
load helper

# The job that was started last has failed, with this exit code and reason.
failed() { # EXIT-CODE PATTERN START-ARGUMENTS...
    local code=$1 pattern=$2 id
    shift 2
    id=$(drover start "$@")
    exits 1 drover wait "$id"
    same "Failed" "$(field state "$id")"
    same "$code" "$(json '.[0].exit_code' "$id")"
    matches "$pattern" "$(field reason "$id")"
}

@test "exit status 0 is Completed" {
    drover start -- true; drover wait >/dev/null
    prints $'Completed\t0' field state,exit_code 1
}

@test "another exit status is Failed, with the code" {
    failed 3 'exit 3*' -c 'exit 3'
    failed 255 'exit 255*' -c 'exit 255'
}

@test "a fatal signal is Failed, with the signal" {
    failed null '*signal 9*' -c 'kill -KILL $$'
    prints 9 json '.[0].signal' 1
}

@test "a core dump is a signal too" {
    failed null '*signal 11*' -c 'ulimit -c 0; kill -SEGV $$'
}

@test "a command that does not exist is exit code 127" {
    failed 127 '*no-such-command*' -- no-such-command
    failed 127 '*/no/such/file*' -- /no/such/file
}

@test "a command that is a directory, or not executable, is exit code 126" {
    touch plain
    failed 126 '*directory*' -- /tmp
    failed 126 '*permission*' -- ./plain
}

@test "a script with a bad interpreter is exit code 127" {
    printf '#!/no/such/interpreter\n' >script; chmod +x script
    failed 127 '*script*' -- ./script
}

@test "an empty command is an error of usage" {
    fails 2 '*empty*' drover start -- ''
}

@test "a directory that is not there, empty or blank" {
    fails 2 '*nowhere*No such file*' drover start --cwd nowhere -- true
    fails 2 '*cwd*' drover start --cwd ' ' -- true
    fails 2 '*cwd*' drover start --cwd '' -- true
}

@test "a directory that went away before the job started fails the job" {
    mkdir gone
    id=$(cd gone && drover start --delay 300ms -- true)
    rmdir gone
    exits 1 drover wait "$id"
    prints Failed field state "$id"
    matches '*directory*No such file*' "$(field reason "$id")"
}

@test "a job that could not be started has no output and can be removed" {
    drover start -- no-such-command; exits 1 drover wait
    prints '' drover receive 1
    prints '' drover remove 1
    prints '' drover get --format id
}

@test "--timeout stops a job and says so" {
    failed null '*timed out*' --timeout 300ms -- sleep 60
}

@test "what a job printed before it was timed out is kept" {
    drover start --timeout 500ms -c 'echo before; sleep 60'; exits 1 drover wait
    prints before drover receive 1
}

@test "what cannot be executed does not end before it has begun" {
    drover start -- ./none >/dev/null; drover each --as-job -- ./none ::: 1 >/dev/null
    exits 1 drover wait
    prints $'true\ntrue' json '.[] | select(.type != "Batch") | .begin_at <= .end_at' 1 2.1
}
