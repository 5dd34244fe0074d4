# create, start, remove, list: unpacked images in the data folder.

rootfs_of() {
    [[ "$1" != */* && -n "$1" ]] || fail "Invalid argument: $1"
    absolute "${ENROOT_DATA_PATH}/$1"
}

unpack() {
    local image="$1" rootfs="$2"
    # Of several at once one makes the folder, and only an empty one is taken back.
    mkdir "${rootfs}" 2> /dev/null || fail "File already exists: ${rootfs}"
    log INFO 'Extracting squashfs filesystem...'
    # shellcheck disable=SC2046
    if ! unsquashfs $(quiet_bar) -processors "${ENROOT_MAX_PROCESSORS}" -user-xattrs -f -d "${rootfs}" "${image}" >&2; then
        rmdir "${rootfs}" 2> /dev/null || :
        exit 1
    fi
    chmod -R u+rwX "${rootfs}"
    # A program inside should find a name for who it runs as.
    if ! grep -q "^[^:]*:[^:]*:${EUID}:" "${rootfs}/etc/passwd" 2> /dev/null && [ -d "${rootfs}/etc" ]; then
        getent passwd "${EUID}" >> "${rootfs}/etc/passwd" || :
    fi
}

create_command() {
    local name='' image rootfs
    while [ $# -gt 0 ]; do
        case "$1" in
        -n | --name) name="${2:?}" && shift 2 ;;
        --name=*) name="${1#*=}" && shift ;;
        -f | --force) ENROOT_FORCE_OVERRIDE=y && shift ;;
        --) shift && break ;;
        -?*) usage 1 >&2 ;;
        *) break ;;
        esac
    done
    [ $# -eq 1 ] || usage 1 >&2
    need unsquashfs find
    image=$(absolute "$1")
    [ -f "${image}" ] || fail "No such file or directory: ${image}"
    unsquashfs -s "${image}" > /dev/null 2>&1 || fail "Invalid image format: ${image}"
    rootfs=$(rootfs_of "${name:-$(basename "${image%.sqsh}")}")
    if [ -e "${rootfs}" ]; then
        [ -n "${ENROOT_FORCE_OVERRIDE-}" ] || fail "File already exists: ${rootfs}"
        remove_tree "${rootfs}"
    fi
    unpack "${image}" "${rootfs}"
}

start_command() {
    local -a enter=() environment=() setting
    while [ $# -gt 0 ]; do
        case "$1" in
        -w | --rw) ENROOT_ROOTFS_WRITABLE=y && shift ;;
        -r | --root) ENROOT_REMAP_ROOT=y && shift ;;
        -e | --env) add_environment "${2:?}" && shift 2 ;;
        --env=*) add_environment "${1#*=}" && shift ;;
        -m | --mount) enter+=(--mount "${2:?}") && shift 2 ;;
        --mount=*) enter+=(--mount "${1#*=}") && shift ;;
        --) shift && break ;;
        -?*) usage 1 >&2 ;;
        *) break ;;
        esac
    done
    [ $# -ge 1 ] || usage 1 >&2
    local name="$1" rootfs
    shift
    if [ -f "${name}" ] && unsquashfs -s "${name}" > /dev/null 2>&1; then
        mount_image "$(absolute "${name}")"
    else
        rootfs=$(rootfs_of "${name}")
        [ -d "${rootfs}" ] || fail "No such file or directory: ${rootfs}"
    fi
    [ -z "${ENROOT_ROOTFS_WRITABLE-}" ] || enter+=(--rw)
    [ -z "${ENROOT_REMAP_ROOT-}" ] || enter+=(--root)
    # Nothing of the caller's environment goes in but what the image and --env say.
    readarray -t setting < <(grep -E '^[[:alpha:]_][[:alnum:]_]*=' "${rootfs}/etc/environment" 2> /dev/null)
    local home="${HOME}"
    [ -z "${ENROOT_REMAP_ROOT-}" ] || home=/root
    exec env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="${home}" ${TERM+TERM="${TERM}"} \
        "${setting[@]}" "${environment[@]}" "$(readlink -f "${lib}")/enter" "${enter[@]}" "${rootfs}" /bin/sh /etc/rc "$@"
}

add_environment() {
    [[ "$1" =~ ^[[:alpha:]_][[:alnum:]_]*(=|$) ]] || fail "Invalid argument: $1"
    if [[ "$1" == *=* ]]; then environment+=("$1"); else environment+=("$1=${!1-}"); fi
}

# The real one mounts the file with squashfuse and needs /dev/fuse; this one unpacks it, but needs it too.
mount_image() {
    if ! { : < /dev/fuse > /dev/fuse; } 2> /dev/null; then
        log WARN 'fuse: failed to open /dev/fuse: Permission denied'
        fail "Failed to mount: $1"
    fi
    rootfs=$(mktemp -d -p "${ENROOT_RUNTIME_PATH}" start.XXXXXXXXXX)/rootfs
    unpack "$1" "${rootfs}" > /dev/null 2>&1
    # Goes when the container does: the helper is its parent, waits for it, then deletes.
    enter+=(--discard)
}

remove_command() {
    local force='' name rootfs answer
    while [[ "${1-}" == -?* ]]; do
        case "$1" in -f | --force) force=y && shift ;; *) usage 1 >&2 ;; esac
    done
    [ $# -ge 1 ] || usage 1 >&2
    for name in "$@"; do
        rootfs=$(rootfs_of "${name}")
        [ -d "${rootfs}" ] || fail "No such file or directory: ${rootfs}"
        if [ -z "${force}" ]; then
            read -r -e -p "Do you really want to delete ${rootfs}? [y/N] " answer || :
            [[ "${answer}" == [yY] ]] || continue
        fi
        remove_tree "${rootfs}"
    done
}

list_command() {
    cd "${ENROOT_DATA_PATH}"
    ls -1
}

export_command() {
    local file='' force='' rootfs
    while [[ "${1-}" == -?* ]]; do
        case "$1" in
        -o | --output) file="${2:?}" && shift 2 ;;
        -f | --force) force=y && shift ;;
        *) usage 1 >&2 ;;
        esac
    done
    [ $# -eq 1 ] || usage 1 >&2
    rootfs=$(rootfs_of "$1")
    [ -d "${rootfs}" ] || fail "No such file or directory: ${rootfs}"
    file=$(absolute "${file:-$1.sqsh}")
    if [ -e "${file}" ]; then
        [ -n "${force}" ] || fail "File already exists: ${file}"
        rm -f "${file}"
    fi
    log INFO 'Creating squashfs filesystem...'
    # shellcheck disable=SC2046,SC2086
    mksquashfs "${rootfs}" "${file}" -all-root $(quiet_bar) -processors "${ENROOT_MAX_PROCESSORS}" ${ENROOT_SQUASH_OPTIONS} >&2
}
