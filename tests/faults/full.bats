# When there is no room: on the disk, for processes, for descriptors.
load ../cli/helper

# Runs the rest of the test's commands, given as a script, with a small file system as home.
on_small_disk() { # SIZE SCRIPT
    local size=$1 script=$2
    unshare -Urm true 2>/dev/null || unshare -m true 2>/dev/null || skip 'no mount namespace to be had here'
    local space=(unshare -Urm)
    unshare -Urm true 2>/dev/null || space=(unshare -m)
    mkdir home
    {
        declare -f wait_until fail same matches field is_state wait_state refute
        cat <<END
set -e
mount -t tmpfs -o size=$size,mode=700 small $work/home
trap 'drover supervisor --stop --force >/dev/null 2>&1 || true' EXIT
$script
END
    } >script
    timeout 60 "${space[@]}" bash script
}

@test "a full disk is told, the supervisor lives, other jobs go on, and room can be made" {
    # shellcheck disable=SC2016
    on_small_disk 6M '
        drover start -- true >/dev/null
        pid=$(drover supervisor --status --json | jq .pid)
        drover start -c "while [ ! -e go ]; do sleep 0.02; done; exit 3" >/dev/null
        wait_state Running 2
        drover start -- head -c 20000000 /dev/urandom >/dev/null
        said() { [[ $(drover supervisor --status; field reason 3) == *space* ]]; }
        wait_until said
        touch go
        wait_until is_state Failed 2
        same 3 "$(field exit_code 2)"
        same "$pid" "$(drover supervisor --status --json | jq .pid)"
        drover stop 3
        drover remove 3
        id=$(drover start -- echo fine)
        timeout 20 drover wait $id >/dev/null
        same fine "$(drover receive $id)"
    '
}

@test "a full disk: work goes on when there is room again" {
    # shellcheck disable=SC2016
    on_small_disk 6M '
        drover start -- true >/dev/null
        drover wait >/dev/null
        refute dd if=/dev/zero of=$DROVER_HOME/ballast bs=64K 2>/dev/null
        while drover start -- echo some >id 2>err; do :; done # what is still in its files is not yet full
        cat err >&2
        grep -q space err
        rm $DROVER_HOME/ballast
        until drover start -- echo fine >id 2>/dev/null; do sleep 0.1; done # it looks twice a second
        id=$(cat id)
        timeout 20 drover wait $id >/dev/null
        same fine "$(drover receive $id)"
    '
}

@test "no more processes: jobs wait with a reason and start later" {
    [ "$(id -u)" = 0 ] || skip 'needs root to become another user'
    user=$((RANDOM + 100000))
    chmod 755 "$work"
    mkdir home run
    chown "$user" home run
    # shellcheck disable=SC2016
    as() { env "XDG_RUNTIME_DIR=" setpriv --reuid "$user" --clear-groups "$@"; }
    cd run
    as drover start -- true >/dev/null
    as drover wait >/dev/null
    as prlimit --nproc=1: --pid "$(as drover supervisor --status --json | jq .runner_pid)"
    as drover start -- echo later
    wait_until bash -c "setpriv --reuid $user --clear-groups drover get --format reason 2 | grep -i process"
    as prlimit --nproc=1000: --pid "$(as drover supervisor --status --json | jq .runner_pid)"
    as timeout 30 drover wait 2 >/dev/null
    same later "$(as drover receive 2)"
    as drover supervisor --stop
}

@test "few descriptors: many jobs all run in the end" {
    # shellcheck disable=SC2016
    bash -c 'ulimit -n 70; for i in $(seq 60); do drover start -c "sleep 0.2; echo $0 >>ran" >/dev/null; done'
    timeout 60 drover wait >/dev/null
    same 60 "$(wc -l <ran)"
    prints 60 bash -c 'drover get --state Completed --format id | wc -l'
}

@test "few descriptors in the command itself are enough" {
    drover get >/dev/null
    prints 1 bash -c 'ulimit -n 12; drover start -- echo x'
    drover wait >/dev/null
    prints x bash -c 'ulimit -n 12; drover receive 1'
}

@test "too few descriptors for a supervisor: an error in words" {
    fails 4 '*open files*' bash -c 'ulimit -n 8; drover start -- true'
}

@test "a file size limit of the caller does not stop drover" {
    bash -c 'ulimit -Sf 8; drover start -- seq 100000 >/dev/null'
    drover wait >/dev/null
    drover receive 1 | cmp - <(seq 100000)
}

@test "fewer descriptors than a throttle needs: as many run as they allow, and the others say so" {
    bash -c 'ulimit -n 100; drover each --as-job -j 60 -- sleep 60.7 ::: $(seq 60)' >/dev/null
    wait_until says '*jobs run, as many as the limit of open files allows here*' field reason 1.60
    [ "$(json '.[0].children.running' 1)" -gt 5 ]
    drover stop 1
}
