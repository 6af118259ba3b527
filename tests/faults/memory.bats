# Memory is short for a moment, wherever: nobody notices.
load ../cli/helper

# Batches, their children, output, listings and waits.
scenario() {
    drover start -n first -c 'echo one; exit 3'
    drover each -j 3 -- echo item {} ::: $(seq 20) | sort
    drover each --as-job -j 3 -- echo item {} ::: $(seq 20)
    drover wait >/dev/null || echo "wait: $?"
    drover get --json 1 3 3.1-20 | jq -c '.[] | [.id, .name, .state, .exit_code, .command, .item]'
    drover receive 1 3 | sort
    drover remove 1
    drover get --format id,state
}

# The Nth allocation after the supervisor's start.
survives() { # N
    export DROVER_HOME=$work/home.$1
    inject "program=drover-supervisor call=malloc error=ENOMEM skip=$1 while=$work/now"
    drover get >/dev/null
    touch now
    scenario >"got.$1" 2>&1
    rm now
    diff want "got.$1" >&2 || fail "with allocation $1 failing" || return
    exits 0 drover supervisor --stop
}

@test "an allocation fails while jobs are started, listed, received, waited for and removed" {
    scenario >want 2>&1
    grep -q '"first","Failed",3' want
    drover supervisor --stop
    for n in 0 38 95 152 333 700 1140 1197 1273 1800 2700 4400; do
        survives "$n"
    done
}

@test "an allocation fails as a supervisor starts" {
    inject ''
    prints 1 drover start -c 'echo kept; exit 3'
    exits 1 drover wait
    drover supervisor --stop
    for n in 20 60 150 300 450; do
        inject "program=drover-supervisor call=malloc error=ENOMEM skip=$n"
        prints $'Failed\t3' field state,exit_code 1
        drover supervisor --stop
    done
}

@test "memory is short as output is taken out of pipes: the jobs wait, and none of it is missing" {
    inject "program=drover-runner call=splice error=ENOMEM times=0 while=$work/short"
    drover start -c 'echo before; while ! [ -e short ]; do sleep 0.05; done; seq 100000; exit 3'
    wait_until says before drover receive --keep 1
    touch short
    drover start -c 'echo brief'
    wait_state Running 2
    prints '' drover receive --keep 2
    prints before drover receive --keep 1
    rm short
    exits 1 drover wait
    prints $'Failed\t3\texit 3' field state,exit_code,reason 1
    same "$({ echo before; seq 100000; } | cksum)" "$(drover receive 1 | cksum)"
    prints brief drover receive 2
}
