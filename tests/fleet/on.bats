load ../cli/helper
load machines

# drover on, over a real sshd.

teardown() {
    machines_stop
    finish
}

on() {
    drover on -F "$machines/ssh_config" "$@"
}

# In what order the lines come is not told.
prints_sorted() { # TEXT COMMAND...
    local want=$1
    shift
    exits 0 "$@"
    same "$want" "$(sort <<<"$out")"
    same '' "$err"
}

reasons() { # BATCH
    drover get --children --format item,state,reason "$1" | grep -v '^	' | sort
}

@test "a command runs on each host, and its output is told apart by tag" {
    machines_start
    prints_sorted $'127.0.0.1\there 127.0.0.1\n127.0.0.2\there 127.0.0.2\n127.0.0.3\there 127.0.0.3' \
        on '127.0.0.[1-3]' --tag -- sh -c 'set -- $SSH_CONNECTION; echo here $3'
    prints '[]' drover get --json
}

@test "the command's words arrive as they are given" {
    machines_start
    prints $'a b|$HOME|*|{}|\'"|\\|' on 127.0.0.1 -- printf '%s|' 'a b' '$HOME' '*' '{}' "'\"" '\'
    prints $'-n;-e' on 127.0.0.1 -- printf '%s;%s' -n -e
    prints "$HOME" on 127.0.0.1 -c 'echo $HOME'
    prints $'x\nx' on 127.0.0.1 127.0.0.2 -c 'echo x'
    prints 'x y' on 127.0.0.1 --env 'A=x y' -- sh -c 'echo "$A"'
    prints / on 127.0.0.1 --cwd / pwd
    exits 1 on 127.0.0.1 --cwd /nowhere pwd
    matches '*exit 126: drover: /nowhere: no such directory, or not to be entered*' "$err"
    exits 1 on 127.0.0.1 no-such-command
    matches '*exit 127: drover: no-such-command: command not found*' "$err"
}

@test "hosts: lists, files, exclusion, each once" {
    machines_start
    printf '127.0.0.[1-3] # three\n\n127.0.0.9\n' >hosts
    prints_sorted $'1\n2\n3\n9' on --hosts hosts -- sh -c 'set -- $SSH_CONNECTION; echo ${3##*.}'
    prints_sorted $'1\n3' on --hosts hosts -x '127.0.0.[2,9]' -- sh -c 'set -- $SSH_CONNECTION; echo ${3##*.}'
    prints_sorted $'1\n2\n3\n9' on --hosts - -- sh -c 'set -- $SSH_CONNECTION; echo ${3##*.}' <hosts
    exits 0 on 127.0.0.1,127.0.0.1 -- echo once
    same once "$out"
    same 'drover: on: 127.0.0.1 is named again: it is taken once' "$err"
}

# An ssh to a machine that gives up before the command, and says something else last.
liar() { # WORDS
    cat >liar <<END
#!/bin/bash
[[ " \$* " != *' -G '* ]] || exec ssh "\$@"
nonce=\$(grep -oE '[0-9a-f]{32}' <<<"\$*" | head -n 1)
echo "drover-\$nonce-started" | tee /dev/stderr
read -r go
echo '$1' >&2
echo "drover-\$nonce-end"
echo "drover-\$nonce-exit 1 failed" >&2
END
    chmod +x liar
    export DROVER_SSH=$work/liar
}

@test "what a machine says decides nothing: its words are for people" {
    machines_start
    for words in 'timeout: no answer within 10s' 'auth: Permission denied' 'lost: nobody saw its end'; do
        liar "$words"
        exits 1 on 127.0.0.1 --joblog log --retries 1 --backoff 1ms --retry-on any -- true
        same "drover: $words: 127.0.0.1 (1)" "$(grep -F "$words: " <<<"$err")"
        same 'put 2' "$(json '.[] | select(.item) | "\(.cause) \(.attempt)"' --children)"
        same $'1 0\n1 0' "$(cut -f 7,8 --output-delimiter=' ' log | grep -v Exitval)"
        drover remove "$(json ".[0].id")"
        rm log
    done
}

