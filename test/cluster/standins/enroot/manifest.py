"""Reads a registry's JSON for the enroot stand-in.

  choose ARCH  of a manifest list: the digest for Debian's name of an architecture, else nothing
  layers       of a manifest: the config's digest, then the layers', lowest first, one a line
  token        of a token server's answer
  setup        of a config: what enroot writes into the image, named by FOLDER WORDS; and a warning where it
               is not for ARCH
"""
import json
import os
import shlex
import sys


def choose(answer, arch):
    for entry in answer.get("manifests", []):
        if entry.get("platform", {}).get("architecture") == arch:
            print(entry["digest"])


def layers(answer):
    for digest in [answer["config"]["digest"], *(layer["digest"] for layer in answer["layers"])]:
        print(digest.removeprefix("sha256:"))


def setup(answer, folder, provenance, arch):
    if answer.get("architecture") != arch:
        print(f"[WARN] Image architecture doesn't match the requested one: {answer.get('architecture')} != {arch}",
              file=sys.stderr)
    config = answer.get("config") or {}
    workdir = config.get("WorkingDir") or "/"
    entrypoint = shlex.join(config.get("Entrypoint") or [])
    command = shlex.join(config.get("Cmd") or ["/bin/sh"])
    os.makedirs(f"{folder}/etc", exist_ok=True)
    os.makedirs(folder + workdir, exist_ok=True)
    with open(f"{folder}/etc/environment", "w") as file:
        file.writelines(f"{line}\n" for line in config.get("Env") or [])
    with open(f"{folder}/etc/rc", "w") as file:
        file.write(f"# enroot-provenance: {provenance}\n\n"
                   f'cd "{workdir}" || exit 1\nunset OLDPWD\n[ ! -s /etc/rc.local ] || . /etc/rc.local\n'
                   f'[ $# -gt 0 ] || set -- {command}\nexec {entrypoint} "$@"\n')
    with open(f"{folder}/etc/rc.local", "w") as file:
        file.write("# Read by /etc/rc when the container starts.\n")


def main():
    task, *rest = sys.argv[1:]
    try:
        answer = json.load(sys.stdin)
        if task == "choose":
            choose(answer, *rest)
        elif task == "layers":
            layers(answer)
        elif task == "token":
            print(answer.get("token") or answer.get("access_token") or "")
        else:
            setup(answer, *rest)
    except ValueError:
        if task == "choose":  # not a list: the manifest itself will tell
            return
        print("[ERROR] Could not process JSON input", file=sys.stderr)
        sys.exit(1)
    except (AttributeError, KeyError, TypeError):  # JSON, but no manifest
        sys.exit(2)


main()
