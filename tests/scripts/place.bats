# Where attempts run is known to the folder of that place alone.

supervisor=src/supervisor

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || exit
}

@test "nothing of the supervisor outside of place/ssh knows ssh, a session, a verdict or a host" {
    words='ssh[a-z_]*|(drover-)?sessions?(_[a-z]+)?|verdicts?(_[a-z]+)?|machine_[a-z_]+|hosts?|fleet'
    # the schema's columns, the request's member, GNU parallel's column, and who registers places
    named='place/ssh/ssh\.h|place_ssh\>|ADD COLUMN (session|verdicts)|"session_argc"'
    run bash -c "grep -rnwiE --include='*.[ch]' --exclude-dir=ssh --exclude='joblog.[ch]' '$words' $supervisor |
        grep -vE '$named|\.host = job_place'"
    [ "$output" = '' ]
}
