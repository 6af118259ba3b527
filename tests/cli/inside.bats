load helper

# ---- drover journal ----

segment() {
    ls "$DROVER_HOME"/journal/*.journal
}

@test "journal: a line for each record, with what it says" {
    drover start --name told -c 'echo secret; exit 3'; exits 1 drover wait
    exits 0 drover journal "$(segment)"
    same '' "$err"
    same 'INTENT STARTED OUTPUT EXITED CLOSED' "$(awk '{ printf "%s%s", (NR > 1 ? " " : ""), $3 }' <<<"$out")"
    same '1 1' "$(awk '{ print $4, $5 }' <<<"$out" | uniq)"
    matches "*STARTED*pid=*OUTPUT*stream=out position=0 size=7*EXITED*exit_code=3 how=waited*" "$out"
    refute grep -q secret <<<"$out"
    exits 0 drover journal --output "$(segment)"
    matches '*size=7 text="secret?n"*' "$out"
}

@test "journal: as objects, and without a supervisor" {
    seq 3 | drover each -j 1 -- true; drover supervisor --stop
    drover journal --json "$(segment)" >got
    jq -e 'map(select(.job == "1.2") | .kind) == ["INTENT", "STARTED", "EXITED", "CLOSED"]' got
    jq -e '.[0] | .offset == 32 and .attempt == 1 and (.time | length == 27)' got
    no_process
}

@test "journal: damage is told with its place, and what is good is printed" {
    for i in 1 2 3; do drover run -- true; done; drover supervisor --stop
    cp "$(segment)" copy
    at=$(drover journal copy | awk '$3 == "EXITED" && $4 == 2 { print $2 }')
    printf x | dd of=copy bs=1 seek=$((at + 50)) conv=notrunc status=none
    exits 1 drover journal copy
    same "drover: copy: 80 bytes at byte $at: damaged: they are no record, and what stood there is lost" "$err"
    same '11' "$(wc -l <<<"$out")"
    truncate -s -5 copy; exits 1 drover journal copy
    matches "*43 bytes at byte *: torn: *" "$err"
    fails 1 '*no segment of the journal*' drover journal /etc/passwd
}

@test "journal: a spill file, and the part of it that was dropped" {
    drover start --max-output 150K -c 'for i in $(seq 100); do head -c 3000 /dev/zero | tr "\0" x; echo $i; sleep 0.01; done'; drover wait >/dev/null
    drover supervisor --stop
    exits 0 drover journal "$DROVER_HOME"/spill/*
    same '' "$err"
    same 'CUT size' "$(awk '$3 != "OUTPUT" { print $3, substr($NF, 1, 4) }' <<<"$out")"
    same 1 "$(awk '{ print $4 }' <<<"$out" | uniq)"
}

@test "journal, --log, --trace: what is no file of theirs is neither waited for nor read without an end" {
    mkfifo fifo
    for file in fifo /dev/zero .; do
        fails 1 "$file: is no segment of the journal*" timeout 10 drover journal "$file"
    done
    drover run -- true; drover supervisor --stop
    rm "$DROVER_HOME/log"; mkfifo "$DROVER_HOME/log"
    fails 4 '*/log: there is none*' timeout 10 drover supervisor --log
    drover start -- true; drover wait >/dev/null
    exits 0 timeout 10 drover supervisor --trace 2
}

# ---- the log ----

@test "log: what happened is there after all has died, and says nothing of what jobs print" {
    drover start --name secret -c 'echo secret; sleep 60'; wait_state Running 1
    drover start --on-finish 'exit 3' -- true
    runner=$(runner_pid) supervisor=$(supervisor_pid)
    kill_and_wait "$runner"
    wait_until says "*runner $runner is gone*job 1, attempt 1, pid *: goes on with the next runner*" drover supervisor --log
    kill_and_wait "$supervisor"
    exits 0 drover supervisor --log
    matches "*Z info turn: supervisor * begins, pid $supervisor*" "$out"
    refute grep -q secret <<<"$out"
    same 600 "$(stat -c %a "$DROVER_HOME/log")"
    prints "$(tail -n 2 <<<"$out")" drover supervisor --log -n 2
    drover get >/dev/null
    matches '*begins*begins*' "$(drover supervisor --log)"
}

