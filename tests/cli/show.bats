# What each and retry show: tags, lines, whole outputs, the summary of failures.
load helper

@test "--tag puts the item before each line, and ends the last" {
    prints $'a\tone\na\ttwo\nb\tone\nb\ttwo' drover each -k --tag -- sh -c 'printf "one\ntwo"' ::: a b
}

@test "--tag escapes what would break the line" {
    printf 'a\tb\0c\nd\0\e[1m\0' >items
    prints $'a\\tb\tx\nc\\nd\tx\n\\e[1m\tx' drover each -k -0 -a items --tag -- sh -c 'echo x'
}

@test "--lines shows a line when it comes, and never a line of two children" {
    mkfifo fifo
    drover each --lines -j 2 -- sh -c 'echo first; printf part; read -r x <fifo; echo " $0"' ::: a b >got & pid=$!
    wait_until bash -c '[ "$(grep -cx first got)" = 2 ]'
    printf 'x\ny\n' >fifo; printf 'x\n' >fifo
    wait "$pid"
    same $'first\nfirst\npart a\npart b' "$(sort got)"
}

@test "--lines ends a last line without a newline" {
    prints $'a\nb' bash -c 'drover each --lines -j 1 -- printf %s ::: a b'
}

@test "runs of 3 MB without a newline are not split, whole, tagged or by lines" {
    for how in --keep-order --tag --lines; do
        drover each "$how" -j 4 -- sh -c 'head -c 3000000 /dev/zero | tr "\0" "$0"' ::: a b c d e f >got
        same 6 "$(sed 's/^[a-f]\t//' got | fold -w 3000000 | awk '{ c = substr($0, 1, 1); gsub(c, ""); print length($0) }' | grep -cx 0)"
    done
}

@test "a summary says what failed, with what it said" {
    exits 1 drover each -- sh -c 'echo "bad $0" >&2; [ "$0" = ok ]' ::: ok no
    matches $'*drover: 1 of 2 failed\ndrover: 1.2: no: exit 1\n    bad no\ndrover: retry with: drover retry 1' "$err"
}

@test "many failures do not flood" {
    exits 1 drover each -j 4 -- false ::: $(seq 60)
    same 20 "$(sed '/60 of 60/,$d' .err | grep -c ': exit 1')"
    matches '*drover: and 50 more: drover get --state Failed --children 1*' "$err"
}

@test "a batch in which something failed is kept and can be retried; then it is removed" {
    exits 1 drover each -- sh -c '[ -e go ]' ::: a
    prints Failed field state 1
    touch go
    exits 0 drover retry 1
    prints '' drover get --format id
}
