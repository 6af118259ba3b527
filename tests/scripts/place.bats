# Where attempts run is known to the folder of that place alone.

supervisor=src/supervisor

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || exit
}

@test "nothing of the supervisor outside of place/ssh knows ssh, a session or a host" {
    words='ssh[a-z_]*|(drover-)?sessions?(_[a-z]+)?|machine_[a-z_]+|hosts?|fleet'
    # who registers places, the schema, the request's member, GNU parallel's column
    named='place/ssh/ssh\.h|place_ssh\>|ADD COLUMN session|reason LIKE|"session_argc"|\.host = job_place'
    run bash -c "grep -rnwiE --include='*.[ch]' --exclude-dir=ssh --exclude='joblog.[ch]' '$words' $supervisor | grep -vE '$named'"
    [ "$output" = '' ]
}

@test "a verdict is read by places alone: others pass it on" {
    run grep -rnE --include='*.[ch]' --exclude-dir=place 'VERDICT_(NONE|NOT_RUN|CANNOT_RUN|RAN|ENDED)|verdict_[a-z]+' $supervisor
    [ "$output" = '' ]
}