@test "reasons are told apart, in the child and folded at the end" {
    machines_start
    faulty_start silent=127.9.0.1 banner=127.9.0.2 close=127.9.0.3 reset=127.9.0.4 http=127.9.0.5 drip=127.9.0.6
    echo "[127.0.0.66]:$port ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" >>"$machines/known_hosts"
    exits 1 on --connect-timeout 2s --no-bar "127.0.0.[1-2],127.0.0.66,nobody@127.0.0.7,127.0.0.8:1,127.9.0.[1-6]:$faulty_port" -- \
        sh -c 'set -- $SSH_CONNECTION; case $3 in *.2) echo broken >&2; exit 255 ;; esac'
    same "127.0.0.1	Completed	" "$(reasons 1 | grep '^127.0.0.1	')"
    matches '127.0.0.2	Failed	exit 255: broken' "$(reasons 1 | grep '^127.0.0.2	')"
    matches 'nobody@127.0.0.7	Failed	auth: *Permission denied*' "$(reasons 1 | grep nobody)"
    matches '127.0.0.8:1	Failed	refused: *Connection refused' "$(reasons 1 | grep ':1	')"
    matches '*	Failed	timeout: *' "$(reasons 1 | grep '^127.9.0.1:')"
    matches '*	Failed	timeout: no answer within 2s' "$(reasons 1 | grep '^127.9.0.2:')"
    matches '*	Failed	refused: *' "$(reasons 1 | grep '^127.9.0.3:')"
    matches '*	Failed	refused: *' "$(reasons 1 | grep '^127.9.0.4:')"
    matches '*	Failed	*: kex_exchange_identification: *' "$(reasons 1 | grep '^127.9.0.5:')"
    matches '*	Failed	timeout: *' "$(reasons 1 | grep '^127.9.0.6:')"
    matches '*drover: timeout: *127.9.0.\[1-2,6\]:* (3)*' "$err"
    matches '*drover: exit 255: broken: 127.0.0.2 (1)*' "$err"
    matches '*drover: retry with: drover retry 1' "$err"
    for host in 127.0.0.1=null 127.0.0.2=exit nobody@127.0.0.7=auth 127.0.0.8:1=refused "127.9.0.2:$faulty_port=no-answer"; do
        same "${host##*=}" "$(json ".[] | select(.item == \"${host%=*}\") | .cause" --children 1)"
    done
    same null "$(json '.[] | select(.item == "127.0.0.8:1") | .exit_code' --children 1)"
    same 255 "$(json '.[] | select(.item == "127.0.0.2") | .exit_code' --children 1)"
}

@test "a host key that is not known, or another one, fails the host and is never taken" {
    machines_start
    : >"$machines/known_hosts"
    exits 1 on 127.0.0.1 true
    matches '127.0.0.1	Failed	host key: *' "$(reasons 1)"
    same '' "$(cat "$machines/known_hosts")"
    exits 0 on --accept-new 127.0.0.1 true
    matches '*ssh-ed25519*' "$(cat "$machines/known_hosts")"
}

@test "a child's host is its item and its location, and the batch has the list" {
    machines_start
    exits 0 on --keep-job --name fleet '127.0.0.[1-2]' -- echo a 'b c'
    same $'127.0.0.1\t127.0.0.1\techo a \'b c\'\n127.0.0.2\t127.0.0.2\techo a \'b c\'' "$(drover get --children --format item,location,command 1 | tail -n +2)"
    same $'fleet\t127.0.0.[1-2]\tBatch' "$(drover get --format name,location,type 1)"
    same $'echo\na\nb c' "$(json '.[0].argv[]' 1)"
}

