#: the modules that are loaded before anything is imported
import sys
print(sorted(name for name in sys.modules))
#: their number, and which comes first
import sys
print(len(sys.modules), list(sys.modules)[:12])
#: the modules that an import brings
import sys
before = set(sys.modules)
import json
print(sorted(set(sys.modules) - before))
#: the modules that collections brings, in their order
import sys
before = set(sys.modules)
import collections
print([name for name in sys.modules if name not in before])
#: the modules that heapq, bisect, math, functools, itertools bring
import sys
for name in ('heapq', 'bisect', 'math', 'functools', 'itertools', 'operator', 're', 'string', 'typing', 'random', 'datetime', 'decimal', 'fractions', 'copy', 'queue', 'dataclasses', 'enum', 'statistics', 'threading', 'subprocess', 'asyncio'):
    before = set(sys.modules)
    __import__(name)
    print(name, sorted(set(sys.modules) - before))
#: a module that is looked for in sys.modules before it is imported
import sys
print([name in sys.modules for name in ('re', 'random', 'collections', 'heapq', 'numpy', 'threading', 'typing', 'json')])
#: attributes of a package whose parts nobody imported
import sys
for code in ('import os; os.path', 'import collections; collections.abc', 'import xml; xml.dom', 'import importlib; importlib.util', 'import concurrent; concurrent.futures', 'import urllib; urllib.parse', 'import email; email.message', 'import multiprocessing; multiprocessing.pool', 'import logging; logging.handlers', 'import unittest; unittest.mock', 'import json; json.tool', 'import asyncio; asyncio.tasks'):
    try:
        exec(code, {})
        print(code, 'there')
    except AttributeError as error:
        print(code, error)
#: names that nobody imported are not there
for name in ('os', 'sys', 're', 'math', 'random', 'collections', 'heapq', 'functools'):
    try:
        eval(name)
        print(name, 'is there')
    except NameError as error:
        print(error)
#: reload of a module
import importlib, json, heapq
one = json.loads
importlib.reload(json)
print(json.loads is one, importlib.reload(heapq) is heapq)
#: a module that is taken out and imported again
import sys, random
one = random
del sys.modules['random']
import random as other
print(one is other, one.Random is other.Random)
#: a file of its own shadows a module of the library {"files": {"heapq.py": "cHJpbnQoJ21pbmUnKQpmb3VuZCA9IDEK"}}
import heapq
print(heapq.found, heapq.__name__, heapq.__file__.endswith('/heapq.py'))
#: a file of its own shadows random, which others import {"files": {"random.py": "cHJpbnQoJ21pbmUnKQo="}}
import tempfile
print(hasattr(tempfile, 'NamedTemporaryFile'))
#: a file of its own shadows collections {"files": {"collections/__init__.py": "cHJpbnQoJ21pbmUnKQo="}}
import sys
print('collections' in sys.modules)
try:
    import functools
    print('imported')
except ImportError as error:
    print('refused', type(error))
#: a folder of its own with the name of a module of the library {"files": {"json/data.txt": "eA=="}}
import json
print(json.dumps([1]), json.__file__.endswith('json/__init__.py'))
#: a file that it writes itself shadows what others import
open('bisect.py', 'w').write("print('mine')\ndef bisect(*_):\n    return 'mine'\n_bisect = bisect_left = bisect_right = insort = bisect\n")
import random, sys
print(sys.modules['bisect'].bisect(), random.choices([1], [2]))
import statistics
print(statistics.mean([1, 2, 3]), sys.modules['bisect'].__file__.endswith('/bisect.py'))
#: an own file that shadows comes after an import of the library's {"files": {"heapq.py": "cHJpbnQoJ21pbmUnKQpmb3VuZCA9IDEK"}}
import sys
own = sys.path.pop(0)
import heapq
sys.path.insert(0, own)
import heapq as again
print(again is heapq, hasattr(heapq, 'found'))
#: a package of its own, with relative imports {"files": {"pack/__init__.py": "ZnJvbSAuaW5uZXIgaW1wb3J0IHZhbHVlCg==", "pack/inner.py": "dmFsdWUgPSA0Mgo="}}
import pack, sys
print(pack.value, pack.__package__, pack.inner.__spec__.name, sorted(name for name in sys.modules if name.startswith('pack')))
#: a module of its own leaves its compiled form {"files": {"mine.py": "eCA9IDEK"}}
import mine, os, sys
print(sys.dont_write_bytecode, sorted(os.listdir('.'))[0], os.listdir('__pycache__'), mine.__cached__.endswith(sys.implementation.cache_tag + '.pyc'))
#: a module that it writes itself and imports at once
open('fresh.py', 'w').write('value = 7')
import fresh
print(fresh.value)
#: a module that it writes after an import of it failed
import importlib
try:
    import late
