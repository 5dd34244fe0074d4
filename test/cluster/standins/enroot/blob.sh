# Loads one blob, named by its digest, into the cache as zstd. Runs in the import's folder.
set -euo pipefail
shopt -s lastpipe
# shellcheck source=common.sh
source "${ENROOT_STANDIN_LIB}/common.sh"
source ./download_options
digest="$1"

[ ! -e "${ENROOT_CACHE_PATH}/${digest}" ] || exit 0
trap 'rm -f "${draft}"' EXIT
draft=$(mktemp -p "${ENROOT_CACHE_PATH}" "${digest}.XXXXXXXXXX")
# shellcheck disable=SC2086
curl -f "${curl_options[@]}" "${granted[@]}" -- "${blob_url}/sha256:${digest}" |
    tee >(sha256sum > "checksum.${digest}") | "$(unpacker)" -d -f -c | zstd -q -f -o "${draft}" ${ENROOT_ZSTD_OPTIONS}
until [ -s "checksum.${digest}" ]; do sleep 0.01; done
if [ "$(cut -d' ' -f1 "checksum.${digest}")" != "${digest}" ]; then
    echo "Checksum mismatch: ${digest}" >&2
    exit 1
fi
mv -n "${draft}" "${ENROOT_CACHE_PATH}/${digest}"
