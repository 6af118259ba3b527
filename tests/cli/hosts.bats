load helper

hosts() {
    drover hosts "$@"
}

groups() { # writes the user's file of groups from standard input
    export XDG_CONFIG_HOME=$work/config
    mkdir -p "$XDG_CONFIG_HOME/drover"
    cat >"$XDG_CONFIG_HOME/drover/hosts"
}

@test "hosts prints one host a line" {
    prints $'web01\nweb02\nroot@db1:2222\n[::1]' hosts 'web[01-02],root@db1:2222,[::1]'
    prints $'b\na' hosts b a
}

@test "hosts needs no home and starts no supervisor" {
    exits 0 env -u HOME -u DROVER_HOME drover hosts 'a[1-3]' --count
    same 3 "$out"
    [ ! -e "$DROVER_HOME" ]
    no_process
}

@test "hosts --count counts" {
    prints 9000 hosts 'n[1-9000]' --count
    prints 0 hosts 'a!a' --count
}

@test "hosts --fold gives a list that stands for the same hosts" {
    prints 'web[001-100,200]' hosts 'web[001-100,200]' --fold
    prints 'r[1-3]n[1-4]' hosts r{1,2,3}n{1,2,3,4} --fold
    prints '' hosts 'a!a' --fold
    drover hosts 'x[1-40]c[0-7],y[001-100]!y050' | sort >all
    same "$(cat all)" "$(drover hosts "$(drover hosts --hosts all --fold)" | sort)"
}

@test "hosts keeps zeros in front of numbers" {
    prints 'c[09,010]' hosts c09,c010 --fold
    prints 'listserv[3,01]' hosts listserv01,listserv3 --fold
    prints $'c09\nc010' hosts 'c[09,010]'
    fails 2 '\[1-010\]*' hosts '[1-010]'
}

@test "hosts reads lists from a file and from standard input" {
    printf '# a comment\n\nweb[1-2] # two\nroot@db\r\n!web1' >list
    prints $'web2\nroot@db' hosts --hosts list
    prints $'web2\nroot@db' hosts --hosts list x -x x
    prints $'web2\nroot@db' hosts --hosts - <list
    fails 2 "none: No such file or directory*" hosts --hosts none
    printf 'a\nb c\n' >list
    fails 2 'list:2: host b c: *' hosts --hosts list
    fails 2 'standard input:2: host b c: *' hosts --hosts - <list
}

@test "hosts -x leaves hosts out" {
    prints 'web[1,4-5]' hosts 'web[1-9]' -x 'web[2-3]' --exclude 'web[6-9]' --fold
    prints '' hosts 'web[1-9]' -x 'web[1-9]'
}

@test "an exclusion that excludes nothing is told" {
    groups <<<$'[web]\nweb[001-100]\n[db]\ndb1'
    exits 0 hosts @web '!web07' --count
    same $'100\ndrover: hosts: web07, which is to be left out, is not in the list: did you mean web007?' "$out"$'\n'"$err"
    exits 0 hosts '@web!web101' -x 'web001,other' --count
    same $'99\ndrover: hosts: web101 and 1 more that are to be left out are not in the list' "$out"$'\n'"$err"
    exits 0 hosts @web -x other --count
    same $'100\ndrover: hosts: other, which is to be left out, is not in the list' "$out"$'\n'"$err"
    prints 100 hosts '@web!@db' -x @db --count
}

@test "the last @ of a host is the one before its address" {
    prints joe@corp.local@web1 hosts joe@corp.local@web1
}

@test "a host that is named twice is taken once, with one warning" {
    exits 0 hosts web1,web2,web1
    same $'web1\nweb2' "$out"
    same 'drover: hosts: web1 is named again: it is taken once' "$err"
    exits 0 hosts 'web[1-3]' web2 'web[1-3]'
    same $'web1\nweb2\nweb3' "$out"
    same 'drover: hosts: web2 and 3 more are named again: each is taken once' "$err"
}

@test "hosts knows groups" {
    groups <<<$'[web]\nweb[1-3]\n[db]\ndb1\n[all]\n@web,@db\n!web2'
    prints $'web1\nweb3\ndb1' hosts @all
    prints web2 hosts @web -x @all
    prints 4 hosts '@*' --count
    exits 0 hosts --groups
    same $'Name                Hosts\n----                -----\nweb                 3\ndb                  1\nall                 3' "$out"
}

@test "hosts finds groups below HOME where XDG_CONFIG_HOME is not set" {
    mkdir -p .config/drover
    printf '[g]\na\n' >.config/drover/hosts
    HOME=$work prints a hosts @g
}

@test "mistakes in groups name file and line" {
    groups <<<$'[web]\nweb[1-3]\n[a]\n@b\n[b]\n@a'
    fails 2 "@wbe*no such group in $work/config/drover/hosts or /etc/drover/hosts*" hosts @wbe
    fails 2 "*did you mean @web?" hosts @we
    fails 2 "$work/config/drover/hosts:6: @a: is a group of itself: @a -> @b -> @a" hosts @a
    fails 2 "$work/config/drover/hosts:6: *" hosts --groups
    groups <<<$'[web]\nweb[3-1]'
    fails 2 "$work/config/drover/hosts:2: *3-1 runs backwards" hosts @web
}

@test "a file of groups that cannot be read is a mistake, not an empty one" {
    groups </dev/null
    rm "$XDG_CONFIG_HOME/drover/hosts"
    mkdir "$XDG_CONFIG_HOME/drover/hosts"
    fails 2 "$work/config/drover/hosts: Is a directory" hosts @web
    prints web1 hosts web1
}

@test "what could be an option or a command of a shell is no host" {
    fails 2 'host -oProxyCommand=x: its name begins with -' hosts -- -oProxyCommand=x
    fails 2 'host root@-x: *' hosts root@-x
    fails 2 'host a;b: *' hosts 'a;b'
    fails 2 'host a b: *blank*' hosts 'a b'
    fails 2 'host a\\nb: *' hosts $'a\nb'
    fails 2 'host h*: its name is not ASCII' hosts hörst
    fails 2 '*more than 1000000 hosts' hosts 'n[0-99999999]'
}

@test "hosts --null ends each host with a zero byte" {
    drover hosts 'a[1-2]' -0 >got
    printf 'a1\0a2\0' >want
    same_file want got
}

@test "hosts is told what to do" {
    fails 2 'hosts: *' hosts
    fails 2 'hosts: *' hosts -x a
    fails 2 'hosts: *' hosts a --count --fold
    fails 2 'hosts: *' hosts a --groups
    fails 2 'a host list is empty' hosts ''
}
