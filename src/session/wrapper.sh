# wrapper.sh: what runs on the machine, in its /bin/sh: docs/session.md is its description. Its
# positional parameters are
#
#     LEADER NONCE GRACE STEP... [env NAME=VALUE]... -- WORD...
#
# A step is one of: put SIZE MODE SUM NAME TO, putdir SIZE NAME TO, script SIZE SUM NAME, get SRC,
# line, cwd DIR. Descriptor 3 is the leash and brings the payload, 4 is the session's standard error.
# Comments and indentation are taken off when drover is built.
leader=$1 nonce=$2 grace=$3
shift 3
exec 3<&0 4>&2 </dev/null
how=words cwd='' folder='' parts='' stopped='' own='' gets='' newline='
'

mark() {
    printf 'drover-%s-%s\n' "$nonce" "$1" >&4
}

mark_out() {
    printf 'drover-%s-%s\n' "$nonce" "$1"
}

# The end, told on both streams. After a stop nothing of the group is left.
finish() { # STATUS [SIGNAL]
    [ -z "$folder" ] || rm -rf "$folder"
    [ -z "$stopped" ] || trap '' PIPE
    mark_out end
    mark "exit $*"
    [ -z "$stopped" ] || {
        group_find
        signal KILL
    }
    exit "$1"
}

fail() { # WORDS
    printf 'drover: %s\n' "$1" >&4
    finish 1 failed
}

# What a step that failed has said is in `why`; the first line of it is the cause.
cause() {
    cause=${why%%"$newline"*}
    cause=${cause#drover: *: }
}

fail_step() { # WORDS
    cause
    case $why in
    *"$newline"*) printf '%s\n' "$why" >&4 ;;
    esac
    fail "$1${cause:+: $cause}"
}

# Each part of the payload but the first, and the word behind them, is sent when it is asked for,
# since what reads one may read on. Whoever loses the connection meanwhile has to tidy up.
part() {
    trap '' PIPE
    [ -z "$parts" ] || mark ready
    parts=1
}

# A part as a file, all of it. cksum prints the sum and the size.
take() { # SIZE SUM FILE
    if [ "$1" -gt 0 ]; then
        head -c "$1" <&3 >"$3" || return
    else
        : >"$3"
    fi
    [ "$(($(wc -c <"$3")))" -eq "$1" ] || return
    [ "$2" = - ] || ! command -v cksum >/dev/null || [ "$(cksum <"$3")" = "$2 $1" ]
}

# A path as its shell would have it: ~ is the home.
path() { # PATH
    case $1 in
    '~') path=$HOME ;;
    '~/'*) path=$HOME/${1#'~/'} ;;
    -*) path=./$1 ;;
    *) path=$1 ;;
    esac
}

# A place that ends in a slash is the directory that it gets into.
target() { # TO NAME
    path "$1"
    to=$path
    case $to in
    */) to=$to$2 ;;
    esac
}

beside() {
    case $to in
    */*) dir=${to%/*}/ ;;
    *) dir=./ ;;
    esac
    temp=$dir.drover-$nonce
}

# A file that is there is replaced where a link leads to, and keeps its owner.
replace() {
    owner=
    if [ -h "$to" ] && link=$(readlink -f "$to" 2>/dev/null); then
        to=$link
        beside
    fi
    [ -e "$to" ] || return 0
    [ -f "$to" ] || fail "put: $to is no file"
    owner=$(ls -dn "$to" | {
        read -r x x user group x
        echo "$user:$group"
    })
}

put() { # SIZE MODE SUM NAME TO
    part
    target "$5" "$4"
    [ ! -d "$to" ] || to=${to%/}/$4
    beside
    replace
    why=$({
        mkdir -p "$dir" && (umask 077 && take "$1" "$3" "$temp") &&
            { [ -z "$owner" ] || chown "$owner" "$temp" 2>/dev/null || :; } &&
            chmod "$2" "$temp" && mv -f "$temp" "$to"
    } 2>&1) && return
    rm -f "$temp"
    fail_step "put: $to did not arrive"
}

# What tar leaves of its part is read, so that the next begins where it should.
unpack() { # SIZE
    head -c "$1" <&3 | {
        tar -xpof - -C "$temp"
        status=$?
        cat >/dev/null
        exit "$status"
    }
}

# What is in the one directory goes into the other, which is there: each file replaces its like as a
# whole, and a directory that is there is kept.
merge() { # FROM TO
    find "$1/." ! -name . -prune ! -type d -exec sh -c 'mv -f "$@" "$0"' "$2/" {} + || return
    for sub in "$1"/* "$1"/.[!.]* "$1"/..?*; do
        [ -d "$sub" ] || continue
        if [ -d "$2/${sub##*/}" ]; then
            merge "$sub" "$2/${sub##*/}" || return
        else
            mv "$sub" "$2/" || return
        fi
    done
}

