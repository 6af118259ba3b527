load helper

# PowerShell's names, as they are typed in bash.

cmdlets() {
    mkdir bin
    for name in Start-Job Get-Job Receive-Job Wait-Job Stop-Job Remove-Job Suspend-Job Resume-Job Invoke-Command \
        ForEach-Object Get-WmiObject Get-WMIObject Get-CimInstance; do
        ln -s "$(command -v drover)" "bin/$name"
    done
    PATH=$work/bin:$PATH
    exec </dev/null
}

first_column() {
    awk 'NR > 2 { print $1 }'
}

@test "a script block in one word or several is a job, whose table is printed" {
    cmdlets
    exits 0 Start-Job {echo hello}
    same Job1 "$(awk 'NR == 3 { print $2 }' <<<"$out")"
    same 'echo hello' "$(field command 1)"
    exits 0 Start-Job -ScriptBlock '{ echo "a { b"; exit 3 }' -Name odd
    Wait-Job 1,2 >/dev/null || true
    prints hello Receive-Job 1
    exits 0 Receive-Job -Name ODD
    same 'a { b' "$out"
    same 'drover: Receive-Job: 2: exit 3 (JobStateFailed)' "$err"
    fails 2 'Start-Job: -ScriptBlock: its { is not closed (MissingEndCurlyBrace)' Start-Job {echo hello
}

@test "the pipeline is text: tables go from one cmdlet to the next" {
    cmdlets
    Start-Job {echo one} >/dev/null
    Start-Job {echo two} >/dev/null
    same $'one\ntwo' "$(Get-Job | Wait-Job | Receive-Job)"
    Start-Job {exit 1} >/dev/null
    Wait-Job 3 >/dev/null || true
    Get-Job -State Failed | Remove-Job
    same $'1\n2' "$(Get-Job | first_column)"
    Get-Job | grep two | Remove-Job
    same 1 "$(Get-Job | first_column)"
    same three "$(Start-Job -Name nightly -ScriptBlock '{ sleep 0.1; echo three }' | Wait-Job | Receive-Job)"
}

@test "a table in a variable stands for its jobs" {
    cmdlets
    j=$(Start-Job {echo a, b})
    prints 'a, b' Receive-Job -Job "$j" -Wait
    prints '' Receive-Job -Job "$j"
}

@test "names of parameters: any case, beginnings, colons, switches, lists, aliases" {
    cmdlets
    Start-Job -n:first -SCRIPT {true} >/dev/null
    Start-Job -Nam second -Command 'exit 0' >/dev/null
    Wait-Job -Ti 20 -na first,second >/dev/null
    same $'1\n2' "$(Get-Job -Id 1, 2 | first_column)"
    same '' "$(Receive-Job -Keep:\$false -Id 1)"
    fails 2 'Get-Job: -N: may stand for several parameters (AmbiguousParameter)' Get-Job -N x
    fails 2 'Get-Job: -Nope: is no parameter of it (NamedParameterNotFound)' Get-Job -Nope
    fails 2 'Get-Job: -Id: is given twice (ParameterAlreadyBound)' Get-Job -Id 1 -Id 2
    fails 2 'Wait-Job: -Timeout: x: is no whole number (ParameterArgumentTransformationError)' Wait-Job 1 -Timeout x
    fails 2 'Start-Job: -Credential: makes no sense for processes (ParameterNotSupported)' Start-Job -Credential x {true}
    fails 2 'Get-Job: -Name: its value is missing (MissingArgument)' Get-Job -Name
    fails 2 'Get-Job: b: there is no parameter at this place (PositionalParameterNotFound)' Get-Job a b
}

@test "selectors: ids, names, states, commands; they combine, and what is missing is told" {
    cmdlets
    Start-Job {true} >/dev/null
    Start-Job -Name b {exit 2} >/dev/null
    Start-Job -Name bb {sleep 60.3} >/dev/null
    wait_state Running 3; wait_state Failed 2; wait_state Completed 1
    same $'2\n3' "$(Get-Job -Name 'B*' | first_column)"
    same 3 "$(Get-Job -Name 'b*' -State Running | first_column)"
    same 2 "$(Get-Job -Command '*exit*' | first_column)"
    same 3 "$(Get-Job -HasMoreData:\$true | first_column)"
    exits 3 Get-Job -Id 1,99
    same 1 "$(first_column <<<"$out")"
    same 'drover: Get-Job: 99: no job has this id (JobWithSpecifiedSessionNotFound)' "$err"
    fails 3 'Get-Job: nope: no job has this name (JobWithSpecifiedNameNotFound)' Get-Job nope
    prints '' Get-Job -Name 'x*'
    fails 2 'Get-Job: -State: Done: is no state *' Get-Job -State Done
    Stop-Job -State Running
    same Stopped "$(field state 3)"
}

@test "arguments, input, directory, initialization, shell, file" {
    cmdlets
    mkdir 'a b'
    prints 'x y' Receive-Job -Job "$(Start-Job {'echo $2'} -ArgumentList 1,'x y')" -Wait
    prints typed Receive-Job -Job "$(Start-Job {cat} -InputObject typed)" -Wait
    prints piped Receive-Job -Job "$(echo piped | Start-Job {cat})" -Wait
    prints "$work/a b" Receive-Job -Job "$(Start-Job {pwd} -WorkingDirectory 'a b')" -Wait
    prints 'init 5' Receive-Job -Job "$(Start-Job -InitializationScript {x=5} -ScriptBlock '{ echo init $x }')" -Wait
    prints bash Receive-Job -Job "$(DROVER_SHELL=bash Start-Job {'echo ${BASH_VERSION:+bash}'})" -Wait
    printf '#!/usr/bin/awk -f\nBEGIN { print ARGV[1] }\n' >script; chmod +x script
    prints one Receive-Job -Job "$(Start-Job -FilePath script -Args one)" -Wait
    fails 2 'Start-Job: -WorkingDirectory: no: there is no such directory (DirectoryNotFoundException)' Start-Job {true} -WorkingDirectory no
    fails 2 'Start-Job: takes a script block or -FilePath (AmbiguousParameterSet)' Start-Job -Name x
}

@test "Receive-Job: keep, wait, remove, the job and its end in the results" {
    cmdlets
    Start-Job {echo once} >/dev/null
    prints once Receive-Job 1 -Wait -Keep
    prints once Receive-Job 1
    prints '' Receive-Job 1
    fails 2 'Receive-Job: -AutoRemoveJob: goes with -Wait alone (InvalidOperation)' Receive-Job 1 -AutoRemoveJob
    Start-Job {echo gone} >/dev/null
    prints gone Receive-Job 2 -Wait -AutoRemoveJob
    same 1 "$(Get-Job | first_column)"
    exits 0 Receive-Job 1 -Wait -WriteJobInResults -WriteEvents
    same 2 "$(grep -c Job1 <<<"$out")"
}

@test "Stop, Remove, Suspend, Resume: pass on, what if, force, and what they refuse" {
    cmdlets
    Start-Job {sleep 60.4} >/dev/null
    wait_state Running 1
    prints 'What if: Performing the operation "Stop-Job" on target "1 (Job1)".' Stop-Job 1 -WhatIf
    fails 3 'Remove-Job: 1: is not finished: * (JobObjectNotFinishedCannotBeRemoved)' Remove-Job 1
    same Suspended "$(Suspend-Job 1 | awk 'NR == 3 { print $4 }')"
    same Running "$(Resume-Job 1 | awk 'NR == 3 { print $4 }')"
    same Stopped "$(Stop-Job 1 -PassThru | awk 'NR == 3 { print $4 }')"
    same Stopped "$(Stop-Job 1 -PassThru | awk 'NR == 3 { print $4 }')"
    seq 2 | ForEach-Object -Parallel {true} -AsJob >/dev/null
    wait_state Completed 2
    fails 3 'Remove-Job: 2.1: is a child: * (CannotRemoveJob)' Remove-Job 2.1
    Start-Job {sleep 60.5} >/dev/null
    Remove-Job -Id 1,3 -Force
    same 2 "$(Get-Job | first_column)"
}

@test "ForEach-Object -Parallel: the item is data, whatever it holds" {
    cmdlets
    same $'<a b>\n<x;$y>' "$(printf 'a b\nx;$y\n' | ForEach-Object -Parallel '{ echo "<$_>" }' | sort)"
    exits 0 ForEach-Object -Parallel '{ echo ${_}1 }' -InputObject 1,2
    same $'11\n21' "$(sort <<<"$out")"
    exits 0 bash -c 'seq 3 | ForEach-Object -Parallel "{ echo \$_ }" -ThrottleLimit 20 -AsJob'
    same Batch "$(awk 'NR == 3 { print $3 }' <<<"$out")"
    fails 2 'ForEach-Object: * (ParallelCannotUseTimeoutWithJob)' ForEach-Object -Parallel {true} -AsJob -TimeoutSeconds 5
    fails 2 'ForEach-Object: * (ParameterArgumentValidationError)' ForEach-Object -Parallel {true} -ThrottleLimit 0
    drover wait >/dev/null
}

@test "children: included, by their state, received by their place" {
    cmdlets
    seq 3 | ForEach-Object -Parallel 'test $_ != 2' -AsJob >/dev/null
    wait_state Failed 1
    same $'1\n1.1\n1.2\n1.3' "$(Get-Job -IncludeChildJob | first_column)"
    same $'1\n1.2' "$(Get-Job -ChildJobState Failed | first_column)"
}

@test "Wait-Job: any, and a time that is up" {
    cmdlets
    Start-Job {sleep 60.6} >/dev/null
    Start-Job {true} >/dev/null
    exits 0 Wait-Job -Any 1,2
    same 2 "$(first_column <<<"$out")"
    exits 124 Wait-Job 1 -Timeout 0
    Stop-Job 1
}

@test "classes: real properties and units, filters, json, and errors that say what there is" {
    cmdlets
    exits 0 Get-WmiObject Win32_OperatingSystem
    same "$(uname -r)" "$(sed -n 's/^Version *: //p' <<<"$out")"
    total=$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)
    same $((total * 1024)) "$(Get-CimInstance Win32_ComputerSystem -Json | jq '.[0].TotalPhysicalMemory')"
    same "$total" "$(Get-CimInstance Win32_OperatingSystem -Json | jq '.[0].TotalVisibleMemorySize')"
    same "$(nproc --all)" "$(Get-CimInstance Win32_ComputerSystem -Json | jq '.[0].NumberOfLogicalProcessors')"
    same "$(df -kP / | awk 'NR == 2 { printf "%.0f", $2 * 1024 }')" "$(drover info Win32_LogicalDisk --filter "DeviceID = '/'" --json | jq '.[0].Size')"
    same $$ "$(drover info Win32_Process --json --filter "ProcessId = $$ AND ParentProcessId = $PPID" | jq '.[0].ProcessId')"
    exits 0 Get-WmiObject -Class Win32_Process -Property ProcessId,Name -Filter "Name LIKE 'bas%' AND NOT (ProcessId < $$ OR ProcessId > $$)"
    same $'\nProcessId : '$$ "$(head -2 <<<"$out")"
    fails 3 'info: Win32_Nope: no such class: there are Win32_OperatingSystem, *' Get-WmiObject Win32_Nope
    fails 2 'info: --filter: Name ~ 1: is no condition *' Get-WmiObject Win32_Process -Filter 'Name ~ 1'
    j=$(Get-WMIObject Win32_OperatingSystem -AsJob)
    exits 0 Receive-Job -Job "$j" -Wait
    matches '*SystemDirectory : /usr/lib*' "$out"
    exits 0 Receive-Job -Job "$(Start-Job {Get-WMIObject Win32_OperatingSystem})" -Wait
    matches '*SystemDirectory : /usr/lib*' "$out"
}

@test "a shell is set up with short names and completion" {
    cmdlets
    prints 7 bash -c 'shopt -s expand_aliases; eval "$(drover init bash)"
j=$(sajb {echo 7})
rcjb -Job "$j" -Wait'
    prints 'start' bash -c 'eval "$(drover init bash)"; COMP_WORDS=(drover sta) COMP_CWORD=1; _drover; echo "${COMPREPLY[@]}"'
    exits 2 drover init tcsh
}

@test "make install puts the names beside drover" {
    meson install --no-rebuild --quiet -C "$DROVER_BUILD" --destdir "$work/root" >/dev/null
    bin=$(dirname "$(find root -name Get-Job)")
    for name in Start-Job Get-Job Receive-Job Wait-Job Stop-Job Remove-Job Suspend-Job Resume-Job Invoke-Command \
        ForEach-Object Get-WmiObject Get-WMIObject Get-CimInstance; do
        same drover "$(readlink "$bin/$name")"
    done
    matches 'usage: Get-Job *' "$("$bin/Get-Job" --help)"
}