@test "--put, --script and the command use one login" {
    machines_start
    mkdir -p tree/sub; echo data >tree/sub/file; echo conf >av.conf; chmod 640 av.conf
    printf '#!/bin/bash\necho "${BASH_VERSION:+bash}" "$@"; cat "$1"\n' >fix.sh
    prints $'bash '"$work"$'/there/etc/av.conf x y\nconf' on 127.0.0.1 --put "av.conf:$work/there/etc/av.conf" --put "tree:$work/there/" \
        --script fix.sh -- "$work/there/etc/av.conf" 'x y'
    same data "$(cat there/tree/sub/file)"
    same 640 "$(stat -c %a there/etc/av.conf)"
    same 1 "$(grep -c 'Accepted publickey' "$machines/sshd.log")"
    prints '' on 127.0.0.1 --put "av.conf:$work/there/alone"
    exits 0 on 127.0.0.1 --keep-job --name fixing --script fix.sh -- "$work/there/etc/av.conf" 'x y'
    same $'fixing\t'"fix.sh $work/there/etc/av.conf 'x y'" "$(field name,command fixing)"
    same conf "$(cat there/alone)"
}

@test "a directory that is put again, by --retries, retry or the same line, is where it was put first" {
    machines_start
    mkdir -p tree/sub; echo 1 >tree/sub/x
    exits 1 on 127.0.0.1 --retries 1 --backoff 10ms --retry-on any --put "tree:$work/there" -- sh -c "cat $work/there/sub/x; exit 1"
    same $'1' "$(drover receive --attempt 1 1.1 2>/dev/null)"
    same $'1' "$(drover receive --attempt 2 1.1 2>/dev/null)"
    exits 1 drover retry 1
    echo 2 >tree/sub/x
    prints 2 on 127.0.0.1 --put "tree:$work/there" -- cat "$work/there/sub/x"
    same $'there\nthere/sub\nthere/sub/x' "$(find there | sort)"
}

@test "who is refused for its key is refused once, by a jump host too, whatever is to be tried again" {
    machines_start
    exits 1 on --retries 3 --backoff 10ms --retry-on any -o ProxyJump=nobody@127.0.0.9 '127.0.0.[1-3]' -- true
    same 3 "$(grep -c 'authenticating user nobody' "$machines/sshd.log")"
    matches '127.0.0.1	Failed	auth: jump host nobody@127.0.0.9: nobody@127.0.0.9: Permission denied (publickey).' "$(reasons 1 | grep '^127.0.0.1')"
    exits 1 on --retries 3 --backoff 10ms --retry-on any 'nobody@127.0.0.[1-3]' -- true
    same 6 "$(grep -c 'authenticating user nobody' "$machines/sshd.log")"
    exits 1 on --retries 2 --backoff 10ms -o ProxyJump=127.0.0.9:1 127.0.0.1 -- true
    same 3 "$(field attempt 3.1)"
}

@test "what was put is what was there at the start, and a retry puts it again" {
    machines_start
    echo first >file
    exits 1 on 127.0.0.1 --put "file:$work/there" -- false
    rm there; echo second >file
    exits 1 drover retry 1
    same first "$(cat there)"
}

kept() { # KiB of the disk that the home's files take
    du -sk "$DROVER_HOME/fleet" "$DROVER_HOME/input" 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'
}

@test "what is put is kept once, whatever is stopped, without its zeros, and goes with the last batch" {
    machines_start
    mkdir got
    { head -c 20000000 /dev/urandom; head -c 40000000 /dev/zero; echo end; } >big
    mkdir folder && cp big folder/
    for batch in 1 2; do
        exits 1 on 127.0.0.1 --put "big:$work/got/" --put "folder:$work/got/folder" -- sh -c "cmp $work/got/big $work/got/folder/big && false"
        matches "*drover: on: batch $batch keeps its files, 38 MiB, until drover remove $batch" "$err"
    done
    same_file big got/big
    [ "$(kept)" -lt 50000 ]
    [ "$DROVER_HOME/input/0000000100000000" -ef "$DROVER_HOME/input/0000000200000000" ]
    exits 0 drover remove 1
    rm got/big
    exits 1 drover retry 2
    same_file big got/big
    exits 0 drover remove 2
    gone_all() { [ "$(kept)" -lt 1000 ]; }
    wait_until gone_all
}

