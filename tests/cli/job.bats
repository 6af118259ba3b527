# What a job is given: its session, signals, descriptors, directory, environment and so on.
load helper

# Starts a job, waits for it and prints what it printed.
job() {
    local id
    id=$(drover start "$@")
    drover wait "$id" >/dev/null
    drover receive "$id" 2>&1
}

@test "a job has a session and a process group of its own" {
    read -r pid session group < <(job -c 'cut -d" " -f 1,5,6 /proc/$$/stat')
    same "$pid $pid" "$session $group"
}

@test "a job has no terminal" {
    prints 'none' job -c 'if (: </dev/tty) 2>/dev/null; then echo some; else echo none; fi'
}

@test "a job starts with default signals and none blocked" {
    trap '' INT QUIT PIPE CHLD
    prints $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000' \
        bash -c "$(declare -f job); job -- cat /proc/self/status | grep -E 'Sig(Blk|Ign|Cgt)'"
}

@test "a job has descriptors 0, 1 and 2 and no other" {
    exec 7</dev/null 8>/dev/null
    prints $'0\n1\n2' job -c 'ls /proc/$$/fd; true'
    exec 7<&- 8>&-
}

@test "standard input is /dev/null, the others are pipes of its own" {
    matches '/dev/null pipe:* pipe:*' "$(job -c 'echo $(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)')"
    prints 2 job -c 'readlink /proc/$$/fd/1 /proc/$$/fd/2 | uniq | wc -l'
}

@test "standard input comes from a file" {
    printf 'one\0two\n' >data
    job --input data -- cat >got
    same_file data got
}

@test "standard input comes from the caller's" {
    head -c 3000000 /dev/urandom >data
    id=$(drover start -i - -- cat <data)
    drover wait "$id" >/dev/null
    drover receive "$id" >got
    same_file data got
}

@test "an input file that is not there is refused in words" {
    fails 2 '*nowhere*No such file*' drover start --input nowhere -- cat
}

@test "a job runs in the caller's directory" {
    mkdir 'a directory'; cd 'a directory'
    prints "$work/a directory" job -- pwd
    prints "$work/a directory" field cwd 1
}

@test "--cwd sets the directory, relative to the caller's" {
    mkdir -p sub/dir
    prints "$work/sub/dir" job -C sub/dir -- pwd
    prints / job --cwd / -- pwd
}

@test "a job has the caller's environment, whatever it is" {
    export ODD=$'new\nline' EMPTY='' LATIN=$'\xe9'
    job -- env -0 | tr '\0\n' '\n ' | grep -vE '^(_|DROVER_(JOB|ATTEMPT))=' | sort >got
    env -0 | tr '\0\n' '\n ' | grep -vE '^_=' | sort >want
    same_file want got
}

@test "the environment is that of each caller, not of the first" {
    prints first env WHO=first bash -c "$(declare -f job); job -c 'echo \$WHO'"
    prints second env WHO=second bash -c "$(declare -f job); job -c 'echo \$WHO'"
}

@test "--env sets and wins" {
    export A=1
    prints '2 x=y' job -e A=2 --env B=x=y -c 'echo $A $B'
    fails 2 '*NAME*' drover start -e NAME -- true
}

@test "PATH given by --env finds the command" {
    mkdir bin; printf '#!/bin/sh\necho mine\n' >bin/mine; chmod +x bin/mine
    prints mine job -e "PATH=$work/bin:$PATH" -- mine
}

@test "a job knows its id and attempt" {
    prints '1 1' job -c 'echo $DROVER_JOB $DROVER_ATTEMPT'
}

@test "a job has the caller's umask" {
    umask 0123
    prints 0123 job -c umask
}

@test "a job has the caller's limits" {
    prints '77 1234' bash -c "$(declare -f job); ulimit -Sn 77; ulimit -S -c 1234 2>/dev/null; job --shell bash -c 'echo \$(ulimit -n) \$(ulimit -c)'"
    prints "$(bash -c 'ulimit -Hn; ulimit -Sn; ulimit -s')" job --shell bash -c 'ulimit -Hn; ulimit -Sn; ulimit -s'
}

@test "--nice adds to the niceness" {
    prints "$(nice -n 7 nice)" job --nice 7 -- nice
    fails 2 '*nice*' drover start --nice much -- true
}

@test "the command is executed as given, with no shell in between" {
    prints '$(id) `id` ; * "q" \' job -- echo '$(id) `id` ; * "q" \'
}

@test "empty arguments, newlines and bytes that are no UTF-8 arrive" {
    job -- printf '%s\0' '' $'a\nb' $'\xff\xfe' ' ' >got
    printf '%s\0' '' $'a\nb' $'\xff\xfe' ' ' >want
    same_file want got
}

@test "an argument of 128 KiB less one byte arrives" {
    prints 131071 job -c 'printf %s "$1" | wc -c' "$(head -c 131071 /dev/zero | tr '\0' x)"
}

@test "every name, command and reason on a terminal is escaped" {
    drover start -- echo $'\e[31mred'; drover start -- $'\e[2J'; exits 1 drover wait
    script -qec 'drover get' /dev/null >screen </dev/null
    refute grep -q $'\e\[31mred\|\e\[2J' screen
    grep -q '\\e\[31mred' screen
    fails 2 '*control*' drover start --name $'\e' -- true
}

@test "what drover starts is not held by the caller's pipe" {
    prints 1 timeout 10 sh -c 'drover start -- sleep 60 | cat'
}
