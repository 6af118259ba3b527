# probe.sh CLASS: what a Unix system knows of itself, as the properties of a class of WMI. It runs in any
# POSIX sh, here or sent to another machine, and needs nothing but sh, awk and what each class names.
#
# A property is a line, NAME, one letter for its type, `=` and the value; an object ends with an empty
# line. Types: s text, n number, b true or false, d seconds since 1970, l texts with commas between them.
# Comments and indentation are taken off when drover is built.
LC_ALL=C
export LC_ALL

# NAME of the file of assignments, or of one of `key: value`
value() { # FILE KEY
    sed -n "s/^$2=//p" "$1" 2>/dev/null | sed 's/^"//; s/"$//' | head -n 1
}

first() { # FILE
    [ ! -r "$1" ] || head -n 1 "$1"
}

memory() { # KEY: KiB
    sed -n "s/^$1: *\([0-9]*\).*/\1/p" /proc/meminfo
}

put() { # NAME TYPE VALUE; nothing for no value
    [ -z "$3" ] || printf '%s%s=%s\n' "$1" "$2" "$3"
}

os_release() { # KEY
    file=/etc/os-release
    [ -r $file ] || file=/usr/lib/os-release
    value $file "$1"
}

boot_time() {
    sed -n 's/^btime //p' /proc/stat
}

logical() {
    grep -c '^processor' /proc/cpuinfo
}

sockets() {
    n=$(sed -n 's/^physical id[^:]*: //p' /proc/cpuinfo | sort -u | wc -l)
    [ "$n" -gt 0 ] || n=1
    echo "$((n))"
}

dmi() { # NAME
    first "/sys/class/dmi/id/$1" 2>/dev/null
}

operating_system() {
    caption=$(os_release PRETTY_NAME)
    put Caption s "${caption:-$(uname -s) $(uname -r)}"
    put Version s "$(uname -r)"
    put BuildNumber s "$(os_release VERSION_ID)"
    put BuildType s "$(uname -v)"
    put Manufacturer s "$(os_release ID)"
    put OSArchitecture s "$(uname -m)"
    put OSType n 36
    put CSName s "$(uname -n)"
    put SystemDirectory s /usr/lib
    put Organization s "$(os_release HOME_URL)"
    put RegisteredUser s root
    put SerialNumber s "$(first /etc/machine-id)"
    put LastBootUpTime d "$(boot_time)"
    put LocalDateTime d "$(date +%s)"
    put TotalVisibleMemorySize n "$(memory MemTotal)"
    put FreePhysicalMemory n "$(memory MemAvailable)"
    put SizeStoredInPagingFiles n "$(memory SwapTotal)"
    put FreeSpaceInPagingFiles n "$(memory SwapFree)"
    put TotalVirtualMemorySize n "$(($(memory MemTotal) + $(memory SwapTotal)))"
    put FreeVirtualMemory n "$(($(memory MemAvailable) + $(memory SwapFree)))"
    set -- /proc/[0-9]*
    put NumberOfProcesses n $#
    put NumberOfUsers n "$(($(who 2>/dev/null | wc -l)))"
    put Status s OK
    echo
}

dns_domain() {
    awk '$1 == "domain" || $1 == "search" { print $2; exit }' /etc/resolv.conf 2>/dev/null
}

computer_system() {
    domain=$(dns_domain)
    put Domain s "${domain:-WORKGROUP}"
    put DNSHostName s "$(uname -n)"
    put Name s "$(uname -n)"
    put Manufacturer s "$(dmi sys_vendor)"
    put Model s "$(dmi product_name)"
    put PrimaryOwnerName s root
    put UserName s "$(id -un)"
    put SystemType s "$(uname -m)"
    put TotalPhysicalMemory n "$(($(memory MemTotal) * 1024))"
    put NumberOfProcessors n "$(sockets)"
    put NumberOfLogicalProcessors n "$(logical)"
    put PartOfDomain b false
    put Status s OK
    echo
}

cache() { # LEVEL: KiB
    first "/sys/devices/system/cpu/cpu0/cache/index$1/size" | sed -n 's/K$//p'
}