@test "a command that dies before there is a batch leaves no files behind" {
    machines_start
    mkfifo pipe
    drover on -F "$machines/ssh_config" 127.0.0.1 --put "pipe:$work/there" -- true >/dev/null 2>&1 3>&- &
    pid=$!
    exec 9>pipe
    head -c 3000000 /dev/urandom >&9
    kill -KILL $pid
    exits 137 wait $pid
    exec 9>&-
    [ "$(kept)" -lt 1000 ]
    same '' "$(find "$DROVER_HOME" -type f -size +1M)"
}

@test "what grows while it is put is sent as far as it went" {
    machines_start
    mkdir log.d
    head -c 300000 /dev/urandom >log.d/log
    machines_growing "$work/log.d/log"
    exits 0 env PATH="$work/bin:$PATH" drover on -F "$machines/ssh_config" 127.0.0.1 --put "log.d:$work/there.d" -- cmp -n 300000 "$work/log.d/log" "$work/there.d/log"
    matches '*drover: --put: log.d: changed while it was read, and is sent as far as it went' "$err"
}

@test "a big file arrives whole on several hosts" {
    machines_start
    head -c 20000000 /dev/urandom >big
    mkdir got
    exits 0 on '127.0.0.[1-4]' --put "big:$work/got/" --put "big:$work/got/copy" -- cmp "$work/got/big" "$work/got/copy"
    same_file big got/copy
}

@test "--get fetches into a directory for each host" {
    machines_start
    mkdir remote; echo data >remote/file
    exits 0 on '127.0.0.[1-2]' --get "$work/remote:got" -- true
    same data "$(cat got/127.0.0.1/remote/file)"
    same data "$(cat got/127.0.0.2/remote/file)"
}

@test "--timeout is the command's, and ends it there" {
    machines_start
    exits 1 on 127.0.0.1 --timeout 1s -- sleep 77.5
    matches '127.0.0.1	Failed	timeout: *' "$(reasons 1)"
    wait_until refute machines_run 'sleep 77.5'
}

@test "stop ends what runs there, and says so" {
    machines_start
    on --as-job '127.0.0.[1-3]' -- sleep 78.5 >/dev/null
    wait_until machines_run 'sleep 78.5' 3
    exits 0 drover stop 1
    same Stopped "$(field state 1)"
    wait_until refute machines_run 'sleep 78.5'
}

@test "a reader that goes away takes no machine with it" {
    machines_start
    on '127.0.0.[1-3]' -j 1 --lines -- sh -c "for i in 1 2 3; do echo \$i; sleep 0.2; done; echo x >>$work/ran; test -e $work/mended" 2>err | head -n 1 >got
    same $'1' "$(cat got)"
    matches 'drover: batch 1 goes on in the background; come back with: drover receive --wait 1' "$(cat err)"
    exits 1 drover wait 1
    same 3 "$(wc -l <ran)"
    touch mended
    drover retry 1 2>/dev/null | head -n 1 >/dev/null
    drover wait 1 >/dev/null
    same Completed "$(field state 1)"
}

@test "--retries is for what did not run; --retry-on any for whatever failed" {
    machines_start
    exits 1 on --retries 2 --backoff 10ms '127.0.0.1,127.0.0.2:1' -- sh -c "echo x >>$work/ran; exit 255"
    same 1 "$(wc -l <ran)"
    same $'127.0.0.1\t1\n127.0.0.2:1\t3' "$(drover get --children --format item,attempt 1 | tail -n +2)"
    exits 1 on --retries 2 --backoff 10ms --retry-on any 127.0.0.1 -- sh -c "echo x >>$work/ran; exit 255"
    same 4 "$(wc -l <ran)"
}

@test "a host whose session was killed runs again only if its command was not sent, or on request" {
    machines_start
    on --as-job 127.0.0.1 -- sh -c "echo x >>$work/ran; exec sleep 79.5" >/dev/null
    wait_until test -s ran
    kill -KILL "$(field pid 1.1)"
    wait_state Failed 1
    matches 'unreachable: *its end was not seen*' "$(field reason 1.1 | sed 's/the command.s end/its end/')"
    wait_until refute machines_run 'sleep 79.5'
    for again in retry resume; do
        fails 3 '1: of all that is left the command was sent and its end is not known: --rerun-unknown *' drover $again 1
    done
    same 1 "$(wc -l <ran)"
    drover retry --as-job --rerun-unknown 1
    twice() { [ "$(wc -l <ran)" = 2 ]; }
    wait_until twice
    exits 0 drover stop 1
}

