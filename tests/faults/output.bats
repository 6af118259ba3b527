load ../cli/helper

# What jobs print while their runner is killed: every byte is there, or the job says that some may be missing.

TEST_LIMIT=150

# A job that prints the numbers below 60000 at its ease, and fails.
printer='i=0; while [ $i -lt 60 ]; do seq $((i*1000)) $((i*1000+999)); i=$((i+1)); sleep 0.01; done; exit 5'

# Kills the runner with a system call of its, the NUMBERth from now.
kill_at() { # CALL NUMBER
    local runner
    runner=$(runner_pid)
    timeout 20 strace -qq -o /dev/null -p "$runner" -e "trace=$1" -e "inject=$1:signal=KILL:when=$2" 3>&-
    wait_until gone "$runner"
}

can_trace() {
    strace -qq -o /dev/null true 2>/dev/null || skip 'processes cannot be traced here'
}

killed_at() { # CALL
    local number id
    can_trace
    for number in 1 2 4 9 25; do
        id=$(drover start -c "$printer")
        wait_until says '0*' drover receive --keep "$id"
        kill_at "$1" "$number"
        exits 1 drover wait "$id"
        prints $'Failed\t5\texit 5' field state,exit_code,reason "$id"
        drover receive "$id" >got
        seq 0 59999 | cmp - got || fail "killed at $1 $number"
    done
}

@test "a runner killed as it takes output out of a pipe: no byte is missing" {
    killed_at splice
}

@test "a runner killed as it writes output to a spill file: no byte is missing" {
    killed_at writev
}

@test "a runner killed as it writes the journal: no byte is missing" {
    killed_at write
}

@test "a runner killed again and again under fast printers, with a limit and without: what is told is what was printed" {
    local i
    drover start -c 'seq 1000000; sleep 0.3; seq 1000001 2000000; until [ -e go ]; do seq 100; sleep 0.01; done >&2; seq 2000001 3000000'
    drover start --max-output 100000 -c 'seq 1000000; until [ -e go ]; do sleep 0.01; done; seq 1000001 2000000'
    for ((i = 0; i < 25; i++)); do
        sleep "0.0$((RANDOM % 10))"
        kill_and_wait "$(runner_pid)"
    done
    touch go
    drover wait 1 2 >/dev/null
    prints $'Completed\t\nCompleted\t' field state,reason 1 2
    drover receive --stream out 1 >got
    seq 3000000 | cmp - got
    drover receive --stream err 1 >got 2>&1
    awk 'NR % 100 != $1 % 100 { exit 1 }' got
    drover receive 2 >got 2>&1
    same 1 "$(head -n 1 got)"
    same 2000000 "$(tail -n 1 got)"
    # what is shown and what is said to be left out are all that was printed
    cut=$(grep -o '^\[drover: [0-9]* bytes' got | tr -dc '0-9\n' | paste -sd+ | bc)
    shown=$(grep -v '^\[drover: ' got | wc -c)
    marks=$(grep -c '^\[drover: ' got)
    same "$(seq 2000000 | wc -c)" "$((shown - marks + cut))"
}

@test "children that print while their runner is killed again and again: all of it, or a reason" {
    local i child
    drover each --as-job -j 3 -- sh -c 'seq $0 $(($0 + 3000)); exit $(($0 % 2))' ::: $(seq 200) >/dev/null
    for ((i = 0; i < 15; i++)); do
        sleep "0.0$((RANDOM % 10))"
        kill_and_wait "$(runner_pid)"
    done
    exits 1 drover wait 1
    drover get --children --format id,reason 1 | sed 1d >children
    same 200 "$(wc -l <children)"
    while IFS=$'\t' read -r child reason; do
        case $reason in
        *missing | lost:*) continue ;;
        esac
        number=${child#1.}
        drover receive "$child" 2>/dev/null | cmp - <(seq "$number" $((number + 3000))) || fail "$child ($reason)"
    done <children
}

@test "a job that has just begun when its runner is killed, and fails: its output, or a reason" {
    drover run -- true
    supervisor=$(supervisor_pid) runner=$(runner_pid)
    drover start -c 'echo last words; echo $$ >up; until [ -e go ]; do :; done; exit 3'
    kill -STOP "$supervisor"
    kill_and_wait "$runner"
    touch go
    [ ! -s up ] || wait_until gone "$(cat up)"
    kill -CONT "$supervisor"
    exits 1 drover wait 2
    same Failed "$(field state 2)"
    case $(field reason 2) in
    *'output may be missing' | lost:*) ;; # it was gone before anybody knew of it
    *) prints 'last words' drover receive 2 ;;
    esac
}

@test "both killed: who was there says that output may be missing, who comes later does not" {
    drover start -c 'until [ -e go ]; do sleep 0.01; done'
    drover start -c 'until [ -e go ]; do sleep 0.01; done; exit 3'
    wait_state Running 2
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)"
    drover start -c 'until [ -e go ]; do sleep 0.01; done'
    wait_state Running 3
    touch go
    exits 1 drover wait
    matches '*its runner was killed: output may be missing' "$(field reason 1)"
    matches '*its runner was killed: output may be missing' "$(field reason 2)"
    same '' "$(field reason 3)"
}
