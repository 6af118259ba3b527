# What a job has from its caller, and not from whoever called first (docs/attributes.md).
load helper

show_limits='grep -v "^Limit" /proc/self/limits'

# Runs the script as a job for one odd caller, who starts the supervisor, for a plain one and for a
# child of a batch: each sees what its own caller sees.
each_its_own() { # SCRIPT CALLER...
    local script=$1 odd plain
    shift
    odd=$("$@" sh -c "$script") plain=$(sh -c "$script")
    [ "$odd" != "$plain" ] || fail "the odd caller is not odd: $odd"
    prints "$odd" "$@" drover run -c "$script"
    prints "$plain" drover run -c "$script"
    prints "$plain" drover each -c "$script; : {}" ::: 1
    prints "$odd" "$@" drover each -c "$script; : {}" ::: 1
}

@test "niceness is the caller's, and --nice is added to it" {
    each_its_own nice nice -n 7
    prints "$(nice -n 7 nice -n 5 nice)" nice -n 7 drover run --nice 5 -- nice
    prints 19 nice -n 19 drover run --nice 5 -- nice
}

@test "the scheduling policy is the caller's" {
    each_its_own 'chrt -p $$ | sed "s/.*: //"' chrt -b 0
    each_its_own 'chrt -p $$ | sed "s/.*: //"' chrt -i 0
}

@test "the processors are the caller's" {
    [ "$(nproc)" -gt 1 ] || skip 'one processor'
    each_its_own 'grep Cpus_allowed_list /proc/self/status' taskset -c "$(taskset -cp $$ | sed 's/.*[ ,-]//')"
}

@test "the priority of input and output is the caller's" {
    each_its_own ionice ionice -c 3
    each_its_own ionice ionice -c 2 -n 7
}

@test "what is killed first when memory runs out is the caller's choice" {
    each_its_own 'cat /proc/self/oom_score_adj' choom -n 500 --
}

@test "the personality is the caller's" {
    setarch -R true || skip 'the personality may not be changed here'
    each_its_own 'cat /proc/self/personality' setarch -R
}

@test "what a core dump holds is what the system has, whoever called first" {
    prints 00000033 sh -c 'echo 0x10 >/proc/self/coredump_filter; exec drover run -- cat /proc/self/coredump_filter'
}

@test "the slack of timers is the caller's" {
    each_its_own 'cat /proc/self/timerslack_ns' sh -c 'echo 70000 >/proc/$$/timerslack_ns; exec "$@"' sh
}

@test "soft limits are the caller's" {
    each_its_own 'ulimit -S -a' sh -c 'ulimit -S -f 1000 && ulimit -S -n 77 && ulimit -S -c 0 && exec "$@"' sh
}

@test "the umask and the directory are the caller's" {
    mkdir odd
    each_its_own 'umask; pwd' sh -c 'umask 0123; cd odd && exec "$@"' sh
}

@test "the environment is the caller's alone" {
    prints 1 env LC_ALL=C.UTF-8 TZ=Asia/Tokyo FIRST=1 drover run -c 'echo $FIRST'
    prints '' drover run -c 'printf "$FIRST$TZ"'
    refute grep -z '^\(FIRST\|TZ\|LC_ALL\)=' "/proc/$(supervisor_pid)/environ"
    refute grep -z '^\(FIRST\|TZ\|LC_ALL\)=' "/proc/$(runner_pid)/environ"
}

@test "a command of --on-finish has what its job has" {
    nice -n 7 sh -c 'ulimit -S -f 2000; drover start --on-finish "nice >facts; ulimit -f >>facts; mv facts there" -- true' >/dev/null
    wait_until test -e there
    same "$(nice -n 7 nice)"$'\n2000' "$(cat there)" # sh counts blocks of 512 bytes
}

@test "signals, masks and descriptors of the first caller reach nobody" {
    exits 1 bash -c 'trap "" TERM USR1; exec 7</dev/null; drover run -c "ls /proc/self/fd | grep -c 7"'
    same 0 "$out"
    prints $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000' drover run -- grep -E 'SigBlk|SigIgn' /proc/self/status
}

@test "a hard limit of the first caller that cannot be lifted is told to those who have more" {
    setpriv --bounding-set -sys_resource --inh-caps -sys_resource true 2>/dev/null || skip 'no setpriv'
    exits 0 setpriv --bounding-set -sys_resource bash -c 'ulimit -n 900 && ulimit -f 100000 && drover run -- echo one'
    same one "$out"
    exits 0 drover run -- echo two
    same two "$out"
    matches '*drover: number of open files (ulimit -n): at most 900*drover supervisor --restart*' "$err"
    matches '*drover: size of files in bytes (ulimit -f): at most 102400000*' "$err"
    # what can be had of the caller's is had, of a job and of its command of --on-finish
    sh -c 'ulimit -S -n 512; drover start --on-finish "ulimit -n >facts; mv facts there" -c "ulimit -n"' >/dev/null 2>&1
    wait_until test -e there
    same $'512\n512' "$(cat there; drover receive 3)"
    drover supervisor --restart
    prints three drover run -- echo three
    prints '' drover supervisor --restart
}

@test "groups, rights and namespaces that the first caller lacks are told" {
    setpriv --no-new-privs true || skip 'no setpriv'
    prints one setpriv --no-new-privs --groups 5,6 drover run -- echo one
    exits 0 drover each -- echo ::: two
    same two "$out"
    matches '*drover: right to gain privileges (no_new_privs): *' "$err"
    matches '*drover: groups: *' "$err"
    unshare -n true || return 0
    exits 0 unshare -n drover run -- echo three
    matches '*drover: network namespace: *' "$err"
}

@test "limits under which drover cannot work are refused with words" {
    setpriv --bounding-set -sys_resource true 2>/dev/null || skip 'no setpriv'
    fails 4 '*64 open files*ulimit -n*' setpriv --bounding-set -sys_resource bash -c 'ulimit -n 22; drover run true'
    fails 4 '*files of 64 MiB*ulimit -f*' setpriv --bounding-set -sys_resource bash -c 'ulimit -f 1000; drover run true'
    prints fine drover run -- echo fine
    prints fine bash -c 'ulimit -n 22; ulimit -f 1000; drover run -- echo fine'
}

@test "without HOME the home is the user's, as /etc/passwd knows it" {
    unset DROVER_HOME
    unshare -m true 2>/dev/null || skip 'no mount namespace may be made'
    mkdir -p user etc
    sed "s|^root:\(.*\):[^:]*:\([^:]*\)$|root:\1:$work/user:\2|" /etc/passwd >etc/passwd
    export DROVER_HOME=$work/user/.local/state/drover # for the teardown
    prints fine unshare -m sh -c 'mount --bind etc/passwd /etc/passwd && exec env -i PATH="$PATH" drover run -- echo fine'
    [ -e user/.local/state/drover/jobs.db ]
}

@test "a home that would be another one in each directory is refused" {
    fails 4 '*relative*begins with /*' env DROVER_HOME=rel drover get
}