# TO is what the directory becomes, however often it is put.
putdir() { # SIZE NAME TO
    part
    target "$3" "$2"
    beside
    if [ -d "$to" ]; then
        temp=$to/.drover-$nonce
    elif [ -e "$to" ] || [ -h "$to" ]; then
        fail "put: $to is no directory"
    fi
    why=$({
        mkdir -p "$dir" && mkdir -m 700 "$temp" && unpack "$1" &&
            if [ -d "$to" ]; then merge "$temp" "$to"; else mv "$temp" "$to"; fi
    } 2>&1)
    status=$?
    rm -rf "$temp"
    [ "$status" -eq 0 ] || fail_step "put: $to did not arrive"
}

# A program is executed: where the file system of temporary files forbids that, in the home.
executable() {
    how=program
    chmod 700 "$folder/$file"
    [ -x "$folder/$file" ] && return
    place=$folder
    folder=$(mktemp -d "$HOME/.drover.XXXXXX") && mv "$place/$file" "$folder/"
    rm -rf "$place"
    [ -x "$folder/$file" ] ||
        fail "script: $file is a program, and nothing may be executed in ${TMPDIR:-/tmp} and $HOME"
}

script() { # SIZE SUM NAME
    part
    how=script file=$3
    why=$(mktemp -d "${TMPDIR:-/tmp}/drover.XXXXXX" 2>&1) || fail_step "script: $file did not arrive"
    folder=$why
    why=$(umask 077; take "$1" "$2" "$folder/$file" 2>&1) || fail_step "script: $file did not arrive"
    IFS= read -r line <"$folder/$file"
    case $line in
    ?ELF*) executable ;;
    esac
}

# A file system may forbid to execute what is on it, so its interpreter is called by name.
interpret() { # ARG...
    case $line in
    '#!'*) ;;
    *) exec sh "$folder/$file" "$@" ;;
    esac
    blank=$(printf '\t')
    line=${line#??}
    line=${line#"${line%%[! $blank]*}"}
    line=${line%"${line##*[! $blank]}"}
    program=${line%%[ $blank]*}
    line=${line#"$program"}
    line=${line#"${line%%[! $blank]*}"}
    [ -z "$line" ] || set -- "$line" "$folder/$file" "$@"
    [ -n "$line" ] || set -- "$folder/$file" "$@"
    exec "$program" "$@"
}

# What is to be fetched, each as a tar. Where the command failed its words are the last that count.
# What changed while it was read has arrived as far as it went: GNU tar alone has a status for that.
fetch() {
    exec 5>&1
    printf '%s' "$gets" | while IFS= read -r src; do
        path "$src"
        dir=. name=$path
        case $path in
        */*) dir=${path%/*}/ name=${path##*/} ;;
        esac
        mark_out get
        why=$(LC_ALL=C tar -cf - -C "$dir" -- "$name" 2>&1 >&5)
        got=$?
        case "$got $why" in
        '1 '*'as we read it'* | '1 '*'shrank by'* | '1 '*'before we read it'*) ;;
        '1 '*) got=2 ;;
        esac
        [ -z "$why" ] || [ "$status" -ne 0 ] || printf '%s\n' "$why" >&4
        cause
        mark_out "got $got $(printf %.100s "$cause")"
    done
}

