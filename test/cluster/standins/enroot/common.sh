# Words, options and small tools that all commands of the stand-in share.

log() {
    printf '[%s] %s\n' "$1" "$2" >&2
}

fail() {
    log ERROR "$1"
    exit 1
}

# usage COMMAND CODE: on stdout, also where it is an answer to a mistake. The real one goes on with a list.
usage() {
    local -A lines=(
        [help]='COMMAND [ARG...]'
        [import]='import [options] [--] URI'
        [digest]='digest [options] [--] URI'
        [create]='create [options] [--] IMAGE'
        [start]='start [options] [--] NAME|IMAGE [COMMAND] [ARG...]'
        [list]='list [options]'
        [remove]='remove [options] [--] NAME...'
    )
    printf 'Usage: enroot %s\n' "${lines[$1]}"
    exit "$2"
}

# parse COMMAND 'NAME|OTHER NAME= ...' WORD...: fills $given by an option's first name, a line for each
# time; what follows the options goes to $rest. An option whose name ends in = takes a value.
parse() {
    local command="$1" name option value
    local -a known
    read -r -a known <<< "$2"
    declare -gA given=()
    shift 2
    while [[ "${1-}" == -?* && "$1" != -- ]]; do
        case "$1" in -h | --help) usage "${command}" 0 ;; esac
        name="${1%%=*}" option=''
        for option in "${known[@]}" ''; do
            if [[ "|${option%=}|" == *"|${name}|"* ]]; then break; fi
        done
        if [[ -z "${option}" || ("$1" == *=* && ("$1" != --* || "${option}" != *=)) ]]; then usage "${command}" 1; fi
        value=y
        if [[ "$1" == *=* ]]; then
            value="${1#*=}"
        elif [[ "${option}" == *= ]]; then
            value="${2-}"
            shift
        fi
        [ -n "${value}" ] || usage "${command}" 1
        option="${option%%[|=]*}"
        given[${option}]="${given[${option}]+${given[${option}]}$'\n'}${value}"
        shift
    done
    if [ "${1-}" = -- ]; then shift; fi
    rest=("$@")
}

need() {
    local name
    for name in "$@"; do
        command -v "${name}" > /dev/null || fail "Command not found: ${name}"
    done
}

absolute() {
    readlink -f "$1" 2> /dev/null || fail "No such file or directory: $1"
}

# Some folders of an image are closed even to their owner.
remove_tree() {
    rm -rf "$1" 2> /dev/null || {
        chmod -f -R u+rwX "$1" || :
        rm -rf "$1"
    }
}

unpacker() {
    if command -v pigz > /dev/null; then echo pigz; else echo gzip; fi
}