processor() {
    khz=$(first /sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq)
    awk -F ': *' -v width="$(getconf LONG_BIT 2>/dev/null)" -v most="$((${khz:-0} / 1000))" -v l2="$(cache 2)" -v l3="$(cache 3)" '
        { sub(/[ \t]+$/, "", $1) }
        function show() {
            printf "DeviceIDs=CPU%d\nSocketDesignations=CPU %d\n", n, n
            if (name) printf "Names=%s\nCaptions=%s\n", name, caption
            if (vendor) printf "Manufacturers=%s\n", vendor
            if (mhz) printf "MaxClockSpeedn=%d\nCurrentClockSpeedn=%d\n", (most > 0 ? most : mhz), mhz
            if (l2) printf "L2CacheSizen=%d\n", l2
            if (l3) printf "L3CacheSizen=%d\n", l3
            printf "NumberOfCoresn=%d\nNumberOfLogicalProcessorsn=%d\n", cores ? cores : threads, threads
            if (width) printf "AddressWidthn=%d\nDataWidthn=%d\n", width, width
            print "Statuss=OK\n"
        }
        $1 == "processor" { threads++ }
        $1 == "model name" || $1 == "Processor" || $1 == "cpu model" { name = $2 }
        $1 == "vendor_id" || $1 == "CPU implementer" { vendor = $2 }
        $1 == "cpu MHz" { mhz = $2 }
        $1 == "cpu cores" { cores = $2 }
        $1 == "cpu family" { family = $2 }
        $1 == "model" { model = $2 }
        $1 == "stepping" { caption = "Family " family " Model " model " Stepping " $2 }
        $1 == "physical id" && !($2 in seen) { seen[$2] = 1; count++ }
        END {
            count = count ? count : 1
            threads = int(threads / count)
            for (n = 0; n < count; n++) show()
        }' /proc/cpuinfo
}

# Sizes as statvfs has them. What is no place for files is left out.
logical_disk() {
    df -kP 2>/dev/null | awk '
        BEGIN {
            while ((getline line < "/proc/mounts") > 0) {
                split(line, f, " ")
                type[f[2]] = f[3]
            }
        }
        NR > 1 && match($0, / +[0-9]+ +[0-9]+ +-?[0-9]+ +([0-9]+%|-) +/) {
            device = substr($0, 1, RSTART - 1)
            place = substr($0, RSTART + RLENGTH)
            split(substr($0, RSTART, RLENGTH), size, " ")
            escaped = place
            gsub(/\\/, "\\134", escaped)
            gsub(/ /, "\\040", escaped)
            t = type[escaped]
            if (size[1] == 0 || t ~ /^(devtmpfs|squashfs|efivarfs)$/) next
            drive = t ~ /^(nfs|nfs4|cifs|smb3|sshfs|fuse.sshfs|9p|ceph)$/ ? 4 : t ~ /^(iso9660|udf)$/ ? 5 : t ~ /^(tmpfs|ramfs)$/ ? 6 : 3
            printf "DeviceIDs=%s\nNames=%s\nDriveTypen=%d\n", place, place, drive
            printf "Descriptions=%s\n", drive == 4 ? "Network Connection" : drive == 5 ? "CD-ROM Disc" : drive == 6 ? "RAM Disk" : "Local Fixed Disk"
            printf drive == 4 ? "ProviderNames=%s\n" : "VolumeNames=%s\n", device
            if (t) printf "FileSystems=%s\n", t
            printf "FreeSpacen=%.0f\nSizen=%.0f\n\n", size[3] * 1024, size[1] * 1024
        }'
}

# Times in units of 100 nanoseconds, sizes in bytes.
process() {
    ticks=$(getconf CLK_TCK 2>/dev/null || echo 100)
    page=$(getconf PAGESIZE 2>/dev/null || echo 4096)
    for folder in /proc/[0-9]*; do
        read -r stat <"$folder/stat" || continue
        line=$(tr '\000\r\n' '   ' <"$folder/cmdline")
        path=$(readlink "$folder/exe")
        printf '%s\n%s\n%s\n' "$stat" "$line" "$path"
    done 2>/dev/null | awk -v ticks="$ticks" -v page="$page" -v boot="$(boot_time)" '
        NR % 3 == 1 { stat = $0 }
        NR % 3 == 2 { line = $0; sub(/ +$/, "", line) }
        NR % 3 == 0 {
            open = index(stat, "(")
            for (close_at = length(stat); substr(stat, close_at, 1) != ")"; close_at--) ;
            name = substr(stat, open + 1, close_at - open - 1)
            split(substr(stat, close_at + 2), f, " ")
            printf "Handles=%d\nProcessIdn=%d\nParentProcessIdn=%d\nNames=%s\n", stat, stat, f[2], name
            if (line) printf "CommandLines=%s\n", line
            if ($0) printf "ExecutablePaths=%s\n", $0
            printf "ExecutionStates=%s\nSessionIdn=%d\nPriorityn=%d\nThreadCountn=%d\n", f[1], f[4], f[16], f[18]
            printf "UserModeTimen=%.0f\nKernelModeTimen=%.0f\n", f[12] * 1e7 / ticks, f[13] * 1e7 / ticks
            printf "PageFaultsn=%.0f\n", f[8] + f[10]
            printf "CreationDated=%.0f\n", boot + f[20] / ticks
            printf "VirtualSizen=%.0f\nWorkingSetSizen=%.0f\n\n", f[21], f[22] * page
        }'
}

