# One command on one machine: drover-session against a real sshd.
load ../cli/helper
load machines
load session

# In the background, as a child of the test: $pid.
on_behind() { # OPTION... --host HOST -- WORD...
    "$session" --ssh-config "$machines/ssh_config" --verdict 4 "$@" 2>>err 3>&- 4>"$work/verdict" &
    pid=$!
}

# The words of a failure, with the cause that they begin with and the exit status of a transport that
# failed.
lost() { # KIND WORDS OPTION...
    local kind=$1 words=$2 cause
    shift 2
    exits 255 on "$@"
    matches "$words" "$(sed -n 2p verdict)"
    cause=$(sed -n '2s/:.*//p' verdict)
    case $cause in
        timeout) cause=no-answer ;;
        'host key') cause=host-key ;;
    esac
    same "$kind $cause" "$(head -n 1 verdict)"
}

no_commands() {
    [ -z "$(machines_commands)" ]
}

@test "words arrive as they were given" {
    machines_start
    printf '[%s]' 'a b' "it's" '$x' '' '*' 'b\s' '"' $'new\nline' '~' >want
    on --host $host -- printf '[%s]' 'a b' "it's" '$x' '' '*' 'b\s' '"' $'new\nline' '~' >got
    same_file want got
}

@test "every exit status is the command's own, 255 too" {
    machines_start
    for status in 0 1 2 126 127 128 193 254 255; do
        rm -f verdict
        exits $status on --host $host -- sh -c "echo why >&2; exit $status"
        same "$([ $status = 0 ] && echo unknown || echo $'ended exit\nexit '"$status: why")" "$(cat verdict)"
    done
}

