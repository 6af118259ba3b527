# How far a batch has come: the bar on a terminal, and the same figures elsewhere.
load helper

# Runs a command on a terminal (screen.py says how): what its user sees is in $out.
screen() { # STATUS SIZE [STEP ARGUMENT]... -- COMMAND [ARG...]
    local status=$1
    shift
    exits "$status" python3 "$BATS_TEST_DIRNAME/screen.py" "$@"
}

# A shell command for children: waits until the file is there.
until_there() {
    printf 'until [ -e %s ]; do sleep 0.02; done' "$1"
}

@test "on a terminal a bar shows done, total, running, failed, rate and time left" {
    screen 1 24x100 \
        until '^\[#+-+\] 2/4  2 running  1 failed  [0-9.]+/(s|min)  ETA [0-9]' run 'touch go' -- \
        drover each -j 2 -- sh -c 'case $0 in a) ;; b) exit 1 ;; *) '"$(until_there go)"' ;; esac' ::: a b c d
    matches $'1.2: b: exit 1\n*3 of 4 completed in *' "${out#*drover: }"
    refute grep -q running <<<"$out"
}

@test "an item that is still to come is no end: no bar and no time left" {
    screen 0 24x100 until '^1/1\+  0 running' run 'touch go' -- \
        sh -c '{ echo a; '"$(until_there go)"'; echo b; } | drover each -- echo >got'
    same $'a\nb' "$(sort got)"
}

@test "output on the terminal is not garbled by the bar" {
    screen 0 24x80 until '^\[.*1/3  2 running' run 'touch go' until '^b' run 'touch end' -- \
        drover each -k -j 3 -- sh -c '[ "$0" = a ] || '"$(until_there go)"'; [ "$0" != c ] || '"$(until_there end)"'; echo "$0"; echo "$0"' ::: a b c
    matches $'a\na\nb\nb\nc\nc\n3 of 3 completed in * s' "$out"
}

@test "no bar is drawn into a line that has begun" {
    screen 0 24x80 until '^a$' run "$(until_there begun); sleep 0.5; touch go" -- \
        drover each -k -j 2 -- sh -c '[ "$0" = a ] || { : >begun; '"$(until_there go)"'; }; printf %s "$0"' ::: a b
    matches $'ab\n2 of 2 completed in * s' "$out"
}

@test "a message of its own begins on a line of its own" {
    screen 1 24x80 -- drover each -k -j 1 -- sh -c 'printf %s "$0"; [ "$0" = a ]' ::: a b
    matches $'a\ndrover: 1.2: b: exit 1\nb\ndrover: 1 of 2 failed\n*' "$out"
}

@test "the bar survives a terminal that becomes narrow and wide again, and leaves nothing" {
    screen 0 24x100 \
        until '^\[#+-+\] 1/3  2 running .*ETA' size 24x30 until '^1/3  2 running.{0,14}$' \
        size 24x12 until '^1/3  2 runn?$' size 24x90 until '^\[#+-+\] 1/3  2 running .*ETA' \
        size 24x20 run 'touch go' -- \
        drover each -k -j 3 -- sh -c '[ "$0" = a ] || '"$(until_there go)"'; echo "$0 is a line that is wider than that"' ::: a b c
    matches $'a is a line that is wider than that\nb is a line that is wider than that\nc is a line that is wider than that\n3 of 3 completed in * s' "$out"
}

@test "with output in a file the bar alone is on the terminal" {
    screen 0 24x80 until '^\[.*1/2  1 running' run 'touch go' -- \
        sh -c 'drover each -k -- sh -c "[ \$0 = a ] || $0; printf %s \$0" ::: a b >got' "$(until_there go)"
    same ab "$(cat got)"
    matches '2 of 2 completed in * s' "$out"
}

@test "nothing of it on a pipe" {
    exits 0 drover each -- sh -c 'sleep 0.5; echo "$0"' ::: a
    same a "$out"
    same '' "$err"
}

@test "--bar without a terminal: lines, the last of them the whole" {
    drover each --bar -k -j 2 -- sh -c '[ "$0" = a ] || '"$(until_there go)"'; echo "$0"' ::: a b >got 2>err &
    wait_until grep -q '^1/2  1 running' err
    touch go
    wait $!
    same $'a\nb' "$(cat got)"
    same '2/2  0 running' "$(tail -n 1 err)"
    refute grep -q $'[\r\e]' err
}

@test "--no-bar: none on a terminal either" {
    SCREEN_RAW=$PWD/raw screen 0 24x80 -- drover each --no-bar -- sh -c 'sleep 0.6; echo "$0"' ::: a
    matches $'a\n1 of 1 completed in * s' "$out"
    refute grep -q running raw
    fails 2 '*--bar and --no-bar exclude each other*' drover each --no-bar --bar -- true ::: a
}

@test "what failed is red, but not with NO_COLOR" {
    local go
    go='[ "$0" = a ] && exit 1; '"$(until_there go)"
    SCREEN_RAW=$PWD/raw screen 1 24x80 until '1 failed' run 'touch go' -- drover each -- sh -c "$go" ::: a b
    grep -q $'\e\\[31m1 failed\e\\[0m' raw
    rm go raw
    NO_COLOR=1 SCREEN_RAW=$PWD/raw screen 1 24x80 until '1 failed' run 'touch go' -- drover each -- sh -c "$go" ::: a b
    refute grep -q $'\e\\[[0-9]*m' raw
}

@test "get BATCH has the figures below the table on a terminal, in the reason everywhere" {
    drover each --as-job -j 1 -- sh -c '[ "$0" = a ] || '"$(until_there go)" ::: a b >/dev/null
    wait_state Completed 1.1
    wait_state Running 1.2
    screen 0 24x120 -- drover get 1
    matches '1: 1/2  1 running  */*  ETA *' "${out##*$'\n'}"
    exits 0 drover get 1
    same 3 "$(wc -l <.out)"
    same '' "$err"
    matches '1 of 2 done, 1 running, */*, * left' "$(json '.[0].reason' 1)"
    touch go
    wait_state Completed 1
    screen 0 24x120 -- drover get 1
    same 3 "$(wc -l <<<"$out")"
}

@test "receive --wait shows the bar too, with output beside it" {
    drover each --as-job -j 1 -- sh -c '[ "$0" = a ] || '"$(until_there go)"'; echo "$0"' ::: a b >/dev/null
    screen 0 24x80 until '^\[#+-+\] 1/2  1 running' run 'touch go' -- drover receive --wait 1
    same $'a\nb' "$out"
}

@test "receive --wait of jobs that are no batch has none" {
    drover start -c 'sleep 0.6; echo a' >/dev/null
    SCREEN_RAW=$PWD/raw screen 0 24x80 -- drover receive --wait 1
    same a "$out"
    refute grep -q running raw
}
