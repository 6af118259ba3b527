#!/bin/bash
# windows.sh FILE: plays the shell that OpenSSH for Windows has, for sshd's ForceCommand: cmd, which knows powershell
# and nothing of POSIX. The script that PowerShell is asked to run goes, decoded, to the end of FILE; what it answers is
# how Windows answers the question for an operating system, ends of lines included.
read -r program rest <<<"$SSH_ORIGINAL_COMMAND"
if [ "$program" != powershell ] || ((${#SSH_ORIGINAL_COMMAND} > 8191)); then
    printf "'%s' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n" "$program" >&2
    exit 1
fi
base64 -d <<<"${rest##* }" | iconv -f UTF-16LE -t UTF-8 >>"$1"
printf '%s\r\n' 'SystemDirectorys=C:\Windows\system32' Organizations= BuildNumbers=20348 'RegisteredUsers=Windows User' \
    SerialNumbers=00454-40000-00001-AA000 Versions=10.0.20348 OSTypen=18 LastBootUpTimed=1764000000 \
    TotalVisibleMemorySizen=8388020 MUILanguagesl=en-US,de-DE Primaryb=true ''
