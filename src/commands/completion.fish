# completion.fish: completion for fish; $_drover_commands and $_drover_cmdlets are set before.
complete -c drover -f -n __fish_use_subcommand -a "$_drover_commands"
complete -c drover -f -n '__fish_seen_subcommand_from help' -a "$_drover_commands"
complete -c drover -f -n '__fish_seen_subcommand_from info' -a '(drover info --list)'
complete -c drover -f -n '__fish_seen_subcommand_from get ls receive recv wait stop suspend resume remove rm retry throttle' -a '(drover get --format id,name 2>/dev/null)'
complete -c drover -f -n '__fish_seen_subcommand_from supervisor; and contains -- --trace (commandline -opc)' -a '(drover get --format id,name 2>/dev/null)'
for cmdlet in $_drover_cmdlets
    complete -c $cmdlet -f -n 'string match -q -- "-*" (commandline -ct)' -a "($cmdlet --help 2>/dev/null | string match -rg '^  (-\w+)')"
    switch $cmdlet
        case Start-Job
        case '*-Job'
            complete -c $cmdlet -f -a '(drover get --format id,name 2>/dev/null)'
        case 'Get-*'
            complete -c $cmdlet -f -a '(drover info --list)'
    end
end
