load helper

# Files that a batch writes: --results and --joblog.

@test "--results writes what each child printed, and what became of it" {
    exits 1 drover each --results res -- sh -c 'echo out $0; echo err $0 >&2; test $0 = a' ::: a b
    same 'out a' "$(cat res/1/stdout)"
    same 'err b' "$(cat res/2/stderr)"
    same '["a","Completed",0,1]' "$(jq -c '[.item, .state, .exit_code, .attempt]' res/1/meta.json)"
    same $'1\n2' "$(ls res)"
    same $'meta.json\nstderr\nstdout' "$(ls -A res/1)"
}

@test "--results is exact to the byte, also of much output" {
    drover each --results a/deep/directory -- sh -c 'head -c 3000000 /dev/urandom | tee copy; printf end >&2' ::: x >/dev/null 2>&1
    same_file copy a/deep/directory/1/stdout
    same end "$(cat a/deep/directory/1/stderr)"
}

@test "--results takes any item: long, odd, the same twice" {
    long=$(head -c 5000 /dev/zero | tr '\0' x)
    printf '%s\0' "$long" '../../etc' 'a/b' same same '' $'new\nline' $'\xff' |
        drover each -0 --results res -- printf '%s' >/dev/null
    same 8 "$(ls res | wc -l)"
    same "$long" "$(cat res/1/stdout)"
    same '../../etc' "$(cat res/2/stdout)"
    same $'new\nline' "$(jq -r .item res/7/meta.json)"
}

@test "--results holds a silent child, one that was killed, and one that cannot be executed" {
    exits 1 drover each --results res -- sh -c 'test $0 = kill && kill -9 $$; true' ::: quiet kill
    same '' "$(cat res/1/stdout res/1/stderr)"
    same '["Failed","signal",null,9]' "$(jq -c '[.state, .cause, .exit_code, .signal]' res/2/meta.json)"
    exits 1 drover each --results none -- no-such-command ::: a
    same '["Failed","cannot-start",127]' "$(jq -c '[.state, .cause, .exit_code]' none/1/meta.json)"
}

@test "--results has the last attempt, --joblog a line for each" {
    exits 0 drover each --results res --joblog log --retries 2 --backoff 10ms -- sh -c 'echo $DROVER_ATTEMPT; [ $DROVER_ATTEMPT = 3 ]' ::: a
    same 3 "$(cat res/1/stdout)"
    same $'1\t1\t0\n1\t1\t0\n1\t0\t0' "$(sed 1d log | cut -f 1,7,8)"
}

@test "--results and --joblog obey the caller's umask" {
    (umask 027; drover each --results res --joblog log -- true ::: a)
    same '750 640 640' "$(stat -c %a res/1 res/1/stdout log | xargs)"
}

@test "--joblog has GNU parallel's columns" {
    drover each --joblog log -- sh -c 'printf 12345; exit 3' ::: a >/dev/null 2>&1 || same 1 $?
    same $'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand' "$(head -n 1 log)"
    same $'1\t:\t0\t5\t3\t0' "$(sed 1d log | cut -f 1,2,5-8)"
    same "sh -c 'printf 12345; exit 3' a" "$(sed 1d log | cut -f 9)"
    awk -F'\t' -v now="$(date +%s)" 'NR == 2 && ($3 < now - 100 || $3 > now + 1 || $4 < 0 || $4 > 60) { exit 1 }' log
}

@test "--joblog: a signal goes with 0, a time-out with -1" {
    drover each --joblog log --timeout 500ms -- sh -c 'test $0 = kill && kill -9 $$; sleep 60' ::: kill late >/dev/null 2>&1 || same 1 $?
    same $'1\t0\t9\n2\t-1\t15' "$(sed 1d log | cut -f 1,7,8 | sort)"
}

@test "--joblog keeps a command of many lines on one" {
    printf 'one\ntwo\tthree\0' | drover each -0 --joblog log -c 'true
: {}'
    same 2 "$(wc -l <log)"
    same 9 "$(sed 1d log | awk -F'\t' '{ print NF }')"
}

