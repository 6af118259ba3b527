TEST_LIMIT=240 # all processes of this machine are told
load helper
load cmdlets

# Classes of WMI, by their names in PowerShell and by `drover info`: what they say is held against what other
# tools say of the same system.

value() { # CLASS PROPERTY [OPTION...]: of the first object
    drover info "$1" --json "${@:3}" | jq -r ".[0].$2"
}

@test "Win32_OperatingSystem: uname, free, os-release" {
    same "$(uname -r)" "$(value Win32_OperatingSystem Version)"
    same "$(uname -n)" "$(value Win32_OperatingSystem CSName)"
    same "$(. /etc/os-release && echo "$PRETTY_NAME")" "$(value Win32_OperatingSystem Caption)"
    same "$(free -k | awk '/^Mem/ { print $2 }')" "$(value Win32_OperatingSystem TotalVisibleMemorySize)"
    same "$(free -kt | awk '/^Total/ { print $2 }')" "$(value Win32_OperatingSystem TotalVirtualMemorySize)"
    wait_until memory_agrees # both change while they are read
    wait_until processes_agree
    same "$(date -u -d "@$(awk '/^btime/ { print $2 }' /proc/stat)" +%FT%T.000000Z)" "$(value Win32_OperatingSystem LastBootUpTime)"
}

memory_agrees() {
    near 200000 "$(free -k | awk '/^Mem/ { print $7 }')" "$(value Win32_OperatingSystem FreePhysicalMemory)"
}

processes_agree() {
    near 50 "$(ps -e --no-headers | wc -l)" "$(value Win32_OperatingSystem NumberOfProcesses)"
}

near() { # MOST WANT GOT
    local apart=$(($2 - $3))
    ((${apart#-} <= $1)) || fail "wanted about $2, got $3"
}

@test "Win32_ComputerSystem and Win32_Processor: free, nproc, lscpu" {
    same "$(free -b | awk '/^Mem/ { print $2 }')" "$(value Win32_ComputerSystem TotalPhysicalMemory)"
    same "$(nproc --all)" "$(value Win32_ComputerSystem NumberOfLogicalProcessors)"
    same "$(uname -n)" "$(value Win32_ComputerSystem Name)"
    same "$(lscpu -J | jq -r '[.. | objects | select(.field? == "Model name:")][0].data')" "$(value Win32_Processor Name)"
    same "$(lscpu -p=socket | grep -v '^#' | sort -u | wc -l)" "$(drover info Win32_Processor --json | jq length)"
    same "$(lscpu -p=cpu | grep -vc '^#')" "$(drover info Win32_Processor --json | jq 'map(.NumberOfLogicalProcessors) | add')"
}

@test "Win32_LogicalDisk: df" {
    while read -r device size free place; do
        same "$device $size" "$(drover info Win32_LogicalDisk --filter "DeviceID = '$place'" --json | jq -r '.[0] | "\(.VolumeName) \(.Size)"')"
        near 200000000 "$free" "$(value Win32_LogicalDisk FreeSpace --filter "DeviceID = '$place'")"
    done < <(df -kP -x devtmpfs -x squashfs | awk 'NR > 1 && $2 && NF == 6 && $1 !~ /:/ { printf "%s %.0f %.0f %s\n", $1, $2 * 1024, $4 * 1024, $6 }')
    same "$(df -P / | awk 'NR == 2 { print $1 }')" "$(value Win32_LogicalDisk VolumeName --filter "DeviceID = '/'")"
}

@test "Win32_Process: ps" {
    sleep 600.8 &
    pid=$!
    one="ProcessId = $pid"
    wait_until says sleep value Win32_Process Name --filter "$one"
    same "$$" "$(value Win32_Process ProcessId --filter "ProcessId = $$ AND ParentProcessId = $PPID")"
    same 'sleep 600.8' "$(value Win32_Process CommandLine --filter "$one")"
    same "$(ps -o ppid= -p $pid | tr -d ' ')" "$(value Win32_Process ParentProcessId --filter "$one")"
    same "$(ps -o vsz= -p $pid | awk '{ print $1 * 1024 }')" "$(value Win32_Process VirtualSize --filter "$one")"
    near 1000000 "$(ps -o rss= -p $pid | awk '{ print $1 * 1024 }')" "$(value Win32_Process WorkingSetSize --filter "$one")"
    near 2 "$(date -d "$(ps -o lstart= -p $pid)" +%s)" "$(date -d "$(value Win32_Process CreationDate --filter "$one")" +%s)"
    kill $pid
}

@test "Win32_NetworkAdapterConfiguration: ip" {
    same '["127.0.0.1"]' "$(drover info Win32_NetworkAdapterConfiguration --filter "Description = 'lo'" --json | jq -c '.[0].IPAddress[:1]')"
    same '["255.0.0.0"]' "$(drover info Win32_NetworkAdapterConfiguration --filter "Description = 'lo'" --json | jq -c '.[0].IPSubnet[:1]')"
    ip -o link | awk -F ': ' '{ sub(/@.*/, "", $2); print $1, $2 }' | while read -r index name; do
        same "$index $(cat "/sys/class/net/$name/mtu")" "$(drover info Win32_NetworkAdapterConfiguration --filter "Description = '$name'" --json |
            jq -r '.[0] | "\(.InterfaceIndex) \(.MTU)"')"
    done
}

@test "Win32_Service: a real systemd" {
    unshare -m true 2>/dev/null || skip 'this user may not make a mount namespace'
    mkdir -p units/systemd/user bin
    printf '[Unit]\nDescription=Stays there\n[Service]\nExecStart=/bin/sleep 60.9\n[Install]\nWantedBy=default.target\n' >units/systemd/user/stays.service
    printf '[Service]\nExecStart=/bin/sh -c "exit 3"\n' >units/systemd/user/fails.service
    printf '#!/bin/sh\nexec /usr/bin/systemctl --user "$@"\n' >bin/systemctl; chmod +x bin/systemctl
    cat >inside <<'END'
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
mkdir -m 700 /run/user
export XDG_RUNTIME_DIR=/run/user XDG_CONFIG_HOME=$work/units HOME=$work PATH=$work/bin:$PATH
mkfifo ready
/lib/systemd/systemd --user --log-target=null >/dev/null 2>&1 &
manager=$!
until systemctl is-system-running 2>/dev/null | grep -Eq 'running|degraded'; do sleep 0.05; done
systemctl enable stays.service 2>/dev/null
systemctl start stays.service
systemctl start fails.service
until systemctl is-failed -q fails.service; do sleep 0.05; done
drover info Win32_Service --json --filter "Name = 'stays' OR Name = 'fails'"
systemctl show -P MainPID stays.service
drover info Win32_Service --filter "Name = 'fails'"
kill $manager
wait $manager
END
    export work
    exits 0 timeout 50 unshare -m bash inside
    same '' "$err"
    pid=$(sed -n 's/^\([0-9]*\)$/\1/p' <<<"$out")
    same "Running Auto 0 $pid true OK Stays there" "$(sed '/^[0-9]*$/,$d' <<<"$out" |
        jq -r '.[] | select(.Name == "stays") | "\(.State) \(.StartMode) \(.ExitCode) \(.ProcessId) \(.Started) \(.Status) \(.DisplayName)"')"
    same "Stopped 3 0 false Error" "$(sed '/^[0-9]*$/,$d' <<<"$out" |
        jq -r '.[] | select(.Name == "fails") | "\(.State) \(.ExitCode) \(.ProcessId) \(.Started) \(.Status)"')"
    matches $'*ExitCode  : 3\nName      : fails\nProcessId : 0\nStartMode : *\nState     : Stopped\nStatus    : Error*' "$out"
    [ -d /run/systemd/system ] || fails 1 'Win32_Service: systemd does not run there' drover info Win32_Service
}

