load helper

# each --pipe: standard input in blocks, a child's standard input each.

@test "--pipe splits standard input at the ends of lines, and every line arrives once" {
    seq 200000 >numbers
    drover each --pipe --block 100K -k -- cat <numbers >got
    same_file numbers got
    drover each --pipe --block 100K -k -- sh -c 'head -n 1; tail -n 1' <numbers >ends
    awk 'NR % 2 && NR > 1 && $1 != last + 1 { exit 1 } { last = $1 }' ends
}

@test "--block limits a block, but for a record that is longer" {
    { seq 1000; head -c 50000 /dev/zero | tr '\0' x; echo; seq 1000; } >lines
    drover each --pipe --block 4K -k -- wc -c <lines >sizes
    same 1 "$(awk '$1 > 4096' sizes | wc -l)"
    same "$(wc -c <lines)" "$(awk '{ n += $1 } END { print n }' sizes)"
}

@test "-N gives so many records to each" {
    prints $'3\n3\n3\n1' bash -c 'seq 10 | drover each --pipe -N 3 -k -- wc -l'
    prints $'a;b;\nc;' bash -c "printf 'a;b;c;' | drover each --pipe -N 2 --recend ';' -k -c 'cat; echo'"
}

@test "--recend is any text, with escapes, or nothing" {
    printf 'one\0two\0three\0' >records
    drover each --pipe -N 1 --recend '\0' -k -- sh -c 'tr "\0" .; echo' <records >got
    same $'one.\ntwo.\nthree.' "$(cat got)"
    head -c 1000000 /dev/urandom >bytes
    drover each --pipe --recend '' --block 64K -k -- cat <bytes >got
    same_file bytes got
    same 16 "$(drover each --pipe --recend '' --block 64K -- wc -c <bytes | wc -l)"
    printf 'a\r\n\r\nb\r\n\r\nc' | drover each --pipe -N 1 --recend '\r\n\r\n' -k -- wc -c >sizes
    same '5 5 1' "$(xargs <sizes)"
}

@test "--pipe reads a file, and blocks larger than a frame" {
    head -c 20000000 /dev/urandom >bytes
    drover each --pipe --recend '' --block 9M -k -a bytes -- cat >got
    same_file bytes got
}

@test "--pipe without input starts nothing" {
    prints '' drover each --pipe -- echo child </dev/null
}

@test "each attempt of a child reads its block from the beginning" {
    seq 4 | drover each --pipe -N 2 -k --retries 1 --backoff 10ms -c 'cat; [ $DROVER_ATTEMPT = 2 ]' >got 2>/dev/null
    same $'1\n2\n1\n2\n3\n4\n3\n4' "$(cat got)"
}

@test "{#} is the number of the block; nothing is appended to the command" {
    prints $'1 2\n2 1' bash -c "seq 3 | drover each --pipe -N 2 -k -c 'echo {#} \$(wc -l)'"
    prints '0' bash -c "seq 3 | drover each --pipe -- sh -c 'echo \$#'"
}

@test "blocks are kept only as long as they are needed" {
    seq 100000 | drover each --pipe --block 10K -j 2 -- sh -c 'cat >/dev/null; ls "$DROVER_HOME/input" | wc -l' >counts
    awk '$1 > 10 { exit 1 }' counts
    same 0 "$(ls "$DROVER_HOME/input" | wc -l)"
    seq 10 | drover each --pipe --as-job -N 1 -- false >id
    wait_state Failed "$(cat id)"
    same 10 "$(ls "$DROVER_HOME/input" | wc -l)"
    drover remove "$(cat id)"
    wait_until bash -c '[ "$(ls "$DROVER_HOME/input" | wc -l)" = 0 ]'
}

@test "input without end works, and little of it is taken ahead" {
    yes | drover each --pipe -N 100 -j 1 -- sh -c 'cat >/dev/null; echo done' | head -n 20 >got
    same 20 "$(wc -l <got)"
}

@test "a supervisor killed while blocks are fed: no line is lost, none comes twice" {
    seq 300000 >numbers
    { head -c 700000 numbers; until [ -e go ]; do sleep 0.02; done; tail -c +700001 numbers; } |
        drover each --pipe --block 50K -k -- cat >got &
    wait_until test -s got
    kill_and_wait "$(supervisor_pid)"
    touch go
    wait $!
    same_file numbers got
}

@test "a resumed batch reads its blocks again" {
    touch broken
    seq 6 | drover each --pipe --keep-job -N 2 -j 1 -- sh -c 'cat >>read; test ! -e broken' 2>/dev/null || same 1 $?
    rm broken read
    exits 0 drover retry --keep-job 1
    same "$(seq 6)" "$(sort read)"
}

@test "what --pipe does not go with is an error of usage" {
    fails 2 '*not from ::: *' drover each --pipe -- cat ::: a
    fails 2 '*--pipe: reads one file*' drover each --pipe -a x -a y -- cat
    fails 2 '*--items: nowhere: *' drover each --pipe -a nowhere -- cat
    fails 2 '*are for --pipe*' drover each --block 1M -- cat ::: a
    fails 2 '*has no items*' drover each --pipe -0 -- cat
    fails 2 '*has no items*' drover each --pipe --header : -- cat
    fails 2 '*--block: 0 is not a size*' drover each --pipe --block 0 -- cat
    fails 2 '*neither --dry-run*' drover each --pipe --dry-run -- cat
    fails 2 '*give --recend*' drover each --pipe -N 1 --recend '' -- cat
}