@test "--joblog: children that were never started have no line" {
    exits 1 drover each -j 1 --halt soon,fail=1 --joblog log -- false ::: a b c
    same 2 "$(wc -l <log)"
}

@test "files are complete when each returns, with many children" {
    seq 500 | drover each -j 4 --results res --joblog log -- echo >/dev/null
    same 501 "$(wc -l <log)"
    same 500 "$(cat res/*/stdout | sort -nu | wc -l)"
    same 500 "$(ls res/*/meta.json | wc -l)"
    same '' "$(find res -name '.*')"
}

@test "a batch in the background writes its files too, and so does its resume" {
    touch broken
    drover each --as-job --results res --joblog log -- sh -c 'echo $0; test $0 != b || test ! -e broken' ::: a b >/dev/null
    wait_state Failed 1
    same 3 "$(wc -l <log)"
    rm broken
    drover resume 1
    wait_state Completed 1
    same 4 "$(wc -l <log)"
    same '["Completed",2]' "$(jq -c '[.state, .attempt]' res/2/meta.json)"
}

@test "a killed supervisor costs no file and repeats no line" {
    seq 60 >items
    drover each --as-job -j 4 -a items --results res --joblog log -- sh -c 'sleep 0.05; echo $0' >/dev/null
    for i in 1 2 3; do
        wait_until bash -c "[ \$(wc -l <log) -gt $((i * 12)) ]"
        kill_and_wait "$(supervisor_pid)"
        drover get >/dev/null
    done
    wait_state Completed 1
    same "$(seq 60)" "$(sed 1d log | cut -f 1 | sort -n)"
    same "$(seq 60)" "$(cat res/*/stdout | sort -n)"
}

@test "a line stands in the log once, though the end that it tells of could not be committed at first" {
    inject "program=drover-supervisor call=write path=jobs.db-wal error=EIO times=0 while=$work/bad"
    mkfifo go
    drover each --as-job --joblog log -- sh -c 'read -r x <go' ::: a >/dev/null
    wait_state Running 1.1
    touch bad
    echo >go
    wait_until says '*jobs.db*' drover supervisor
    rm bad
    wait_state Completed 1
    same 2 "$(wc -l <log)"
}

@test "what there is no room for is tried again, and get says why the batch waits" {
    drover each --as-job --joblog log -- sh -c 'rm log; ln -s /dev/full log' ::: a >/dev/null
    wait_until bash -c 'drover get --format reason 1 | grep -q "log: No space left on device, next try in 2 s"'
    prints Running field state 1
    rm log
    wait_state Completed 1
    same 1 "$(wc -l <log)"
}

@test "a stop does not wait for files that there is no room for" {
    drover each --as-job -j 1 --joblog log -- sh -c 'if [ $0 = a ]; then rm log; ln -s /dev/full log; else sleep 60; fi' ::: a b >/dev/null
    wait_until bash -c 'drover get --format reason 1 | grep -q "No space left"'
    drover stop 1
    prints Stopped field state 1
}

@test "what cannot be written at all fails the batch, whose output is kept" {
    exits 1 drover each -j 1 --results res -- sh -c '[ $0 = b ] || { rm -rf res; touch res; }; echo $0' ::: a b
    same $'a\nb' "$out"
    matches '*drover: batch 1: *res/[12]: Not a directory' "$err"
    matches '*res/[12]: Not a directory' "$(field reason 1)"
}

@test "a directory or file that cannot be made is told before anything is started" {
    touch file
    fails 2 '--results: file: Not a directory*' drover each --results file -- touch ran ::: a
    fails 2 "--results: '': *" drover each --results '' -- touch ran ::: a
    fails 2 '--results: file/x: *' drover each --results file/x -- touch ran ::: a
    fails 2 '--joblog: none/log: *' drover each --joblog none/log -- touch ran ::: a
    refute test -e ran
}

@test "--joblog and --results take no - for a file" {
    fails 2 '--joblog: - is no file*' drover each --joblog - -- true ::: 1
    fails 2 '--results: - is no file*' drover each --results - -- true ::: 1
    [ ! -e - ]
}
