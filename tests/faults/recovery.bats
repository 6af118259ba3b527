load ../cli/helper
load recovery

# The table of docs/recovery.md, for jobs and for children of batches.

kinds='job child'

@test "a stop under way, runner killed" {
    stop_is_carried_on runner
}

@test "a stop under way, supervisor and then runner killed" {
    stop_is_carried_on supervisor-runner
}

@test "a stop under way, runner and then supervisor killed" {
    stop_is_carried_on runner-supervisor
}

@test "a time-out under way, runner killed" {
    time_out_is_carried_on runner
}

@test "a time-out under way, supervisor and then runner killed" {
    time_out_is_carried_on supervisor-runner
}

@test "a time-out under way, runner and then supervisor killed" {
    time_out_is_carried_on runner-supervisor
}

@test "suspended, runner killed" {
    suspended_stays_so runner
}

@test "suspended, supervisor and then runner killed" {
    suspended_stays_so supervisor-runner
}

@test "suspended, runner and then supervisor killed" {
    suspended_stays_so runner-supervisor
}

@test "suspended, and stopped after the runner was killed" {
    suspended_can_be_stopped runner
}

@test "suspended, and stopped after both were killed" {
    suspended_can_be_stopped supervisor-runner
}

@test "waiting for a retry, runner killed" {
    retry_comes runner
}

@test "waiting for a retry, both killed" {
    retry_comes supervisor-runner
}

@test "suspended while waiting for a retry, runner killed" {
    retry_that_is_suspended_comes runner
}

@test "suspended while waiting for a retry, both killed" {
    retry_that_is_suspended_comes runner-supervisor
}
