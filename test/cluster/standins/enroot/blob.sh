# Loads one blob, named by its digest, into the cache as zstd. Runs in the import's folder.
set -euo pipefail
shopt -s lastpipe
source ./download_options
digest="$1"
unpack=$(command -v pigz || command -v gzip)

# zstd takes a SIGINT as a failure of its own; bash would go on to the second try.
trap 'trap - INT; kill -INT $$' INT

load() (
    trap 'exit 130' INT
    trap 'rm -f "${draft}"' EXIT
    draft=$(mktemp -p "${ENROOT_CACHE_PATH}" "${digest}.XXXXXXXXXX")
    # shellcheck disable=SC2086
    curl -f "${curl_options[@]}" "${granted[@]}" -- "${blob_url}/sha256:${digest}" |
        tee >(sha256sum > "checksum.${digest}") | "${unpack}" -d -f -c | zstd -q -f -o "${draft}" ${ENROOT_ZSTD_OPTIONS} || exit 1
    until [ -s "checksum.${digest}" ]; do sleep 0.01; done
    if [ "$(cut -d' ' -f1 "checksum.${digest}")" != "${digest}" ]; then
        echo "Checksum mismatch: ${digest}" >&2
        exit 1
    fi
    mv -n "${draft}" "${ENROOT_CACHE_PATH}/${digest}"
)

# Two tries in all, whatever was wrong.
load || { rm -f "checksum.${digest}" && load; }
