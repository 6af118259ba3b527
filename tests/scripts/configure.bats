# A build folder made for one purpose is used for another: after packages came or changed, with
# another Meson or compiler, half configured, in a tree that was moved.
# shellcheck shell=bash

setup() {
    work=$(mktemp -d "${BATS_TMPDIR:-/tmp}/drover-configure.XXXXXX")
    build=$work/build
    top=$BATS_TEST_DIRNAME/../..
    unset CC
}

teardown() {
    rm -rf "$work"
}

# A tree with a C file and the project's scripts, for what needs no more.
small_tree() {
    mkdir -p "$work/tree/scripts"
    cp "$top/scripts/configure" "$work/tree/scripts"
    cat >"$work/tree/meson.build" <<'END'
project('small', 'c', meson_version: '>=1.0.0')
absent = dependency('absent', required: false)
executable('small', 'small.c', c_args: absent.found() ? ['-DFOUND=' + absent.version()] : [])
END
    echo "option('way', type: 'string', value: 'none')" >"$work/tree/meson_options.txt"
    echo 'int main(void) { return 0; }' >"$work/tree/small.c"
    configure=$work/tree/scripts/configure
}

# The library `absent` is there from now on, in this version.
library() { # VERSION
    mkdir -p "$work/pc"
    printf 'Name: absent\nDescription: a library\nVersion: %s\n' "$1" >"$work/pc/absent.pc"
    export PKG_CONFIG_PATH=$work/pc
}

# Runs it as on a machine that has all libraries but cmocka.
without_cmocka() { # COMMAND...
    mkdir -p "$work/others"
    pkg-config --variable pc_path pkg-config | tr : '\n' | while read -r folder; do
        [ ! -d "$folder" ] || find "$folder" -name '*.pc' ! -name 'cmocka*' -exec ln -sf -t "$work/others" {} +
    done
    PKG_CONFIG_LIBDIR=$work/others CMAKE=/bin/false "$@"
}

compiled_with() { # WORDS
    grep -qF -- "$1" "$build/compile_commands.json"
}

inode() {
    stat -c %i "$build/meson-private/cmd_line.txt"
}

# A program that says another version of itself, and is it otherwise.
other_version() { # PROGRAM VERSION
    mkdir -p "$work/bin"
    printf '#!/bin/sh\n[ "$*" != --version ] || { echo "%s"; exit; }\nexec %s "$@"\n' "$2" "$(command -v "$1")" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
    PATH=$work/bin:$PATH
}

@test "a folder made without cmocka has the unit tests once it is there" {
    without_cmocka "$top/scripts/configure" "$build"
    [[ $(meson test -C "$build" --list) != *jobid* ]]
    "$top/scripts/configure" "$build" -Dtests=enabled
    [[ $(meson test -C "$build" --list) == *jobid* ]]
}

@test "asked for tests, a folder is not configured without cmocka: it says what is missing" {
    run without_cmocka "$top/scripts/configure" "$build" -Dtests=enabled
    [ "$status" -ne 0 ]
    [[ $output == *cmocka* ]]
}

@test "a library that comes, and one that changes, are seen" {
    small_tree
    "$configure" "$build"
    library 1.5
    "$configure" "$build"
    compiled_with -DFOUND=1.5
    library 1.6
    "$configure" "$build"
    compiled_with -DFOUND=1.6
}

@test "where nothing has changed nothing is done" {
    small_tree
    "$configure" "$build" -Dway=fast
    before=$(stat -c %Y.%Z "$build/build.ninja")
    "$configure" "$build"
    "$configure" "$build" -Dway=fast
    [ "$before" = "$(stat -c %Y.%Z "$build/build.ninja")" ]
}

@test "options stay in a folder, of the same name the last" {
    small_tree
    "$configure" "$build" -Dway=fast -Dwerror=true
    "$configure" "$build" -Dway=slow
    library 1
    "$configure" "$build"
    grep -q '^way = slow$' "$build/meson-private/cmd_line.txt"
    compiled_with -Werror
}

@test "a folder made by another Meson is made anew, with its options" {
    small_tree
    "$configure" "$build" -Dway=fast
    before=$(inode)
    other_version meson 99.0
    "$configure" "$build"
    [ "$before" != "$(inode)" ]
    grep -q '^way = fast$' "$build/meson-private/cmd_line.txt"
    # one that this Meson cannot read, and without a note
    rm "$build/.configured"
    echo garbage >"$build/meson-private/coredata.dat"
    "$configure" "$build"
    ninja -C "$build"
}

@test "another compiler, a newer one, and one that is gone" {
    small_tree
    CC=gcc "$configure" "$build"
    compiled_with '"gcc '
    "$configure" "$build" # without CC the folder keeps its own
    compiled_with '"gcc '
    CC=clang "$configure" "$build"
    compiled_with '"clang '
    other_version clang 'clang version 99'
    before=$(inode)
    "$configure" "$build"
    [ "$before" != "$(inode)" ]
    mkdir "$work/tools"
    ln -s "$(command -v gcc)" "$work/tools/onlyhere"
    CC=$work/tools/onlyhere "$configure" "$build"
    rm "$work/tools/onlyhere"
    "$configure" "$build"
    ninja -C "$build"
}

@test "a folder that was half configured is made whole, wherever it was cut off" {
    small_tree
    "$configure" "$build"
    for part in build.ninja meson-private/coredata.dat meson-private/cmd_line.txt meson-private meson-info; do
        rm -rf "${build:?}/$part"
        "$configure" "$build"
        ninja -C "$build"
    done
    cut=0
    for seconds in 0.05 0.15 0.25 0.35 0.45; do
        rm -rf "$build"
        timeout -s KILL "$seconds" "$configure" "$build" >/dev/null 2>&1 || cut=$((cut + 1))
        "$configure" "$build"
        ninja -C "$build"
    done
    [ "$cut" -gt 0 ]
}

@test "a tree that was moved" {
    small_tree
    "$configure" "$work/tree/build"
    mv "$work/tree" "$work/moved"
    "$work/moved/scripts/configure" "$work/moved/build"
    echo 'int main(void) { return 1; }' >"$work/moved/small.c"
    echo "# changed" >>"$work/moved/meson.build"
    ninja -C "$work/moved/build"
    status=0
    "$work/moved/build/small" || status=$?
    [ "$status" -eq 1 ]
}
