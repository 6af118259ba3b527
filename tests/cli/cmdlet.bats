load helper
load cmdlets

# PowerShell's names, as they are typed in bash.

@test "a script block in one word or several is a job, whose table is printed" {
    cmdlets
    exits 0 Start-Job {echo hello}
    same Job1 "$(awk 'NR == 3 { print $2 }' <<<"$out")"
    same 'echo hello' "$(field command 1)"
    exits 0 Start-Job -ScriptBlock '{ echo "a { b"; exit 3 }' -Name odd
    exits 1 Wait-Job 1,2
    prints hello Receive-Job 1
    exits 0 Receive-Job -Name ODD
    same 'a { b' "$out"
    same 'drover: Receive-Job: 2: exit 3 (JobStateFailed)' "$err"
    fails 2 'Start-Job: -ScriptBlock: its { is not closed: *MissingEndCurlyBrace*' Start-Job {echo hello
}

@test "the pipeline is text: tables go from one cmdlet to the next" {
    cmdlets
    Start-Job {echo one} >/dev/null
    Start-Job {echo two} >/dev/null
    same $'one\ntwo' "$(Get-Job | Wait-Job | Receive-Job)"
    Start-Job {exit 1} >/dev/null
    exits 1 Wait-Job 3
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
    fails 2 'Get-Job: -Id: abc: is no id such as 7 or 7.1 (ParameterArgumentTransformationError)' Get-Job -Id 1,abc
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

@test "what a block is: all of its word, and no second one without braces" {
    cmdlets
    for text in '{ echo a } && echo b' '{ echo a }; { echo b }' '{ echo a } extra'; do
        fails 2 'Start-Job: -ScriptBlock: there is more behind the } of its { (UnexpectedToken)' Start-Job "$text"
    done
    prints 'a } b' Receive-Job -Wait -Job "$(Start-Job '{ { echo "a } b"; } }')"
    prints '${x} }' Receive-Job -Wait -Job "$(Start-Job "{ echo '\${x} }' # }
}")"
    fails 2 'Start-Job: hi: there is no parameter at this place: a script block of several words *' Start-Job echo hi
    fails 2 'Start-Job: b: there is no parameter at this place: *' Start-Job '{ echo $1 }' -ArgumentList a b
    prints '1 <>' Receive-Job -Wait -Job "$(Start-Job '{ echo "$# <$1>" }' -ArgumentList '')"
    prints 'one two' Receive-Job -Wait -Job "$(Start-Job '{ echo $1 $2 }' -ArgumentList one ,two)"
    j=$(Start-Job {true})
    fails 2 'Wait-Job: -Id: the shell has split a table into words: *"$job"*' Wait-Job $j
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

@test "-FilePath: by its first line, and told where it is none" {
    cmdlets
    printf '#!/usr/bin/env bash\na=(1 2); echo "${a[1]} $1"\n' >script
    prints '2 x' Receive-Job -Wait -Job "$(Start-Job -FilePath script -ArgumentList x)"
    echo 'echo "sh $1"' >plain
    prints 'sh y' Receive-Job -Wait -Job "$(Start-Job -FilePath plain -ArgumentList y)"
    chmod +x script
    prints '2 z' Receive-Job -Wait -Job "$(Start-Job -FilePath script -ArgumentList z)"
    fails 2 'Start-Job: -FilePath: nofile: No such file or directory (FilePathNotFound)' Start-Job -FilePath nofile
    fails 2 'Invoke-Command: -FilePath: /: is a directory (FilePathNotFound)' Invoke-Command -FilePath /
    fails 2 'Start-Job: -InitializationScript: goes with a script block *' Start-Job -FilePath plain -InitializationScript {true}
}

@test "a batch that failed says which of its children did, and why" {
    cmdlets
    printf 'a\nb\n' | ForEach-Object -Parallel 'echo $_; test $_ != b' -AsJob -ThrottleLimit 1 >/dev/null
    exits 1 Wait-Job 1
    exits 0 Receive-Job 1
    same $'a\nb' "$out"
    same $'drover: Receive-Job: 1.2: b: exit 1\ndrover: Receive-Job: 1: 1 of 2 failed (JobStateFailed)' "$err"
    exits 0 Receive-Job 1.2
    same 'drover: Receive-Job: 1.2: exit 1 (JobStateFailed)' "$err"
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

@test "a child has a name: its batch's and its number" {
    cmdlets
    drover each --name b.1 --keep-job -- true ::: x y >/dev/null
    seq 2 | ForEach-Object -Parallel 'echo $_' -AsJob >/dev/null
    Wait-Job 2 >/dev/null
    same 1.2 "$(Get-Job B.1.2 | first_column)"
    same 2.1 "$(Get-Job -Name job2.1 | first_column)"
    fails 3 'Get-Job: Job2.3: no job has this name (JobWithSpecifiedNameNotFound)' Get-Job -Name Job2.3
    fails 2 'Get-Job: -ChildJobState: Bogus: is no state *' Get-Job -ChildJobState Bogus
}

@test "children: included, by their state, received by their place" {
    cmdlets
    seq 3 | ForEach-Object -Parallel 'test $_ != 2' -AsJob >/dev/null
    wait_state Failed 1
    same $'1\n1.1\n1.2\n1.3' "$(Get-Job -IncludeChildJob | first_column)"
    same $'1\n1.2' "$(Get-Job -ChildJobState Failed | first_column)"
}

@test "Wait-Job: any is the first that is finished; a time that is up" {
    cmdlets
    Start-Job {sleep 60.6} >/dev/null
    Start-Job {true} >/dev/null
    Start-Job {true} >/dev/null
    exits 0 Wait-Job -Any 1,2
    same 2 "$(first_column <<<"$out")"
    Wait-Job 2,3 >/dev/null
    exits 0 Wait-Job -Any 1,3,2
    same 3 "$(first_column <<<"$out")"
    exits 124 Wait-Job 1 -Timeout 0
    exits 124 Wait-Job 1 -Any -Timeout 0
    same '' "$out$err"
    exits 1 bash -c 'Start-Job {exit 1} | Wait-Job -Any'
    Stop-Job 1
}

@test "a selector that is empty, or none where nothing is piped in, does not stand for all jobs" {
    cmdlets
    Start-Job -Name st '{ sleep 60 }' >/dev/null
    for parameter in Id Name Job State Command; do
        fails 2 "Stop-Job: -$parameter: is empty (ParameterArgumentValidationError)" Stop-Job -$parameter ''
    done
    fails 2 'Wait-Job: -Id: is empty *' Wait-Job ''
    fails 2 'Get-Job: -Name: is empty *' Get-Job -Name 'st,' ''
    fails 2 'Stop-Job: which jobs? * (MissingMandatoryParameter)' Stop-Job
    exits 0 bash -c 'Get-Job | grep nothing | Stop-Job'
    same Running "$(field state 1)"
    Stop-Job 1
}

@test "at a terminal, jobs that are not named are asked for" {
    cmdlets
    for name in Receive Wait Stop Remove Suspend Resume; do
        exits 2 script -qec "$name-Job" /dev/null
        matches "*drover: $name-Job: which jobs? *(MissingMandatoryParameter)*" "$out"
    done
}

@test "Suspend-Job and Resume-Job pass over what is in another state, with one warning" {
    cmdlets
    Start-Job {true} >/dev/null
    Start-Job {sleep 60.7} >/dev/null
    Start-Job {exit 1} >/dev/null
    wait_state Running 2; wait_state Completed 1; wait_state Failed 3
    exits 0 bash -c 'Get-Job | Suspend-Job'
    same 'drover: Suspend-Job: warning: jobs in another state were not suspended' "$err"
    same $'1 Completed\n2 Suspended\n3 Failed' "$(awk 'NR > 2 { print $1, $4 }' <<<"$out")"
    exits 0 bash -c 'Get-Job | Resume-Job'
    same 'drover: Resume-Job: warning: jobs in another state were not resumed' "$err"
    same $'1 Completed\n2 Running\n3 Failed' "$(awk 'NR > 2 { print $1, $4 }' <<<"$out")"
    Stop-Job 2
}

@test "PowerShell runs a block: arguments as literals behind it, items as words" {
    cmdlets
    # records what it is called with, as pwsh is not in Debian
    printf '#!/bin/sh\nprintf "<%%s>" "$@"; echo " $DROVER_BLOCK"\n' >bin/pwsh; chmod +x bin/pwsh
    prints '<-c><Get-Date> ' Receive-Job -Job "$(Start-Job {Get-Date} -Shell pwsh)" -Wait
    same Get-Date "$(field command 1)"
    export DROVER_SHELL=pwsh
    prints "<-c><& {\$args
} 'it''s' 'b'> " Receive-Job -Job "$(Start-Job {'$args'} -ArgumentList "it's,b")" -Wait
    exits 0 bash -c "printf '%s\n' \"it's {}\" | ForEach-Object -Parallel '{ @{} + \$_ }'"
    same "<-NoProfile><-NonInteractive><-CommandWithArgs><\$args[0] | ForEach-Object ([scriptblock]::Create(\$env:DROVER_BLOCK))><it's {}>  @{} + \$_ " "$out"
    echo 'Get-Date' >script.ps1
    prints "<$work/script.ps1><one> " Receive-Job -Job "$(DROVER_SHELL='' Start-Job -FilePath script.ps1 -Args one)" -Wait
    prints '<one>' Receive-Job -Job "$(unset DROVER_SHELL; Invoke-Command -AsJob -Shell bash {'printf "<%s>" "$@"'} -Args one)" -Wait
    prints $'1 a\n1 b' ForEach-Object -Parallel {'[[ 1 == 1 ]] && echo 1 $_'} -Shell bash -ThrottleLimit 1 -InputObject a,b
    fails 2 'each: --shell: items cannot be quoted for PowerShell: *' drover each --shell pwsh -c 'x {}' ::: 1
}

@test "the third column has PowerShell's name" {
    cmdlets
    Start-Job {true} >table
    same 'Id Name PSJobTypeName State HasMoreData Location Command' "$(head -n 1 table | tr -s ' ')"
    same 'Id Name Type State HasMoreData Location Command' "$(drover get | head -n 1 | tr -s ' ')"
}

@test "JSON, by one dash or two; a parameter with two dashes is no data" {
    cmdlets
    same '[]' "$(Get-Job -Json)"
    Start-Job {true} >/dev/null; Wait-Job 1 >/dev/null
    same Completed "$(Get-Job -Json | jq -r '.[0].state')"
    same Completed "$(Get-Job --json 1 | jq -r '.[0].state')"
    Get-CimInstance Win32_OperatingSystem --json | jq -e '.[0].Version' >/dev/null
    fails 2 'Get-Job: -nope: is no parameter of it (NamedParameterNotFound)' Get-Job --nope
    prints --all Receive-Job -Wait -Job "$(Start-Job -ScriptBlock 'echo "$1"' -ArgumentList --all)"
}

@test "what scripts write with every cmdlet is taken" {
    cmdlets
    Start-Job {true} -ErrorAction Stop -Verbose -Debug >/dev/null
    Wait-Job 1 -WarningAction:SilentlyContinue >/dev/null
    exits 3 Get-Job -Name none -ErrorAction SilentlyContinue
    same '' "$out$err"
    exits 3 Get-Job -Name none -ea Continue
    matches '*none: no job has this name*' "$err"
    fails 2 'Get-Job: -ErrorAction: x: is none of *' Get-Job -ea x
    fails 2 'Remove-Job: -Confirm: nothing asks here*' Remove-Job 1 -Confirm
    prints '' Remove-Job 1 -Confirm:$false # which the shell makes nothing of
    same '' "$(Get-Job)"
}

@test "what the shell has split is told with the way to write it" {
    cmdlets
    j=$(Start-Job {true})
    fails 2 'Receive-Job: -Id: the shell has split a table into words: *"$job"*' Receive-Job $j
    fails 2 'Receive-Job: -Job: the shell has split a table into words: *"$job"*' Receive-Job -Job $j
    fails 2 "Start-Job: -ScriptBlock: its { is not closed: *'{ ... }' (MissingEndCurlyBrace)" bash -c 'Start-Job { echo hi'
}

@test "Start-ThreadJob is Start-Job, and Get-Help lists and explains" {
    cmdlets
    prints 7 Receive-Job -Wait -Job "$(Start-ThreadJob {echo 7})"
    exits 0 Get-Help
    matches '*Start-Job *Select-Object *' "$out"
    same "$(Wait-Job --help)" "$(Get-Help wait-job)"
    fails 2 '*Get-Nothing: is no cmdlet here: *HelpNotFound*' Get-Help Get-Nothing
}

@test "columns and rows of a table: Select-Object, Format-Table, Format-List" {
    cmdlets
    Start-Job -Name a-name-of-more-than-fifteen {exit 3} >/dev/null; Start-Job -Name two {true} >/dev/null
    exits 1 Wait-Job 1,2
    prints $'Id State\n-- -----\n1  Failed\n2  Completed' bash -c 'Get-Job | Select-Object Id,State'
    prints $'Id Name ExitCode Reason\n-- ---- -------- ------\n2  two  0' bash -c 'Get-Job | Select-Object Id, Name, ExitCode, Reason -Last 1 | sed "s/ *$//"'
    prints a-name-of-more-than-fifteen bash -c 'Get-Job | Select-Object -First 1 -ExpandProperty name'
    same 'Id Name PSJobTypeName State HasMoreData Location Command' "$(Get-Job | Format-Table -AutoSize | head -n 1 | tr -s ' ')"
    prints two bash -c 'Get-Job | Format-Table Name -HideTableHeaders | tail -n 1'
    same $'Id    : 1\nState : Failed' "$(Get-Job 1 | Format-List Id,State)"
    same 1 "$(Get-Job | Select-Object Id,State | grep Failed | Wait-Job 2>/dev/null | first_column)"
    fails 2 'Select-Object: nope: the table has no such property (PropertyNotFound)' bash -c 'Get-Job | Select-Object nope'
    prints '' Select-Object Id
    Get-CimInstance Win32_OperatingSystem -Property Caption,Version >table
    same "$(Get-CimInstance Win32_OperatingSystem --json | jq -r '.[0].Version')" "$(Select-Object -ExpandProperty Version <table)"
}
