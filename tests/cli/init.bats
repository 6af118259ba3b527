load helper
load cmdlets

# Shells set up by `drover init`, each tried in that shell; and what make install leaves.

@test "bash: short names, and completion of commands, options, parameters and jobs" {
    cmdlets
    prints $'7\nstart\n--keep\n-Force\nJob1' bash -c 'eval "$(drover init bash)"
        j=$(sajb {echo 7})
        rcjb -Job "$j" -Wait
        COMP_WORDS=(drover sta) COMP_CWORD=1; _drover drover; echo "${COMPREPLY[@]}"
        COMP_WORDS=(drover receive --k) COMP_CWORD=2; _drover drover; echo "${COMPREPLY[@]}"
        COMP_WORDS=(rjb -Fo) COMP_CWORD=1; _drover_cmdlet rjb; echo "${COMPREPLY[@]}"
        COMP_WORDS=(rjb J) COMP_CWORD=1; _drover_cmdlet rjb; echo "${COMPREPLY[@]}"'
}

@test "bash: values of parameters, in any case; names of jobs are data" {
    cmdlets
    drover start -n '$(touch x)' -- true >/dev/null
    drover start -n 'two words' -- true >/dev/null
    drover start -n plain -- true >/dev/null
    prints $'1 2 3 plain\n-Name -Newest\nFailed\nFailed\nWin32_OperatingSystem\nretry' bash -c 'eval "$(drover init bash)"
        COMP_WORDS=(Get-Job "") COMP_CWORD=1; _drover_cmdlet Get-Job; echo "${COMPREPLY[@]}"
        COMP_WORDS=(Get-Job -n) COMP_CWORD=1; _drover_cmdlet Get-Job; echo "${COMPREPLY[@]}"
        COMP_WORDS=(Get-Job -State f) COMP_CWORD=2; _drover_cmdlet Get-Job; echo "${COMPREPLY[@]}"
        COMP_WORDS=(drover get --state F) COMP_CWORD=3; _drover drover; echo "${COMPREPLY[@]}"
        COMP_WORDS=(drover info win32_op) COMP_CWORD=2; _drover drover; echo "${COMPREPLY[@]}"
        COMP_WORDS=(drover help ret) COMP_CWORD=2; _drover drover; echo "${COMPREPLY[@]}"
        COMP_WORDS=(Start-Job -FilePath "") COMP_CWORD=2; _drover_cmdlet Start-Job; echo "${COMPREPLY[@]}"'
    [ ! -e x ]
}

@test "zsh: the same" {
    cmdlets
    exits 0 env HOME="$work" zsh -f -c 'eval "$(drover init zsh)"
        rcjb -Job "$(sajb "{ echo 7 }")" -Wait
        emulate -L ksh
        COMP_WORDS=(rjb -Fo) COMP_CWORD=1; _drover_cmdlet rjb; echo "${COMPREPLY[@]}"'
    same '' "$err"
    matches $'7\n*-Force' "$out" # its own completion drops what does not begin with the word
}

@test "fish: the same" {
    cmdlets
    prints $'7\nstart\n-Keep\n1\tJob1' env HOME="$work" fish -N -c 'drover init fish | source
        rcjb -Wait -Job (sajb {echo 7} | string collect)
        complete -C "drover sta"
        complete -C "Receive-Job -K"
        complete -C "drover receive "'
}

@test "bash: the pipelines that people know, and what to use for those that are not here" {
    cmdlets
    exits 127 bash -c 'shopt -s expand_aliases; eval "$(drover init bash)"
        sajb {true} | wjb >/dev/null
        gjb | select Id,State
        gjb | ft -HideTableHeaders Id
        gjb | Sort-Object Id'
    same $'Id State\n-- -----\n1  Completed\n1' "$out"
    same 'drover: Sort-Object: is not here: use sort' "$err"
}

@test "another shell is refused" {
    exits 2 drover init tcsh
    matches '*bash, zsh or fish*' "$err"
}

# As root of its own, so that nothing but what was installed is found.
install() {
    meson install --no-rebuild --quiet -C "$DROVER_BUILD" --destdir "$work/root" >/dev/null
    bin=$(dirname "$(find "$work/root" -name Get-Job)")
}

@test "make install puts the names beside drover" {
    install
    for name in Start-Job Get-Job Receive-Job Wait-Job Stop-Job Remove-Job Suspend-Job Resume-Job Invoke-Command \
        ForEach-Object Get-WmiObject Get-WMIObject Get-CimInstance; do
        same drover "$(readlink "$bin/$name")"
    done
    matches 'usage: Get-Job *' "$("$bin/Get-Job" --help)"
}

@test "what was installed elsewhere finds its own parts, and runs the lines that people know" {
    install
    printf '#!/bin/sh\necho "pong $2"\n' >"$bin/ping"; chmod +x "$bin/ping" # not everybody may send packets
    printf 'one\ntwo\n' >hosts
    cat >lines <<'END'
Start-Job {Get-WMIObject Win32_OperatingSystem}
Get-WMIObject Win32_OperatingSystem -AsJob
Start-Job {echo three}
Wait-Job -Id 1,2,3 >/dev/null
Get-Job
Receive-Job -Id 3
Receive-Job -Name Job3
JobOutput=$(Receive-Job -Id 1)
echo "$JobOutput" | grep -c SystemDirectory
Remove-Job -Id 1
Get-Job | Wait-Job | Receive-Job
Start-Job {exit 1} | Wait-Job
Get-Job -State Failed | Remove-Job
Start-Job -Name nightly -ScriptBlock '{ sleep 1; date }' | Wait-Job | Receive-Job
cat hosts | ForEach-Object -Parallel '{ ping -c1 $_ }' -ThrottleLimit 20 -AsJob
Get-Job | Wait-Job | Receive-Job
j=$(Start-Job {echo made}); Receive-Job -Job "$j" -Wait
Get-Job | grep nightly | Remove-Job
Get-Job
END
    exits 0 env -i HOME="$work" DROVER_HOME="$DROVER_HOME" PATH="$bin:/usr/bin:/bin" LC_ALL=C.UTF-8 bash lines
    same '' "$err"
    same 1 "$(grep -cx three <<<"$out")"       # received once
    same 1 "$(grep -cx 1 <<<"$out")"           # JobOutput holds the class
    same 1 "$(grep -c '^SystemDirectory ' <<<"$out")" # job 2's
    same 1 "$(grep -c "$(date +%Y)\$" <<<"$out")"     # nightly's date
    same $'pong one\npong two' "$(grep pong <<<"$out" | sort)"
    same 1 "$(grep -cx made <<<"$out")"
    same $'2\n3\n6\n7' "$(tac <<<"$out" | sed '/^--/q' | tac | awk 'NR > 1 { print $1 }')"
}