refuse() { # STATUS WHAT WHY
    printf 'drover: %s: %s\n' "$2" "$3" >&2
    exit "$1"
}

# In a process of its own, which becomes the command.
command_run() {
    path "$cwd"
    [ -z "$cwd" ] || cd "$path" 2>/dev/null || refuse 126 "$cwd" 'no such directory, or not to be entered'
    while [ "$1" = env ]; do
        export "$2"
        shift 2
    done
    shift
    case $how in
    line) exec "${SHELL:-/bin/sh}" -c "$1" ;;
    script) interpret "$@" ;;
    program) exec "$folder/$file" "$@" ;;
    *)
        command -v "$1" >/dev/null || refuse 127 "$1" 'command not found'
        exec "$@"
        ;;
    esac
}

# sshd, and sudo with a terminal, give a process group of its own. Where there is none, only the
# children can be ended.
group_find() {
    group=
    if [ -r /proc/$$/stat ]; then
        read -r x x x x group x </proc/$$/stat
    else
        group=$(($(ps -o pgid= -p $$)))
    fi
    case $group in
    $$ | "$leader") own=1 ;;
    esac
}

signal() { # NAME
    if [ -n "$own" ]; then
        kill "-$1" 0
        return
    fi
    self=$(exec sh -c 'echo $PPID')
    ps -A -o ppid= -o pid= | while read -r parent child; do
        [ "$parent" != $$ ] || [ "$child" = "$self" ] || kill "-$1" "$child"
    done
}

# Ends what is left of the group but for this shell, its parent and those that do it.
signal_others() {
    ps -A -o pgid= -o pid= | {
        self=$(exec sh -c 'echo $PPID')
        while read -r x process; do
            case $process in
            $$ | "$PPID" | "$leader" | "$self" | "$leash") continue ;;
            esac
            [ "$x" != "$group" ] || kill -KILL "$process"
        done
    }
}

# Reads the leash to its end, which is the connection's, or a stop, which may say how long to wait.
# What is ended has its end told; where that takes too long all is ended.
leash() {
    while read -r x y; do
        [ "$x" != stop ] || grace=$y
    done
    trap '' TERM
    group_find
    signal TERM
    sleep "$grace"
    [ -z "$folder" ] || rm -rf "$folder"
    leash=$(exec sh -c 'echo $PPID')
    [ -z "$own" ] || signal_others
    [ -z "$own" ] || sleep 2
    signal KILL
}

mark_out started
mark started
read -r x <&3 && [ "$x" = go ] || exit 1

while :; do
    case $1 in
    put)
        put "$2" "$3" "$4" "$5" "$6"
        shift 6
        ;;
    putdir)
        putdir "$2" "$3" "$4"
        shift 4
        ;;
    script)
        script "$2" "$3" "$4"
        shift 4
        ;;
    get)
        gets=$gets$2'
'
        shift 2
        ;;
    line)
        how=line
        shift
        ;;
    cwd)
        cwd=$2
        shift 2
        ;;
    *) break ;;
    esac
done

# All parts have come, and so has what says that they were all.
[ -z "$parts" ] || {
    mark ready
    read -r x <&3 && [ "$x" = run ] || fail 'put: not all of it arrived'
    trap - PIPE
    mark running
}
trap 'stopped=1' TERM
(leash) <&3 >/dev/null 2>&1 4>&- &
leash=$!
# What the shell itself says of children that were killed is nobody's output.
exec 2>/dev/null
(command_run "$@") 2>&4 3<&- 4>&-
status=$?
[ -n "$stopped" ] || [ -z "$gets" ] || fetch
[ -n "$stopped" ] || kill "$leash"
name=
[ "$status" -le 128 ] || [ "$status" -gt 192 ] || name=$(kill -l "$status")
finish "$status" "$name"
