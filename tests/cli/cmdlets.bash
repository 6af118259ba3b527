# cmdlets: PowerShell's names in PATH, as make install makes them. To be loaded behind helper.
#
#   cmdlets            makes the links; standard input is then /dev/null
#   first_column       the ids of a table on standard input
#   column N JOB...    one column of a job's row in the table
# shellcheck shell=bash

cmdlets() {
    local name
    mkdir bin
    for name in Start-Job Get-Job Receive-Job Wait-Job Stop-Job Remove-Job Suspend-Job Resume-Job Invoke-Command \
        ForEach-Object Get-WmiObject Get-WMIObject Get-CimInstance Start-ThreadJob Select-Object Format-Table Format-List \
        Get-Help; do
        ln -s "$(command -v drover)" "bin/$name"
    done
    PATH=$work/bin:$PATH
    exec </dev/null
}

first_column() {
    awk 'NR > 2 { print $1 }'
}

column() {
    Get-Job -Id "$2" | awk -v n="$1" 'NR == 3 { print $n }'
}
