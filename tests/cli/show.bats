# What each and retry show: tags, lines, whole outputs, the summary of failures.
load helper
TEST_LIMIT=240 # much output

@test "--tag puts the item before each line, and ends the last" {
    prints $'a\tone\na\ttwo\nb\tone\nb\ttwo' drover each -k --tag -- sh -c 'printf "one\ntwo"' ::: a b
}

@test "--tag escapes what would break the line" {
    printf 'a\tb\0c\nd\0\e[1m\0' >items
    prints $'a\\tb\tx\nc\\nd\tx\n\\e[1m\tx' drover each -k -0 -a items --tag -- sh -c 'echo x'
}

@test "--lines shows a line when it comes, and never a line of two children" {
    drover each --lines -j 2 -- sh -c 'echo first; printf part; until [ -e go ]; do sleep 0.02; done; echo " $0"' ::: a b >got & pid=$!
    wait_until bash -c '[ "$(grep -cx first got)" = 2 ]'
    touch go
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

@test "30 children that print 3 MB of one letter each: no run is split, tagged or not" {
    local letters=({a..z} {A..D}) how
    for how in --keep-job --tag; do
        drover each "$how" -j 4 -- sh -c 'head -c 3000000 /dev/zero | tr "\0" "$0"' ::: "${letters[@]}" >got
        sed -i 's/^[a-zA-D]\t//' got
        same 90000000 "$(tr -d '\n' <got | wc -c)"
        same "$(printf '%s' {A..D} {a..z})" "$(tr -d '\n' <got | tr -s a-zA-D | fold -w 1 | LC_ALL=C sort | tr -d '\n')"
    done
}

@test "binary output comes whole, byte for byte" {
    head -c 300000 /dev/urandom >blob
    drover each -k -j 2 -- sh -c 'cat blob' ::: a b >got
    cat blob blob >want
    same_file want got
}

@test "what goes to standard error alone stays there" {
    exits 0 drover each -k -- sh -c 'echo "$0" >&2' ::: a b
    same '' "$out"
    same $'a\nb' "$err"
}

@test "output without a final newline gets none" {
    drover each -k -- printf %s ::: a b >got
    printf ab >want
    same_file want got
}

@test "a child that a signal has killed is told with it" {
    exits 1 drover each -k -- sh -c 'echo "$0"; [ "$0" = a ] || kill -KILL $$' ::: a b
    same $'a\nb' "$out"
    matches 'drover: 1.2: b: *signal 9*' "$err"
}

@test "a child that leaves a daemon behind is not waited for, and what that prints later is kept" {
    exits 1 drover each -k -- sh -c '(until [ -e go ]; do sleep 0.02; done; echo late) & echo "$0"; exit 1' ::: a
    same a "$out"
    touch go
    prints late drover receive --follow 1
}

@test "the summary has the first lines of standard error, ten children and how many more" {
    exits 1 drover each -k -j 2 -- sh -c 'echo "one $0
two
three
four" >&2; exit 1' ::: $(seq 12)
    summary=${err#*drover: 12 of 12 failed}
    matches $'\ndrover: 1.1: 1: exit 1\n    one 1\n    two\n    three\ndrover: 1.2: 2: exit 1\n*' "$summary"
    same 10 "$(grep -c '^    one' <<<"$summary")"
    refute grep -q '^    four' <<<"$summary"
    matches $'*\ndrover: and 2 more: drover get --state Failed --children 1\ndrover: retry with: drover retry 1' "$summary"
    prints Failed field state 1
}
