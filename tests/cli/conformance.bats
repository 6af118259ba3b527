load helper
load cmdlets

# What PowerShell's own tests of its jobs assert (Jobs.Tests.ps1, Job.Tests.ps1, ForEach-Object-Parallel.Tests.ps1), row
# by row, as far as it makes sense for processes: objects, streams, runspaces and debuggers have none. What drover does
# in another way on purpose is in differences.bats.

info_of() { # ID: state, has more data
    drover get --format state,has_more_data "$1"
}

started() { # the job that the other tests of PowerShell's look at: 1, StartedJob
    cmdlets
    Start-Job -Name StartedJob -ScriptBlock '{ echo $((1 + 1)) }' | Wait-Job >/dev/null
}

# ---- basic tests

@test "a job is started, waited for and received; its command is the block's text, blanks included" {
    cmdlets
    same 2 "$(Start-Job -ScriptBlock '{ echo $((1 + 1)) }' | Wait-Job | Receive-Job)"
    same $'Completed\tFalse' "$(info_of 1)"
    same ' echo $((1 + 1)) ' "$(field command 1)"
}

@test "jobs start jobs" {
    cmdlets
    Start-Job -ScriptBlock '{ Start-Job -ScriptBlock {echo 2} | Wait-Job | Receive-Job }' >/dev/null
    same 2 "$(Wait-Job 1 | Receive-Job)"
}

@test "error messages of a job are received on standard error" {
    cmdlets
    Start-Job -ScriptBlock '{ echo MyError >&2; exit 1 }' | exits 1 Wait-Job
    exits 0 Receive-Job -Job 1
    same '' "$out"
    same MyError "$(head -n 1 <<<"$err")"
}

@test "working directories: blanks, quotes, wildcards, the current one, and those that are none" {
    cmdlets
    for name in 'My Dir' 'My "Dir' "it's" '['; do
        mkdir "$name"
        same "$work/$name" "$(Start-Job {pwd} -WorkingDirectory "$work/$name" | Wait-Job | Receive-Job)"
    done
    cd '['
    same "$work/[" "$(Start-Job {pwd} | Wait-Job | Receive-Job)"
    fails 2 'Start-Job: * (DirectoryNotFoundException)' Start-Job {true} -WorkingDirectory 'This is an invalid path'
    fails 2 'Start-Job: * (ParameterArgumentValidationError)' Start-Job {true} -WorkingDirectory ''
    fails 2 'Start-Job: * (ParameterArgumentValidationError)' Start-Job {true} -WorkingDirectory ' '
}

@test "a native command: more data once finished, gone once removed" {
    cmdlets
    Start-Job {echo 2} | Wait-Job >/dev/null
    same $'Completed\tTrue' "$(info_of 1)"
    prints 2 Receive-Job 1
    Remove-Job 1
    fails 3 'Get-Job: Job1: no job has this name (JobWithSpecifiedNameNotFound)' Get-Job Job1
}

@test "a job has the name that it was given; an empty one is ignored; all jobs are listed" {
    cmdlets
    Start-Job -ScriptBlock {true} -Name 'My Job' >/dev/null
    Start-Job -ScriptBlock {true} -Name '' >/dev/null
    same $'My Job\nJob2' "$(field name)"
    same $'1\n2' "$(Get-Job | first_column)"
    same 1 "$(Get-Job -Name 'My Job' | first_column)"
}

@test "arguments arrive in their order" {
    cmdlets
    prints $'42\nfirst one' Receive-Job -Job "$(Start-Job -ScriptBlock '{ echo "$2"; echo "$1" }' -ArgumentList 'first one', 42)" -Wait
}

@test "what only Windows has is refused" {
    cmdlets
    fails 2 'Start-Job: -RunAs32: * (RunAs32NotSupported)' Start-Job -ScriptBlock {} -RunAs32
    fails 2 'Start-Job: -PSVersion: * (ParameterBindingFailed)' Start-Job -ScriptBlock {} -PSVersion 2.0
}

# ---- Wait-Job

@test "Wait-Job by name, id, job and state" {
    started
    for by in '-Name StartedJob' '-Id 1' '-Job 1' '-State Completed'; do
        # shellcheck disable=SC2086  # words
        same 1 "$(Wait-Job $by | first_column)"
    done
    same $'Completed\tTrue' "$(info_of 1)"
}

@test "Wait-Job -Any gives one that is finished" {
    cmdlets
    for seconds in 0.1 60.12 60.13; do
        Start-Job -ScriptBlock "{ sleep $seconds; echo $seconds }" >/dev/null
    done
    prints 0.1 Receive-Job -Job "$(Wait-Job -Job 1,2,3 -Any)"
    Stop-Job 2,3
}

