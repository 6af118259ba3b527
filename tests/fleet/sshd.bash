# sshd: a real sshd of the tests' own, where every address of 127.0.0.0/8 is another machine.
#
#   sshd_up [LINE...]   starts it, with further lines of configuration; sets $port and $ssh_config
#   sshd_down           ends it and its connections
#
# It has keys, configuration and a port of its own and listens on the loopback device alone. Without
# openssh-server a test is skipped.
# shellcheck shell=bash

sshd_free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

sshd_write() { # LINE...
    cat >"$sshd/sshd_config" <<END
Port $port
ListenAddress 0.0.0.0 rdomain lo
HostKey $sshd/host
PidFile $sshd/pid
AuthorizedKeysFile $sshd/user.pub
StrictModes no
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
SetEnv SHLVL=2
END
    printf '%s\n' "$@" >>"$sshd/sshd_config"
    printf '[127.*.*.*]:%s %s\n' "$port" "$(cut -d' ' -f1,2 <"$sshd/host.pub")" >"$sshd/known_hosts"
    cat >"$ssh_config" <<END
Port $port
User $(id -un)
IdentityFile $sshd/user
IdentitiesOnly yes
UserKnownHostsFile $sshd/known_hosts
GlobalKnownHostsFile /dev/null
KexAlgorithms curve25519-sha256
END
}

sshd_up() { # LINE...
    local program
    program=$(command -v sshd || echo /usr/sbin/sshd)
    [ -x "$program" ] || skip 'no sshd'
    sshd=$work/sshd ssh_config=$work/sshd/ssh_config port=$(sshd_free_port)
    mkdir "$sshd"
    [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f "$sshd/host"
    ssh-keygen -q -t ed25519 -N '' -f "$sshd/user"
    sshd_write "$@"
    "$program" -f "$sshd/sshd_config" -E "$sshd/log" 3>&-
    wait_until test -s "$sshd/pid"
}

sshd_down() {
    local pid
    [ -s "${sshd-}/pid" ] || return 0
    pid=$(cat "$sshd/pid")
    pkill -TERM -P "$pid" || true
    kill "$pid"
    wait_until gone "$pid"
}
