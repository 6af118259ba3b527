load helper

@test "--version" {
    exits 0 drover --version
    matches 'drover [0-9]*.[0-9]*' "$out"
}

@test "help lists every command" {
    exits 0 drover help
    for command in start run get receive wait stop suspend resume remove each throttle queue events hosts supervisor journal; do
        grep -qw "$command" <<<"$out"
    done
    same "$out" "$(drover --help)"
}

@test "every command has a help" {
    for command in start run get receive wait stop suspend resume remove each throttle queue events hosts supervisor journal; do
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
    exits 2 drover start --no-such-option
    exits 0 drover help >/dev/null
    no_process
}

@test "a failing write is told" {
    [ -e /dev/full ] || skip 'no /dev/full'
    exits 4 bash -c 'drover help >/dev/full'
    matches 'drover: *No space*' "$err"
}

@test "a closed standard output is told" {
    exits 4 bash -c 'drover start -- true >&-'; matches 'drover: standard output: *' "$err"
    for command in get help 'run -- echo q' 'receive 2 --keep' 'supervisor --status'; do
        exits 4 bash -c "drover start -- echo q >/dev/null; drover wait >/dev/null; drover $command >&-"; matches 'drover: standard output*' "$err"
    done
    exits 0 bash -c 'drover remove --finished >&-'
}

@test "a long word in an error leaves room for the reason" {
    long=$(head -c 5000 /dev/zero | tr '\0' a)
    fails 3 'aaaa*...: no such job' drover get "$long"
    fails 2 'aaaa*...: no such command*' drover "$long"
    fails 2 '*--newest: aaaa*...*is not a number*' drover get --newest "$long"
}
