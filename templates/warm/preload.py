"""Loads modules before any program asks for them, and hides them until one does.

To a program it is as if nothing was loaded: sys.modules, the attributes of packages and what is to be called at exit
are as at the start of an interpreter. What an import brings is what it would bring there: the module, with all that
it imports itself.
"""
import builtins
import sys
from _frozen_importlib import BuiltinImporter as RealBuiltinImporter, ModuleSpec, _resolve_name
from _frozen_importlib_external import PathFinder
from posix import listdir


#: What is linked to it.
OPENSSL = ("_hashlib", "_ssl")
IMPORT_SYSTEM = ("importlib._bootstrap", "importlib._bootstrap_external", "_frozen_importlib", "_frozen_importlib_external")


class Preloaded:
    def __init__(self):
        self.before = set(sys.modules)
        self.needs = {}
        self.exits = {}
        self.forks = {}
        self.hidden = {}
        self.loaded = {}
        self.attributes = set()
        self.cached = set(sys.path_importer_cache)
        self.loading = []
        self.specs = {}
        self.loaders = {}
        self.places = set()

    def load(self, names):
        """Those that are not there, or fail, are passed over: a program that imports them is told so itself."""
        import atexit
        import os

        real_import, real_register, real_at_fork = builtins.__import__, atexit.register, os.register_at_fork
        builtins.__import__ = self.recording(real_import)
        atexit.register, os.register_at_fork = self.register, self.register_at_fork
        try:
            for name in names:
                try:
                    builtins.__import__(name, {"__name__": "preload"})
                except Exception:
                    pass
        finally:
            builtins.__import__, atexit.register, os.register_at_fork = real_import, real_register, real_at_fork

    def register(self, function, *args, **named):
        self.exits.setdefault(function.__module__, []).append((function, args, named))
        return function

    def register_at_fork(self, **called):
        """Only programs that know of a module call what it wants to be called."""
        function = next(iter(called.values()))
        module = getattr(function, "__module__", None) or type(getattr(function, "__self__", None)).__module__
        self.forks.setdefault(module, []).append(called)

    def recording(self, real_import):
        def import_(name, globals=None, locals=None, fromlist=(), level=0):
            full = name
            if level > 0:
                package = globals.get("__package__") or globals["__name__"].rpartition(".")[0]
                full = _resolve_name(name, package, level)
            importer = (globals or {}).get("__name__")
            if importer in IMPORT_SYSTEM and self.loading:
                # A module in C imports another: no frame of its own is there.
                importer = self.loading[-1]
            known = set(sys.modules)
            if full in OPENSSL:
                keep_openssl()
            self.loading.append(full)
            try:
                module = real_import(name, globals, locals, fromlist, level)
            finally:
                self.loading.pop()
            loaded = [each for each in sys.modules if each not in known]
            asked = [full] + ["%s.%s" % (full, each) for each in fromlist or () if isinstance(each, str)]
            self.add(importer, loaded + asked)
            for each in asked:
                if each in loaded:
                    self.add(each, loaded)
            return module

        return import_

    def add(self, name, needed):
        """In the order in which they came to their end."""
        self.needs.setdefault(name, {}).update(dict.fromkeys(needed))

    def hide(self):
        self.loaded = {name: module for name, module in sys.modules.items() if name != "__main__"}
        for name in [each for each in sys.modules if each not in self.before]:
            self.hidden[name] = sys.modules.pop(name)
        for name, module in self.hidden.items():
            parent, last = self.parent(name), name.rpartition(".")[2]
            # Some packages have something else by the name of a module of theirs, such as unittest.main.
            if parent is not None and vars(parent).get(last) is module:
                delattr(parent, last)
                self.attributes.add(name)
        for place in [each for each in sys.path_importer_cache if each not in self.cached]:
            del sys.path_importer_cache[place]

    def parent(self, name):
        above = name.rpartition(".")[0]
        return sys.modules.get(above) or self.hidden.get(above)

    def with_all_needed(self, name):
        found, seen = [], set()

        def visit(each):
            if each in seen or each not in self.loaded:
                return
            seen.add(each)
            for needed in self.needs.get(each, ()):
                visit(needed)
            visit(each.rpartition(".")[0])
            found.append(each)

        visit(name)
        # It holds itself, which a program would find as garbage.
        visit = None
        return found

    def is_as_loaded(self, name):
        """Whether what a module has imported is what it would import now: programs may put something else there."""
        for each in self.with_all_needed(name):
            now = sys.modules.get(each, self.hidden.get(each))
            if now is not self.loaded[each]:
                return False
        return True

    def needs_others(self, name):
        """Whether it would import something else by now, such as a file of the program's own."""
        needed = [each for each in self.with_all_needed(name) if each in self.hidden and "." not in each]
        if self.own_names().isdisjoint(needed):
            return False
        places = [(each, place_of(getattr(self.hidden[each], "__spec__", None))) for each in needed]
        return any(
            place in sys.path and found_before(place, sys.path, each) is not None for each, place in places
        )

    def own_names(self):
        """Of what lies in the program's path before the modules that were loaded: of one file, nearly always."""
        names = set()
        for place in sys.path:
            if place in self.places:
                break
            try:
                names.update([each.partition(".")[0] for each in listdir(place or ".")])
            except FileNotFoundError:
                pass
            except OSError:
                # An archive.
                names.update(self.hidden)
        return names

    def show(self, name):
        needed = self.with_all_needed(name)
        shown = [(each, self.hidden.pop(each)) for each in needed if each in self.hidden]
        sys.modules.update(shown)
        for each, module in shown:
            above, _, last = each.rpartition(".")
            if each in self.attributes and above in sys.modules:
                setattr(sys.modules[above], last, module)
            if each in self.exits:
                import atexit

                for function, args, named in self.exits.pop(each):
                    atexit.register(function, *args, **named)
            for called in self.forks.pop(each, ()):
                import os

                os.register_at_fork(**called)
            if each in AS_FRESH:
                AS_FRESH[each](module)

    def serve(self):
        """Programs get the modules from now on."""
        preloaded = self
        # Once for all: a class for each import would be garbage that a program's collector counts.
        for module in self.hidden.values():
            spec = getattr(module, "__spec__", None)
            self.places.add(place_of(spec))
            loader = getattr(spec, "loader", None)
            if loader is not None and loader_kind(loader) not in self.loaders:
                self.loaders[loader_kind(loader)] = loader_class(loader_kind(loader), self)

        class BuiltinImporter(RealBuiltinImporter):
            """Under the name of the one whose place it takes."""

            @classmethod
            def find_spec(cls, name, path=None, target=None):
                found = preloaded.spec(name, path)
                return RealBuiltinImporter.find_spec(name, path, target) if found is None else found

        BuiltinImporter.__module__ = RealBuiltinImporter.__module__
        BuiltinImporter.__qualname__ = RealBuiltinImporter.__qualname__
        BuiltinImporter.__doc__ = RealBuiltinImporter.__doc__
        sys.meta_path[sys.meta_path.index(RealBuiltinImporter)] = BuiltinImporter

    def spec(self, name, path):
        module = self.hidden.get(name)
        spec = getattr(module, "__spec__", None)
        if spec is None or spec.loader is None or not self.is_as_loaded(name):
            return None
        place = place_of(spec)
        if place is not None:
            places = list(sys.path if path is None else path)
            if place not in places:
                return None
            other = found_before(place, places, name)
            if other is not None:
                return other
            if self.needs_others(name):
                return None
        return handing_over(spec, self, name)