@test "a crash of everything here: what was sent is unknown, what was not is run" {
    machines_start
    faulty_start silent=127.9.0.1
    on --as-job --connect-timeout 60s "127.0.0.1,127.9.0.1:$faulty_port,127.0.0.2" -j 2 -- sh -c "echo \$\$ >>$work/ran; exec sleep 80.5" >/dev/null
    wait_until test -s ran
    wait_state Running 1.2
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)" "$(field pid 1.1)" "$(field pid 1.2)"
    wait_state Failed 1.1
    matches 'lost: *its end is not known*' "$(field reason 1.1)"
    matches 'lost: *nothing was sent*' "$(field reason 1.2)"
    wait_until gone "$(head -n 1 ran)"
    wait_state Running 1.3
    drover stop 1
    kill "$faulty"
    exits 0 drover retry --as-job 1
    wait_until says 'Running' field state 1.3
    same Failed "$(field state 1.1)"
    same 2 "$(field attempt 1.2)"
    drover stop 1
}

@test "a crash of supervisor and runner loses no host" {
    machines_start
    on --as-job '127.0.0.[1-6]' -j 2 -- sh -c "echo x >>$work/ran; until [ -e $work/go ]; do sleep 0.05; done" >/dev/null
    wait_until test -s ran
    kill_and_wait "$(supervisor_pid)" "$(runner_pid)"
    wait_state Running 1 # those that run are found while they do
    touch go
    drover wait 1 >/dev/null || fail "$(field id,state,reason 1.1-6)"
    same $'6\t0' "$(json '.[0].children | "\(.completed)\t\(.failed)"' 1)"
    same 6 "$(wc -l <ran)"
}

@test "--serial starts a wave when the one before has finished" {
    machines_start
    exits 0 on --serial 1,50% '127.0.0.[1-6]' -- sh -c "echo + >>$work/log; sleep 0.2; echo - >>$work/log"
    same $'+\n-' "$(head -2 log)"
    same $'+\n+\n+\n-\n-\n-' "$(sed -n '3,8p' log | sort)"
    same 12 "$(wc -l <log)"
}

@test "--pause is a time between waves" {
    machines_start
    exits 0 on --serial 1 --pause 500ms '127.0.0.[1-2]' -- sh -c "date +%s%N >>$work/log"
    [ $(($(tail -1 log) - $(head -1 log))) -ge 500000000 ]
}

@test "--max-fail starts nothing more, and the rest can go on" {
    machines_start
    exits 1 on -j 1 --max-fail 1 '127.0.0.[1-5]' -- sh -c "echo x >>$work/ran; test -e $work/mended"
    same 2 "$(wc -l <ran)"
    same $'2\t3' "$(json '.[0].children | "\(.failed)\t\(.not_started)"' 1)"
    matches 'halted: *' "$(field reason 1)"
    touch mended
    drover resume 1
    drover wait 1 >/dev/null
    same 5 "$(json '.[0].children.completed' 1)"
    fails 2 'on: --max-fail: x: *' on --max-fail x 127.0.0.1 true
}

@test "--check runs here, once the command has completed there" {
    machines_start
    exits 1 on '127.0.0.[1-2]' --check 'test {} = 127.0.0.1 || { echo sick >&2; exit 1; }' -- true
    same $'127.0.0.1\tCompleted\t' "$(reasons 1 | head -1)"
    matches '127.0.0.2	Failed	check: exit 1*' "$(reasons 1 | tail -1)"
}

@test "--results and --joblog go by host" {
    machines_start
    exits 0 on '127.0.0.[1-2]' --results out --joblog log -- echo hello
    same hello "$(cat out/127.0.0.1/stdout)"
    same $'127.0.0.1\n127.0.0.2' "$(cut -f2 log | tail -n +2 | sort)"
}

