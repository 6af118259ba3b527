#include "cim/class.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* The properties of each class, as Microsoft documents them. */
#define CLASS_OPERATING_SYSTEM                                                                     \
    " BootDevice BuildNumber BuildType Caption CodeSet CountryCode CreationClassName"              \
    " CSCreationClassName CSDVersion CSName CurrentTimeZone"                                       \
    " DataExecutionPrevention_32BitApplications DataExecutionPrevention_Available"                 \
    " DataExecutionPrevention_Drivers DataExecutionPrevention_SupportPolicy Debug"                 \
    " Description Distributed EncryptionLevel ForegroundApplicationBoost FreePhysicalMemory"       \
    " FreeSpaceInPagingFiles FreeVirtualMemory InstallDate LargeSystemCache LastBootUpTime"        \
    " LocalDateTime Locale Manufacturer MaxNumberOfProcesses MaxProcessMemorySize"                 \
    " MUILanguages Name NumberOfLicensedUsers NumberOfProcesses NumberOfUsers"                     \
    " OperatingSystemSKU Organization OSArchitecture OSLanguage OSProductSuite OSType"             \
    " OtherTypeDescription PAEEnabled PlusProductID PlusVersionNumber"                             \
    " PortableOperatingSystem Primary ProductType QuantumLength QuantumType RegisteredUser"        \
    " SerialNumber ServicePackMajorVersion ServicePackMinorVersion SizeStoredInPagingFiles"        \
    " Status SuiteMask SystemDevice SystemDirectory SystemDrive TotalSwapSpaceSize"                \
    " TotalVirtualMemorySize TotalVisibleMemorySize Version WindowsDirectory "

#define CLASS_COMPUTER_SYSTEM                                                                      \
    " AdminPasswordStatus AutomaticManagedPagefile AutomaticResetBootOption"                       \
    " AutomaticResetCapability BootOptionOnLimit BootOptionOnWatchDog BootROMSupported"            \
    " BootStatus BootupState Caption ChassisBootupState ChassisSKUNumber CreationClassName"        \
    " CurrentTimeZone DaylightInEffect Description DNSHostName Domain DomainRole"                  \
    " EnableDaylightSavingsTime FrontPanelResetStatus HypervisorPresent InfraredSupported"         \
    " InitialLoadInfo InstallDate KeyboardPasswordStatus LastLoadInfo Manufacturer Model"          \
    " Name NameFormat NetworkServerModeEnabled NumberOfLogicalProcessors NumberOfProcessors"       \
    " OEMLogoBitmap OEMStringArray PartOfDomain PauseAfterReset PCSystemType PCSystemTypeEx"       \
    " PowerManagementCapabilities PowerManagementSupported PowerOnPasswordStatus PowerState"       \
    " PowerSupplyState PrimaryOwnerContact PrimaryOwnerName ResetCapability ResetCount"            \
    " ResetLimit Roles Status SupportContactDescription SystemFamily SystemSKUNumber"              \
    " SystemStartupDelay SystemStartupOptions SystemStartupSetting SystemType ThermalState"        \
    " TotalPhysicalMemory UserName WakeUpType Workgroup "

#define CLASS_PROCESSOR                                                                            \
    " AddressWidth Architecture AssetTag Availability Caption Characteristics"                     \
    " ConfigManagerErrorCode ConfigManagerUserConfig CpuStatus CreationClassName"                  \
    " CurrentClockSpeed CurrentVoltage DataWidth Description DeviceID ErrorCleared"                \
    " ErrorDescription ExtClock Family InstallDate L2CacheSize L2CacheSpeed L3CacheSize"           \
    " L3CacheSpeed LastErrorCode Level LoadPercentage Manufacturer MaxClockSpeed Name"             \
    " NumberOfCores NumberOfEnabledCore NumberOfLogicalProcessors OtherFamilyDescription"          \
    " PartNumber PNPDeviceID PowerManagementCapabilities PowerManagementSupported"                 \
    " ProcessorId ProcessorType Revision Role SecondLevelAddressTranslationExtensions"             \
    " SerialNumber SocketDesignation Status StatusInfo Stepping SystemCreationClassName"           \
    " SystemName ThreadCount UniqueId UpgradeMethod Version VirtualizationFirmwareEnabled"         \
    " VMMonitorModeExtensions VoltageCaps "

#define CLASS_LOGICAL_DISK                                                                         \
    " Access Availability BlockSize Caption Compressed ConfigManagerErrorCode"                     \
    " ConfigManagerUserConfig CreationClassName Description DeviceID DriveType ErrorCleared"       \
    " ErrorDescription ErrorMethodology FileSystem FreeSpace InstallDate LastErrorCode"            \
    " MaximumComponentLength MediaType Name NumberOfBlocks PNPDeviceID"                            \
    " PowerManagementCapabilities PowerManagementSupported ProviderName Purpose"                   \
    " QuotasDisabled QuotasIncomplete QuotasRebuilding Size Status StatusInfo"                     \
    " SupportsDiskQuotas SupportsFileBasedCompression SystemCreationClassName SystemName"          \
    " VolumeDirty VolumeName VolumeSerialNumber "