except ModuleNotFoundError as error:
    print(error, error.name, error.path)
open('late.py', 'w').write('value = 8')
importlib.invalidate_caches()
import late
print(late.value)
#: a module that is not there
import nosuchmodule
#: a name that a module does not have
from math import nosuchname
#: what finds modules
import sys
print(sys.meta_path, len(sys.path_hooks), [type(hook).__name__ for hook in sys.path_hooks])
#: the caches of the importer
import sys
print(sorted(path for path in sys.path_importer_cache if not path.startswith('/tmp')), len(sys.path_importer_cache))
#: a finder of its own
import sys, importlib.abc, importlib.util
class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name in ('made_up', 'bisect'):
            return importlib.util.spec_from_loader(name, self)
    def create_module(self, spec): return None
    def exec_module(self, module): module.value = 'from ' + module.__name__
sys.meta_path.insert(0, Finder())
import made_up, bisect
print(made_up.value, bisect.value)
#: a hook of its own on __import__ {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import builtins
real, asked = builtins.__import__, []
def hooked(name, *rest):
    asked.append(name)
    return real(name, *rest)
builtins.__import__ = hooked
import string
import calendar
builtins.__import__ = real
print(asked)
#: runpy of a module
import runpy, sys
open('script.py', 'w').write('import sys; print(__name__, sys.argv[0].endswith("script.py"), __spec__)')
runpy.run_path('script.py', run_name='__main__')
open('module.py', 'w').write('print(__name__, __spec__.name, __package__)')
runpy.run_module('module', run_name='__main__')
#: a zip file as a folder of modules
import sys, zipfile
with zipfile.ZipFile('m.zip', 'w') as z: z.writestr('zipped.py', 'value = 9')
sys.path.insert(0, 'm.zip')
import zipped
print(zipped.value, type(zipped.__loader__).__name__)
#: the loader and the spec of modules of the library
import json, math, sys, zipimport
for module in (json, math, sys):
    spec = module.__spec__
    print(spec.name, spec.origin, spec.loader if isinstance(spec.loader, type) else type(spec.loader), module.__package__, spec.has_location)
#: a module that is imported in a thread
import threading
def load():
    import csv
    print(csv.__name__)
thread = threading.Thread(target=load)
thread.start(); thread.join()
#: a star import of the usual modules
from math import *
from heapq import *
from collections import *
from itertools import *
from functools import *
names = sorted(name for name in globals() if not name.startswith('__'))
print(len(names), names)
#: a module's state starts anew
import itertools, random, uuid, tempfile, logging, warnings, decimal, threading, string, struct, re, json, locale, mimetypes, linecache
print(next(itertools.count()), uuid._node, tempfile.tempdir, logging.root.handlers, logging._handlers.data if hasattr(logging._handlers, 'data') else len(logging._handlers), len(linecache.cache), threading._counter() if callable(getattr(threading, '_counter', None)) else None, mimetypes.inited)
#: the cache of regular expressions
import re
print(len(re._cache))
re.compile('a+b')
print(len(re._cache))
#: version, implementation, paths
import sys, sysconfig, platform
print(sys.version, sys.implementation, sys.prefix, sys.base_prefix, sys.exec_prefix, sysconfig.get_path('stdlib'), platform.python_build(), sys.platlibdir, sys.pycache_prefix)
#: what the site module did
import sys, builtins
print('site' in sys.modules, 'sitecustomize' in sys.modules, 'usercustomize' in sys.modules, sorted(name for name in dir(builtins) if name in ('exit', 'quit', 'copyright', 'credits', 'license', 'help', '_')))
import site
print(site.ENABLE_USER_SITE, site.getsitepackages())
#: sys.path
import sys
print(sys.path[1:], sys.path[0] == __file__.rpartition('/')[0])
#: all attributes of sys
import sys
print(sorted(vars(sys)))
#: all names of builtins
import builtins
print(sorted(vars(builtins)))
#: modules of os.path, posixpath and their names
import os, posixpath, sys
print(os.path is posixpath, os.name, sorted(vars(os))[:20], len(vars(os)))