@test "a jump host with the stock MaxStartups loses nobody" {
    machines_start 'MaxStartups 10:30:100'
    exits 0 on --connect-throttle 8 -j 40 '127.0.0.[1-60]' --retries 5 --backoff 100ms -- true
}

@test "mistakes are told before anything runs" {
    machines_start
    fails 2 '--env NOEQ: *' on 127.0.0.1 -e NOEQ -- true
    fails 2 '--env a-b=x: *' on 127.0.0.1 -e a-b=x -- true
    fails 2 '*' on 127.0.0.1 --get /:g -- true
    fails 2 '--remote-shell foo: *' on 127.0.0.1 --remote-shell foo -- true
    fails 2 '--remote-shell: this one can only run a command*' on 127.0.0.1 --remote-shell cmd --sudo -- true
    fails 2 'the command is longer than *' on 127.0.0.1 -- echo "$(head -c 131000 /dev/zero | tr '\0' a)"
    fails 2 '-x: no command may *' on 127.0.0.1 -- -x
    same '[]' "$(drover get --json)"
    fails 2 'on: which hosts? *' on
    fails 2 'on: no command is given*' on 127.0.0.1
    fails 2 '*-oProxyCommand=x*' on 127.0.0.1,-oProxyCommand=x true
    fails 2 '*' on 'web[1-' -- true
    fails 2 '--put: nope: No such file or directory' on 127.0.0.1 --put nope:/x -- true
    fails 2 '--put: av: is no SRC:DST*' on 127.0.0.1 --put av -- true
    fails 2 '--script: nope: No such file or directory' on 127.0.0.1 --script nope
    fails 2 'on: --script and -c exclude each other*' on 127.0.0.1 --script nope -c x
    fails 2 'on: -c: takes no further words*' on 127.0.0.1 -c x -- y
    fails 2 'on: --serial: 0: *' on 127.0.0.1 --serial 0 true
    fails 2 'on: --pause: is for --serial*' on 127.0.0.1 --pause 1s true
    fails 2 'on: --retry-on: some *' on 127.0.0.1 --retry-on some true
    fails 2 'on: no host is left to work on' on 127.0.0.1 -x 127.0.0.1 true
    prints '[]' drover get --json
}

@test "a list that the shell has expanded is not taken for a host and a command" {
    machines_start
    touch 127.0.0.1 127.0.0.2 127.0.0.3
    fails 2 'on: 127.0.0.2 is a host, as 127.0.0.1 is, and no command: quote the list *, and put -- before the command*' on 127.0.0.[1-3] touch "$work/ran"
    fails 2 'on: web4 is a host, as db,web\[1-3\] is, and no command: *' on 'db,web[1-3]' web4 uptime
    [ ! -e ran ]
    mkdir bin && printf '#!/bin/sh\necho program\n' >bin/web4 && chmod +x bin/web4
    prints program env PATH="$work/bin:$PATH" drover on -F "$machines/ssh_config" 127.0.0.1 --env PATH="$work/bin:$PATH" web4
    sed -i "s/^Host 127.*/&\nHost web3\n    HostName 127.0.0.3\nHost web3 127.*/" "$machines/ssh_config"
    exits 0 env PATH="$work/bin:$PATH" drover on -F "$machines/ssh_config" web3 --env PATH="$work/bin:$PATH" -o "HostKeyAlias=[127.0.0.3]:$port" web4
    same program "$out"
    exits 1 on web3 -o "HostKeyAlias=[127.0.0.3]:$port" -- web5
    matches '*exit 127: drover: web5: command not found*' "$err"
}

@test "a user of a domain logs in by the whole name" {
    machines_start
    sed -i '/User /d' "$machines/ssh_config"
    exits 1 on nobody@corp.local@127.0.0.1 -- true
    matches '*auth: nobody@corp.local@127.0.0.1: Permission denied*' "$err"
    grep -q 'Invalid user nobody@corp.local ' "$machines/sshd.log"
}

