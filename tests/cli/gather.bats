load helper

# Equal outputs shown once.

@test "equal outputs are shown once, under the folded items, the most frequent first" {
    prints $'---- web[1-3,5] (4) ----\nsame\n---- web4 (1) ----\nother\n---- web6 (1): no output ----' \
        drover each --gather -c 'case {} in *4) echo other ;; *6) ;; *) echo same ;; esac' ::: web{1..6}
}

@test "items that are no hosts are named, odd ones escaped, many cut short" {
    prints $'---- a b, $x (2) ----\nhi' drover each --gather -- sh -c 'echo hi' ::: 'a b' '$x'
    exits 0 drover each --gather -j 8 -- sh -c 'echo hi' ::: $(seq -f 'n %.0f' 30 | tr ' ' _ | sed 's/$/!/')
    matches $'---- n_1!, * and 10 more (30) ----\nhi' "$out"
}

@test "streams are compared each by itself, and shown where they belong" {
    exits 0 drover each --gather -k -- sh -c 'case $0 in 1) echo o; echo e >&2 ;; 2) echo e >&2; echo o ;; *) echo o ;; esac' ::: 1 2 3 2>/dev/null ||
        exits 0 drover each --gather -- sh -c 'case $0 in 1) echo o; echo e >&2 ;; 2) echo e >&2; echo o ;; *) echo o ;; esac' ::: 1 2 3
    same $'---- [1-2] (2) ----\no\n---- 3 (1) ----\no' "$out"
    same e "$err"
}

@test "an output without a newline at its end does not run into the next header" {
    prints $'---- [2-3] (2) ----\nb\n---- 1 (1) ----\na' drover each --gather -c 'case {} in 1) printf a ;; *) printf b ;; esac' ::: 1 2 3
}

@test "receive --gather waits, marks as read, and --keep does not" {
    drover each --as-job -c 'sleep 0.2; echo x' ::: 1 2 >/dev/null
    prints $'---- [1-2] (2) ----\nx' drover receive --gather --keep 1
    prints $'---- [1-2] (2) ----\nx' drover receive --gather 1
    prints '' drover receive --gather 1
    prints '' drover receive 1
}

@test "a reader that goes away leaves all of it unread" {
    drover each --as-job -c 'head -c 300000 /dev/zero | tr "\0" {}' ::: 1 2 3 >/dev/null
    drover wait 1 >/dev/null
    drover receive --gather 1 | head -c 10 >/dev/null
    same 900000 "$(drover receive 1 | wc -c)"
}

@test "--diff shows one output, and what differs from it" {
    drover each --as-job -c 'echo a; case {} in 3) echo B ;; *) echo b ;; esac; echo c' ::: 1 2 3 >/dev/null
    prints $'---- [1-2] (2) ----\na\nb\nc\n---- 3 (1) ----\n--- 2 stdout\n+++ 3 stdout\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c' \
        drover receive --diff 2 --keep 1
    fails 2 '--diff: 9: is none of those that ran' drover receive --diff 9 1
}

@test "of what was retried only the last attempt is gathered" {
    drover each --retries 1 --backoff 10ms --as-job -c 'echo try $DROVER_ATTEMPT; test $DROVER_ATTEMPT = 2' ::: 1 2 >/dev/null
    prints $'---- [1-2] (2) ----\ntry 2' drover receive --gather 1
}

@test "failures and the exit status are as without" {
    exits 1 drover each --gather -c 'echo x; test {} = 1' ::: 1 2
    same $'---- [1-2] (2) ----\nx' "$out"
    matches '*1 of 2 failed*drover retry 1' "$err"
}

@test "two thousand outputs, two of a kind" {
    seq 2000 | drover each --as-job -j 8 -c 'echo $(( {} % 1000 ))' >/dev/null
    exits 0 drover receive --gather 1
    same 1000 "$(grep -c '^---- .* (2) ----$' <<<"$out")"
    same $'---- [7,1007] (2) ----\n7' "$(grep -A1 -F -- '---- [7,1007] ' <<<"$out")"
}

@test "what does not go with --gather is refused" {
    fails 2 'each: --gather goes with none of*' drover each --gather --tag true ::: 1
    fails 2 'receive: --gather and --diff: go with*' drover receive --gather --tag 1
    drover start true >/dev/null
    fails 2 '--gather: job 1: is no batch' drover receive --gather 1
}