@test "log: a job that is lost, and one whose output may be missing" {
    drover start -- sleep 60; wait_state Running 1
    supervisor=$(supervisor_pid) pid=$(field pid 1)
    kill -STOP "$supervisor"
    kill_and_wait "$(pgrep -P "$supervisor" drover-runner)"
    kill -KILL "$supervisor" "$pid"
    wait_until gone "$supervisor"
    wait_state Failed 1
    wait_until says '*warning life: job 1, attempt 1: lost: *' drover supervisor --log
}

@test "log: nothing of it for jobs that do well, and every step when it is told so" {
    seq 20 | drover each -j 4 -- true
    before=$(drover supervisor --log)
    seq 20 | drover each -j 4 -- true
    prints "$before" drover supervisor --log
    kill -USR1 "$(supervisor_pid)"; wait_until says '*keeps everything*' drover supervisor --log
    exits 1 drover run --retries 1 --backoff 0.01 -- false
    wait_until says '*debug life: job 3: attempt 1 failed*' drover supervisor --log
    kill -USR1 "$(supervisor_pid)"; wait_until says '*keeps what it is set to*' drover supervisor --log
    drover supervisor --stop
    echo 'log = error' >>"$DROVER_HOME/config"
    drover get >/dev/null; before=$(drover supervisor --log); drover supervisor --stop
    prints "$before" drover supervisor --log
    echo 'log = loud' >>"$DROVER_HOME/config"; fails 4 '*config: line *log = error|warning|info|debug*' drover get
}

@test "log: followed, over the end of one supervisor and the ring's turn" {
    fails 4 '*no supervisor has run here*' drover supervisor --log
    drover supervisor --log --follow >got &
    follower=$!
    drover get >/dev/null; wait_until grep -q 'begins' got
    drover supervisor --stop; wait_until grep -q 'ends' got
    mv "$DROVER_HOME/log" "$DROVER_HOME/log.1"
    drover get >/dev/null; wait_until bash -c '(($(grep -c begins got) == 2))'
    kill "$follower"
}

@test "log: an outage begins and ends in it" {
    inject "program=drover-supervisor call=write path=jobs.db error=EIO times=0 while=$work/now"
    drover get >/dev/null
    touch now
    drover start -- true & local start=$!
    wait_until says '*error store: jobs.db: *error turn: outage begins: jobs.db: *' drover supervisor --log
    rm now
    wait "$start"
    wait_until says '*warning turn: outage is over after * ms, at try *' drover supervisor --log
    wait_state Completed 1
}

# ---- the dump ----

gate() { # JOB
    drover supervisor --dump --json | jq -r --arg job "$1" '.waiting.list[] | select(.job == $job) | .gate'
}

@test "dump: of each job that waits the gate that holds it" {
    drover queue narrow --throttle 1 >/dev/null; drover queue shut --throttle 0 >/dev/null
    drover start --queue narrow -- sleep 60; wait_state Running 1
    drover start --queue narrow -- true; drover start --queue shut -- true
    drover start --delay 1h -- true; drover start --after 1 -- true
    seq 3 | drover each --as-job -j 1 --delay 1h -- true
    wait_until bash -c '[ "$(drover get --format state 6.1)" = Completed ]'
    same 'slot throttle-0 time dependency admission' "$(for job in 2 3 4 5 6.2; do gate $job; done | xargs)"
    exits 0 drover supervisor --dump
    matches '*2          slot         waiting for a slot in queue narrow (1 of 1 busy)*' "$out"
    matches "*runner      pid $(runner_pid), *queue       narrow: throttle 1, 1 running, 1 waiting*batch 6 *gate admission*timer *" "$out"
    # what holds a job is told in one way
    for job in 2 3 4 5; do
        same "$(field reason $job)" "$(drover supervisor --dump --json | jq -r --arg job "$job" '.waiting.list[] | select(.job == $job) | .words')"
    done
    same '{"admission":2,"dependency":1,"slot":1,"throttle-0":1,"time":1}' "$(drover supervisor --dump --json | jq -cS .waiting.gates)"
}