@test "long known_hosts: each host gets its own lines, and a wrong line does not lock it out" {
    machines_start
    key=$(cut -d ' ' -f 1,2 "$machines/host.pub")
    for i in $(seq 500); do echo "[10.1.0.$i]:$port $key"; done >"$machines/known_hosts"
    for i in 1 2 3; do echo "[127.0.0.$i]:$port $key"; done >>"$machines/known_hosts"
    ssh-keygen -q -H -f "$machines/known_hosts"
    # of the name without the port, which ssh will not look for
    echo "127.0.0.2 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" >>"$machines/known_hosts"
    exits 0 on "127.0.0.[1-3],127.0.0.[1-3]:$port,root@127.0.0.[1-3]:$port" -- true
    exits 1 on "127.0.0.[1-3]:$port,127.0.1.[1-9]:1" -- true
    same 3 "$(json '.[0].children.completed' 2)"
    same "127.0.0.1:$port 127.0.0.2:$port 127.0.0.3:$port" \
        "$(grep -aoE "^[0-9.]+:$port [0-9]+$" "$DROVER_HOME/input/0000000200000000" | cut -d ' ' -f 1 | paste -sd ' ')"
    drover remove 2
    wait_until test ! -e "$DROVER_HOME/input/0000000200000000"
    wait_until test ! -e "$DROVER_HOME/fleet/00000002"
}

@test "behind a jump host as few connect at a time as its sshd lets in" {
    machines_start 'MaxStartups 10:30:100'
    exits 0 on -o ProxyJump=127.0.0.1 --keep-job -j 40 '127.0.0.[2-31]' -- true
    same 30 "$(json '.[0].children.completed' 1)"
    [ -e "$DROVER_HOME/fleet/00000001/connecting" ]
}

@test "a key exchange that costs much is told of once, with the line that changes it" {
    machines_start
    sed -i 's/KexAlgorithms .*/KexAlgorithms sntrup761x25519-sha512@openssh.com/' "$machines/ssh_config"
    exits 0 on '127.0.0.[1-12]' -- true
    same 1 "$(grep -c 'KexAlgorithms curve25519-sha256' <<<"$err")"
    matches 'drover: on: each host took * ms of this machine*key exchange sntrup761x25519-sha512@openssh.com: *' "$err"
    sed -i 's/KexAlgorithms .*/KexAlgorithms curve25519-sha256/' "$machines/ssh_config"
    prints '' on '127.0.0.[1-12]' -- true
}

@test "--powershell is for hosts without a POSIX shell, in the same batch" {
    machines_start 'Match LocalAddress 127.0.7.0/24' "ForceCommand $BATS_TEST_DIRNAME/windows.sh $work/asked"
    exits 0 on 127.0.0.1 127.0.7.1 --tag --powershell "Get-Service 'ssh*'" -- echo posix
    same $'127.0.0.1\tposix' "$(grep ^127.0.0.1 <<<"$out")"
    matches $'127.0.7.1\tSystemDirectory*' "$(grep ^127.0.7.1 <<<"$out")"
    same "Get-Service 'ssh*'" "$(cat asked)"
    exits 1 on 127.0.7.1 -- echo posix
    matches "*refused: its shell did not run the command: operable program or batch file.*" "$err"
    fails 2 'on: --powershell: goes with a command alone*' on 127.0.7.1 --powershell x --put asked:asked -- true
    fails 2 'on: --powershell: goes with a command alone*' on 127.0.7.1 --powershell x --remote-shell cmd -- true
}

@test "a session is that of the supervisor's version, whichever command asked for it" {
    machines_start
    drover start -- true
    mkdir -p other/commands other/session
    cp "$DROVER_BUILD/src/commands/drover" other/commands/
    printf '#!/bin/sh\ncase $1 in --dry-run) ;; *) exit 2 ;; esac\n' >other/session/drover-session
    chmod +x other/session/drover-session
    prints 'hi' other/commands/drover on -F "$machines/ssh_config" 127.0.0.1 -- echo hi
}
