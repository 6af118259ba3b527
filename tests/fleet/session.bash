# session: what the tests of drover-session share: a directory of its own for each, without a home, and
# `on OPTION... --host HOST -- WORD...`. To be loaded behind machines; a file that wants another machine
# than 127.1.0.1 sets `host` before.
# shellcheck shell=bash
: "${host:=127.1.0.1}"

setup() {
    work=$(mktemp -d "${BATS_TMPDIR:-/tmp}/drover-test.XXXXXX")
    cd "$work"
    session=$(cd "$BATS_TEST_DIRNAME/../.." && cd "$DROVER_BUILD" && pwd)/src/session/drover-session
}

teardown() {
    machines_stop
    cd /
    rm -rf "$work"
}

on() { # OPTION... --host HOST -- WORD...
    "$session" --ssh-config "$machines/ssh_config" --verdict 4 "$@" 4>"$work/verdict"
}
