load helper

@test "get of nothing prints nothing but the heading, or nothing at all" {
    prints '' drover get --format id
    prints '[]' bash -c 'drover get --json | jq -c .'
}

@test "the table is exact" {
    drover start --name hello -c 'echo hi'; drover start -- sleep 60
    wait_state Completed 1; wait_state Running 2
    drover get >got
    cat >want <<'END'
Id     Name            Type            State         HasMoreData     Location             Command
--     ----            ----            -----         -----------     --------             -------
1      hello           Job             Completed     True            localhost            echo hi
2      Job2            Job             Running       True            localhost            sleep 60
END
    same_file want got
}

@test "ls is get" {
    drover start -- true; drover wait >/dev/null
    matches '*Completed*' "$(drover ls)"
    same "$(drover get)" "$(drover ls)"
}

@test "json has every key, in every state" {
    drover start -- true; drover wait >/dev/null; drover start --delay 60s -- true
    drover each --as-job -- true ::: a >/dev/null; drover wait 3 >/dev/null
    want=$(tr ' ' '\n' <<<'argv attempt begin_at cause children command cwd end_at err_bytes exit_code has_more_data id item location max_rss_kib name out_bytes pid processes_left queue reason signal state submitted_at sys_s type user_s')
    for id in 1 2 3 3.1; do
        same "$want" "$(json '.[0] | keys[]' $id)"
    done
}

@test "json values of a finished job" {
    drover start --name n -c 'echo out; echo err >&2; exit 3'; exits 1 drover wait
    same '{"id":"1","name":"n","type":"Job","state":"Failed","has_more_data":true,"location":"localhost","exit_code":3,"signal":null,"out_bytes":4,"err_bytes":4,"attempt":1,"children":null,"item":null,"pid":null,"cause":"exit"}' \
        "$(json '.[0] | {id,name,type,state,has_more_data,location,exit_code,signal,out_bytes,err_bytes,attempt,children,item,pid,cause} | tojson')"
    same "$work" "$(json '.[0].cwd')"
    same '["/bin/sh","-c","echo out; echo err >&2; exit 3"]' "$(json '.[0].argv[:3] | tojson')"
}

@test "json times are RFC 3339 in UTC with microseconds, in order" {
    drover start -- true; drover wait >/dev/null
    for key in submitted_at begin_at end_at; do
        [[ $(json ".[0].$key") =~ ^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$ ]]
    done
    prints true json '.[0] | .submitted_at <= .begin_at and .begin_at <= .end_at'
}

@test "json of a running job has its pid and no end" {
    drover start -- sleep 60; wait_state Running 1
    prints sleep bash -c 'cat /proc/$(drover get --json | jq .[0].pid)/comm'
    prints null json '.[0].end_at'
}

@test "json measures what a job used" {
    drover start --shell bash -c 'for ((i = 0; i < 100000; i++)); do :; done'; drover wait >/dev/null
    prints true json '.[0] | .user_s > 0.01 and .max_rss_kib > 500'
}

@test "json is valid whatever the bytes" {
    drover start -- echo $'\xfe"\\'; drover wait >/dev/null
    prints 1 bash -c 'drover get --json | jq length'
}

@test "--format prints columns between tabs" {
    drover start --name a -- true; drover wait >/dev/null
    prints $'1\ta\tCompleted' drover get --format 'id,name,state'
    fails 2 '*colour*' drover get --format id,colour
}

@test "jobs are selected by id, range, name and pattern" {
    for name in alpha beta Gamma; do drover start --name $name -- true; done; drover wait >/dev/null
    prints 2 drover get --format id 2
    prints $'1\n2' drover get --format id 1-2
    prints 2 drover get --format id BETA
    prints $'1\n2\n3' drover get --format id '*a'
    prints $'2\n3' drover get --format id '[bg]*'
    prints 3 drover get --format id '?amma'
}

@test "jobs are named on standard input by any table of drover's" {
    for name in alpha beta; do drover start --name $name -- true; done; drover wait >/dev/null
    prints 2 bash -c 'drover get | grep beta | drover get --format id -'
    prints $'1\n2' bash -c 'drover get | drover get --format id -'
}

@test "they come sorted by id, each once" {
    for i in 1 2 3; do drover start -- true; done; drover wait >/dev/null
    prints $'1\n3' drover get --format id 3 1 3
}

@test "an unknown job is exit 3; the good ones are still listed" {
    drover start -- true; drover wait >/dev/null
    fails 3 '*99*' drover get 99
    exits 3 drover get --format id 1 99
    same 1 "$out"; matches 'drover: *99*' "$err"
    fails 3 '*nobody*' drover get nobody
}

@test "a pattern that matches nothing is no error" {
    drover start --name some -- true
    prints '' drover get --format id 'no*'
    prints 1 drover get --format id 'so*'
}