@test "Wait-Job's time is up, and the job runs on" {
    cmdlets
    Start-Job {sleep 60.14} >/dev/null
    exits 124 bash -c 'Get-Job | Wait-Job -TimeoutSec 1'
    same '' "$(first_column <<<"$out")"
    same $'Running\tTrue' "$(info_of 1)"
    Stop-Job 1
}

# ---- Receive-Job

@test "Receive-Job -Wait: the job and the events among the results, removal behind them" {
    cmdlets
    exits 0 bash -c "Start-Job -ScriptBlock {echo 2} | Receive-Job -Wait -WriteJobInResults"
    same '1 2' "$(awk 'NR > 2 { print $1 }' <<<"$out" | xargs)"
    exits 0 bash -c "Start-Job -Name ReceiveJobAutoRemove -ScriptBlock {echo 2} | Receive-Job -Wait -AutoRemoveJob"
    same 2 "$out"
    fails 3 'Get-Job: * (JobWithSpecifiedNameNotFound)' Get-Job -Name ReceiveJobAutoRemove
    same 2 "$(Start-Job {echo 2} | Receive-Job -Wait)"
    same $'Completed\tFalse' "$(info_of 3)"
}

@test "Receive-Job -Keep leaves what it shows unread" {
    started
    prints 2 Receive-Job -Keep -Job 1
    prints 2 Receive-Job -Job 1
    prints '' Receive-Job -Job 1
}

@test "Receive-Job by computer and location" {
    started
    prints 2 Receive-Job -ComputerName localhost -Job 1 -Keep
    prints '' Receive-Job -Location elsewhere -Job 1
    prints 2 Receive-Job -Location LOCALHOST -Job 1
}

@test "-Wait is what -AutoRemoveJob, -WriteEvents, -WriteJobInResults and -Force go with" {
    started
    for option in AutoRemoveJob WriteEvents WriteJobInResults Force; do
        fails 2 "Receive-Job: -$option: goes with -Wait alone (InvalidOperation)" Receive-Job 1 -$option
    done
}

at_least() { # COUNT COMMAND...
    (($("${@:2}" | wc -l) >= $1))
}

@test "output is received in parts: each line once, in order, and kept where it is to be" {
    cmdlets
    Start-Job -ScriptBlock '{ n=1; while echo $n; do n=$((n + 1)); sleep 0.02; done }' >/dev/null
    wait_until at_least 5 Receive-Job -Keep 1
    Receive-Job -Keep 1 >kept
    Receive-Job 1 >parts
    head -n "$(wc -l <kept)" parts >begin
    same_file kept begin
    wait_until at_least 5 Receive-Job -Keep 1
    Receive-Job 1 >>parts
    Stop-Job 1
    Receive-Job 1 >>parts
    seq "$(wc -l <parts)" >numbers
    same_file numbers parts
    same $'Stopped\tFalse' "$(info_of 1)"
}

# ---- Get-Job

@test "Get-Job by name, id and state; before, after, newest, more data" {
    before=$(date -d '1 second ago' -Is)
    started
    after=$(date -d '1 second' -Is)
    for by in '-Name StartedJob' '-Name started*' '-Id 1' '-State Completed' '-HasMoreData $true' \
        "-Before $after" "-After $before" "-After $before -Before $after" '-Newest 1' '-Command *1?+?1*'; do
        # shellcheck disable=SC2086  # words
        same 1 "$(set -f; Get-Job $by | first_column)"
    done
    for by in '-State Running' '-HasMoreData $false' "-Before $before" "-After $after" '-Command x'; do
        # shellcheck disable=SC2086  # words
        same '' "$(Get-Job $by | first_column)"
    done
}

@test "Get-Job -Newest goes by the end, and shows by id; a time leaves out what has not ended" {
    cmdlets
    Start-Job {sleep 60.15} >/dev/null
    Start-Job {true} | Wait-Job >/dev/null
    Start-Job {true} | Wait-Job >/dev/null
    same $'2\n3' "$(Get-Job -After 2020-01-01 | first_column)"
    Stop-Job 1
    same $'1\n3' "$(Get-Job -Newest 2 | first_column)"
}

# ---- Remove-Job, Stop-Job

@test "Remove-Job by name, id, job, state and command" {
    cmdlets
    for by in '-Name JobToRemove' '-Id ID' '-Job ID' '-State Completed' '-Command true'; do
        id=$(Start-Job {true} -Name JobToRemove | Wait-Job | first_column)
        same "$id" "$(Get-Job JobToRemove | first_column)"
        # shellcheck disable=SC2086  # words
        Remove-Job ${by/ID/$id}
        same '' "$(Get-Job)"
    done
}

@test "Remove-Job leaves a job that runs, but for -Force" {
    cmdlets
    Start-Job {sleep 60.16} >/dev/null
    exits 3 Remove-Job 1
    same 1 "$(Get-Job -Id 1 | first_column)"
    prints '' Remove-Job 1 -Force
    same '' "$(Get-Job)"
}

