# A fleet of a thousand, some of it no good.
TEST_LIMIT=900
load ../cli/helper
load machines

teardown() {
    machines_stop
    finish
}

@test "a thousand hosts: each good one's output, each bad one's reason, and nothing is left behind" {
    machines_start
    faulty_start silent=127.9.0.1 banner=127.9.0.2 drip=127.9.0.3 close=127.9.0.4 reset=127.9.0.5 parting=127.9.0.6 http=127.9.0.7 deaf=127.9.0.8
    exits 1 drover on -F "$machines/ssh_config" --no-bar --connect-timeout 5s \
        "127.2.[0-3].[1-247],127.2.9.[1-3]:1,127.9.0.[1-8]:$faulty_port,nobody@127.2.9.9" -- \
        sh -c 'set -- $SSH_CONNECTION; echo "here $3"'
    for net in 0 1 2 3; do
        for host in $(seq 247); do echo "here 127.2.$net.$host"; done
    done | sort >want
    sort <<<"$out" >got
    same_file want got
    same $'988\t12\t0' "$(json '.[0].children | "\(.completed)\t\(.failed)\t\(.not_started)"' 1)"
    matches '*drover: refused: 127.2.9.\[1-3\]:1,127.9.0.\[4-7\]:* (7)*' "$err"
    matches '*drover: auth: *: nobody@127.2.9.9 (1)*' "$err"
    same '' "$(machines_commands)"
}

@test "a thousand equal outputs are one" {
    machines_start
    prints $'---- 127.2.[0-3].[1-250] (1000) ----\nthe same' drover on -F "$machines/ssh_config" --gather '127.2.[0-3].[1-250]' -- echo the same
}

@test "a gigabyte of output passes through little memory" {
    machines_start
    drover on -F "$machines/ssh_config" --as-job 127.0.0.1 -- head -c 1000000000 /dev/zero >/dev/null
    wait_state Running 1.1
    pid=$(field pid 1.1) most=0
    while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
        most=$now
        sleep 0.05
    done
    drover wait 1 >/dev/null
    same $'Completed\t1000000000' "$(field state,out_bytes 1.1)"
    [ "$most" -gt 0 ] && [ "$most" -lt 16384 ]
    same 1000000000 "$(drover receive 1 | wc -c)"
}
