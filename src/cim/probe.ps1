# probe.ps1: the same as probe.sh of a Windows machine, by its PowerShell (3.0 and later). $class is set
# before. What it prints are the lines that probe.sh describes.
$epoch = [DateTime]'1970-01-01'
Get-CimInstance -ClassName $class -ErrorAction Stop | ForEach-Object {
    foreach ($p in $_.CimInstanceProperties) {
        $v = $p.Value
        if ($null -eq $v) { continue }
        $t = 's'
        if ($v -is [bool]) { $t = 'b'; $v = "$v".ToLower() }
        elseif ($v -is [DateTime]) { $t = 'd'; $v = [long]($v.ToUniversalTime() - $epoch).TotalSeconds }
        elseif ($v -is [array]) { $t = 'l'; $v = $v -join ',' }
        elseif ($v -is [ValueType] -and $v -isnot [char]) { $t = 'n' }
        $p.Name + $t + '=' + ("$v" -replace '[\r\n]+', ' ')
    }
    ''
}
