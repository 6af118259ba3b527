# completion.bash: completion for bash, and for zsh by its bashcompinit; what `drover init` prints between the
# list of commands, _drover_commands, and the names that it is for. Comments and indentation are taken off
# when drover is built.
_drover_states='NotStarted
Running
Completed
Failed
Stopped
Suspended'

# Of the words on standard input, a line each, those that begin with the current one, in any case.
_drover_offer() {
    COMPREPLY=($(word=${COMP_WORDS[COMP_CWORD]} awk 'BEGIN { w = tolower(ENVIRON["word"]) } tolower(substr($0, 1, length(w))) == w'))
}

# A name that would have to be quoted is left out: its job has an id.
_drover_jobs() {
    _drover_offer < <(drover get --format id,name 2>/dev/null | tr '\t' '\n' | LC_ALL=C grep -x '[A-Za-z0-9_.@%+,-]*')
}

_drover_classes() {
    _drover_offer < <(drover info --list)
}

_drover_options() {
    _drover_offer < <(drover help "$1" 2>/dev/null | grep -o '^ *\(-., \)\? *--[a-z-]*' | grep -o -e '--[a-z-]*')
}

_drover() {
    local command=${COMP_WORDS[1]} last=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    case $COMP_CWORD:$command:$last:${COMP_WORDS[COMP_CWORD]} in
    1:* | *:help:*) _drover_offer <<<"$_drover_commands" ;;
    *:*:--state:*) _drover_offer <<<"$_drover_states" ;;
    *:supervisor:--trace:*) _drover_jobs ;;
    *:*:*:-*) _drover_options "$command" ;;
    *:info:*) _drover_classes ;;
    *:get:* | *:ls:* | *:receive:* | *:recv:* | *:wait:* | *:stop:* | *:suspend:* | *:resume:*) _drover_jobs ;;
    *:remove:* | *:rm:* | *:retry:* | *:throttle:*) _drover_jobs ;;
    esac
}

_drover_parameters() {
    _drover_offer < <("$1" --help 2>/dev/null | sed -n 's/^  \(-[A-Za-z]*\).*/\1/p')
}

_drover_cmdlet() {
    local last
    last=$(tr '[:upper:]' '[:lower:]' <<<"${COMP_WORDS[COMP_CWORD-1]}")
    COMPREPLY=()
    case ${COMP_WORDS[0]}:$last:${COMP_WORDS[COMP_CWORD]} in
    *:*:-*) _drover_parameters "$1" ;;
    *:-state:* | *:-childjobstate:*) _drover_offer <<<"$_drover_states" ;;
    *path:* | *:-workingdirectory:* | Start-Job:* | sajb:*) ;;
    *-Job:* | *jb:*) _drover_jobs ;;
    Get-[WC]*:* | gwmi:* | gcim:*) _drover_classes ;;
    esac
}