@test "what is shown: PowerShell's default list, properties in any case, all of them, JSON" {
    cmdlets
    exits 0 Get-WmiObject Win32_OperatingSystem
    same 'SystemDirectory Organization BuildNumber RegisteredUser SerialNumber Version' "$(awk 'NF { print $1 }' <<<"$out" | xargs)"
    exits 0 Get-CimInstance Win32_OperatingSystem -Property version,OSTYPE
    same $'\nversion : '"$(uname -r)"$'\nOSTYPE  : 36' "$out"
    exits 0 Get-CimInstance Win32_OperatingSystem -Property '*'
    matches $'*\nVersion * : '"$(uname -r)"$'\n*FreeVirtualMemory*' "$out"
    same '["Version","OSType"]' "$(drover info win32_operatingsystem -p Version,OSType --json | jq -c '.[0] | keys_unsorted')"
    same null "$(value Win32_OperatingSystem CSDVersion -p CSDVersion)"
    same Win32_Process "$(Get-WmiObject -List | grep Process$)"
}

@test "times: as WMI writes them by its name, local time by CIM's, RFC 3339 in JSON; conditions take all" {
    cmdlets
    export TZ=UTC-1
    boot=$(awk '/^btime/ { print $2 }' /proc/stat)
    matches "*LastBootUpTime : $(date -d "@$boot" +%Y%m%d%H%M%S).000000+060*" "$(Get-WmiObject Win32_OperatingSystem -Property LastBootUpTime)"
    matches "*LastBootUpTime : $(date -d "@$boot" '+%F %T')*" "$(Get-CimInstance Win32_OperatingSystem -Property LastBootUpTime)"
    for time in "$(date -d "@$boot" +%Y%m%d%H%M%S).000000+060" "$(date -u -d "@$boot" +%FT%TZ)" "@$boot"; do
        same 1 "$(drover info Win32_OperatingSystem --filter "LastBootUpTime >= '$time' AND LastBootUpTime <= '$time'" --json | jq length)"
    done
    fails 2 "info: --filter: LastBootUpTime > 'soon': is no condition *" Get-WmiObject Win32_OperatingSystem -Filter "LastBootUpTime > 'soon'"
}

