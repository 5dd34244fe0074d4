# create, start, remove, list: unpacked images in the data folder.

rootfs_of() {
    [[ "$1" != */* && -n "$1" ]] || fail "Invalid argument: $1"
    absolute "${ENROOT_DATA_PATH}/$1"
}

create_command() {
    local image rootfs
    parse create '-n|--name= -f|--force' "$@"
    [ "${#rest[@]}" -eq 1 ] || usage create 1
    need unsquashfs find
    image=$(absolute "${rest[0]}")
    [ -f "${image}" ] || fail "No such file or directory: ${image}"
    unsquashfs -s "${image}" > /dev/null 2>&1 || fail "Invalid image format: ${image}"
    rootfs=$(rootfs_of "${given[-n]:-$(basename "${image%.sqsh}")}")
    if [ -e "${rootfs}" ]; then
        [ -n "${given[-f]-${ENROOT_FORCE_OVERRIDE-}}" ] || fail "File already exists: ${rootfs}"
        remove_tree "${rootfs}"
    fi
    log INFO 'Extracting squashfs filesystem...'
    # Of two at once, either may stumble over what the other has unpacked so far.
    unsquashfs -no-progress -processors "${ENROOT_MAX_PROCESSORS}" -user-xattrs -d "${rootfs}" "${image}" >&2
    chmod -R u+rwX "${rootfs}"
}

start_command() {
    local rootfs home='' line
    local -a enter=() environment shell=(/bin/sh)
    parse start '-c|--conf= -m|--mount= -e|--env= -r|--root -w|--rw' "$@"
    [ "${#rest[@]}" -ge 1 ] || usage start 1
    need mountpoint awk grep sed flock
    rootfs=$(start_rootfs "${rest[0]}")
    [ -z "${given[-m]-}" ] || while IFS= read -r line; do
        [[ "${line}" =~ ^[^[:space:]]+(:[^[:space:]]+)*$ ]] || fail "Invalid argument: ${line}"
    done <<< "${given[-m]}"
    [ -z "${given[-e]-}" ] || while IFS= read -r line; do
        [[ "${line}" =~ ^[[:alpha:]_][[:alnum:]_]*(=|$) ]] || fail "Invalid argument: ${line}"
    done <<< "${given[-e]}"
    if [ -n "${given[-c]-}" ]; then
        given[-c]=$(absolute "${given[-c]}")
        [ -f "${given[-c]}" ] || fail "No such file or directory: ${given[-c]}"
    fi
    [ -z "${given[-w]-}" ] || ENROOT_ROOTFS_WRITABLE=y
    [ -z "${given[-r]-}" ] || ENROOT_REMAP_ROOT=y
    [ -z "${ENROOT_ROOTFS_WRITABLE-}" ] || enter+=(--rw)
    [ -z "${ENROOT_REMAP_ROOT-}" ] || enter+=(--root)

    export ENROOT_ROOTFS="${rootfs}"
    add_account
    # A file of shell functions: more variables, hooks that run before the container does, more mounts.
    # shellcheck disable=SC1090
    [ -z "${given[-c]-}" ] || source "${given[-c]}"
    settings | readarray -t environment
    ! declare -F hooks > /dev/null || hooks
    mounts_of | while IFS=' ' read -r -a line; do add_mount "${line[@]}"; done
    if [ -n "${ENROOT_LOGIN_SHELL-}" ]; then
        shell=(-sh)
        home=$(getent passwd "${EUID}" | cut -d: -f6) || :
        [ -z "${ENROOT_REMAP_ROOT-}" ] || home=/root
        environment=(PATH=/usr/local/bin:/usr/bin:/bin ${home:+HOME="${home}"} "${environment[@]}")
    fi
    # Nothing of the caller's environment goes in.
    exec env -i TERM="${TERM-dumb}" "${environment[@]}" "$(readlink -f "${lib}")/enter" "${enter[@]}" "${rootfs}" \
        "${shell[0]}" /etc/rc "${rest[@]:1}"
}

start_rootfs() {
    local rootfs
    if [ -f "$1" ] && unsquashfs -s "$1" > /dev/null 2>&1; then
        # The real one mounts the image, where the machine has what that takes.
        fail 'Command not found: squashfuse'
    fi
    rootfs=$(rootfs_of "$1")
    [ -d "${rootfs}" ] || fail "No such file or directory: ${rootfs}"
    echo "${rootfs}"
}

# A program inside should find a name for who it runs as.
add_account() {
    if [ -d "${ENROOT_ROOTFS}/etc" ] && ! grep -q "^[^:]*:[^:]*:${EUID}:" "${ENROOT_ROOTFS}/etc/passwd" 2> /dev/null; then
        getent passwd "${EUID}" >> "${ENROOT_ROOTFS}/etc/passwd" || :
    fi
}

# The image's environment, then the file's, then --env: a line each, and quotes around a value go.
settings() {
    local name
    {
        [ ! -f "${ENROOT_ROOTFS}/etc/environment" ] || cat "${ENROOT_ROOTFS}/etc/environment"
        ! declare -F environ > /dev/null || environ
        [ -z "${given[-e]-}" ] || while IFS= read -r name; do
            if [[ "${name}" == *=* ]]; then echo "${name}"; else echo "${name}=${!name-}"; fi
        done <<< "${given[-e]}"
        [ -z "${ENROOT_MOUNT_HOME-}" ] || echo "HOME=$(home_inside)"
    } | sed -E -e 's/^[[:space:]]+//' -e '/^[[:alpha:]_][[:alnum:]_]*=/!d' -e '/^ENROOT_/d' \
        -e "s/^([^=]*)=[\"'](.*)[\"'][[:space:]]*\$/\1=\2/"
}

home_inside() {
    if [ -n "${ENROOT_REMAP_ROOT-}" ]; then echo /root; else echo "${HOME}"; fi
}

# As lines of an fstab: SOURCE TARGET [TYPE] [OPTIONS].
mounts_of() {
    [ -z "${ENROOT_MOUNT_HOME-}" ] || echo "${HOME} $(home_inside) none x-create=dir,bind,rw,nosuid"
    ! declare -F mounts > /dev/null || mounts
    [ -z "${given[-m]-}" ] || tr : ' ' <<< "${given[-m]}"
}

add_mount() {
    local source target="${2:-$1}" options="${4-}" option flag='' create='' path
    source=$(printf %b "$1") target=$(printf %b "${target}")
    if [ -n "${3-}" ] && [ "$3" != none ]; then options="$3"; fi
    for option in $(tr , ' ' <<< "${options:=rbind,x-create=auto}"); do
        case "${option}" in
        ro) flag=ro ;;
        x-create=auto | x-create=dir | x-create=file) create=y ;;
        rbind | bind | rw | nosuid | nodev | noexec | private | rprivate) ;;
        *) fail "the stand-in for enroot knows no mount option ${option}" ;;
        esac
    done
    path="${ENROOT_ROOTFS}/${target#/}"
    if [ ! -e "${source}" ] || { [ -z "${create}" ] && [ ! -e "${path}" ]; }; then
        echo "enroot-mount: failed to mount: ${source} at ${path}: No such file or directory" >&2
        exit 1
    fi
    enter+=(--mount "${source}" "${target}" "${flag:-rw}")
}

remove_command() {
    local name rootfs
    parse remove '-f|--force' "$@"
    [ "${#rest[@]}" -ge 1 ] || usage remove 1
    for name in "${rest[@]}"; do
        rootfs=$(rootfs_of "${name}")
        [ -d "${rootfs}" ] || fail "No such file or directory: ${rootfs}"
        # It asks, and nobody is there to answer.
        [ -n "${given[-f]-${ENROOT_FORCE_OVERRIDE-}}" ] || exit 1
        remove_tree "${rootfs}"
    done
}

list_command() {
    parse list '' "$@"
    cd "${ENROOT_DATA_PATH}"
    ls -1
}
