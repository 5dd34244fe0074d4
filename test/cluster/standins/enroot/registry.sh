# Asking a registry: references, credentials, manifests, layers.

readonly credentials="${ENROOT_CONFIG_PATH}/.credentials"
readonly token_folder="${ENROOT_CACHE_PATH}/.tokens.${EUID}"
readonly accept_list='Accept: application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.index.v1+json'
readonly accept_manifest='Accept: application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'

if [ -n "${ENROOT_ALLOW_HTTP-}" ]; then readonly scheme=http protocols='=http,https'; else readonly scheme=https protocols='=https'; fi
curl_options=(-sSL --proto "${protocols}" --retry "${ENROOT_TRANSFER_RETRIES}"
    --connect-timeout "${ENROOT_CONNECT_TIMEOUT}" --max-time "${ENROOT_TRANSFER_TIMEOUT}")

manifest_tool() {
    python3=/usr/bin/python3
    [ -x "${python3}" ] || python3=python3
    "${python3}" -S "${ENROOT_STANDIN_LIB}/manifest.py" "$@"
}

# Sets user, registry, image and tag from a docker:// reference.
parse_reference() {
    local who="(([[:alnum:]_.!~*'()%;:&=+\$,/@-]+)@)?"
    local what='([[:lower:][:digit:]/._-]+)' which='(:([[:alnum:]._:-]+))?(@(sha256:[[:alnum:]]+))?$' uri="$1"
    if [[ "${uri}" =~ ^docker://${who}([^/#]+)/${what}${which} ]]; then
        registry="${BASH_REMATCH[3]}" image="${BASH_REMATCH[4]}"
        # Only a first part with a dot or a colon is a registry; else it belongs to the name on Docker Hub.
        if [[ "${registry}" != *[.:]* ]]; then
            image="${registry}/${image}" registry=registry-1.docker.io
        fi
    elif [[ "${uri}" =~ ^docker://${who}()([^/@#:]+)${which} ]]; then
        registry=registry-1.docker.io image="library/${BASH_REMATCH[4]}"
    elif [[ "${uri}" =~ ^docker://${who}([^#/@]+)#${what}${which} ]]; then
        registry="${BASH_REMATCH[3]}" image="${BASH_REMATCH[4]}"
    else
        fail "Invalid image reference: ${uri}"
    fi
    user="${BASH_REMATCH[2]}" tag="${BASH_REMATCH[8]:-${BASH_REMATCH[6]}}"
    tag="${tag:-latest}"
    case "${registry}" in
    docker.io | index.docker.io | registry-1.docker.io)
        registry=registry-1.docker.io
        [[ "${image}" == */* ]] || image="library/${image}"
        ;;
    esac
    if [ -z "${user}" ] && [ -s "${credentials}" ]; then
        user=$(awk -v host="${registry%:*}" '$1 == "machine" && $2 == host && $3 == "login" { print $4; exit }' "${credentials}")
    fi
}

# These tests leave the machine for nobody: a name that /etc/hosts does not hold is one that does not resolve.
stay_home() {
    local host="${registry%:*}"
    case "${host}" in 127.* | 10.* | 192.168.* | localhost) return ;; esac
    getent -s hosts:files ahosts "${host}" > /dev/null && return
    echo "curl: (6) Could not resolve host: ${host}" >&2
    exit 6
}

reason() {
    case "$1" in
    400) echo 'Bad Request' ;; 401) echo Unauthorized ;; 403) echo Forbidden ;; 404) echo 'Not Found' ;;
    405) echo 'Method Not Allowed' ;; 410) echo Gone ;; 500) echo 'Internal Server Error' ;;
    502) echo 'Bad Gateway' ;; 503) echo 'Service Unavailable' ;; 504) echo 'Gateway Time-out' ;;
    esac
}

# ask FILE URL [CURL OPTION...]: the answer's body goes to FILE; codes listed in $forgiven pass.
ask() {
    local file="$1" url="$2" code
    shift 2
    code=$(curl "${curl_options[@]}" -o "${file}" -w '%{http_code}' "$@" -- "${url}")
    if [ "${code}" -ge 400 ] && [[ " ${forgiven-} " != *" ${code} "* ]]; then
        fail "URL ${url} returned error code: ${code} $(reason "${code}")"
    fi
}

# Leaves curl options that carry the permission in $granted.
authenticate() {
    local url="$1" answer="${2}/auth" kind realm
    granted=()
    log INFO 'Querying registry for permission grant'
    stay_home
    forgiven=401 ask "${answer}" "${url}" -I
    if ! grep -qi '^www-authenticate:' "${answer}"; then
        log INFO 'Permission granted'
        return
    fi
    kind=$(awk 'tolower($1) == "www-authenticate:" { print $2 }' "${answer}")
    log INFO "Authenticating with user: ${user:-<anonymous>}"
    local -a identity=()
    if [ -n "${user}" ]; then
        if grep -qs "^machine[[:space:]]\+${registry%:*}[[:space:]]\+login[[:space:]]\+${user}[[:space:]]" "${credentials}"; then
            log INFO "Using credentials from file: ${credentials}"
            identity=(--netrc-file "${credentials}")
        else
            identity=(-u "${user}")
        fi
    fi
    case "${kind}" in
    Bearer)
        challenge() { sed -n "s/^[Ww][^:]*:.*$1=\"\([^\"]*\)\".*/\1/p" "${answer}"; }
        realm=$(challenge realm)
        ask "${2}/token" "${realm}" -G --data-urlencode "service=$(challenge service)" \
            --data-urlencode "scope=$(challenge scope)" "${identity[@]}"
        keep_token "Bearer $(manifest_tool token < "${2}/token")"
        ;;
    Basic)
        # Wrong or no credentials end the real one too without a word.
        curl "${curl_options[@]}" -f -v -o /dev/null "${identity[@]}" -H "${accept_manifest}" -- "${url}" 2> "${2}/basic" || exit 1
        keep_token "$(tr -d '\r' < "${2}/basic" | sed -n 's/^> Authorization: //p' | head -n 1)"
        ;;
    *) fail "Unsupported authentication method ${kind}" ;;
    esac
}

keep_token() {
    mkdir -m 700 -p "${token_folder}"
    (umask 077 && printf 'header "Authorization: %s"\n' "$1" > "${token_folder}/${registry}.$$")
    granted=(-K "${token_folder}/${registry}.$$")
    log INFO 'Authentication succeeded'
}

# Leaves the URL of the manifest for $arch in $manifest_url.
choose_manifest() {
    local folder="$1" digest
    forgiven='401 404' ask "${folder}/list" "${manifest_url}" -H "${accept_list}" "${granted[@]}"
    digest=$(manifest_tool choose "${arch}" < "${folder}/list")
    if [ -n "${digest}" ]; then manifest_url="${scheme}://${registry}/v2/${image}/manifests/${digest}"; fi
}
