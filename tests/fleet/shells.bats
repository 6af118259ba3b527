# What is sent survives whatever shell the user has there. ForceCommand runs the shell as sshd would.
load ../cli/helper
load machines
host=127.2.0.1
load session

# Everything that a shell might take for its own, sent, run and brought back by one.
shell_takes_all() { # SHELL...
    command -v "$1" >/dev/null || skip "no $1"
    machines_start "ForceCommand exec $* -c \"\$SSH_ORIGINAL_COMMAND\""
    local words=('a b' "it's" '$x' '' '*' 'b\s' '\' '\0101' '"' '`id`' $'new\nline' '~' '!' 'a!b' '!!' '^a^b' '%1' 'höß' '#' '{a,b}' '$(id)' '@x' "$(printf %3000s x)")
    printf '[%s]' "${words[@]}" >want
    on --host $host -- printf '[%s]' "${words[@]}" >got
    same_file want got
    prints $'b !c\n/' on --env 'A=b !c' --cwd / --host $host -- sh -c 'echo "$A"; pwd'
    printf '#!/bin/sh\necho "$0 $*" | sed "s,.*/,,"\n' >s
    echo data >file
    cat s file >payload
    exits 0 on --script "$(stat -c %s s)/-/s" --put "5/640/-/file/$work/it's !" --get "$work/it's !:got.d" --host $host -- 'x y' <payload
    same 's x y' "$out"
    same data "$(cat "got.d/$host/it's !")"
    exits 7 on --host $host -- sh -c 'exit 7'
}

@test "csh takes what is sent" {
    shell_takes_all csh
}

@test "tcsh takes what is sent" {
    shell_takes_all tcsh
}

@test "fish takes what is sent" {
    shell_takes_all fish
}

@test "zsh takes what is sent" {
    shell_takes_all zsh
}

@test "bash takes what is sent" {
    shell_takes_all bash
}

@test "busybox takes what is sent" {
    shell_takes_all busybox sh
}

# A ssh that reaches SHELL of this machine instead of a /bin/sh. As sshd does it begins a session,
# and nothing of what ssh does with its signals is left.
local_ssh() { # SHELL...
    cat >ssh <<END
#!/usr/bin/env python3
import os, signal, sys
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, [])
if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
os.setsid()
os.execvp("sh", ["sh", "-c", sys.argv[-1].replace("/bin/sh", "$*", 1)])
END
    chmod +x ssh
}

@test "the wrapper runs in dash, bash and busybox" {
    mkdir tree tree/sub
    echo 1 >tree/a
    echo 2 >tree/sub/b
    printf '#!/bin/sh\nexec cat "$1"\n' >s
    echo data >file
    tar -cf tree.tar -C tree .
    cat s file tree.tar >payload
    for shell in dash 'bash --posix' 'busybox sh'; do
        rm -rf there got
        local_ssh "$shell"
        for time in 1 2; do
            exits 0 env DROVER_SSH="$work/ssh" "$session" --script "$(stat -c %s s)/-/s" --put "5/640/-/file/$work/there/file" \
                --put-dir "$(stat -c %s tree.tar)/tree/$work/there/tree" --get "$work/there:got" --host x -- "$work/there/file" <payload
            same data "$out"
            same "$(cd tree && find . | sort)" "$(cd got/x/there/tree && find . | sort)"
        done
        exits 3 env DROVER_SSH="$work/ssh" "$session" --get "$work/nothing:got" --host x -- sh -c 'exit 3'
    done
}
