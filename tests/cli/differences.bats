load helper
load cmdlets

# The table of docs/powershell.md, "What differs, and why": one test for each of its rows, in their order. That of the
# last row, which needs machines, is in tests/fleet/cmdlet.bats.

@test "ids do not skip: a child's is its job's with a number behind it" {
    cmdlets
    Start-Job {true} >/dev/null
    seq 2 | ForEach-Object -Parallel {true} -AsJob >/dev/null
    Start-Job {true} >/dev/null
    Wait-Job 1,2,3 >/dev/null
    same $'1\n2\n2.1\n2.2\n3' "$(Get-Job -IncludeChildJob | first_column)"
}

@test "a program that fails leaves its job Failed, and Receive-Job says so each time" {
    cmdlets
    Start-Job {exit 3} | exits 1 Wait-Job
    same Failed "$(column 4 1)"
    for _ in 1 2; do
        exits 0 Receive-Job 1
        same 'drover: Receive-Job: 1: exit 3 (JobStateFailed)' "$err"
    done
}

@test "selectors combine" {
    cmdlets
    Start-Job -Name a {true} >/dev/null
    Start-Job -Name a {sleep 60.31} >/dev/null
    Start-Job -Name b {sleep 60.31} >/dev/null
    wait_state Completed 1; wait_state Running 2; wait_state Running 3
    same 2 "$(Get-Job -Name a -State Running | first_column)"
    same 2 "$(Get-Job -Id 1,2 -Command 'sleep*' | first_column)"
    same 2 "$(Get-Job -Id 2,3 -Name A | first_column)"
    same '' "$(Get-Job -Id 1 -Name b | first_column)"
    Stop-Job -State Running
}

@test "Get-Job reads no table" {
    cmdlets
    Start-Job {true} >/dev/null
    j=$(Start-Job {true})
    same $'1\n2' "$(Get-Job <<<"$j" | first_column)"
}

@test "Receive-Job -Wait -Keep is allowed" {
    cmdlets
    Start-Job {echo x} >/dev/null
    prints x Receive-Job 1 -Wait -Keep
    prints x Receive-Job 1 -Wait
}

@test "what a pipeline does not take stays unread" {
    cmdlets
    Start-Job {seq 100000} | Wait-Job >/dev/null
    same 1 "$(Receive-Job 1 | head -n 1)"
    same True "$(column 5 1)"
    same 100000 "$(Receive-Job 1 | tail -n 1)"
}

@test "Receive-Job -WriteEvents is the table of the jobs, behind the output" {
    cmdlets
    Start-Job {echo x} >/dev/null
    exits 0 Receive-Job 1 -Wait -WriteEvents
    same x "$(head -n 1 <<<"$out")"
    same '1 Job1 Job Completed' "$(tail -n 1 <<<"$out" | awk '{ print $1, $2, $3, $4 }')"
}

@test "Receive-Job -NoRecurse leaves out what the children of a batch printed" {
    cmdlets
    Start-Job {echo mine} >/dev/null
    seq 2 | ForEach-Object -Parallel 'echo $_' -AsJob >/dev/null
    Wait-Job 1,2 >/dev/null
    prints mine Receive-Job 1,2 -NoRecurse
    same $'1\n2' "$(Receive-Job 2 | sort)"
}

@test "Wait-Job -Timeout prints what is finished when the time is up, and exits 124; 0 looks and does not wait" {
    cmdlets
    Start-Job {sleep 60.32} >/dev/null
    Start-Job {true} >/dev/null
    wait_state Completed 2
    exits 124 Wait-Job 1,2 -Timeout 1
    same 2 "$(first_column <<<"$out")"
    exits 124 Wait-Job 1,2 -Timeout 0
    same 2 "$(first_column <<<"$out")"
    exits 0 Wait-Job 2 -Timeout 0
    Stop-Job 1
}

@test "Wait-Job ends with 1 where a job did not complete" {
    cmdlets
    Start-Job {exit 2} >/dev/null
    exits 1 Wait-Job 1
    same 1 "$(first_column <<<"$out")"
}

@test "Wait-Job waits for a suspended job until it is finished" {
    cmdlets
    Start-Job {sleep 60.33} >/dev/null
    wait_state Running 1
    Suspend-Job 1 >/dev/null
    exits 124 Wait-Job 1 -Timeout 1
    Stop-Job 1
    exits 1 Wait-Job 1
}