@test "a command that a signal ended ends the session by the same" {
    machines_start
    for pair in TERM:143 KILL:137 USR1:138; do
        exits ${pair#*:} bash -c '"$@" 2>err; status=$?; exit $status' - \
            "$session" --ssh-config "$machines/ssh_config" --host $host -- sh -c "kill -${pair%:*} \$\$"
        same '' "$(cat err)"
    done
}

@test "output is exact, streams are apart, a final newline is not added" {
    machines_start
    head -c 3000000 /dev/urandom >want
    on --host $host -- sh -c 'cat "$1"; printf end >&2' - "$work/want" >got 2>err
    same_file want got
    same end "$(cat err)"
}

@test "what the shell there prints at its start is no output" {
    machines_start 'ForceCommand echo noise; echo more >&2; eval "$SSH_ORIGINAL_COMMAND"'
    prints hello on --host $host -- echo hello
}

@test "environment, directory, shell line, sudo" {
    machines_start
    prints $'b c\n/' on --env 'A=b c' --cwd / --host $host -- sh -c 'echo "$A"; pwd'
    prints 3 on --shell-line --host $host -- 'echo $((1 + 2))'
    command -v sudo && sudo -n true || skip 'no sudo'
    prints 0 on --sudo --host $host -- id -u
    exits 7 on --sudo --host $host -- sh -c 'exit 7'
}

@test "reasons are told apart, and nothing ran" {
    machines_start
    lost not-run 'refused: *Connection refused' --host $host:1 -- touch ran
    lost not-run 'unreachable: *' --host nowhere.invalid -- touch ran
    lost cannot-run 'host key: *is known for*' --ssh-option UserKnownHostsFile=/dev/null --host $host -- touch ran
    sed "s/ssh-ed25519 .*/$(cut -d' ' -f1,2 "$machines/id.pub" | sed 's,/,\\/,g')/" "$machines/known_hosts" >wrong
    lost cannot-run 'host key: *changed*' --ssh-option UserKnownHostsFile="$work/wrong" --host $host -- touch ran
    echo >"$machines/authorized_keys"
    lost cannot-run 'auth: *Permission denied*' --host $host -- touch "$work/ran"
    [ ! -e ran ]
}

refusals() {
    grep -c 'authenticating user nobody\|Invalid user nobody' "$machines/sshd.log"
}

# Each reason that a host has, told of the host that it is reached by way of; and how often that was
# asked.
@test "a jump host has all the reasons of a host, and is asked once where it cannot help" {
    machines_start 'Match LocalAddress 127.0.5.0/24' 'AllowTcpForwarding no'
    faulty_start silent=127.9.0.1 close=127.9.0.3 http=127.9.0.4
    by=(--connect-timeout 4s --host "$host")
    sed -i '1i Host 127.0.6.*\n    LogLevel QUIET\n' "$machines/ssh_config"
    lost cannot-run 'auth: jump host nobody@127.0.0.9: nobody@127.0.0.9: Permission denied (publickey).' --ssh-option ProxyJump=nobody@127.0.0.9 "${by[@]}" -- touch ran
    same 1 "$(refusals)"
    lost cannot-run 'auth: jump host nobody@127.0.0.8: nobody@127.0.0.8: Permission*' --ssh-option ProxyJump=127.0.0.9,nobody@127.0.0.8 "${by[@]}" -- touch ran
    lost cannot-run 'auth: jump host nobody@127.0.0.9: nobody@127.0.0.9: Permission*' --ssh-option ProxyJump=nobody@127.0.0.9,127.0.0.8 "${by[@]}" -- touch ran
    lost not-run 'refused: jump host 127.0.0.9:1: *Connection refused' --ssh-option ProxyJump=127.0.0.9:1 "${by[@]}" -- touch ran
    lost not-run 'unreachable: jump host nowhere.invalid: *Could not resolve hostname*' --ssh-option ProxyJump=nowhere.invalid "${by[@]}" -- touch ran
    lost cannot-run 'refused: jump host 127.0.5.1: *administratively prohibited*' --ssh-option ProxyJump=127.0.5.1 "${by[@]}" -- touch ran
    lost not-run 'refused: jump host 127.9.0.4*: *' --ssh-option ProxyJump=127.9.0.4:$faulty_port "${by[@]}" -- touch ran
    lost not-run 'refused: jump host 127.9.0.3*: *' --ssh-option ProxyJump=127.9.0.3:$faulty_port "${by[@]}" -- touch ran
    lost not-run 'timeout: by way of jump host 127.9.0.1*: *' --connect-timeout 1s --ssh-option ProxyJump=127.9.0.1:$faulty_port --host $host -- touch ran
    lost not-run 'refused: from jump host 127.0.0.9: *Connection refused' --ssh-option ProxyJump=127.0.0.9 --host $host:1 -- touch ran
    lost not-run 'unreachable: from jump host 127.0.0.9: *Name or service not known' --ssh-option ProxyJump=127.0.0.9 --host nowhere.invalid -- touch ran
    lost cannot-run 'auth: nobody@*: Permission denied (publickey).' --ssh-option ProxyJump=127.0.0.9 --host nobody@$host -- touch ran
    lost not-run 'unreachable: proxy command: *no-such-program*' --ssh-option 'ProxyCommand=/no-such-program %h' "${by[@]}" -- touch ran
    lost cannot-run 'auth: proxy command: nobody@127.0.0.9: Permission denied (publickey).' --ssh-option "ProxyCommand=ssh -F $machines/ssh_config -W %h:%p nobody@127.0.0.9" "${by[@]}" -- touch ran
    : >"$machines/sshd.log"
    lost not-run 'refused: by way of jump host nobody@127.0.6.9: *' --ssh-option ProxyJump=nobody@127.0.6.9 "${by[@]}" -- touch ran
    same 1 "$(refusals)"
    : >"$machines/sshd.log"
    lost not-run 'refused: by way of proxy command: *' --ssh-option "ProxyCommand=ssh -q -F $machines/ssh_config -W %h:%p nobody@127.0.0.9" "${by[@]}" -- touch ran
    same 1 "$(refusals)"
    : >"$machines/known_hosts"
    lost cannot-run 'host key: jump host 127.0.0.9: No ED25519 host key is known for *' --ssh-option ProxyJump=127.0.0.9 "${by[@]}" -- touch ran
    [ ! -e ran ]
}

@test "a jump host that lets few in at a time lets all in, in the end" {
    machines_start 'MaxStartups 4:30:100'
    seq 20 | xargs -P 20 -I{} "$session" --ssh-config "$machines/ssh_config" --ssh-option ProxyJump=127.0.0.9 --connect-timeout 60s --host 127.1.0.{} -- echo {} >out
    same "$(seq 20 | xargs)" "$(sort -n out | xargs)"
}

@test "who may not run commands there is told in the host's own words" {
    machines_start 'Match LocalAddress 127.1.0.1' 'ForceCommand /usr/sbin/nologin' 'Match LocalAddress 127.1.0.2' 'ForceCommand internal-sftp' \
        'Match LocalAddress 127.1.0.3' 'ForceCommand echo no commands here; exit 3' 'Match LocalAddress 127.1.0.4' 'ForceCommand false'
    lost cannot-run 'auth: This account is currently not available.' --host 127.1.0.1 -- touch "$work/ran"
    lost cannot-run 'auth: This service allows sftp connections only.' --host 127.1.0.2 -- touch "$work/ran"
    lost not-run 'refused: its shell did not run the command: no commands here' --host 127.1.0.3 -- touch "$work/ran"
    lost not-run 'refused: its shell did not run the command: *' --host 127.1.0.4 -- touch "$work/ran"
    [ ! -e ran ]
}

@test "the agent is forwarded where that is asked for, here or in the configuration" {
    machines_start
    eval "$(ssh-agent -s)"
    sed -i 's/IdentityAgent none/IdentityAgent SSH_AUTH_SOCK/' "$machines/ssh_config"
    exits 0 on --ssh-option ForwardAgent=yes --host $host -- sh -c 'test -S "$SSH_AUTH_SOCK"' || failed=1
    printf 'Host *\n    ForwardAgent yes\n' >>"$machines/ssh_config"
    exits 0 on --host $host -- sh -c 'test -S "$SSH_AUTH_SOCK"' || failed=1
    exits 1 on --ssh-option ForwardAgent=no --host $host -- sh -c 'test -S "$SSH_AUTH_SOCK"' || failed=1
    kill "$SSH_AGENT_PID"
    [ -z "${failed:-}" ]
    exits 0 on --ssh-option RemoteForward="$work/back $work/forth" --host $host -- test -S "$work/back"
    printf '    RemoteForward %s %s\n' "$work/back2" "$work/forth" >>"$machines/ssh_config"
    exits 1 on --host $host -- test -S "$work/back2"
}

@test "an unknown key is taken where that was asked for" {
    machines_start
    prints ok on --accept-new --known-hosts "$work/new" --host $host -- echo ok
    grep -q ed25519 new
}

@test "machines that are no good are told apart, each within its time" {
    machines_start
    faulty_start silent=127.0.1.1 banner=127.0.1.2 drip=127.0.1.3 close=127.0.1.4 reset=127.0.1.5 \
        parting=127.0.1.6 http=127.0.1.7 deaf=127.0.1.8
    for last in 1 2 3; do
        lost not-run 'timeout: *' --connect-timeout 1s --host "127.0.1.$last:$faulty_port" -- true
    done
    lost not-run 'unreachable: *timed out' --connect-timeout 1s --host "127.0.1.8:$faulty_port" -- true
    for last in 4 5 6; do
        lost not-run 'refused: *' --host "127.0.1.$last:$faulty_port" -- true
    done
    lost not-run '*: kex_exchange_identification: *' --host "127.0.1.7:$faulty_port" -- true
}

@test "a stop ends the whole command there" {
    machines_start
    on_behind --grace 1s --host $host -- sh -c 'sleep 73.125 & sleep 73.125'
    wait_until machines_run 'sleep 73.125'
    same unknown "$(cat verdict)"
    kill $pid
    exits 143 wait $pid
    wait_until refute machines_run 'sleep 73.125'
}

@test "a session that is killed leaves nothing there" {
    machines_start
    on_behind --grace 1s --host $host -- sh -c 'trap "" TERM; sleep 74.125; sleep 74.125'
    wait_until machines_run 'sleep 74.125'
    kill -KILL $pid
    exits 137 wait $pid
    wait_until refute machines_run 'sleep 74.125'
    same unknown "$(cat verdict)"
}

@test "a connection that is lost while the command runs" {
    machines_start
    on_behind --host $host -- sleep 75.125
    wait_until machines_run 'sleep 75.125'
    pkill -KILL -P "$sshd"
    exits 255 wait $pid
    matches $'ran disconnected\nunreachable: connection lost while the command ran*' "$(cat verdict)"
    wait_until refute machines_run 'sleep 75.125'
}

@test "a daemon that the command leaves is neither waited for nor ended" {
    machines_start
    prints ok on --host $host -- sh -c 'setsid sleep 76.125 & echo ok'
    machines_run 'sleep 76.125'
    machines_stop
}

@test "files arrive whole, with their mode, in directories that are made" {
    machines_start
    head -c 300000 /dev/urandom >a
    echo two >b
    cat a b >payload
    sum=$(cksum <a)
    exits 0 on --put "300000/640/${sum% *}/a/$work/new/dir/" --put "4/755/-/b/$work/new/c" --host $host -- true <payload
    same_file a new/dir/a
    same_file b new/c
    same '640 755' "$(stat -c %a new/dir/a new/c | xargs)"
    exits 1 on --put "4/644/123/b/$work/new/bad" --host $host -- touch ran <b
    matches '*did not arrive' "$err"
    exits 1 on --put "4/644/-/b//proc/x/y" --host $host -- touch "$work/ran" <b
    [ ! -e ran ]
    [ ! -e new/bad ]
    [ -z "$(find . -name '.drover-*')" ]
}

@test "a directory arrives, alone or into one that is there" {
    machines_start
    mkdir -p d/sub old && echo 1 >d/sub/x && echo 2 >old/y
    tar -cf d.tar -C d .
    size=$(stat -c %s d.tar)
    exits 0 on --put-dir "$size/d/$work/fresh" --host $host -- true <d.tar
    exits 0 on --put-dir "$size/d/$work/old/" --host $host -- true <d.tar
    same 1 "$(cat fresh/sub/x)"
    same 1 "$(cat old/d/sub/x)"
    same 2 "$(cat old/y)"
}

# The table of docs/on.md: each twice, and the second time changes nothing.
@test "what is put again is where it was put first" {
    machines_start
    mkdir -p d/sub d/new && echo 1 >d/sub/x && echo 2 >d/.hidden && ln -s sub d/link && chmod 750 d/new
    echo file >f
    mkdir -p there/full/sub there/real && echo old >there/full/y && echo old >there/full/sub/x && chmod 700 there/full
    ln -s real there/link
    ln -s nowhere there/dangling
    echo old >there/file && echo old >there/target && ln -s target there/filelink
    tar -cf d.tar -C d .
    size=$(stat -c %s d.tar)
    for again in 1 2; do
        for to in fresh deep/er full link into/; do
            exits 0 on --put-dir "$size/d/$work/there/$to" --host $host -- true <d.tar
        done
        for to in new deep/file file full filelink into2/; do
            exits 0 on --put "5/644/-/f/$work/there/$to" --host $host -- true <f
        done
        for to in file dangling; do
            exits 1 on --put-dir "$size/d/$work/there/$to" --host $host -- touch "$work/ran" <d.tar
            same "put: $work/there/$to is no directory" "$(sed -n 2p verdict)"
        done
        for to in fresh deep/er full real into/d; do
            same '1 2' "$(cat there/$to/sub/x there/$to/.hidden | xargs)"
            same sub "$(readlink there/$to/link)"
            same 750 "$(stat -c %a there/$to/new)"
        done
        for to in new deep/file file full/f target into2/f; do
            same file "$(cat there/$to)"
        done
    done
    same 'old 700' "$(cat there/full/y) $(stat -c %a there/full)"
    [ -L there/link ]
    [ -L there/filelink ]
    [ -L there/dangling ]
    [ ! -e ran ]
    [ -z "$(find there -name d -not -path 'there/into/d')$(find . -name '.drover-*')" ]
    mkdir -p there/odd/sub/x
    exits 1 on --put-dir "$size/d/$work/there/odd" --host $host -- touch "$work/ran" <d.tar
    matches "put: $work/there/odd did not arrive: *sub/x*" "$(sed -n 2p verdict)"
    [ ! -e ran ]
    [ -z "$(find . -name '.drover-*')" ]
}

@test "a script runs by its own interpreter, with the words as arguments" {
    machines_start
    printf '#!/usr/bin/env bash\necho "${BASH_VERSION:+bash} $1 $#"\n' >s1
    echo 'echo "sh $1"; exit 3' >s2
    prints 'bash a b 2' on --script "$(stat -c %s s1)/-/s1" --host $host -- 'a b' c <s1
    exits 3 on --script "$(stat -c %s s2)/-/s2" --host $host -- x <s2
    same 'sh x' "$out"
    echo 'kill -PIPE $$' >s3
    exits 141 on --script "$(stat -c %s s3)/-/s3" --host $host -- <s3
}

@test "a machine that lets few in at a time lets all in, in the end" {
    machines_start 'MaxStartups 10:30:100'
    seq 40 | xargs -P 40 -I{} "$session" --ssh-config "$machines/ssh_config" --connect-timeout 60s --host 127.1.0.{} -- echo {} >out
    same "$(seq 40 | xargs)" "$(sort -n out | xargs)"
}

@test "no more than so many connect at a time" {
    machines_start
    mkdir slots
    seq 8 | xargs -P 8 -I{} "$session" --ssh-config "$machines/ssh_config" --connect-slots 2 --directory "$work/slots" --host 127.1.0.{} -- echo {} >out
    same "$(seq 8 | xargs)" "$(sort -n out | xargs)"
    exits 2 on --connect-slots no --host $host -- true
}

@test "a put that finds no room fails as a whole, and nothing is left of it" {
    machines_start 'ForceCommand ulimit -f 8; eval "$SSH_ORIGINAL_COMMAND"'
    head -c 300000 /dev/urandom >a
    exits 1 on --put "300000/640/-/a/$work/new" --host $host -- touch ran <a
    matches $'ended put\nput: *did not arrive*' "$(cat verdict)"
    [ ! -e ran ]
    [ ! -e new ]
    [ -z "$(find . -name '.drover-*')" ]
}

# On a disk of their own, of that size.
small_machines() { # MOUNT-OPTIONS DIR [COMMAND]
    mkdir -p "$2"
    unshare -m mount -t tmpfs -o "$1" none "$2" || skip 'may not mount'
    machines_start "ForceCommand unshare -m sh -c 'mount -t tmpfs -o $1 none $2; ${3:-:}; eval \"\$SSH_ORIGINAL_COMMAND\"'"
}

@test "what had no room there says so" {
    small_machines size=64k "$work/full"
    head -c 300000 /dev/urandom >a
    mkdir d && mv a d/ && tar -cf d.tar -C d .
    exits 1 on --put "300000/640/-/a/$work/full/a" --host $host -- true <d/a
    matches "put: $work/full/a did not arrive: *No space left on device" "$(sed -n 2p verdict)"
    exits 1 on --put-dir "$(stat -c %s d.tar)/d/$work/full/d" --host $host -- true <d.tar
    matches "put: $work/full/d did not arrive: tar: ./a: *" "$(sed -n 2p verdict)"
    exits 1 on --put "300000/640/-/a//proc/x/y" --host $host -- true <d/a
    matches 'put: */proc/x/y did not arrive: *' "$(sed -n 2p verdict)"
}

@test "a program is executed as a script is, also where /tmp forbids that" {
    machines_start
    cp "$(type -P printf)" program
    prints '[a b][c]' on --script "$(stat -c %s program)/-/program" --host $host -- '[%s]' 'a b' c <program
    machines_stop
    small_machines noexec "$work/tmp" "export TMPDIR=$work/tmp HOME=$work/home; mkdir $work/home"
    prints '[a b]' on --script "$(stat -c %s program)/-/program" --host $host -- '[%s]' 'a b' <program
    same '' "$(ls -A "$work/home")"
    echo 'echo "$1"' >s
    prints x on --script "$(stat -c %s s)/-/s" --host $host -- x <s
    machines_stop
    small_machines noexec "$work/tmp" "export TMPDIR=$work/tmp HOME=$work/tmp"
    exits 1 on --script "$(stat -c %s program)/-/program" --host $host -- x <program
    same "script: program is a program, and nothing may be executed in $work/tmp and $work/tmp" "$(sed -n 2p verdict)"
}

@test "a session that is killed in the middle of a put leaves nothing there" {
    machines_start
    truncate -s 2G big
    "$session" --ssh-config "$machines/ssh_config" --put "2147483648/640/-/big/$work/new" --host $host -- touch ran <big 3>&- &
    pid=$!
    some() { [ -n "$(find . -name '.drover-*' -size +0)" ]; }
    wait_until some
    kill -KILL $pid
    exits 137 wait $pid
    wait_until refute some
    wait_until no_commands
    [ ! -e ran ]
    [ ! -e new ]
}

@test "a connection that is lost in the middle of a put leaves nothing of script and directory there" {
    mkdir tmp d
    machines_start "ForceCommand export TMPDIR=$work/tmp; eval \"\$SSH_ORIGINAL_COMMAND\""
    echo "touch $work/ran" >s
    echo data >d/file
    { cat s; tar -cf - -C d .; } >payload
    truncate -s 2G payload # what is behind the end of a tar is read too
    size=$(($(stat -c %s payload) - $(stat -c %s s)))
    mkdir there
    for to in there new; do
        "$session" --ssh-config "$machines/ssh_config" --verdict 4 --directory "$work" --script "$(stat -c %s s)/-/s" --put-dir "$size/d/$work/$to" --host $host -- 2>err 3>&- 4>verdict &
        pid=$!
        some() { [ -n "$(find . -path '*.drover-*' -size +0 -type f)" ]; }
        wait_until some
        [ -n "$(ls tmp)" ]
        pkill -KILL -P $pid
        exits 255 wait $pid
        same $'not-run disconnected\nunreachable: connection lost while files were sent' "$(cat verdict)"
        wait_until no_commands
        wait_until refute some
        [ ! -e ran ]
        same '' "$(ls tmp)"
    done
}

@test "a machine that drops whoever has logged in" {
    machines_start 'ForceCommand kill -KILL $PPID'
    lost not-run '*: *' --connect-timeout 5s --host $host -- touch "$work/ran"
    [ ! -e ran ]
}

@test "what is fetched arrives whole, replaces what was there, and stays within its directory" {
    machines_start
    mkdir -p there/d/sub && echo 1 >there/d/sub/x && echo 2 >there/file && chmod 640 there/file
    exits 0 on --get "$work/there/d:got" --get "$work/there/file:got" --host $host -- echo out
    same out "$out"
    same 1 "$(cat got/$host/d/sub/x)"
    same '2 640' "$(cat got/$host/file) $(stat -c %a got/$host/file)"
    rm there/d/sub/x && echo 3 >there/d/y && echo 4 >there/file
    exits 5 on --get "$work/there/d:got" --get "$work/there/file:got" --host $host -- sh -c 'exit 5'
    same $'y\nsub' "$(ls -r got/$host/d)"
    same 4 "$(cat got/$host/file)"
    exits 1 on --get "$work/there/nothing:got" --host $host -- true
    matches $'ended get\nget: *could not be read there: *' "$(cat verdict)"
    same $'4\nd\nfile' "$(cat got/$host/file; ls got/$host)"
    [ -z "$(find got -name '.drover-*')" ]
}

@test "a file that grows while it is fetched arrives as far as it went, with a warning" {
    machines_start "ForceCommand PATH=$work/bin:\$PATH; eval \"\$SSH_ORIGINAL_COMMAND\""
    mkdir d
    head -c 300000 /dev/urandom >log
    ln log d/log
    machines_growing "$work/log"
    exits 0 on --get "$work/log:got" --get "$work/d:got" --host $host -- echo out
    same out "$out"
    matches "*drover: get: $work/log:got: changed while it was read, and has arrived as far as it went*" "$err"
    matches "*drover: get: $work/d:got: changed while it was read, *" "$err"
    cmp -n "$(stat -c %s got/$host/log)" log got/$host/log
    [ -s got/$host/log ]
    [ -s got/$host/d/log ]
    exits 1 on --get "$work/nothing:got" --host $host -- true
    matches "get: $work/nothing:got: could not be read there: *tar: nothing: *No such file or directory" "$(sed -n 2p verdict)"
}

@test "what a killed session has left of a get goes with the next, and that of a living one stays" {
    machines_start
    mkdir -p got/$host/.drover-0123456789abcdef/d && echo part >got/$host/.drover-0123456789abcdef/d/x
    mkdir got/$host/.drover-89abcdef01234567 got/$host/.drover-mine
    echo data >file
    exits 0 flock got/$host/.drover-89abcdef01234567 "$session" --ssh-config "$machines/ssh_config" --get "$work/file:got" --host $host -- true
    same $'.drover-89abcdef01234567\n.drover-mine\nfile' "$(ls -A got/$host)"
}

@test "what finds no room here says so" {
    machines_start
    head -c 300000 /dev/urandom >a
    mkdir full
    unshare -m mount -t tmpfs -o size=64k none full || skip 'may not mount'
    exits 1 unshare -m sh -c 'mount -t tmpfs -o size=64k none full && exec "$@"' - "$session" --ssh-config "$machines/ssh_config" \
        --verdict 4 --get "$work/a:full" --host $host -- true 4>verdict
    matches "get: $work/a:full: did not arrive: tar: a: *" "$(sed -n 2p verdict)"
}

@test "a tar that is up to no good takes nothing out of its directory" {
    machines_start 'SetEnv PATH=/tmp/no-good:/usr/bin:/bin' "ForceCommand PATH=$work/bin:\$PATH; eval \"\$SSH_ORIGINAL_COMMAND\""
    mkdir -p bin away && echo evil >evil
    tar -P -cf bad.tar --transform 's,evil,../../../evil2,' evil
    tar -P -rf bad.tar --transform "s,.*,$work/evil3," evil
    tar -rf bad.tar --transform 's,evil,other,' evil
    printf '#!/bin/sh\ncat %s\n' "$work/bad.tar" >bin/tar && chmod +x bin/tar
    exits 1 env PATH=/usr/bin:/bin "$session" --ssh-config "$machines/ssh_config" --get "wanted:$work/away/got" --host $host -- true
    [ ! -e evil2 ]
    [ ! -e evil3 ]
    [ ! -e away/evil2 ]
    same '' "$(find away -type f)"
}

@test "a command that takes too long is ended there, and its words are kept" {
    machines_start
    exits 124 on --timeout 500ms --grace 1s --host $host -- sh -c 'echo some; sleep 77.125'
    same some "$out"
    same $'ended timeout\ntimeout: the command took longer than 0.5s' "$(cat verdict)"
    wait_until refute machines_run 'sleep 77.125'
    prints ok on --timeout 30s --host $host -- echo ok
}

@test "a check runs here once the command has completed, with the host quoted for it" {
    machines_start
    prints "ok $host" on --check 'echo ok {}' --host $host -- true
    exits 1 on --check 'echo sick; exit 3' --host $host -- true
    same sick "$out"
    same $'ended check\ncheck: exit 3' "$(cat verdict)"
    exits 4 on --check 'touch ran' --host $host -- sh -c 'exit 4'
    [ ! -e ran ]
    exits 1 on --timeout 300ms --check 'sleep 78.125' --host $host -- true
    same $'ended check\ncheck: took too long' "$(cat verdict)"
    wait_until refute machines_run 'sleep 78.125'
}

# The programs in $work/bin come first there.
slow_machines() {
    machines_start "ForceCommand PATH=$work/bin:\$PATH; eval \"\$SSH_ORIGINAL_COMMAND\""
    mkdir -p bin
    printf '#!/bin/sh\nsleep 1.5\nexec /usr/bin/cksum\n' >bin/cksum
    printf '#!/bin/sh\nsleep 1.5\nexec /usr/bin/env PATH=/usr/bin:/bin tar "$@"\n' >bin/tar
    chmod +x bin/*
}

@test "the time that files take is not the command's" {
    slow_machines
    echo data >file
    sum=$(PATH=/usr/bin:/bin cksum <file)
    prints ok on --timeout 1s --put "5/644/${sum% *}/file/$work/there" --get "$work/there:got" --host $host -- echo ok <file
    same data "$(cat got/$host/there)"
    exits 124 on --timeout 1s --put "5/644/${sum% *}/file/$work/there" --host $host -- sleep 77.225 <file
    wait_until refute machines_run 'sleep 77.225'
}

@test "a command that ignores SIGTERM is ended, and its end is seen" {
    machines_start
    exits 124 on --timeout 300ms --grace 1s --host $host -- sh -c 'trap "" TERM; echo some; while :; do sleep 77.325 || :; done'
    same some "$out"
    same $'ended timeout\ntimeout: the command took longer than 0.3s' "$(cat verdict)"
    wait_until no_commands
    on_behind --grace 300s --host $host -- sh -c 'trap "" TERM; while :; do sleep 77.325 || :; done'
    wait_until machines_run 'sleep 77.325'
    env kill -q 5500 -TERM $pid # the signal says for how long
    wait_until refute kill -0 $pid 2>/dev/null
    exits 143 wait $pid
    same $'ended stopped\nstopped' "$(cat verdict)"
    wait_until refute machines_run 'sleep 77.325'
}

@test "a stop while files are fetched is no success, and no check follows" {
    slow_machines
    printf '#!/bin/sh\nexec sleep 79.125\n' >bin/tar
    on_behind --get "$work/machines:got" --check "touch $work/checked" --host $host -- true
    wait_until machines_run 'sleep 79.125'
    kill $pid
    exits 143 wait $pid
    same $'ended stopped\nstopped' "$(cat verdict)"
    [ ! -e checked ]
    on_behind --check "touch $work/checked" --host $host -- sh -c 'trap "exit 0" TERM; sleep 79.225 & wait'
    wait_until machines_run 'sleep 79.225'
    kill $pid
    exits 143 wait $pid
    [ ! -e checked ]
}

@test "a connection that is lost while files are sent: the command surely did not run" {
    machines_start
    truncate -s 2G big
    "$session" --ssh-config "$machines/ssh_config" --verdict 4 --put "2147483648/640/-/big/$work/new" --host $host -- touch "$work/ran" <big 3>&- 4>verdict &
    pid=$!
    some() { [ -n "$(find . -name '.drover-*' -size +0)" ]; }
    wait_until some
    pkill -KILL -P $pid
    exits 255 wait $pid
    same $'not-run disconnected\nunreachable: connection lost while files were sent' "$(cat verdict)"
    wait_until refute some
    [ ! -e ran ]
}

@test "what ssh says counts before what a banner says" {
    printf 'Host key verification failed. Connection refused.\n' >issue
    machines_start "Banner $work/issue"
    lost cannot-run 'auth: *Permission denied (publickey)*' --ssh-option LogLevel=INFO --user nobody-there --host $host -- true
}

@test "a machine without sudo says so" {
    machines_start 'ForceCommand PATH=/nowhere; eval "$SSH_ORIGINAL_COMMAND"'
    lost cannot-run 'auth: *: sudo: not found' --sudo --host $host -- true
}

@test "a client of a ControlMaster is stopped as any" {
    machines_start
    printf 'Host *\n    ControlMaster auto\n    ControlPath %s/cm\n    ControlPersist yes\n' "$work" >>"$machines/ssh_config"
    prints first on --host $host -- echo first
    [ -S cm ]
    on_behind --host $host -- sleep 77.425
    wait_until machines_run 'sleep 77.425'
    kill $pid
    exits 143 wait $pid
    same $'ended stopped\nstopped' "$(cat verdict)"
    wait_until refute machines_run 'sleep 77.425'
    ssh -F "$machines/ssh_config" -O exit $host 2>/dev/null
}

@test "a put follows a link, keeps the owner, and replaces files alone" {
    machines_start
    echo data >file
    echo old >real
    chmod 600 real
    ln -s real link
    mkfifo pipe
    [ "$(id -u)" != 0 ] || chown 12345:23456 real
    owner=$(stat -c %u:%g real)
    exits 0 on --put "5/640/-/file/$work/link" --host $host -- true <file
    same "data 640 $owner" "$(cat real) $(stat -c '%a %u:%g' real)"
    [ -L link ]
    exits 1 on --put "5/640/-/file/$work/pipe" --host $host -- true <file
    same "put: $work/pipe is no file" "$(sed -n 2p verdict)"
    [ -p pipe ]
}

@test "~ is the home there" {
    machines_start "SetEnv HOME=$work/home" "ForceCommand HOME=$work/home; cd; eval \"\$SSH_ORIGINAL_COMMAND\""
    mkdir -p home/sub
    echo data >file
    exits 0 on --put '5/640/-/file/~/new' --get '~/new:got' --cwd '~/sub' --host $host -- sh -c 'pwd >../where' <file
    same "data $work/home/sub data" "$(cat home/new home/where got/$host/new | xargs)"
}

@test "what is fetched has nobody's rights, and is no device" {
    machines_start
    cp /bin/true tool && chmod 4755 tool
    exits 0 on --get "$work/tool:got" --host $host -- true
    same 755 "$(stat -c %a got/$host/tool)"
    exits 1 on --get "/dev/null:got" --host $host -- true
    matches $'ended get\nget: *' "$(cat verdict)"
    [ ! -e got/$host/null ]
}
