# What somebody finds who works in a tree of drover's: packages, checks before a commit, versions.
# shellcheck shell=bash

setup() {
    work=$(mktemp -d "${BATS_TMPDIR:-/tmp}/drover-tree.XXXXXX")
    top=$BATS_TEST_DIRNAME/../..
    mkdir "$work/bin" "$work/tree"
    PATH=$work/bin:$PATH
}

teardown() {
    rm -rf "$work"
}

program() { # NAME: with the script on standard input
    { echo '#!/bin/sh'; cat; } >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

# A clone with the scripts alone.
clone() {
    cp -r "$top/scripts" "$work/tree"
    git -C "$work/tree" init -q
    git -C "$work/tree" config user.name nobody
    git -C "$work/tree" config user.email nobody@localhost
    commit
}

commit() { # OPTION...
    git -C "$work/tree" add -A
    git -C "$work/tree" commit -q --allow-empty -m 'a commit' "$@"
}

@test "of make, only setup, demo and check install packages" {
    program dpkg-query </dev/null
    program apt-get <<<"touch $work/installed"
    run "$top/scripts/install-packages" --missing build
    [ "$status" -eq 0 ]
    [[ $output == *'missing: '*meson*'To install them: scripts/install-packages build' ]]
    [ ! -e "$work/installed" ]
    for target in build test soak mutants bench install hooks format lint; do
        run make -C "$top" -n "$target"
        [ "$status" -eq 0 ]
        [ -z "$(grep 'install-packages' <<<"$output" | grep -v -- --missing)" ]
    done
}

@test "the version is the number of a release, and behind it what has come since" {
    clone
    [[ $("$work/tree/scripts/version" 1.2.3) == 1.2.3-1-g* ]]
    git -C "$work/tree" tag v1.2.3
    [ "$("$work/tree/scripts/version" 1.2.3)" = 1.2.3 ]
    commit
    [[ $("$work/tree/scripts/version" 1.2.3) == 1.2.3-1-g* ]]
    rm -rf "$work/tree/.git"
    run "$work/tree/scripts/version" 1.2.3
    [ "$status" -ne 0 ]
    [ -z "$output" ]
}

@test "a commit is checked once make hooks was said, and another's hook stays" {
    clone
    printf '#!/bin/sh\necho "checks $*"\nexit 1\n' >"$work/tree/scripts/lint"
    commit
    "$work/tree/scripts/install-hooks"
    run commit
    [ "$status" -ne 0 ]
    [[ $output == 'checks format layers comments promises' ]]
    commit --no-verify
    echo '#!/bin/sh' >"$work/tree/.git/hooks/pre-commit"
    run "$work/tree/scripts/install-hooks"
    [ "$status" -eq 1 ]
    [ "$(cat "$work/tree/.git/hooks/pre-commit")" = '#!/bin/sh' ]
}