@test "Stop-Job by name, id, job and state; nothing is received then, and no error" {
    cmdlets
    for by in '-Name JobToStop' '-Id ID' '-Job ID' '-State Running'; do
        id=$(Start-Job -ScriptBlock '{ echo up; sleep 60.17 }' -Name JobToStop | first_column)
        wait_until says up Receive-Job -Keep "$id"
        Receive-Job "$id" >/dev/null
        # shellcheck disable=SC2086  # words
        prints '' Stop-Job ${by/ID/$id}
        same $'Stopped\tFalse' "$(info_of "$id")"
        prints '' Receive-Job "$id"
        Remove-Job "$id"
    done
}

@test "no process is left of a job that is done, stopped or removed" {
    cmdlets
    gone "$(Start-Job -ScriptBlock '{ echo $$ }' | Receive-Job -Wait)"
    for end in Stop-Job 'Remove-Job -Force'; do
        id=$(Start-Job -ScriptBlock '{ echo $$; sleep 60.18 }' | first_column)
        wait_until says '[0-9]*' Receive-Job -Keep "$id"
        pid=$(Receive-Job "$id")
        # shellcheck disable=SC2086  # words
        $end "$id"
        wait_until gone "$pid"
    done
}

# ---- ForEach-Object -Parallel

@test "ForEach-Object: each item once, in the current directory, under the throttle" {
    cmdlets
    mkdir '['; cd '['
    same "$(seq 10)" "$(seq 10 | ForEach-Object -Parallel '{ echo $_ }' | sort -n)"
    same "$work/[" "$(echo 1 | ForEach-Object -Parallel {pwd})"
    same "$work/[" "$(echo 1 | ForEach-Object -AsJob -Parallel {pwd} | Wait-Job | Receive-Job)"
    same "$(seq 10)" "$(seq 10 | ForEach-Object -AsJob -Parallel '{ echo $_ }' | Wait-Job | Receive-Job | sort -n)"
}

@test "ForEach-Object: an item that fails does not stop the others, and the job has Failed with its reason" {
    cmdlets
    exits 1 bash -c "seq 2 | ForEach-Object -Parallel 'if [ \$_ = 1 ]; then echo Terminating >&2; exit 7; fi; echo Hello'"
    same Hello "$out"
    matches '*Terminating*' "$err"
    drover remove --all >/dev/null 2>&1 || Get-Job | Remove-Job
    id=$(seq 2 | ForEach-Object -AsJob -Parallel 'if [ $_ = 1 ]; then exit 7; fi; echo Hello' | first_column)
    wait_state Failed "$id"
    prints Hello drover receive "$id"
    same $'Failed\texit 7' "$(field state,reason "$id.1")"
    same Completed "$(field state "$id.2")"
}

@test "ForEach-Object -AsJob: listed, its command the block's, removed with its results" {
    cmdlets
    id=$(echo 1 | ForEach-Object -AsJob -Parallel {'echo "Hello"'} | first_column)
    same "$id" "$(Get-Job | first_column)"
    same 'echo "Hello"' "$(field command "$id")"
    prints Hello Receive-Job "$id" -Wait -AutoRemoveJob
    same '' "$(Get-Job)"
}

@test "ForEach-Object: as many run as the throttle lets, the others are not started" {
    cmdlets
    id=$(seq 4 | ForEach-Object -Parallel {sleep 60.19} -AsJob -ThrottleLimit 2 | first_column)
    wait_state Running "$id.1"; wait_state Running "$id.2"
    same $'NotStarted\nNotStarted' "$(field state "$id.3" "$id.4")"
    Remove-Job "$id" -Force
}

@test "ForEach-Object -TimeoutSeconds ends what takes longer, what it had printed is there" {
    cmdlets
    exits 1 bash -c "seq 2 | ForEach-Object -Parallel '{ echo Output \$_; sleep 60.20 }' -TimeoutSeconds 1 -ThrottleLimit 2"
    same $'Output 1\nOutput 2' "$(sort <<<"$out")"
}

@test "ForEach-Object: what goes with neither -Parallel nor -AsJob is refused" {
    cmdlets
    for option in ErrorAction WarningAction InformationAction PipelineVariable; do
        fails 2 'ForEach-Object: * (ParallelCommonParametersNotSupported)' ForEach-Object -Parallel {true} -$option Stop
    done
    fails 2 'ForEach-Object: * (ParallelCannotUseTimeoutWithJob)' ForEach-Object -AsJob -Parallel {true} -TimeoutSeconds 60
}

@test "Invoke-Command: what is piped in is the block's input" {
    cmdlets
    same 'Hello There' "$(echo There | Invoke-Command -ScriptBlock '{ echo "Hello $(cat)" }')"
}
