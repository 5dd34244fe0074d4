--: io.read of every kind {"stdin": "12 0x1F\nline\nrest\n"}
print(io.read('n', 'n', 'l')); print(io.read('L')); for l in io.lines() do print(l) end print(io.read(0), io.read('a'))
--: os.exit codes
io.write('kept'); os.exit(300)
--: os.exit(false), and true
io.write('kept'); os.exit(false, true)
--: an error, and one of a table
print(pcall(error, {1})); error({})
--: an error of a level
local function f() error('deep', 2) end
f()
--: a stack that is too deep
local function f(n) return 1 + f(n + 1) end print(pcall(f, 0)); print(select('#', table.unpack({}, 1, 200)))
--: setvbuf, stderr, files
io.stdout:setvbuf('no'); io.write('a'); io.stderr:write('b'); local t = io.tmpfile(); t:write('x'); t:seek('set'); print(t:read('a'), os.tmpname() ~= nil, arg[0]:match('%.lua$'), #arg)
--: popen, execute
local p = io.popen('echo hi; exit 3'); print(p:read('a'), p:close()); print(os.execute('kill -9 $$'))
--: locale, clocks, environment
print(os.setlocale(), os.getenv('LANG'), os.date('!%F', 0), os.time() > 1e9, os.clock() < 5, math.type(2 ^ 53), #'é', utf8.len('é'))
--: a syntax error
x = = 1
--: gc at the end
setmetatable({}, {__gc = function() print('gc') end}); local t <close> = setmetatable({}, {__close = function() print('closed') end})