@test "Get-Job -Newest counts jobs that run as the newest" {
    cmdlets
    Start-Job {sleep 60.34} >/dev/null
    Start-Job {true} >/dev/null
    Start-Job {true} >/dev/null
    Wait-Job 2,3 >/dev/null
    same 1 "$(Get-Job -Newest 1 | first_column)"
    Stop-Job 1
}

@test "Remove-Job -State needs -Force for what runs" {
    cmdlets
    Start-Job {sleep 60.35} >/dev/null
    wait_state Running 1
    fails 3 'Remove-Job: 1: is not finished: * (JobObjectNotFinishedCannotBeRemoved)' Remove-Job -State Running
    prints '' Remove-Job -State Running -Force
    same '' "$(Get-Job)"
}

@test "jobs go on when their session ends" {
    cmdlets
    exits 129 setsid --wait bash -c 'Start-Job {sleep 60.36} >/dev/null; kill -HUP $$'
    wait_state Running 1
    Stop-Job 1
}

@test "what a job has left in the background ends with Stop-Job and Remove-Job" {
    cmdlets
    for how in 'Stop-Job 1' 'Remove-Job 2'; do
        Start-Job '{ (setsid sleep 600 >/dev/null 2>&1 & echo $!) }' >/dev/null
        Wait-Job "${how#* }" >/dev/null
        pid=$(Receive-Job "${how#* }")
        refute gone "$pid"
        $how >/dev/null
        wait_until gone "$pid"
    done
}

@test "Suspend-Job is for every job" {
    cmdlets
    Start-Job -ScriptBlock '{ while :; do echo x; sleep 0.02; done }' >/dev/null
    wait_until says 'x*' Receive-Job -Keep 1
    same Suspended "$(Suspend-Job 1 | awk 'NR == 3 { print $4 }')"
    wait_until is_stopped 1
    same Running "$(Resume-Job 1 | awk 'NR == 3 { print $4 }')"
    Stop-Job 1
}

@test "Resume-Job is for suspended jobs alone; drover resume and retry go on with what has failed" {
    cmdlets
    Start-Job {exit 1} | exits 1 Wait-Job
    exits 0 Resume-Job 1
    same Failed "$(column 4 1)"
    same 1 "$(field attempt 1)"
    exits 1 drover retry 1
    same 'drover: job 1: exit 1' "$err"
    wait_until says 2 field attempt 1
    wait_state Failed 1
}

@test "ForEach-Object -TimeoutSeconds is for each item" {
    cmdlets
    # three items of 0.4 s, one at a time, in a second each
    exits 0 bash -c "seq 3 | ForEach-Object -Parallel 'sleep 0.4; echo \$_' -ThrottleLimit 1 -TimeoutSeconds 1"
    same $'1\n2\n3' "$out"
}

@test "the item is the line, as data, wherever it stands in the block" {
    cmdlets
    same $'<$(touch x)>\n<a"b\'c>' "$(printf '%s\n' '$(touch x)' "a\"b'c" | ForEach-Object -Parallel '{ echo "<$_>" }' | sort)"
    same '[a b]' "$(echo 'a b' | ForEach-Object -Parallel '{ echo [{}] }')"
    same '[a b] $_' "$(echo 'a b' | ForEach-Object -Parallel '{ x=$PSItem; echo "[`echo $x`] \$_" }')"
    same 2 "$(echo 1 | ForEach-Object -Parallel '{ echo $(($_ + 1)) }')"
    for block in '{ echo `echo $_` }' '{ echo "${x:-$_}" }' $'{ cat <<E\n$_\nE\n}'; do
        exits 2 ForEach-Object -Parallel "$block" -InputObject '$(touch x)'
        matches 'drover: ForEach-Object: -Parallel: $_ stands *, where no quoting makes it data: put it into a variable *' "$err"
    done
    [ ! -e x ]
}

@test "a job has the exported variables of its shell, by their names: there is no \$using:" {
    cmdlets
    export GREETING='hello there'
    prints 'hello there' Receive-Job -Job "$(Start-Job -ScriptBlock '{ echo "$GREETING" }')" -Wait
}
