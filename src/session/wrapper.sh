# wrapper.sh: what runs on the machine, in its /bin/sh: docs/session.md is its description.
#
#     LEADER NONCE GRACE STEP... [env NAME=VALUE]... -- WORD...
#
# A step is one of: put SIZE MODE SUM NAME TO, putdir SIZE NAME TO, script SIZE SUM NAME, get SRC,
# line, cwd DIR. Descriptor 3 is the leash and brings the payload, 4 is the session's standard error.
# Comments and indentation are taken off when drover is built.
leader=$1 nonce=$2 grace=$3
shift 3
exec 3<&0 4>&2 </dev/null
how=words cwd='' folder='' parts='' stopped='' own='' gets=''

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

# Each part of the payload but the first is sent when it is asked for, since what reads one may
# read on.
part() {
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

target() { # TO NAME
    path "$1"
    to=$path
    case $to in
    */) to=$to$2 ;;
    *) [ ! -d "$to" ] || to=$to/$2 ;;
    esac
    beside
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
    replace
    mkdir -p "$dir" && (umask 077 && take "$1" "$3" "$temp") &&
        { [ -z "$owner" ] || chown "$owner" "$temp" 2>/dev/null || :; } &&
        chmod "$2" "$temp" && mv -f "$temp" "$to" && return
    rm -f "$temp"
    fail "put: $to did not arrive"
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

putdir() { # SIZE NAME TO
    part
    target "$3" "$2"
    mkdir -p "$dir" && mkdir -m 700 "$temp" && unpack "$1" &&
        if [ -d "$to" ]; then cp -Rpf "$temp/." "$to/" && rm -rf "$temp"; else mv "$temp" "$to"; fi &&
        return
    rm -rf "$temp"
    fail "put: $to did not arrive"
}

script() { # SIZE SUM NAME
    part
    how=script file=$3
    folder=$(mktemp -d "${TMPDIR:-/tmp}/drover.XXXXXX") &&
        (umask 077 && take "$1" "$2" "$folder/$file") && return
    fail "script: $file did not arrive"
}

# A file system may forbid to execute what is on it, so its interpreter is called by name.
interpret() { # ARG...
    IFS= read -r line <"$folder/$file"
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
fetch() {
    printf '%s' "$gets" | while IFS= read -r src; do
        path "$src"
        dir=. name=$path
        case $path in
        */*) dir=${path%/*}/ name=${path##*/} ;;
        esac
        mark_out get
        if [ "$status" -eq 0 ]; then
            tar -cf - -C "$dir" -- "$name" 2>&4
        else
            tar -cf - -C "$dir" -- "$name" 2>/dev/null
        fi
        mark_out "got $?"
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

[ -z "$parts" ] || mark running
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
