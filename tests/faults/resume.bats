load ../cli/helper

# Interrupted at random points and resumed: every item is run to completion, and an item that Completed
# never again. SEEDS (3) tells how often in each of four tests; with
# 2 there is each way of interrupting, and `make soak` has a hundred of them. Each child notes its start and its end in a witness file.

TEST_LIMIT=1500

child='echo "start $0 $DROVER_ATTEMPT" >>witness; sleep 0.0$((RANDOM_SLEEP + $0 % 7)); echo "end $0 $DROVER_ATTEMPT" >>witness'

# Interrupts what is going on, in a way that the seed picks.
interrupt() { # HOW EACH-PID
    case $1 in
    0) kill -INT "$2" ;;
    1) kill -KILL "$2" ;;
    2) kill -KILL "$(supervisor_pid)" ;;
    3) kill -KILL "$(runner_pid)" ;;
    4) kill -KILL "$(supervisor_pid)" "$(runner_pid)" "$2" ;;
    5) drover stop --grace 0 1 ;;
    esac
}

# Whether the batch has all items Completed, which is what a resumed one comes to.
complete() {
    [ "$(json '.[0] | [.state, .children.completed] | join(" ")' 1)" = 'Completed 30' ]
}

check_witness() {
    local item
    same "$(seq 30)" "$(awk '$1 == "end" { print $2 }' witness | sort -nu)"
    # an attempt is started once, and none after the one that Completed
    same '' "$(sort witness | uniq -d)"
    drover get --children --format item,attempt,state 1 | sed 1d >children
    same '' "$(awk -F '\t' 'FNR == NR { attempt[$1] = $2; next }
        $1 == "start" && $3 > attempt[$2] { print "started after it Completed: " $0 }' children FS=' ' witness)"
    same 30 "$(grep -c Completed children)"
}

run_seed() { # SEED
    local seed=$1 each='' tries=0
    RANDOM=$seed
    export RANDOM_SLEEP=$((RANDOM % 3))
    seq 30 | shuf --random-source=<(yes "$seed") >items
    : >witness
    drover each --keep-job -j 4 -a items -- sh -c "$child" >/dev/null 2>&1 &
    each=$!
    wait_until test -s witness
    sleep "0.$((RANDOM % 20 + 10))"
    interrupt $((seed % 6)) "$each" 2>/dev/null || true
    wait "$each" 2>/dev/null || true
    until complete; do
        ((++tries < 20)) || fail "seed $seed: does not come to its end: $(field state,reason 1)"
        drover wait 1 >/dev/null 2>&1 || same 1 $?
        complete || drover each --keep-job --resume-into 1 -a items >/dev/null 2>&1 || true
    done
    check_witness || fail "seed $seed"
}

run_seeds() { # FIRST: it and those behind it
    local seed
    for ((seed = $1; seed < $1 + ${SEEDS:-3}; seed++)); do
        run_seed "$seed"
        drover remove 1 >/dev/null
        drover supervisor --stop --force
        rm -rf "$DROVER_HOME"
    done
}

@test "interrupted at random points and resumed: all items run, none that Completed runs again" {
    run_seeds 1
}

@test "interrupted and resumed, further seeds" {
    run_seeds 27
}

@test "interrupted and resumed, further seeds still" {
    run_seeds 53
}

@test "interrupted and resumed, the last seeds" {
    run_seeds 79
}

@test "resume after a kill of everything runs what did not Complete, by item" {
    { seq 3; seq 4 20 | shuf; } >items
    drover each --as-job -j 3 -a items -- sh -c 'echo $0 >>ran; [ $0 -le 3 ] || until [ -e go ]; do sleep 0.02; done; echo $0 >>done' >/dev/null
    wait_until test -s done
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)"
    drover get >/dev/null
    drover stop 1
    touch go
    drover resume 1
    wait_state Completed 1
    same "$(seq 20)" "$(sort -nu done)"
}
