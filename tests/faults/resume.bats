load ../cli/helper

# Interrupted at random points and resumed: every item is run to completion, and an item that Completed
# never again. SEEDS (3) tells how often in each of four tests; with 2 there is each way of interrupting, and
# `make soak` has a hundred of them. Each child notes its start and its end in a witness file; the last item
# ends behind the interruption, which so comes in time.

TEST_LIMIT=1500

child='echo "start $0 $DROVER_ATTEMPT" >>witness; sleep 0.0$((RANDOM_SLEEP + $0 % 7))
    [ $0 != 30 ] || until [ -e interrupted ]; do sleep 0.02; done; echo "end $0 $DROVER_ATTEMPT" >>witness'

# Interrupts what is going on, in a way that the seed picks. $ends is a pattern of what the command exits with
# then: with its runner a child may be lost that it was just starting.
interrupt() { # HOW EACH-PID
    case $1 in
    0) kill -INT "$2"; ends=130 ;;
    1) kill -KILL "$2"; ends=137 ;;
    2) kill -KILL "$(supervisor_pid)"; ends=0 ;;
    3) kill -KILL "$(runner_pid)"; ends='[01]' ;;
    4) kill -KILL "$(supervisor_pid)" "$(runner_pid)" "$2"; ends=137 ;;
    5) drover stop --grace 0 1; ends=1 ;;
    esac
    touch interrupted
}

ended() { # COUNT
    [ "$(grep -c end witness)" -ge "$1" ]
}

# Whether the batch has all items Completed, which is what a resumed one comes to.
complete() {
    [ "$(json '.[0] | [.state, .children.completed] | join(" ")' 1)" = 'Completed 30' ]
}

check_witness() {
    same "$(seq 30)" "$(awk '$1 == "end" { print $2 }' witness | sort -nu)"
    # an attempt is started once, and none after the one that Completed
    same '' "$(sort witness | uniq -d)"
    drover get --children --format item,attempt,state 1 | sed 1d >children
    same '' "$(awk -F '\t' 'FNR == NR { attempt[$1] = $2; next }
        $1 == "start" && $3 > attempt[$2] { print "started after it Completed: " $0 }' children FS=' ' witness)"
    same 30 "$(grep -c Completed children)"
}

run_seed() { # SEED
    local seed=$1 each='' tries=0 status=0 ends
    RANDOM=$seed
    echo "seed $seed"
    export RANDOM_SLEEP=$((RANDOM % 3))
    seq 30 | shuf --random-source=<(yes "$seed") >items
    rm -f witness interrupted
    env --default-signal=INT drover each --keep-job -j 4 -a items -- sh -c "$child" >/dev/null 2>&1 &
    each=$!
    wait_until ended $((RANDOM % 28 + 1))
    interrupt $((seed % 6)) "$each"
    wait "$each" || status=$?
    matches "$ends" "$status"
    until complete; do
        ((++tries < 20)) || fail "does not come to its end: $(field state,reason 1)"
        drover wait 1 >/dev/null 2>&1 || same 1 $?
        complete || drover each --keep-job --resume-into 1 -a items >/dev/null 2>&1 || same 1 $?
    done
    check_witness
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
