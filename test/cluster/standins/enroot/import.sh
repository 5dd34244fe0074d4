# import and digest.

read_arguments() {
    output='' arch=''
    while [ $# -gt 0 ]; do
        case "$1" in
        -o | --output) output="${2:?}" && shift 2 ;;
        --output=*) output="${1#*=}" && shift ;;
        -a | --arch) arch="${2:?}" && shift 2 ;;
        --arch=*) arch="${1#*=}" && shift ;;
        --) shift && break ;;
        -?*) usage 1 >&2 ;;
        *) break ;;
        esac
    done
    [ $# -eq 1 ] || usage 1 >&2
    uri="$1"
    # Registries use Debian's names.
    case "${arch:=$(uname -m)}" in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; esac
}

digest_command() (
    read_arguments "$@"
    need curl grep awk
    parse_reference "${uri}"
    work=$(mktemp -d -p "${ENROOT_TEMP_PATH}" enroot.XXXXXXXXXX)
    trap 'rm -rf "${work}" "${token_folder}/${registry}.$$"' EXIT
    manifest_url="${scheme}://${registry}/v2/${image}/manifests/${tag}"
    authenticate "${manifest_url}" "${work}"
    choose_manifest "${work}"
    ask "${work}/head" "${manifest_url}" -I -H "${accept_manifest}" "${granted[@]}"
    tr -d '\r' < "${work}/head" | awk 'tolower($1) == "docker-content-digest:" { print $2 }'
)

# A subshell, as in the real one: kill its parent alone, and it goes on to the end.
import_command() (
    read_arguments "$@"
    need curl grep awk tar find xargs mksquashfs zstd
    parse_reference "${uri}"
    file="${output:-$(tr / + <<< "${image#library/}")+${tag}.sqsh}"
    file=$(absolute "${file}")
    [ ! -e "${file}" ] || fail "File already exists: ${file}"

    trap 'cd /; remove_tree "${work-}"; rm -f "${token_folder}/${registry}.$$"' EXIT
    work=$(mktemp -d -p "${ENROOT_TEMP_PATH}" enroot.XXXXXXXXXX)
    cd "${work}"
    fetch_layers
    unpack_layers

    local -a times=()
    if [ -n "${SOURCE_DATE_EPOCH-}" ]; then times=(-mkfs-time "${SOURCE_DATE_EPOCH}" -all-time "${SOURCE_DATE_EPOCH}"); fi
    log INFO 'Creating squashfs filesystem...'
    # In place, at the final path: whoever looks before the end finds a part of a file.
    # shellcheck disable=SC2046,SC2086
    mksquashfs rootfs "${file}" "${times[@]}" -all-root $(quiet_bar) \
        -processors "${ENROOT_MAX_PROCESSORS}" ${ENROOT_SQUASH_OPTIONS} >&2
)

fetch_layers() {
    manifest_url="${scheme}://${registry}/v2/${image}/manifests/${tag}"
    authenticate "${manifest_url}" .
    log INFO 'Fetching image manifest list'
    choose_manifest .
    log INFO 'Fetching image manifest'
    ask manifest "${manifest_url}" -H "${accept_manifest}" "${granted[@]}"
    manifest_tool layers < manifest > digests || {
        [ $? -ne 2 ] || fail "Could not parse digest information from ${manifest_url}"
        exit 1
    }
    readarray -t digests < digests
    local digest
    local -a missing=()
    for digest in "${digests[@]:1}"; do
        [ -e "${ENROOT_CACHE_PATH}/${digest}" ] || missing+=("${digest}")
    done
    export blob_url="${scheme}://${registry}/v2/${image}/blobs"
    declare -p curl_options granted > download_options
    [ -e "${ENROOT_CACHE_PATH}/${digests[0]}" ] || bash "${ENROOT_STANDIN_LIB}/blob.sh" "${digests[0]}"
    if [ "${#missing[@]}" -eq 0 ]; then
        log INFO 'Found all layers in cache'
        return
    fi
    log INFO "Downloading ${#missing[@]} missing layers..."
    printf '%s\n' "${missing[@]}" | xargs -P "${ENROOT_MAX_CONNECTIONS}" -n 1 bash "${ENROOT_STANDIN_LIB}/blob.sh" || exit 1
}

unpack_layers() {
    log INFO 'Extracting image layers...'
    printf '%s\n' "${digests[@]:1}" | xargs -P "${ENROOT_MAX_PROCESSORS}" -I{} sh -c \
        "mkdir {} && tar -C {} --use-compress-program=zstd --delay-directory-restore --exclude='dev/*' --exclude='./dev/*' -pxf '${ENROOT_CACHE_PATH}/{}'" || exit 1
    chmod -R u+rwX .

    log INFO 'Converting whiteouts...'
    mkdir rootfs
    local layer hidden
    for layer in "${digests[@]:1}"; do
        (cd "${layer}" && find . -name '.wh.*') | while IFS= read -r hidden; do
            if [ "${hidden##*/}" = .wh..wh..opq ]; then
                rm -rf "rootfs/${hidden%/*}"
            else
                rm -rf "rootfs/${hidden%/*}/${hidden##*/.wh.}"
            fi
            rm -f "${layer}/${hidden}"
        done
        cp -alf "${layer}/." rootfs/
    done
    zstd -q -d -c "${ENROOT_CACHE_PATH}/${digests[0]}" | manifest_tool setup rootfs "docker://${registry}#${image}:${tag}"
}
