"""What a sandbox that waits is given to run."""
import os


def read(fd, config):
    """What the server writes: a line of numbers, and what they tell the sizes of. None where it wants nothing."""
    text = os.read(fd, 1 << 16)
    while b"\n" not in text:
        more = os.read(fd, 1 << 16)
        if not more:
            return None
        text += more
    line, _, text = text.partition(b"\n")
    head = line.split()
    size, coded, commanded, stdin, cpu_seconds, file_size, stack = map(int, head[:7])
    chunks = [text]
    size -= len(text)
    while size > 0:
        chunks.append(os.read(fd, 1 << 16))
        if not chunks[-1]:
            return None
        size -= len(chunks[-1])
    text = b"".join(chunks)
    at = coded + commanded
    files = []
    place = command(text[coded:at]) if commanded else own_program(config)
    for name, length in zip(head[7::2], head[8::2]):
        files.append((name.decode(), text[at:at + int(length)]))
        at += int(length)
    return dict(place, code=text[:coded], files=files, stdin=stdin, cpu_seconds=cpu_seconds, file_size=file_size, stack=stack)


def own_program(config):
    """One that goes on as a fork of this interpreter lies where its command line says."""
    return {"folder": config["folder"], "file": config["file"], "executable": None, "words": None}


def command(text):
    folder, file, executable, count, *words = text.split(b"\0")
    count = int(count)
    return {"folder": folder.decode(), "file": file.decode(), "executable": executable.decode(), "words": words[:count], "variables": words[count:]}


def write_program(job):
    os.mkdir(job["folder"], 0o700)
    for name, content in job["files"]:
        path = os.path.join(job["folder"], name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_file(path, content, 0o755 if path == job["executable"] else 0o644)
        # As it comes out of the archive that cold runs get.
        os.utime(path, (0, 0))
    write_file(job["file"], job["code"], 0o644)


def write_file(path, content, mode):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    os.fchmod(fd, mode)
    while content:
        content = content[os.write(fd, content):]
    os.close(fd)
