# One command on one machine: drover-session against a real sshd.
load ../cli/helper
load sshd

setup() {
    work=$(mktemp -d "${BATS_TMPDIR:-/tmp}/drover-test.XXXXXX")
    cd "$work"
    session=$(cd "$BATS_TEST_DIRNAME/../.." && cd "$DROVER_BUILD" && pwd)/src/session/drover-session
    host=127.1.0.1
}

teardown() {
    sshd_down
    cd /
    rm -rf "$work"
}

on() { # OPTION... -- HOST -- WORD...
    "$session" --ssh-config "$ssh_config" --verdict "$work/verdict" "$@"
}

# In the background, as a child of the test: $pid.
on_behind() { # OPTION... -- HOST -- WORD...
    "$session" --ssh-config "$ssh_config" --verdict "$work/verdict" "$@" 2>>err 3>&- &
    pid=$!
}

# The kind of a failure, with the exit status of a transport that failed.
lost() { # FIRST KIND OPTION...
    local first=$1 kind=$2
    shift 2
    exits 255 on "$@"
    same "$first" "$(head -n 1 verdict)"
    matches "$kind" "$(sed -n 2p verdict)"
}

runs() { # a process of that exact command line
    pgrep -fx "$1" >/dev/null
}

@test "words arrive as they were given" {
    sshd_up
    printf '[%s]' 'a b' "it's" '$x' '' '*' 'b\s' '"' $'new\nline' '~' >want
    on -- $host -- printf '[%s]' 'a b' "it's" '$x' '' '*' 'b\s' '"' $'new\nline' '~' >got
    same_file want got
    [ ! -e verdict ]
}

@test "every exit status is the command's own, 255 too" {
    sshd_up
    for status in 0 1 2 126 127 128 193 254 255; do
        exits $status on -- $host -- sh -c "exit $status"
        [ ! -e verdict ]
    done
}

