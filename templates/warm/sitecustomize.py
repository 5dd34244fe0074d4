"""Taken up by an interpreter at its start, in the place of the machine's own file of this name.

In the zygote it never returns. In a program's process it does, and CPython goes on as at any start: what is below a
program on the stack, and what comes after it, are CPython's own.
"""


def wait_for_program():
    import sys

    folder = __file__.rpartition("/")[0]
    sys.path.remove(folder)
    sys.path_importer_cache.pop(folder, None)
    ours = sys.modules.pop("sitecustomize")
    try:
        import sitecustomize as real
    except ImportError:
        real = None
    known = set(sys.modules)
    sys.path.insert(0, folder)
    import preload

    sys.path.remove(folder)
    sys.modules.pop("preload")
    sys.path_importer_cache.pop(folder, None)
    loaded = preload.Preloaded()
    loaded.before = known
    import os

    needed = ("ctypes", "fcntl", "gc", "json", "resource", "select", "signal", "socket", "struct")
    with open(folder + "/modules") as names:
        loaded.load(names.read().split() + list(needed))
    import gc
    import json

    with open(folder + "/config.json") as text:
        config = json.load(text)
    sys.path.insert(0, folder)
    import finish
    import kernel
    import program
    import zygote

    sys.path.remove(folder)
    sys.path_importer_cache.pop(folder, None)
    for name in ("finish", "kernel", "program", "slot", "zygote"):
        sys.modules.pop(name)
    del os.environ["PYTHONPATH"]
    kernel.hide_last_variable()
    if "re" in sys.modules:
        sys.modules["re"].purge()
    usercustomize_once()
    kernel.check_memory()
    loaded.hide()
    loaded.serve()
    finish.register()
    gc.freeze()
    job = zygote.Zygote(config).serve()
    finish.watch(job["code"])
    gc.freeze()
    program.fresh_main()
    if real is None:
        raise ImportError("No module named 'sitecustomize'", name="sitecustomize")
    sys.modules["sitecustomize"] = real


def usercustomize_once():
    """What follows in each interpreter's start looks for a module in all of sys.path: that is done here, once."""
    import site

    real = site.execusercustomize
    real()

    def done():
        site.execusercustomize = real

    if site.ENABLE_USER_SITE:
        site.execusercustomize = done


wait_for_program()
