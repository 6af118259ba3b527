# What make install puts there, used by a program that is none of ours.
load helper

# Installs below $work/root; pkg-config then finds it there.
installed() {
    root=$work/root
    DESTDIR=$root meson install -C "$DROVER_BUILD" --no-rebuild >/dev/null
    pc=$(find "$root" -name libdrover.pc)
    prefix=$(sed -n 's/^prefix=//p' "$pc")
    export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$root
    mkdir -p "$root$prefix/bin"
}

# The example stands beside drover, and so finds its supervisor.
fanout() { # CC-OPTION...
    cc -o "$root$prefix/bin/fanout" "$BATS_TEST_DIRNAME/../../examples/fanout.c" "$@"
    same $'a b\na c' "$(LD_LIBRARY_PATH=${pc%/pkgconfig/*} "$root$prefix/bin/fanout" echo a -- b c | sort)"
}

@test "a program is compiled and linked with the installed library, shared and static" {
    installed
    # shellcheck disable=SC2046  # words
    fanout $(pkg-config --cflags --libs libdrover)
    # shellcheck disable=SC2046  # words
    fanout -static $(pkg-config --static --cflags --libs libdrover)
}

@test "the installed archive has no symbols but those of the API" {
    installed
    same '' "$(nm -g --defined-only "${pc%/pkgconfig/*}/libdrover.a" | awk 'NF == 3 && $3 !~ /^drover_/')"
}