def place_of(spec):
    """The entry of a path below which it was found; None for what is built in."""
    if spec is None or not spec.has_location:
        return None
    place = spec.origin.rpartition("/")[0]
    return place if spec.submodule_search_locations is None else place.rpartition("/")[0]


def found_before(place, places, name):
    """Something else of that name that comes first by now, such as a file of the program's own."""
    first = places[: places.index(place)]
    other = PathFinder.find_spec(name, first) if first else None
    # A folder without a module comes after all modules.
    return None if other is None or other.loader is None else other


def loader_kind(loader):
    """Of what is built in, the class itself is the loader."""
    return loader if isinstance(loader, type) else type(loader)


def loader_class(base, preloaded):
    def create_module(spec):
        return preloaded.hidden.get(spec.name)

    def exec_module(module):
        name = module.__spec__.name
        module.__spec__ = preloaded.specs.pop(name)
        preloaded.show(name)

    class Loader(base):
        pass

    Loader.create_module, Loader.exec_module = staticmethod(create_module), staticmethod(exec_module)
    Loader.__module__, Loader.__qualname__, Loader.__name__ = base.__module__, base.__qualname__, base.__name__
    return Loader


def handing_over(spec, preloaded, name):
    """Like the module's own spec, to look at."""
    original = spec.loader
    Loader = preloaded.loaders[loader_kind(original)]
    loader = Loader
    if not isinstance(original, type):
        loader = Loader.__new__(Loader)
        loader.__dict__.update(original.__dict__)
    preloaded.specs[name] = spec
    copy = ModuleSpec(name, loader, origin=spec.origin)
    copy.submodule_search_locations = spec.submodule_search_locations
    copy._set_fileattr = spec._set_fileattr
    copy.cached = spec.cached
    return copy


def keep_openssl():
    """At its end OpenSSL frees all that it has set up: nobody could tell, and it is much that forks would copy for that."""
    import ctypes

    found = PathFinder.find_spec("_hashlib")
    try:
        # OPENSSL_INIT_NO_ATEXIT of openssl/crypto.h, since OpenSSL 1.1.1.
        ctypes.CDLL(found.origin).OPENSSL_init_crypto(ctypes.c_uint64(0x80000), None)
    except (AttributeError, OSError):
        # There is none, or not in a library of its own.
        pass


def random(module):
    module.seed()


def threading(module):
    """As a fork does it where the module is known: the main thread is another one."""
    module._after_fork()
    main = module.main_thread()
    if hasattr(main, "_set_native_id"):
        main._set_native_id()


def host_names(module):
    """The zygote's host is not the program's: some modules ask for the system at their import."""
    module._uname_cache = None
    getattr(module, "_platform_cache", {}).clear()


def numpy_random(module):
    """As after its import: from the system's entropy."""
    module._rand.seed()


#: What a module does at its import that must not be the same in two runs.
AS_FRESH = {"random": random, "threading": threading, "platform": host_names, "numpy.random.mtrand": numpy_random}