#define CLASS_PROCESS                                                                              \
    " Caption CommandLine CreationClassName CreationDate CSCreationClassName CSName"               \
    " Description ExecutablePath ExecutionState Handle HandleCount InstallDate"                    \
    " KernelModeTime MaximumWorkingSetSize MinimumWorkingSetSize Name OSCreationClassName"         \
    " OSName OtherOperationCount OtherTransferCount PageFaults PageFileUsage ParentProcessId"      \
    " PeakPageFileUsage PeakVirtualSize PeakWorkingSetSize Priority PrivatePageCount"              \
    " ProcessId QuotaNonPagedPoolUsage QuotaPagedPoolUsage QuotaPeakNonPagedPoolUsage"             \
    " QuotaPeakPagedPoolUsage ReadOperationCount ReadTransferCount SessionId Status"               \
    " TerminationDate ThreadCount UserModeTime VirtualSize WindowsVersion WorkingSetSize"          \
    " WriteOperationCount WriteTransferCount "

#define CLASS_SERVICE                                                                              \
    " AcceptPause AcceptStop Caption CheckPoint CreationClassName DelayedAutoStart"                \
    " Description DesktopInteract DisplayName ErrorControl ExitCode InstallDate Name"              \
    " PathName ProcessId ServiceSpecificExitCode ServiceType Started StartMode StartName"          \
    " State Status SystemCreationClassName SystemName TagId WaitHint "

#define CLASS_NETWORK                                                                              \
    " ArpAlwaysSourceRoute ArpUseEtherSNAP Caption DatabasePath DeadGWDetectEnabled"               \
    " DefaultIPGateway DefaultTOS DefaultTTL Description DHCPEnabled DHCPLeaseExpires"             \
    " DHCPLeaseObtained DHCPServer DNSDomain DNSDomainSuffixSearchOrder"                           \
    " DNSEnabledForWINSResolution DNSHostName DNSServerSearchOrder"                                \
    " DomainDNSRegistrationEnabled ForwardBufferMemory FullDNSRegistrationEnabled"                 \
    " GatewayCostMetric IGMPLevel Index InterfaceIndex IPAddress IPConnectionMetric"               \
    " IPEnabled IPFilterSecurityEnabled IPPortSecurityEnabled IPSecPermitIPProtocols"              \
    " IPSecPermitTCPPorts IPSecPermitUDPPorts IPSubnet IPUseZeroBroadcast IPXAddress"              \
    " IPXEnabled IPXFrameType IPXMediaType IPXNetworkNumber IPXVirtualNetNumber"                   \
    " KeepAliveInterval KeepAliveTime MACAddress MTU NumForwardPackets PMTUBHDetectEnabled"        \
    " PMTUDiscoveryEnabled ServiceName SettingID TcpipNetbiosOptions"                              \
    " TcpMaxConnectRetransmissions TcpMaxDataRetransmissions TcpNumConnections"                    \
    " TcpUseRFC1122UrgentPointer TcpWindowSize WINSEnableLMHostsLookup WINSHostLookupFile"         \
    " WINSPrimaryServer WINSScopeID WINSSecondaryServer "

static const struct class class_table[] = {
    {"Win32_OperatingSystem",
     "SystemDirectory,Organization,BuildNumber,RegisteredUser,SerialNumber,Version",
     CLASS_OPERATING_SYSTEM},
    {"Win32_ComputerSystem", "Domain,Manufacturer,Model,Name,PrimaryOwnerName,TotalPhysicalMemory",
     CLASS_COMPUTER_SYSTEM},
    {"Win32_Processor", "Caption,DeviceID,Manufacturer,MaxClockSpeed,Name,SocketDesignation",
     CLASS_PROCESSOR},
    {"Win32_LogicalDisk", "DeviceID,DriveType,ProviderName,FreeSpace,Size,VolumeName",
     CLASS_LOGICAL_DISK},
    {"Win32_Process", "ProcessId,Name,ThreadCount,WorkingSetSize,VirtualSize,CommandLine",
     CLASS_PROCESS},
    {"Win32_Service", "ExitCode,Name,ProcessId,StartMode,State,Status", CLASS_SERVICE},
    {"Win32_NetworkAdapterConfiguration",
     "DHCPEnabled,IPAddress,DefaultIPGateway,DNSDomain,ServiceName,Description,Index",
     CLASS_NETWORK},
};

#define CLASS_COUNT (sizeof class_table / sizeof *class_table)

const struct class *class_find(const char *name)
{
    for (size_t i = 0; i < CLASS_COUNT; i++)
        if (strcasecmp(class_table[i].name, name) == 0)
            return &class_table[i];
    return NULL;
}

bool class_has(const struct class *class, const char *property)
{
    size_t size = strlen(property);

    if (!size || strpbrk(property, " ,"))
        return false;
    for (const char *at = class->properties; (at = strcasestr(at, property)); at++)
        if (at[-1] == ' ' && at[size] == ' ')
            return true;
    return strcasecmp(property, CLASS_MACHINE) == 0;
}

int class_list(struct buffer *out, const char *between)
{
    int r = 0;

    for (size_t i = 0; i < CLASS_COUNT && r == 0; i++)
        r = buffer_printf(out, "%s%s", i ? between : "", class_table[i].name);
    return r;
}
