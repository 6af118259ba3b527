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

@test "a stop under way, the main process has ended, runner killed" {
    stop_of_the_rest_is_carried_on runner
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

@test "pipes open after the end, runner killed" {
    late_output_comes runner
}

@test "pipes open after the end, both killed" {
    late_output_comes supervisor-runner
}

@test "sent to the runner and not begun, runner killed" {
    sent_and_not_begun runner
}

@test "sent to the runner and not begun, both killed" {
    sent_and_not_begun runner-supervisor
}

@test "sent to the runner, and suspended before it began, runner killed" {
    sent_and_suspended_before_it_began runner
}

@test "sent to the runner, and suspended before it began, both killed" {
    sent_and_suspended_before_it_began runner-supervisor
}

@test "suspended before the supervisor has heard that it runs, runner killed" {
    begun_and_suspended_before_it_was_told runner
}

@test "suspended before the supervisor has heard that it runs, both killed" {
    begun_and_suspended_before_it_was_told both
}

@test "sent to the runner, and stopped before it began, runner killed" {
    sent_and_stopped_before_it_began runner
}

@test "sent to the runner, and stopped before it began, both killed" {
    sent_and_stopped_before_it_began runner-supervisor
}

@test "ended, and nobody has read that, runner killed" {
    ended_and_not_read runner
}

@test "ended, and nobody has read that, both killed" {
    ended_and_not_read supervisor-runner
}

@test "waiting in a queue, both killed" {
    kinds=job
    waits_in_its_queue supervisor-runner
}

@test "removed, both killed" {
    removed_is_forgotten supervisor-runner
}