service() {
    if [ ! -d /run/systemd/system ] || ! command -v systemctl >/dev/null; then
        echo 'drover: Win32_Service: systemd does not run there' >&2
        exit 1
    fi
    systemctl show --type=service '*' --no-pager -p Id -p Description -p MainPID -p ActiveState -p UnitFileState -p ExecMainStatus -p FragmentPath |
        awk -F = '
            function show() {
                sub(/\.service$/, "", v["Id"])
                if (v["Id"] == "") return
                running = v["ActiveState"] == "active"
                mode = v["UnitFileState"] ~ /^enabled/ ? "Auto" : v["UnitFileState"] ~ /^(disabled|masked)/ ? "Disabled" : "Manual"
                printf "Names=%s\nDisplayNames=%s\nProcessIdn=%d\nExitCoden=%d\n", v["Id"], v["Description"], v["MainPID"], v["ExecMainStatus"]
                printf "StartModes=%s\nStates=%s\nStartedb=%s\nStatuss=%s\n", mode, running ? "Running" : "Stopped", running ? "true" : "false", v["ActiveState"] == "failed" ? "Error" : "OK"
                if (v["FragmentPath"]) printf "PathNames=%s\n", v["FragmentPath"]
                print ""
            }
            /^$/ { show(); split("", v); next }
            { v[$1] = substr($0, length($1) + 2) }
            END { show() }'
}

addresses() { # INTERFACE FIELD (1 address, 2 mask, which IPv4 writes as four bytes)
    ip -o addr show dev "$1" 2>/dev/null | awk -v field="$2" '
        function mask(bits, i, n, text) {
            for (i = 0; i < 4; i++) {
                n = bits > 8 ? 8 : bits
                bits -= n
                text = text (i ? "." : "") 256 - 2 ^ (8 - n)
            }
            return text
        }
        {
            split($4, a, "/")
            printf "%s%s", comma, field == 2 && $3 == "inet" ? mask(a[2]) : a[field]
            comma = ","
        }'
}

network() {
    domain=$(dns_domain)
    servers=$(awk '$1 == "nameserver" { printf "%s%s", comma, $2; comma = "," }' /etc/resolv.conf 2>/dev/null)
    index=0
    for folder in /sys/class/net/*; do
        name=${folder##*/}
        [ -r "$folder/address" ] || continue
        addresses=$(addresses "$name" 1)
        masks=$(addresses "$name" 2)
        gateway=$(ip -o route show default dev "$name" 2>/dev/null | awk '{ for (i = 1; i < NF; i++) if ($i == "via") printf "%s%s", comma, $(i + 1); comma = "," }')
        put Description s "$name"
        put ServiceName s "$(basename "$(readlink "$folder/device/driver" || echo "$name")")"
        put Index n $index
        put InterfaceIndex n "$(first "$folder/ifindex")"
        put MACAddress s "$(first "$folder/address" | grep -v '^00:00:00:00:00:00$' | tr '[:lower:]' '[:upper:]')"
        put IPEnabled b "$([ -n "$addresses" ] && echo true || echo false)"
        put DHCPEnabled b "$(ls /run/dhclient*"$name"* /var/lib/dhcp/*"$name"* >/dev/null 2>&1 && echo true || echo false)"
        put IPAddress l "$addresses"
        put IPSubnet l "$masks"
        put DefaultIPGateway l "$gateway"
        put DNSDomain s "$domain"
        put DNSServerSearchOrder l "$servers"
        put MTU n "$(first "$folder/mtu")"
        echo
        index=$((index + 1))
    done
}

case $1 in
Win32_OperatingSystem) operating_system ;;
Win32_ComputerSystem) computer_system ;;
Win32_Processor) processor ;;
Win32_LogicalDisk) logical_disk ;;
Win32_Process) process ;;
Win32_Service) service ;;
Win32_NetworkAdapterConfiguration) network ;;
esac
