load ../cli/helper
load ../cli/cmdlets
load machines

# PowerShell's names over machines. ssh's configuration comes by the ssh that is used.

teardown() {
    machines_stop
    finish
}

# Hosts by address, and web01 and web02.
fleet() { # LINE...: of sshd's configuration
    machines_start "$@"
    cmdlets
    {
        printf 'Host web01\n    HostName 127.0.0.1\nHost web02\n    HostName 127.0.0.2\n'
        sed 's/^Host 127.*/& web*/' "$machines/ssh_config"
    } >config
    printf '#!/bin/sh\nexec ssh -F "%s" "$@"\n' "$work/config" >bin/own-ssh
    chmod +x bin/own-ssh
    export DROVER_SSH=$work/bin/own-ssh
}

@test "Invoke-Command runs a block on each computer, and -AsJob makes it a job" {
    fleet
    exits 0 Invoke-Command -ComputerName 127.0.0.1,127.0.0.2 -ScriptBlock {uname -n}
    same "$(uname -n)"$'\n'"$(uname -n)" "$out"
    exits 0 Invoke-Command -Cn 127.0.0.1,127.0.0.2 {'set -- $SSH_CONNECTION; echo $3'} -AsJob -ThrottleLimit 64
    same $'Batch\t127.0.0.[1-2]' "$(awk 'NR == 3 { print $3 "\t" $6 }' <<<"$out")"
    id=$(awk 'NR == 3 { print $1 }' <<<"$out")
    Wait-Job $id >/dev/null
    prints 127.0.0.2 Receive-Job $id -ComputerName 127.0.0.2
    prints 127.0.0.1 Receive-Job $id -Location 127.0.0.1
    prints 'one two' Invoke-Command 127.0.0.1 {'echo $2 $1'} -ArgumentList two,one
    printf '#!/bin/sh\necho file $1\n' >script
    prints 'file x' Invoke-Command 127.0.0.1 -FilePath script -Args x
    prints here Invoke-Command {echo here}
}

@test "classes over machines are one table, with the computer's name" {
    fleet
    exits 0 Get-CimInstance Win32_OperatingSystem -Property Version,OSType -ComputerName 127.0.0.1,127.0.0.2
    same $'PSComputerName Version OSType\n127.0.0.1 '"$(uname -r)"$' 36\n127.0.0.2 '"$(uname -r) 36" \
        "$(grep -v -- --- <<<"$out" | tr -s ' ')"
    same 127.0.0.2 "$(drover info Win32_ComputerSystem '127.0.0.[1-2]' --json | jq -r '.[1].PSComputerName')"
    exits 1 drover info Win32_ComputerSystem 127.0.0.1,127.0.0.3:1
    matches '*127.0.0.1*' "$out"
    matches '*refused: *' "$err"
    j=$(Get-CimInstance Win32_ComputerSystem -ComputerName 127.0.0.1 -AsJob)
    exits 0 Receive-Job -Job "$j" -Wait
    matches '*127.0.0.1*' "$out"
}

@test "the line that people know, and a key file" {
    fleet
    exits 0 Invoke-Command -ComputerName web01,web02 -ScriptBlock {uptime} -AsJob -ThrottleLimit 64
    exits 0 bash -c "Get-Job | Wait-Job | Receive-Job"
    same 2 "$(grep -c 'load average' <<<"$out")"
    prints "$(uname -n)" Invoke-Command -HostName web01 -KeyFilePath "$machines/id" {uname -n}
    fails 2 'Invoke-Command: -KeyFilePath: nokey: there is no such file (PathNotFound)' \
        Invoke-Command -HostName web01 -KeyFilePath nokey {uname -n}
}

@test "classes of Windows and Unix machines in one table" {
    fleet 'Match LocalAddress 127.0.7.0/24' "ForceCommand $BATS_TEST_DIRNAME/windows.sh $work/asked"
    exits 0 Get-CimInstance Win32_OperatingSystem -ComputerName 127.0.0.1,127.0.7.1 -Property Version,OSType,MUILanguages,Primary
    same $'PSComputerName Version OSType MUILanguages Primary\n127.0.0.1 '"$(uname -r)"$' 36\n127.0.7.1 10.0.20348 18 {en-US, de-DE} True' \
        "$(grep -v -- --- <<<"$out" | tr -s ' ' | sed 's/ $//')"
    matches $'$class = \'Win32_OperatingSystem\'\n*Get-CimInstance -ClassName $class *' "$(cat asked)"
    export TZ=UTC0
    exits 0 Get-WmiObject Win32_OperatingSystem -Cn 127.0.7.1 -Property '*' -Filter 'BuildNumber = 20348'
    matches $'*\nPSComputerName * : 127.0.7.1*' "$out"
    matches '*LastBootUpTime * : 20251124160000.000000+000*' "$out"
    same '2025-11-24T16:00:00.000000Z' "$(drover info Win32_OperatingSystem 127.0.7.1 --json | jq -r '.[0].LastBootUpTime')"
}

@test "a block is run by sh, by PowerShell where there is no sh, and by the shell that was asked for" {
    fleet 'Match LocalAddress 127.0.7.0/24' "ForceCommand $BATS_TEST_DIRNAME/windows.sh $work/asked"
    exits 0 Invoke-Command -ComputerName 127.0.0.1,127.0.7.1 {echo posix}
    matches $'*posix*' "$out"
    matches '*BuildNumber*' "$out"
    matches '*echo posix*' "$(cat asked)"
    : >asked
    exits 0 Invoke-Command -ComputerName 127.0.7.1 {'Get-Service $args'} -ArgumentList "it's,b"
    matches $'*& {Get-Service $args\n} \'it\'\'s\' \'b\'*' "$(cat asked)"
    printf 'param($x) Get-Service $x\n' >service.ps1
    : >asked
    exits 0 Invoke-Command -ComputerName 127.0.7.1 -FilePath service.ps1 -ArgumentList ssh
    matches '*ssh*' "$(cat asked)"
    prints $'bash 1\ntwo' Invoke-Command -ComputerName 127.0.0.1 -Shell bash {'echo ${0##*/} $#; [[ $1 == t* ]] && echo $1'} -Args two
    fails 2 'Invoke-Command: -Shell: a file names its own in its first line (AmbiguousParameterSet)' \
        Invoke-Command -ComputerName 127.0.0.1 -Shell bash -FilePath service.ps1
}
