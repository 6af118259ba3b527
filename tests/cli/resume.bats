load helper

# Going on with a batch, and with a changed input.

@test "--resume-into runs what is new, and what did not complete" {
    touch broken
    exits 1 drover each --keep-job -k -j 1 -- sh -c 'echo $0; test $0 != b || test ! -e broken' ::: a b c
    rm broken
    prints $'b\nx' drover each --keep-job -k --resume-into 1 ::: c x b a
    prints $'a\nb\nc\nx' field item 1.1-9
    prints Completed field state 1
}

@test "--resume-into knows items whole: fields, spaces, and how often each comes" {
    drover each --keep-job -j 1 -- echo ::: 'a b' a same same >/dev/null
    prints $'same\nb' drover each --keep-job -k -j 1 --resume-into 1 ::: same a 'a b' same same b
}

@test "--resume-into leaves what is no longer in the input" {
    exits 1 drover each --keep-job -j 1 --halt soon,fail=1 -- sh -c 'echo $0 >>ran; test $0 != bad' ::: good bad later last
    drover each --keep-job --resume-into 1 ::: later good || same 1 $?
    same $'good\nbad\nlater' "$(cat ran)"
    prints $'Completed\nFailed\nCompleted\nStopped' field state 1.1-9
}

@test "--resume-into takes a name, and the same command" {
    drover each --keep-job --name thumbs -- echo x ::: a
    prints 'x b' drover each --keep-job --resume-into thumbs -- echo x ::: a b
    fails 2 '*is a batch of another command*' drover each --resume-into thumbs -- echo y ::: c
    fails 2 '*has its own policy*' drover each --resume-into thumbs --retries 3 ::: c
}

@test "--resume-into a batch that is not finished, or none, is refused" {
    drover each --as-job -- sleep 60 ::: 1 >/dev/null
    fails 3 '*is not finished*' drover each --resume-into 1 ::: 2
    fails 3 '9: no such job' drover each --resume-into 9 ::: 2
    drover start -- true >/dev/null
    fails 3 '2: *' drover each --resume-into 2 ::: 2
}

@test "--resume-into goes on in the background too, though the supervisor is killed" {
    seq 10 | drover each --keep-job -j 4 -- true
    mkfifo fifo
    drover each --as-job --resume-into 1 -a fifo >/dev/null &
    exec 8<>fifo
    seq 11 15 >&8
    wait_until says '?*' field item 1.11
    kill_and_wait "$(supervisor_pid)"
    seq 10 >&8
    seq 16 20 >&8
    exec 8>&-
    wait $!
    wait_state Completed 1
    prints 20 json '.[0].children.completed' 1
    same "$(seq 20)" "$(field item 1.1-99)"
}

@test "drover retry runs only what did not complete" {
    touch broken
    exits 1 drover each --keep-job -- sh -c 'echo $0 >>ran; test $0 != b || test ! -e broken' ::: a b c
    rm broken
    exits 0 drover retry --keep-job 1
    same $'a\nb\nb\nc' "$(sort ran)"
    prints Completed field state 1
}

@test "retry of several batches shows them all, and one that is refused keeps none from being shown" {
    drover each --as-job --name whole -- true ::: 1 >/dev/null
    drover each --as-job --name c -c 'test -e again && echo c' ::: 1 >/dev/null
    drover each --as-job --name d -c 'test -e again && echo d' ::: 1 >/dev/null
    exits 1 drover wait
    touch again
    exits 3 drover retry --keep-job whole c d
    matches '*nothing left to run*' "$err"
    same $'c\nd' "$out"
}

@test "retry of a job runs those that were not started because of it, along the whole chain" {
    drover start -c 'test -e mended' >/dev/null
    drover start --after 1 -- echo X >/dev/null
    drover start --after 2 -- echo Y >/dev/null
    exits 1 drover wait
    fails 3 '2: waits for job 1, which did not complete: drover retry 1 *' drover retry 2
    wait_state Failed 2
    touch mended
    drover retry --as-job 1
    exits 0 drover wait
    prints $'X\nY' drover receive 1 2 3
}

@test "a job that failed itself does not wait again for what had completed" {
    drover start -- true >/dev/null
    drover start --after 1 -c 'test -e mended && echo X' >/dev/null
    exits 1 drover wait
    drover remove 1
    touch mended
    drover retry --as-job 2
    exits 0 drover wait 2
    prints X drover receive 2
}

@test "a batch that is retried takes what waited for it along" {
    drover each --as-job -c 'test -e mended' ::: 1 >/dev/null
    drover start --after 1 -- echo X >/dev/null
    exits 1 drover wait
    touch mended
    drover retry --keep-job 1
    exits 0 drover wait 2
    prints X drover receive 2
}

@test "--resume-into makes the batch the first time, and keeps it: the same line every night" {
    prints $'x a\nx b' drover each -k --resume-into nightly -- echo x ::: a b
    prints 'x c' drover each -k --resume-into nightly -- echo x ::: a b c
    prints 'x d' drover each -k --resume-into nightly -- echo x ::: a d
    same 1 "$(json length)"
    fails 3 'other: no such job' drover each --resume-into other ::: a
}

@test "a job that waited for two that failed waits until both are retried" {
    drover start -c 'test -e mended' >/dev/null
    drover start -c 'test -e mended' >/dev/null
    drover start --after 1,2 -- echo X >/dev/null
    exits 1 drover wait
    touch mended
    exits 0 timeout 20 drover retry --as-job 1
    wait_state Completed 1
    is_state Failed 3
    exits 0 timeout 20 drover retry --as-job 2
    exits 0 timeout 20 drover wait 3
    prints X drover receive 3
}
