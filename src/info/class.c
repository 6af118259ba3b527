#include "info/class.h"

#include <stddef.h>
#include <strings.h>

static const struct class class_table[] = {
    {"Win32_OperatingSystem",
     "SystemDirectory,Organization,BuildNumber,RegisteredUser,SerialNumber,Version"},
    {"Win32_ComputerSystem", "Domain,Manufacturer,Model,Name,PrimaryOwnerName,TotalPhysicalMemory"},
    {"Win32_Processor", "Caption,DeviceID,Manufacturer,MaxClockSpeed,Name,SocketDesignation"},
    {"Win32_LogicalDisk", "DeviceID,DriveType,ProviderName,FreeSpace,Size,VolumeName"},
    {"Win32_Process", "ProcessId,Name,ThreadCount,WorkingSetSize,VirtualSize,CommandLine"},
    {"Win32_Service", "ExitCode,Name,ProcessId,StartMode,State,Status"},
    {"Win32_NetworkAdapterConfiguration",
     "DHCPEnabled,IPAddress,DefaultIPGateway,DNSDomain,ServiceName,Description,Index"},
};

#define CLASS_COUNT (sizeof class_table / sizeof *class_table)

const struct class *class_find(const char *name)
{
    for (size_t i = 0; i < CLASS_COUNT; i++)
        if (strcasecmp(class_table[i].name, name) == 0)
            return &class_table[i];
    return NULL;
}

int class_list(struct buffer *out, const char *between)
{
    int r = 0;

    for (size_t i = 0; i < CLASS_COUNT && r == 0; i++)
        r = buffer_printf(out, "%s%s", i ? between : "", class_table[i].name);
    return r;
}
