load ../cli/helper
load machines

# What the other tests of this folder stand on: that the hosts do what they are said to do, as ssh
# sees it.

teardown() {
    machines_stop
    finish
}

to() { # ADDRESS [OPTION...] [COMMAND...]
    ssh -F "$machines/ssh_config" "$@" </dev/null
}

# What a faulty host looks like to ssh. One that does nothing is waited for briefly, what others do is
# waited for.
sees() { # PATTERN ADDRESS [OPTION...]
    exits 255 ssh -F none -p "$faulty_port" "${@:3}" -o BatchMode=yes -o ConnectTimeout=60 -o ServerAliveInterval=1 \
        -o ServerAliveCountMax=1 -o UserKnownHostsFile=none -o StrictHostKeyChecking=no "$2" true </dev/null
    matches "$1" "$err"
}

@test "every loopback address is a host" {
    machines_start
    prints hello to 127.1.2.3 echo hello
    prints 127.77.0.1 to 127.77.0.1 'set -- $SSH_CONNECTION; echo $3'
    exits 255 to 127.1.2.3 exit 255
    same '' "$err"
}

@test "a host's key and the user's are checked" {
    machines_start
    echo >"$machines/known_hosts"
    exits 255 to 127.1.2.3 true
    matches '*Host key verification failed*' "$err"
    machines_configure_client
    ssh-keygen -q -t ed25519 -N '' -f other
    cp other.pub "$machines/authorized_keys"
    exits 255 to 127.1.2.3 true
    matches '*Permission denied (publickey)*' "$err"
}

@test "MaxStartups can be that of a jump host" {
    machines_start 'MaxStartups 1:100:1'
    # one that never says who it is holds the only place
    exec 9<>"/dev/tcp/127.0.0.1/$port"
    read -r -u 9 line
    matches 'SSH-2.0-*' "$line"
    exits 255 to 127.1.2.3 true
    matches '*kex_exchange_identification: *' "$err"
    exec 9>&-
    wait_until to 127.1.2.3 true
}

@test "commands that outlive their session are found and ended" {
    machines_start
    to 127.1.2.3 'sleep 1000 >/dev/null 2>&1 & echo $!' >pid
    ps -p "$(cat pid)" >/dev/null
    same "$(cat pid)" "$(machines_commands)"
    machines_stop
    gone "$(cat pid)"
    same '' "$(machines_commands)"
}

@test "hosts that are no good are seen as what they are" {
    faulty_start silent=127.0.1.1 banner=127.0.1.2 drip=127.0.1.3 close=127.0.1.4 reset=127.0.1.5 \
        parting=127.0.1.6 http=127.0.1.7 deaf=127.0.1.8
    sees '*timed out during banner exchange*' 127.0.1.1 -o ConnectTimeout=2
    # its time-out for connecting is over with the banner: it is keep-alives that notice
    sees '*127.0.1.2*' 127.0.1.2
    sees '*timed out during banner exchange*' 127.0.1.3 -o ConnectTimeout=4
    sees '*kex_exchange_identification: Connection closed by remote host*' 127.0.1.4
    # whether it is read or written to when it is reset, ssh says this one line in the end
    sees '*Connection reset by *' 127.0.1.5
    sees '*Connection closed by 127.0.1.6*' 127.0.1.6
    sees '*kex_exchange_identification: *' 127.0.1.7
    sees '*Connection timed out*' 127.0.1.8 -o ConnectTimeout=2
    sees '*Connection refused*' 127.0.1.9
}
