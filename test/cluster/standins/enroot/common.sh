# Words, colours and small tools that all commands of the stand-in share.

if [ -t 2 ]; then readonly tty=y; else readonly tty=; fi

log() {
    local level="$1" colour=94
    case "${level}" in WARN) colour=33 ;; ERROR) colour=31 ;; esac
    if [ -n "${tty}" ]; then
        printf '\033[%sm[%s]\033[m %s\n' "${colour}" "${level}" "$2" >&2
    else
        printf '[%s] %s\n' "${level}" "$2" >&2
    fi
}

fail() {
    log ERROR "$1"
    exit 1
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

# Progress options of squashfs-tools: a bar only for somebody who looks.
quiet_bar() {
    [ -n "${tty}" ] || echo -no-progress
}
