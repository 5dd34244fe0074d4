# import and digest.

# By the kernel's names alone; registries use Docker's.
set_architecture() {
    case "${given[-a]:-$(uname -m)}" in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    ppc64le) arch=ppc64le ;;
    *) fail "Unsupported architecture: ${given[-a]:-$(uname -m)}" ;;
    esac
}

digest_command() (
    parse digest '-a|--arch=' "$@"
    [ "${#rest[@]}" -eq 1 ] || usage digest 1
    [[ "${rest[0]}" == docker://* ]] || fail "Invalid argument: ${rest[0]}"
    need curl grep awk jq
    parse_reference "${rest[0]}"
    set_architecture
    work=$(mktemp -d -p "${ENROOT_TEMP_PATH}" enroot.XXXXXXXXXX)
    trap 'rm -rf "${work}" "${token_folder}/${registry}.$$"' EXIT
    manifest_url="${scheme}://${registry}/v2/${image}/manifests/${tag}"
    authenticate "${manifest_url}" "${work}"
    choose_manifest "${work}"
    ask "${work}/head" "${manifest_url}" -I -H "${accept_manifest}" "${granted[@]}"
    # No such header ends the real one too without a word.
    tr -d '\r' < "${work}/head" | grep -i '^docker-content-digest:' | awk '{ print $2 }'
)

# A subshell, as in the real one: kill its parent alone, and it goes on to the end.
import_command() (
    parse import '-a|--arch= -o|--output=' "$@"
    [ "${#rest[@]}" -eq 1 ] || usage import 1
    [[ "${rest[0]}" == docker://* ]] || fail "Invalid argument: ${rest[0]}"
    need curl grep awk jq parallel tar "$(unpacker)" find mksquashfs zstd
    parse_reference "${rest[0]}"
    set_architecture
    file="${given[-o]:-$(tr / + <<< "${image#library/}")+${tag}.sqsh}"
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
    # In place, at the final path: whoever looks before the end finds a part of a file. As in the real one,
    # nothing of the caller's environment but a PATH.
    # shellcheck disable=SC2086
    env -i PATH=/usr/bin:/bin "$(command -v mksquashfs)" rootfs "${file}" "${times[@]}" -all-root -no-progress \
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
    bash "${ENROOT_STANDIN_LIB}/blob.sh" "${digests[0]}"
    if [ "${#missing[@]}" -eq 0 ]; then
        log INFO 'Found all layers in cache'
        return
    fi
    log INFO "Downloading ${#missing[@]} missing layers..."
    # Two tries in all, whatever was wrong; each in a process group of its own.
    # What is said is what the last one said. parallel ends an interruption with a code, the real one by the signal.
    local code=0 interrupted=
    trap 'interrupted=yes' INT
    parallel --plain --retries 2 -j "${ENROOT_MAX_CONNECTIONS}" bash "${ENROOT_STANDIN_LIB}/blob.sh" ::: "${missing[@]}" || code=$?
    trap - INT
    [ -z "${interrupted}" ] || kill -INT "${BASHPID}"
    [ "${code}" -eq 0 ] || exit "${code}"
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
    zstd -q -d -c "${ENROOT_CACHE_PATH}/${digests[0]}" |
        manifest_tool setup rootfs "docker://${registry}#${image}:${tag}" "${arch}"
}
