# Every command, its connection cut or its supervisor killed behind a frame. Of all the frames there are
# CUTOFF_SHARE=N/OF says which part is tried; 1/1 is every one, and takes some minutes.
load ../cli/helper

cutoff() {
    PYTHONDONTWRITEBYTECODE=1 timeout "${CUTOFF_TIME:-900}" python3 "$BATS_TEST_DIRNAME/cutoff.py" "$@" >&2
}

@test "a connection that is cut behind any frame, either way: each command ends as it does uncut" {
    cutoff --share "${CUTOFF_SHARE:-1/10}"
}

@test "a supervisor that is killed behind any frame, either way: each command ends as it does else" {
    cutoff --kill --share "${CUTOFF_SHARE:-1/20}"
}
