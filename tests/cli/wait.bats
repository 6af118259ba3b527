load helper

@test "wait prints the table of the finished ones" {
    drover start -- true; drover start -- sleep 0.2
    drover wait >got
    same "$(drover get)" "$(cat got)"
    same 2 "$(grep -c Completed got)"
}

@test "wait is exit 1 when a job failed" {
    drover start -- true; drover start -- false
    exits 0 drover wait 1
    exits 1 drover wait 1 2
}

@test "wait without a job waits for all there are" {
    drover start -- sleep 0.3; drover start -- sleep 0.1
    drover wait >/dev/null
    prints $'Completed\nCompleted' field state
}

@test "wait with nothing to wait for returns at once" {
    exits 0 drover wait
}

@test "wait --any returns with the first" {
    drover start -- sleep 60; drover start -- true
    timeout 10 drover wait --any 1 2 >got
    same 2 "$(awk 'NR == 3 { print $1 }' got)"; same 3 "$(wc -l <got)"
}

@test "wait --timeout is exit 124" {
    drover start -- sleep 60
    exits 124 drover wait --timeout 200ms 1
}

@test "waiting for the same job twice is waiting for it once" {
    drover start -- true
    exits 0 drover wait 1 1
    exits 0 drover wait 1
}

@test "wait for an unknown job is exit 3" {
    fails 3 '*99*' drover wait 99
}

@test "wait for a good and a bad one waits for the good one" {
    drover start -- sleep 0.2
    exits 3 drover wait 1 99
    prints Completed field state 1
}

@test "an interrupt ends the wait with 130, and not the job" {
    drover start -- sleep 60
    exits 130 timeout --preserve-status -s INT 0.5 drover wait 1
    prints Running field state 1
}

@test "wait for a child" {
    drover each --as-job -- sleep ::: 0.1 60 >/dev/null
    exits 0 timeout 10 drover wait 1.1
}

@test "wait learns of the end without asking again and again" {
    drover start -- sleep 1
    start=$(date +%s%N); drover wait 1 >/dev/null
    (($(date +%s%N) - start < 3000000000))
}
