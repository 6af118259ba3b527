load helper

@test "start prints the id alone, counting from 1" {
    prints 1 drover start -- true
    prints 2 drover start true
}

@test "ids are never used again" {
    drover start -- true; drover wait >/dev/null; drover remove 1
    prints 2 drover start -- true
}

@test "start returns before the job ends" {
    prints 1 drover start -- sleep 30
    wait_state Running 1
}

@test "start -c runs a script with its arguments" {
    drover start -c 'echo "$0 $1 $2"' one 'two  words'; drover wait >/dev/null
    prints '/bin/sh one two  words' drover receive 1
}

@test "start --shell picks the shell of -c" {
    drover start --shell bash -c 'echo ${BASH_VERSION:+bash}'; drover wait >/dev/null
    prints bash drover receive 1
}

@test "start --name names the job, and names need not be unique" {
    drover start --name build -- true; drover start -n build -- true
    prints $'1\tbuild\n2\tbuild' drover get --format id,name
}

@test "a job without a name is called by its id" {
    drover start -- true
    prints Job1 field name 1
}

@test "options of the command are the command's" {
    drover start -- echo x -n --name y; drover wait >/dev/null
    prints 'x -n --name y' drover receive 1
}

@test "start without a command is an error of usage" {
    fails 2 '*command*' drover start
    fails 2 '*command*' drover start --
}

@test "two starts at once start one supervisor" {
    for i in 1 2 3 4 5 6 7 8; do drover start -- sleep 30 >"id.$i" & pids+=($!); done
    for pid in "${pids[@]}"; do wait "$pid"; done
    same "$(seq 8)" "$(sort -n id.*)"
    same 1 "$(grep -lsz drover-supervisor $(processes | sed 's|.*|/proc/&/cmdline|') | wc -l)"
}

@test "start needs no terminal, no standard descriptors and no HOME" {
    env -i "DROVER_HOME=$DROVER_HOME" "PATH=$PATH" drover start -- sh -c 'echo fine' <&- >&- 2>&- || same 4 $?
    drover wait >/dev/null
    prints fine drover receive 1
}

@test "the home is found in XDG_STATE_HOME, else below HOME" {
    env -u DROVER_HOME "XDG_STATE_HOME=$work/state" drover get >/dev/null
    [ -d "$work/state/drover" ]
    env -u DROVER_HOME "HOME=$work" drover get >/dev/null
    [ -d "$work/.local/state/drover" ]
    env -u DROVER_HOME "HOME=$work" drover supervisor --stop
    env -u DROVER_HOME "XDG_STATE_HOME=$work/state" drover supervisor --stop
}

@test "two homes know nothing of each other" {
    prints 1 drover start -- true
    DROVER_HOME=$work/other prints '' drover get --format id
    DROVER_HOME=$work/other prints 1 drover start -- true
    prints 1 drover get --format id
    DROVER_HOME=$work/other drover wait >/dev/null
    DROVER_HOME=$work/other drover supervisor --stop
}

@test "what is in the home is for its owner alone" {
    umask 0
    drover start -- true; drover wait >/dev/null
    [ -e "$DROVER_HOME/jobs.db" ]
    same '' "$(find "$DROVER_HOME" ! -type s -perm /077)"
}

@test "start --unique starts nothing while a job with that key is unfinished" {
    prints 1 drover start --unique backup -- sleep 30
    prints 1 drover start --unique backup -- sleep 30
    drover stop 1
    prints 2 drover start --unique backup -- true
}

@test "a wrong option names the nearest one" {
    fails 2 '*--tiemout*--timeout*' drover start --tiemout 3 -- true
}

@test "a wrong duration is refused in words" {
    fails 2 '*soon*' drover start --delay soon -- true
    fails 2 '*-5*' drover start --timeout -5 -- true
    fails 2 '*many*' drover start --retries many -- true
}

@test "a job whose id cannot be written is named in the message" {
    exits 4 bash -c 'drover start -- true >&-'
    matches '*standard output: is closed*job 1: was started*' "$err"
    exits 4 bash -c 'drover start -- true >/dev/full'
    matches '*No space left on device*job 2: was started*' "$err"
    exits 4 bash -c 'drover each --as-job -- true ::: 1 >/dev/full'
    matches '*job 3: was started*' "$err"
    wait_state Completed 3
}
