load helper

@test "each runs the command for each item, as its last argument" {
    prints $'item a\nitem b' drover each -k -- echo item ::: a b
}

@test "{} stands for the item, wherever it is" {
    prints $'<a> a.txt\n<b> b.txt' drover each -k -- echo '<{}>' '{}.txt' ::: a b
}

@test "items come from standard input, a line each" {
    prints $'x 1\nx 2\nx 3' bash -c 'seq 3 | drover each -k -- echo x'
}

@test "the last line needs no newline" {
    prints $'1\n2' bash -c 'printf "1\n2" | drover each -k -- echo'
}

@test "items come from a file" {
    seq 3 >items
    prints $'1\n2\n3' drover each -k --items items -- echo
    prints $'1\n2\n3' drover each -k -a items -- echo
}

@test "with -0 items end with NUL and may hold newlines" {
    printf 'a\nb\0c\0' | drover each -k -0 -- printf '<%s>' >got
    same $'<a\nb><c>' "$(cat got)"
}

@test "odd items arrive as they are" {
    items=('' ' ' '-n' '--help' '$(id)' "it's" '*' $'\xff\xfe' 'a b' '{}' '\')
    printf '%s\0' "${items[@]}" | drover each -k -0 -- printf '%s\0' >got
    printf '%s\0' "${items[@]}" >want
    same_file want got
}

@test "an item of 100 KiB arrives" {
    head -c 102400 /dev/zero | tr '\0' x >item
    drover each -- printf %s <item >got
    same_file item got
}

@test "an item that is too long for the system fails alone" {
    { head -c 200000 /dev/zero | tr '\0' x; echo; echo short; } >items
    exits 1 drover each --keep-job --name long -- echo <items
    same short "$out"
    prints 1 json '.[0].children.failed' long
}

@test "no items: nothing to do, exit 0" {
    prints '' drover each -- echo </dev/null
    prints '' drover get --format id
}

@test "empty lines are items" {
    prints $'<>\n<a>' bash -c 'printf "\na\n" | drover each -k -- printf "<%s>\n"'
}

@test "outputs are whole and never mixed" {
    drover each -j 4 -- sh -c 'for i in 1 2 3 4 5; do printf "$0 "; sleep 0.01; done; echo' ::: a b c d e f g h >got
    same "$(for i in a b c d e f g h; do echo "$i $i $i $i $i "; done)" "$(sort got)"
}

@test "large outputs are whole and never mixed" {
    drover each -j 2 -- sh -c 'yes $0 | head -n 100000' ::: a b c >got
    same 3 "$(uniq got | wc -l)"
    same 300000 "$(wc -l <got)"
}

@test "outputs come as children finish" {
    prints $'0.05\n0.8' drover each -j 2 -- sh -c 'sleep $0; echo $0' ::: 0.8 0.05
}

@test "--keep-order keeps the order of the items" {
    prints $'0.4\n0.05\n0.2' drover each -k -j 3 -- sh -c 'sleep $0; echo $0' ::: 0.4 0.05 0.2
}

@test "errors go to standard error" {
    drover each -- sh -c 'echo out; echo err >&2' ::: a >got.out 2>got.err
    same out "$(cat got.out)"
    same err "$(cat got.err)"
}

@test "--throttle limits how many run at once" {
    drover each -j 2 -- sh -c 'mkdir run.$0; ls -d run.* | wc -l; sleep 0.1; rmdir run.$0' ::: 1 2 3 4 5 6 >got
    same 2 "$(sort -n got | tail -n 1)"
}

@test "--throttle 1 runs them one after the other, in order" {
    drover each --throttle 1 -- sh -c 'echo $0 >>order' ::: 1 2 3 4 5
    same "$(seq 5)" "$(cat order)"
}

@test "--throttle max has no limit" {
    drover each -j max -- sh -c 'mkdir run.$0; while [ "$(ls -d run.* | wc -l)" -lt 9 ]; do sleep 0.02; done' ::: $(seq 9)
    same 9 "$(ls -d run.* | wc -l)"
}

@test "the exit status is 1 when a child failed, and says how many" {
    exits 0 drover each -- true ::: a b
    exits 1 drover each -- false ::: a b
    exits 1 drover each -- sh -c 'exit $0' ::: 0 3 0
}

@test "all children run though some fail" {
    exits 1 drover each -k -- sh -c 'echo $0; exit $0' ::: 1 0 2
    same $'1\n0\n2' "$out"
}

@test "the batch is removed at the end" {
    prints $'a\nb' drover each -k -- echo ::: a b
    prints '' drover get --format id
}

@test "--keep-job keeps it" {
    drover each --keep-job -- true ::: a b
    prints $'1\tBatch\tCompleted' drover get --format id,type,state
}

@test "--name names the batch" {
    drover each --keep-job --name thumbs -- true ::: a
    prints thumbs field name 1
}

@test "--as-job prints the id and returns" {
    prints 1 timeout 10 drover each --as-job -- sleep ::: 60 60
    wait_state Running 1
}

@test "--as-job reads all its items first" {
    seq 3000 | drover each --as-job -j 2 -- true >id
    drover wait 1 >/dev/null
    prints 3000 json '.[0].children.completed' 1
}

@test "without a command each is an error of usage" {
    fails 2 '*command*' drover each
    fails 2 '*' drover each --items nowhere -- echo
}

@test "nothing but the output is printed when standard error is no terminal" {
    drover each -k -- echo ::: a b >got 2>err
    same $'a\nb' "$(cat got)"
    same '' "$(cat err)"
}

@test "on a terminal there is a summary line" {
    script -qec 'drover each -- true ::: a b c' /dev/null >screen </dev/null
    grep -q 3 screen
}

@test "many small items: every output, once" {
    seq 2000 | drover each -j 4 -- echo >got
    sort -n got | cmp - <(seq 2000)
}

@test "input that has no end works, and items are read as they are needed" {
    mkfifo fifo
    yes >fifo &
    feeder=$!
    drover each -j 2 -- echo <fifo 2>/dev/null | head -n 50 >got
    wait_until gone "$feeder"
    same 50 "$(wc -l <got)"
}

@test "children run before the input has ended" {
    mkfifo fifo
    drover each -- touch <fifo & exec 9>fifo
    echo first >&9
    wait_until test -e first
    exec 9>&-
    wait $!
}

@test "an interrupt stops it and says how to go on" {
    env --default-signal=INT drover each -j 2 -- sleep ::: 60 61 62 63 2>err & pid=$!
    wait_state Running 1.2
    kill -INT "$pid"
    exits 130 wait "$pid"
    matches '*resume with: drover resume 1*' "$(cat err)"
    prints Stopped field state 1
    prints 4 json '.[0].children.stopped' 1
}

@test "a lost terminal leaves the batch running" {
    drover each -j 2 -- sleep ::: 60 61 62 & pid=$!
    wait_until bash -c '[ "$(drover get --json | jq .[0].children.running)" = 2 ]'
    kill -HUP $pid
    exits 129 wait $pid
    prints Running field state 1
    prints 2 json '.[0].children.running' 1
}

@test "a long item leaves room for the reason" {
    exits 1 drover each false ::: "$(head -c 5000 /dev/zero | tr '\0' a)"
    matches 'drover: 1.1: aaaa*a...: exit 1*' "$err"
}

@test "a batch that was stopped from elsewhere is kept, to be resumed" {
    drover each -- sleep ::: 60 60 2>err & pid=$!
    wait_state Running 1.1; drover stop 1
    exits 1 wait "$pid"; grep -qx 'drover: resume with: drover resume 1' err; prints Stopped field state 1
}

@test "with -c an item is refused where no quoting makes it data" {
    fails 2 'each: -c: {} or its like stands in backquotes, where no quoting makes it data: *' drover each -c 'echo `echo {}`' ::: '$(touch x)'
    fails 2 'each: -c: {} or its like stands behind a here-document, *' drover each --dry-run -c $'cat <<E\n{1}\nE' ::: '$(touch x)'
    fails 2 'each: -c: {} or its like stands in a script that is not for sh, *' drover each --shell fish -c 'echo {}' ::: a
    prints $'$(touch x)\n1' drover each -c $'x={}; cat <<E\n$x\n{#}\nE' ::: '$(touch x)'
    prints 2 drover each -c 'echo {}>out; cat out' ::: 2
    prints $'6\n-4' drover each -k -c 'echo "$(({} * 2))"' ::: 3 -2
    for shell in sh bash; do
        exits 1 drover each --shell $shell -c 'echo $(({} + 1))' ::: 'a[$(touch x)]' '$(touch x)'
    done
    [ ! -e x ]
}

@test "with -c an item is data also within quotes of the script" {
    prints '`id`' drover each -c 'echo "{}"' ::: '`id`'
    prints '; id #' drover each -c "echo '{}'" ::: '; id #'
    prints '$(id) "x"' drover each -c 'echo "$(printf %s "{}")"' ::: '$(id) "x"'
}

@test "an interrupt while items still come says how to go on with the whole input" {
    seq 5000 >items
    env --default-signal=INT drover each -j 2 -a items -- sleep 30.3 2>err & pid=$!
    wait_state Running 1.2
    kill -INT "$pid"
    exits 130 wait "$pid"
    matches '*its input was cut off: go on with: drover each --resume-into 1, and its whole input*' "$(cat err)"
    matches '*stopped*, and its input cut off' "$(field reason 1)"
}

@test "a batch drained by throttle 0 says so" {
    drover each --as-job -j 1 -- sh -c 'until [ -e go ]; do sleep 0.02; done' ::: 1 2 >/dev/null
    wait_state Running 1.1
    drover throttle 1 0
    touch go
    wait_state Completed 1.1
    prints 'waiting: starts nothing new (throttle 0)' field reason 1
}