@test "dump: who is connected, and what for" {
    drover start -- sleep 60; wait_state Running 1
    drover receive 1 --wait >/dev/null &
    receiver=$!
    drover wait 1 >/dev/null &
    waiter=$!
    wait_until says "*client      pid $receiver, *receive 1*" drover supervisor --dump
    wait_until says "*client      pid $waiter, *wait 1*" drover supervisor --dump
    kill "$receiver" "$waiter"
    wait_until bash -c "! drover supervisor --dump | grep -q 'pid $receiver,'"
}

@test "dump: in an outage it tells that, and what is there still" {
    inject "program=drover-supervisor call=write path=jobs.db error=EIO times=0 while=$work/now"
    drover get >/dev/null
    touch now
    drover start -- true & local start=$!
    wait_until says '*outage      jobs.db: *client *timer *outage->timer*' drover supervisor --dump
    drover supervisor --dump --json | jq -e '.waiting == null and (.supervisor.outage | test("jobs.db"))'
    rm now
    wait "$start" || [ $? = 4 ] # it was told of the outage where that was long
    wait_until bash -c 'drover supervisor --dump --json | jq -e ".supervisor.outage == null"'
}

@test "dump: where none runs it says so, and starts none" {
    fails 4 'no supervisor runs' drover supervisor --dump
    no_process
}

# ---- the way of a job ----

@test "trace: from submission to what is received, over two attempts" {
    mkdir -m 700 "$DROVER_HOME"; echo 'log = debug' >"$DROVER_HOME/config"
    drover start --retries 1 --backoff 0.1 -c 'echo hi; exit 3'; exits 1 drover wait >/dev/null
    drover receive 1 >/dev/null
    wait_until says '*received up to byte 3*' drover supervisor --trace 1
    exits 0 drover supervisor --trace 1
    matches '*submitted*log: debug life: job 1, attempt 0: sent, after at-rest*attempt 1: INTENT*attempt 1: STARTED pid=*attempt 1: EXITED exit_code=3*attempt 1: CLOSED*attempt 1 failed, next in *attempt 2: INTENT*attempt 2: EXITED exit_code=3*attempt 2: CLOSED*received up to byte 3 of stdout*now: Failed, attempt 2, at-rest*received: 3 of 3 bytes of stdout*' "$out"
    refute grep -q 'not known' <<<"$out"
    same "$(sort <<<"$(grep ^20 <<<"$out")")" "$(grep ^20 <<<"$out")"
}

@test "trace: what is no longer known is said" {
    drover start --retries 1 --backoff 0.1 -- false; exits 1 drover wait >/dev/null
    exits 0 drover supervisor --trace 1
    matches '*not known any more: when it was committed, handed over and received:*' "$out"
    drover supervisor --stop
    rm "$DROVER_HOME"/journal/*; drover start -- true; drover wait 2 >/dev/null
    exits 0 drover supervisor --trace 1
    matches '*database: submitted*database: attempt 1: began*database: attempt 1: Failed*database: attempt 2: began*not known any more: what the journal told*' "$out"
    drover supervisor --trace 1 --json | jq -e '.attempt == 2 and (.way | length == 5) and (.unknown | length == 2)'
    fails 3 '9: no such job' drover supervisor --trace 9
}

@test "trace: a job that waits, and the gate that holds it" {
    drover queue shut --throttle 0 >/dev/null
    drover start --queue shut -- true
    exits 0 drover supervisor --trace 1
    matches '*now: NotStarted, attempt 0, at-rest; waiting: queue shut starts nothing new (throttle 0)*' "$out"
}
