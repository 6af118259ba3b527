load helper

@test "--version" {
    exits 0 drover --version
    matches 'drover [0-9]*.[0-9]*' "$out"
}

@test "help lists every command" {
    exits 0 drover help
    for command in start run get receive wait stop suspend resume remove each throttle queue events supervisor; do
        grep -qw "$command" <<<"$out"
    done
    same "$out" "$(drover --help)"
}

@test "every command has a help" {
    for command in start run get receive wait stop suspend resume remove each throttle queue events supervisor; do
        exits 0 drover help "$command"
        matches "*drover $command*" "$out"
        same "$out" "$(drover "$command" --help)"
    done
    no_process
}

@test "without a command it says how it is used" {
    exits 2 drover
    matches '*drover*' "$err"
}

@test "an unknown command names the nearest one" {
    fails 2 '*recieve*receive*' drover recieve 1
    fails 2 '*strat*start*' drover strat -- true
}

@test "an unknown option names the nearest one" {
    fails 2 '*--jsno*--json*' drover get --jsno
}

@test "an option without its value is an error of usage" {
    fails 2 '*--name*' drover start --name
    fails 2 '*--state*' drover get --state
}

@test "options may follow arguments" {
    drover start -- echo x; drover wait >/dev/null
    prints x drover receive 1 --keep
    prints x drover receive 1
}

@test "values may be joined to their option" {
    prints 1 drover start --name=joined -- true
    prints joined drover get --format=name
}

@test "help and usage errors start no supervisor" {
    exits 2 drover start --no-such-option || true
    exits 0 drover help >/dev/null
    no_process
}

@test "a failing write is told" {
    [ -e /dev/full ] || skip 'no /dev/full'
    exits 4 bash -c 'drover help >/dev/full'
    matches 'drover: *No space*' "$err"
}