@test "a command that a signal ended ends the session by the same" {
    sshd_up
    for pair in TERM:143 KILL:137 USR1:138; do
        exits ${pair#*:} bash -c '"$@" 2>err; status=$?; exit $status' - \
            "$session" --ssh-config "$ssh_config" -- $host -- sh -c "kill -${pair%:*} \$\$"
        same '' "$(cat err)"
    done
}

@test "output is exact, streams are apart, a final newline is not added" {
    sshd_up
    head -c 3000000 /dev/urandom >want
    on -- $host -- sh -c 'cat "$1"; printf end >&2' - "$work/want" >got 2>err
    same_file want got
    same end "$(cat err)"
}

@test "what the shell there prints at its start is no output" {
    sshd_up 'ForceCommand echo noise; echo more >&2; eval "$SSH_ORIGINAL_COMMAND"'
    prints hello on -- $host -- echo hello
}

@test "environment, directory, shell line, sudo" {
    sshd_up
    prints $'b c\n/' on --env 'A=b c' --cwd / -- $host -- sh -c 'echo "$A"; pwd'
    prints 3 on --shell-line -- $host -- 'echo $((1 + 2))'
    command -v sudo && sudo -n true || skip 'no sudo'
    prints 0 on --sudo -- $host -- id -u
    exits 7 on --sudo -- $host -- sh -c 'exit 7'
}

@test "reasons are told apart, and nothing ran" {
    sshd_up
    lost not-run 'refused: *Connection refused' -- $host:1 -- touch ran
    lost not-run 'unreachable: *' -- nowhere.invalid -- touch ran
    lost not-run 'host key: *is known for*' --ssh-option UserKnownHostsFile=/dev/null -- $host -- touch ran
    sed "s/ssh-ed25519 .*/$(cut -d' ' -f1,2 sshd/user.pub | sed 's,/,\\/,g')/" sshd/known_hosts >wrong
    lost not-run 'host key: *changed*' --ssh-option UserKnownHostsFile="$work/wrong" -- $host -- touch ran
    echo >sshd/user.pub
    lost not-run 'auth: *Permission denied*' -- $host -- touch "$work/ran"
    [ ! -e ran ]
}

@test "an unknown key is taken where that was asked for" {
    sshd_up
    prints ok on --accept-new --known-hosts "$work/new" -- $host -- echo ok
    grep -q ed25519 new
}

@test "a machine that is silent, or is no ssh" {
    sshd_up
    python3 -c '
import socket, sys, time
s = socket.socket(); s.bind(("", 0)); s.listen(8)
open("silent", "w").write(str(s.getsockname()[1])); held = []
while True:
    c = s.accept()[0]; c.sendall(b"SSH-2.0-x\r\n"); held.append(c)' 3>&- &
    faulty=$! failed=
    wait_until test -s silent
    lost not-run 'timeout: no answer within 1s' --connect-timeout 1s -- "$host:$(cat silent)" -- true || failed=1
    kill $faulty
    [ -z "$failed" ]
}

@test "a stop ends the whole command there" {
    sshd_up
    on_behind --grace 1s -- $host -- sh -c 'sleep 73.125 & sleep 73.125'
    wait_until runs 'sleep 73.125'
    same unknown "$(cat verdict)"
    kill $pid
    status=0
    wait $pid || status=$?
    same 143 $status
    wait_until refute runs 'sleep 73.125'
}

@test "a session that is killed leaves nothing there" {
    sshd_up
    on_behind --grace 1s -- $host -- sh -c 'trap "" TERM; sleep 74.125; sleep 74.125'
    wait_until runs 'sleep 74.125'
    kill -KILL $pid
    wait $pid || true
    wait_until refute runs 'sleep 74.125'
    same unknown "$(cat verdict)"
}

@test "a connection that is lost while the command runs" {
    sshd_up
    on_behind -- $host -- sleep 75.125
    wait_until runs 'sleep 75.125'
    pkill -KILL -P "$(cat sshd/pid)"
    status=0
    wait $pid || status=$?
    same 255 $status
    matches $'ran\nunreachable: connection lost while the command ran*' "$(cat verdict)"
    wait_until refute runs 'sleep 75.125'
}

@test "a daemon that the command leaves is neither waited for nor ended" {
    sshd_up
    prints ok on -- $host -- sh -c 'setsid sleep 76.125 & echo ok'
    runs 'sleep 76.125'
    pkill -fx 'sleep 76.125'
}

@test "files arrive whole, with their mode, in directories that are made" {
    sshd_up
    head -c 300000 /dev/urandom >a
    echo two >b
    cat a b >payload
    sum=$(cksum <a)
    exits 0 on --put "300000/640/${sum% *}/a/$work/new/dir/" --put "4/755/-/b/$work/new/c" -- $host -- true <payload
    same_file a new/dir/a
    same_file b new/c
    same '640 755' "$(stat -c %a new/dir/a new/c | xargs)"
    exits 1 on --put "4/644/123/b/$work/new/bad" -- $host -- touch ran <b
    matches '*did not arrive' "$err"
    exits 1 on --put "4/644/-/b//proc/x/y" -- $host -- touch "$work/ran" <b
    [ ! -e ran ]
    [ ! -e new/bad ] && [ -z "$(find . -name '.drover-*')" ]
}

@test "a directory arrives, alone or into one that is there" {
    sshd_up
    mkdir -p d/sub old && echo 1 >d/sub/x && echo 2 >old/y
    tar -cf d.tar -C d .
    size=$(stat -c %s d.tar)
    exits 0 on --put-dir "$size/d/$work/fresh" -- $host -- true <d.tar
    exits 0 on --put-dir "$size/d/$work/old" -- $host -- true <d.tar
    same 1 "$(cat fresh/sub/x)"
    same 1 "$(cat old/d/sub/x)"
    same 2 "$(cat old/y)"
}

@test "a script runs by its own interpreter, with the words as arguments" {
    sshd_up
    printf '#!/usr/bin/env bash\necho "${BASH_VERSION:+bash} $1 $#"\n' >s1
    echo 'echo "sh $1"; exit 3' >s2
    prints 'bash a b 2' on --script "$(stat -c %s s1)/-/s1" -- $host -- 'a b' c <s1
    exits 3 on --script "$(stat -c %s s2)/-/s2" -- $host -- x <s2
    same 'sh x' "$out"
}

@test "a machine that lets few in at a time lets all in, in the end" {
    sshd_up 'MaxStartups 10:30:100'
    seq 40 | xargs -P 40 -I{} "$session" --ssh-config "$ssh_config" --connect-timeout 60s -- 127.1.0.{} -- echo {} >out
    same "$(seq 40 | xargs)" "$(sort -n out | xargs)"
}

@test "no more than so many connect at a time" {
    sshd_up
    mkdir slots
    seq 8 | xargs -P 8 -I{} "$session" --ssh-config "$ssh_config" --connect-slots "$work/slots,2" -- 127.1.0.{} -- echo {} >out
    same "$(seq 8 | xargs)" "$(sort -n out | xargs)"
    exits 2 on --connect-slots nowhere -- $host -- true
}
