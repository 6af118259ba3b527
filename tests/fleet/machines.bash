# machines: a fleet on this machine. Each address of 127.0.0.0/8 is a host.
#
#   machines_start [LINE...]         starts a real sshd on a free port; LINEs go into its configuration
#                                    (MaxStartups 10:30:100, for one). Then there are
#                                        $machines/ssh_config   what a client needs (ssh -F)
#                                        $machines/id           its key; known_hosts, sshd.log
#                                        $port
#   machines_stop                    ends sshd, its sessions, the commands in them, and faulty hosts
#   machines_commands                the processes that were started by way of sshd, also those that
#                                    have outlived their session
#   machines_run LINE [COUNT]        whether one of these, or COUNT of them, are that command line
#   machines_growing FILE            makes $work/bin/tar, for which that file grows while it is read
#   faulty_start KIND=ADDRESS ...    starts hosts that are no good (faulty.py) on $faulty_port
#
# Nothing of this machine's own configuration is read, and nothing but loopback can reach it.
# shellcheck shell=bash

machines_sshd() {
    command -v sshd || echo /usr/sbin/sshd
}

# Ports of listeners, below those that the kernel gives out.
machines_port() {
    echo $((20000 + (RANDOM * 32768 + RANDOM) % 12000))
}

machines_keys() {
    local name
    for name in host id; do
        [ -f "$machines/$name" ] || ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$machines/$name"
    done
    cp "$machines/id.pub" "$machines/authorized_keys"
}

machines_configure_server() { # LINE...
    {
        cat <<END
Port $port
ListenAddress 0.0.0.0 rdomain lo
AllowUsers *@127.0.0.0/8
HostKey $machines/host
AuthorizedKeysFile $machines/authorized_keys
PidFile none
StrictModes no
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
PrintLastLog no
LogLevel VERBOSE
Subsystem sftp internal-sftp
SetEnv DROVER_MACHINES=$machines SHLVL=2
END
        # of this the last value counts, of others the first
        printf '%s\n' 'MaxStartups 4096' "$@"
    } >"$machines/sshd_config"
    # All hosts have one peer: it must not be banned for what one of them refused.
    if "$(machines_sshd)" -t -f "$machines/sshd_config" -o PerSourcePenalties=no 2>/dev/null; then
        echo 'PerSourcePenalties no' >>"$machines/sshd_config"
    fi
}

machines_configure_client() {
    echo "[127.*.*.*]:$port $(cut -d ' ' -f 1,2 "$machines/host.pub")" >"$machines/known_hosts"
    cat >"$machines/ssh_config" <<END
Host 127.*
    Port $port
    User $(id -un)
    IdentityFile $machines/id
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile $machines/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    BatchMode yes
    GSSAPIAuthentication no
    PreferredAuthentications publickey
    KexAlgorithms curve25519-sha256
END
}

# A tar in $work/bin for which that file grows while it is read.
machines_growing() { # FILE
    mkdir -p "$work/bin"
    printf '#!/bin/sh\nexec %s --checkpoint=1 --checkpoint-action="exec=echo more >>%s" "$@"\n' "$(type -P tar)" "$1" >"$work/bin/tar"
    chmod +x "$work/bin/tar"
}

machines_listens() {
    grep -q '^Server listening' "$machines/sshd.log" || gone "$sshd"
}

machines_start() { # LINE...
    local try
    machines=$work/machines
    mkdir -p "$machines"
    [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
    machines_keys
    for try in 1 2 3 4 5; do
        port=$(machines_port)
        machines_configure_server "$@"
        : >"$machines/sshd.log"
        "$(machines_sshd)" -D -f "$machines/sshd_config" -E "$machines/sshd.log" </dev/null >/dev/null 2>&1 3>&- &
        sshd=$!
        disown
        wait_until machines_listens
        if ! gone "$sshd"; then
            machines_configure_client
            return
        fi
    done
    fail "sshd does not start, tried $try times: $(cat "$machines/sshd.log")"
}

machines_commands() {
    local file
    [ -n "${machines:-}" ] || return 0
    for file in $(grep -lszxF -- "DROVER_MACHINES=$machines" /proc/[0-9]*/environ 2>/dev/null); do
        file=${file//[^0-9]/}
        gone "$file" || echo "$file"
    done
}

machines_run() { # LINE [COUNT]
    local pid count=0
    for pid in $(machines_commands); do
        [ "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)" != "$1 " ] || count=$((count + 1))
    done
    ((count >= ${2:-1}))
}

# The process and all that descend from it.
machines_tree() { # PID
    local child
    for child in $(ps -o pid= --ppid "$1"); do
        machines_tree "$child"
    done
    echo "$1"
}

machines_end() { # PID...
    [ $# -gt 0 ] || return 0
    kill -KILL "$@" 2>/dev/null || true
    local pid
    for pid; do
        wait_until gone "$pid"
    done
}

machines_stop() {
    local all=
    [ -z "${faulty:-}" ] || all+=" $faulty"
    [ -z "${sshd:-}" ] || all+=" $(machines_tree "$sshd")"
    sshd='' faulty=''
    # shellcheck disable=SC2086  # a list
    machines_end $all
    # shellcheck disable=SC2046  # a list
    machines_end $(machines_commands)
}

faulty_ready() {
    [ -s "$work/faulty.out" ] || gone "$faulty"
}

faulty_start() { # KIND=ADDRESS...
    local try
    for try in 1 2 3 4 5; do
        faulty_port=$(machines_port)
        : >"$work/faulty.out"
        python3 "$BATS_TEST_DIRNAME/faulty.py" "${@/%/:$faulty_port}" </dev/null >"$work/faulty.out" 2>"$work/faulty.err" 3>&- &
        faulty=$!
        disown
        wait_until faulty_ready
        gone "$faulty" || return 0
    done
    fail "the faulty hosts do not start, tried $try times: $(cat "$work/faulty.err")"
}