@test "queries: properties, class and condition in one" {
    cmdlets
    exits 0 Get-WmiObject -Query "SELECT Name, ProcessId FROM Win32_Process WHERE ProcessId = $$ AND Name LIKE 'b%'"
    same $'\nName      : bash\nProcessId : '$$ "$out"
    same 1 "$(drover info --query 'select * from Win32_ComputerSystem' --json | jq length)"
    for query in '' 'SELECT' 'SELECT Name' 'SELECT Name FROM' 'SELECT FROM Win32_Process' 'SELECT Name FROM Win32_Process WHERE' \
        'SELECT Name FROM Win32_Process Name = 1' 'DELETE Win32_Process'; do
        fails 2 "info: --query: $query: is no query such as *" drover info --query "$query"
    done
    fails 3 'info: Win32_Nope: no such class: there are Win32_OperatingSystem, *' Get-WmiObject -Query 'SELECT * FROM Win32_Nope'
    fails 2 'Get-WmiObject: -Query: has its own * (AmbiguousParameterSet)' Get-WmiObject Win32_Process -Query 'SELECT * FROM Win32_Process'
    fails 2 'info: --query has its own *' drover info --query 'SELECT * FROM Win32_Process' -p Name
}

@test "what makes no sense is refused, and a class that is not there names those that are" {
    cmdlets
    fails 3 'info: Win32_Nope: no such class: there are Win32_OperatingSystem, *' Get-WmiObject Win32_Nope
    fails 2 'info: --filter: Name ~ 1: is no condition *' Get-WmiObject Win32_Process -Filter 'Name ~ 1'
    fails 2 'Get-CimInstance: which class? (MissingMandatoryParameter)' Get-CimInstance
    fails 2 'Get-CimInstance: -Namespace: root/x: there is root/cimv2 alone (InvalidNamespace)' Get-CimInstance Win32_Process -Namespace root/x
    fails 2 'Get-WmiObject: -Credential: makes no sense *' Get-WmiObject Win32_Process -Credential me
    fails 2 'info: which class? *' drover info
}

@test "as a job" {
    cmdlets
    j=$(Get-WMIObject Win32_OperatingSystem -AsJob)
    exits 0 Receive-Job -Job "$j" -Wait
    matches '*SystemDirectory : /usr/lib*' "$out"
    exits 0 Receive-Job -Job "$(Start-Job {Get-WMIObject Win32_OperatingSystem})" -Wait
    matches '*SystemDirectory : /usr/lib*' "$out"
    exits 0 Receive-Job -Job "$(Get-CimInstance -Query 'SELECT Version FROM Win32_OperatingSystem' -AsJob -Json)" -Wait
    same "$(uname -r)" "$(jq -r '.[0].Version' <<<"$out")"
    same '["Version"]' "$(jq -c '.[0] | keys' <<<"$out")"
}

@test "what a class has not is refused; what the probe tells, each class has" {
    for class in $(drover info --list | grep -v Service); do
        names=$(drover info --json "$class" | jq -r '[.[] | keys[]] | unique | join(",")')
        exits 0 drover info -p "$names" "$class"
    done
    fails 2 'info: FreeSpce: Win32_LogicalDisk has no such property *' drover info -p FreeSpce Win32_LogicalDisk
    fails 2 'info: FreeSpce: Win32_LogicalDisk has no such property *' drover info --query 'SELECT FreeSpce FROM Win32_LogicalDisk'
    fails 2 'info: --filter: FreeSpce: Win32_LogicalDisk has no such property *' drover info --filter 'Size > 0 OR FreeSpce < 1' Win32_LogicalDisk
    fails 2 'info: --filter: FreeSpace > 1GB: is no condition *' drover info --filter 'FreeSpace > 1GB' Win32_LogicalDisk
    exits 0 drover info -p QuotasDisabled Win32_LogicalDisk
}

@test "a dot and localhost are this machine, without ssh" {
    cmdlets
    export DROVER_SSH=/bin/false
    matches "*$(uname -n)*" "$(drover info Win32_ComputerSystem)"
    same "$(drover info Win32_ComputerSystem)" "$(Get-WmiObject Win32_ComputerSystem -ComputerName .)"
    same "$(drover info Win32_ComputerSystem)" "$(Get-WmiObject Win32_ComputerSystem -Cn localhost)"
}

@test "disks: names with blanks, of the device and of the place" {
    printf '#!/bin/sh\nprintf "Filesystem 1024-blocks Used Available Capacity Mounted on\n"\nprintf "//srv/my share       1024    0      1000       2%%%% /mnt/my place\n"\n' >df
    chmod +x df
    same $'/mnt/my place\t//srv/my share\t1048576\t1024000' \
        "$(PATH=$work:$PATH drover info --json Win32_LogicalDisk | jq -r '.[] | [.DeviceID, .VolumeName, .Size, .FreeSpace] | @tsv')"
}

@test "a command line that is no UTF-8 is in JSON, too" {
    bash -c $'exec -a "odd\xff" sleep 71.3' & pid=$!
    wait_until grep -aq ^odd "/proc/$pid/cmdline"
    same $'odd\ufffd 71.3' "$(drover info --json Win32_Process --filter "ProcessId = $pid" | jq -r '.[].CommandLine')"
    kill $pid
}
