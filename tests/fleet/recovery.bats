load ../cli/helper
load machines
load ../faults/recovery

# The table of docs/recovery.md, for children on machines.

kinds=machine

teardown() {
    machines_stop
    finish
}

@test "on a machine: a stop under way, runner killed" {
    machines_start
    stop_is_carried_on runner
}

@test "on a machine: a stop under way, both killed" {
    machines_start
    stop_is_carried_on supervisor-runner
}

@test "on a machine: a time-out under way, runner killed" {
    machines_start
    time_out_is_carried_on runner
}

@test "on a machine: suspended, runner killed" {
    machines_start
    suspended_stays_so runner
}

@test "on a machine: suspended, both killed" {
    machines_start
    suspended_stays_so runner-supervisor
}

@test "on a machine: suspended, and stopped after the runner was killed" {
    machines_start
    suspended_can_be_stopped runner
}

@test "on a machine: waiting for a retry, runner killed" {
    machines_start
    options=(--retry-on any)
    retry_comes runner
}

@test "on a machine: waiting for a retry, both killed" {
    machines_start
    options=(--retry-on any)
    retry_comes supervisor-runner
}

@test "on a machine: sent to the runner and not begun, both killed" {
    machines_start
    sent_and_not_begun supervisor-runner
}

@test "on a machine: sent to the runner, and stopped before it began, runner killed" {
    machines_start
    sent_and_stopped_before_it_began runner
}

@test "on a machine: ended, and nobody has read that, runner killed" {
    machines_start
    ended_and_not_read runner
}
