load ../cli/helper
load machines

# PowerShell's names over machines. ssh's configuration comes by the ssh that is used.

teardown() {
    machines_stop
    finish
}

cmdlets() {
    machines_start
    mkdir bin
    for name in Start-Job Get-Job Receive-Job Wait-Job Invoke-Command Get-CimInstance; do
        ln -s "$(command -v drover)" "bin/$name"
    done
    printf '#!/bin/sh\nexec ssh -F "%s" "$@"\n' "$machines/ssh_config" >bin/own-ssh
    chmod +x bin/own-ssh
    export DROVER_SSH=$work/bin/own-ssh PATH=$work/bin:$PATH
    exec </dev/null
}

@test "Invoke-Command runs a block on each computer, and -AsJob makes it a job" {
    cmdlets
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
    cmdlets
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
