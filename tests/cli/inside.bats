load helper

# ---- drover journal ----

segment() {
    ls "$DROVER_HOME"/journal/*.journal
}

@test "journal: a line for each record, with what it says" {
    drover start --name told -c 'echo secret; exit 3'; exits 1 drover wait
    exits 0 drover journal "$(segment)"
    same '' "$err"
    same 'INTENT STARTED OUTPUT EXITED CLOSED' "$(awk '{ printf "%s%s", (NR > 1 ? " " : ""), $3 }' <<<"$out")"
    same '1 1' "$(awk '{ print $4, $5 }' <<<"$out" | uniq)"
    matches "*STARTED*pid=*OUTPUT*stream=out position=0 size=7*EXITED*exit_code=3 how=waited*" "$out"
    refute grep -q secret <<<"$out"
    exits 0 drover journal --output "$(segment)"
    matches '*size=7 text="secret?n"*' "$out"
}

@test "journal: as objects, and without a supervisor" {
    seq 3 | drover each -j 1 -- true; drover supervisor --stop
    drover journal --json "$(segment)" >got
    jq -e 'map(select(.job == "1.2") | .kind) == ["INTENT", "STARTED", "EXITED", "CLOSED"]' got
    jq -e '.[0] | .offset == 32 and .attempt == 1 and (.time | length == 27)' got
    no_process
}

@test "journal: damage is told with its place, and what is good is printed" {
    for i in 1 2 3; do drover run -- true; done; drover supervisor --stop
    cp "$(segment)" copy
    at=$(drover journal copy | awk '$3 == "EXITED" && $4 == 2 { print $2 }')
    printf x | dd of=copy bs=1 seek=$((at + 50)) conv=notrunc status=none
    exits 1 drover journal copy
    same "drover: copy: 80 bytes at byte $at: damaged: they are no record, and what stood there is lost" "$err"
    same '11' "$(wc -l <<<"$out")"
    truncate -s -5 copy; exits 1 drover journal copy
    matches "*43 bytes at byte *: torn: *" "$err"
    fails 1 '*no segment of the journal*' drover journal /etc/passwd
}

@test "journal: a spill file, and the part of it that was dropped" {
    drover start --max-output 150K -c 'for i in $(seq 100); do head -c 3000 /dev/zero | tr "\0" x; echo $i; sleep 0.01; done'; drover wait >/dev/null
    drover supervisor --stop
    exits 0 drover journal "$DROVER_HOME"/spill/*
    same '' "$err"
    same CUT "$(awk '{ print $3 }' <<<"$out" | grep -v OUTPUT)"
    same 1 "$(awk '{ print $4 }' <<<"$out" | uniq)"
}