@test "--state" {
    drover start -- true; drover start -- false; drover start -- sleep 60
    wait_state Completed 1; wait_state Failed 2; wait_state Running 3
    prints 2 drover get --format id --state Failed
    prints $'1\n2' drover get --format id --state failed,completed
    fails 2 '*Broken*' drover get --state Broken
}

@test "--has-more-data" {
    drover start -- echo a; drover start -- true; drover wait >/dev/null
    prints 1 drover get --format id --has-more-data
    prints 1 drover get --format id --has-more-data=true
    prints 2 drover get --format id --has-more-data=false
}

@test "--before and --after select by the time of the end" {
    drover start -- true; drover wait >/dev/null
    middle=$(json '.[0].end_at' 1); drover start -- true; drover wait >/dev/null
    prints 2 drover get --format id --after "$(date -u -d "$middle + 1 microsecond" +%Y-%m-%dT%H:%M:%S.%6NZ 2>/dev/null || echo "$middle")"
    prints $'1\n2' drover get --format id --after 2000-01-01
    prints '' drover get --format id --before 2000-01-01
    fails 2 '*yesteryear*' drover get --before yesteryear
}

@test "--newest" {
    for i in 1 2 3 4; do drover start -- true; drover wait >/dev/null; done
    prints $'3\n4' drover get --format id --newest 2
}

@test "--command" {
    drover start -- echo one; drover start -- printf two; drover wait >/dev/null
    prints 2 drover get --format id --command 'printf*'
    drover start -c '  Sleep=1; true '
    prints 3 drover get --format id --command 'sleep=?; TRUE'
}

@test "--queue" {
    drover start -q fast -- true; drover start -- true; drover wait >/dev/null
    prints 1 drover get --format id --queue fast
}

@test "filters combine" {
    drover start -q a -- true; drover start -q a -- false; drover start -- false; exits 1 drover wait
    prints 2 drover get --format id --queue a --state Failed
}

@test "--children lists the children of batches" {
    drover each --as-job -- true ::: x y >/dev/null; drover wait 1 >/dev/null
    prints 1 drover get --format id
    prints $'1\tBatch\t\n1.1\tChild\tx\n1.2\tChild\ty' drover get --children --format id,type,item
    prints 1.2 drover get --format id 1.2
    prints $'1.1\n1.2' drover get --format id 1.1-2
}

@test "wide names do not run into the next column" {
    drover start --name 'a-name-far-longer-than-its-column' -- true; drover wait >/dev/null
    drover get | grep -q 'a-name-far-longer-than-its-column \+Job '
}

@test "--format keeps a line a line" {
    drover each --keep-job -- true ::: $'a\nb\tc\\d\e\xe9'
    same $'1.1\ta\\nb\\tc\\\\d\\e\xe9' "$(field id,item 1.1)"
}

@test "--newest 0 is an error of usage" {
    fails 2 '*newest: 0 is not a number above 0*' drover get --newest 0
}

@test "--json lets no control character through to a terminal" {
    drover start -- true $'\u009b31m'; drover wait >/dev/null
    script -qec 'drover get --json' /dev/null >screen </dev/null
    grep -qiF '\u009b31m' screen; refute grep -q $'\u009b' screen
}

@test "on a narrow terminal the table fits" {
    drover start --name "$(printf 'n%.0s' {1..40})" -c ": $(printf 'c%.0s' {1..200})"; drover start -- true; drover wait >/dev/null
    script -qec 'stty cols 80; drover get' /dev/null </dev/null | tr -d '\r' >screen
    same 4 "$(wc -l <screen)"; refute grep -qE '.{81}' screen; grep -qE '^1  n+\.\.\. .* : c{13,}\.\.\.$' screen
    script -qec 'stty cols 200; drover get 2' /dev/null </dev/null | tr -d '\r' | cmp - <(drover get 2) >&2
}

@test "the table fits the terminal: long names have their room, and a pipe is laid out for who reads it" {
    drover start --name a-name-of-more-than-fifteen -- true >/dev/null; drover start -- true >/dev/null
    drover wait >/dev/null
    for columns in 160 80; do
        script -qec "stty cols $columns; drover get; drover get | cat" /dev/null >screen </dev/null
        tr -d '\r' <screen >lines
        for line in 3 4 7 8; do # the state stands under its heading
            heading=$(sed -n "$((line < 5 ? 1 : 5))p" lines) row=$(sed -n "${line}p" lines)
            before=${heading%%State*}
            matches 'Completed *' "${row:${#before}}"
        done
        awk -v most="$columns" 'length > most { exit 1 }' lines
    done
    grep -q 'a-name-of-more-than-fifteen' lines
}
