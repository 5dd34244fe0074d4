import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { formatForFile } from '../../../src/endpoints/client-config.js';
import { answering, finished, SANDBOX_ERROR } from '../servers.js';
import { pythonModule } from './module.js';

/** What verl 0.8 has of these modules: a function tool needs annotations, and a docstring that names its arguments. */
const VERL: Readonly<Record<string, string>> = {
  '__init__.py': '',
  'tools/__init__.py': '',
  'tools/base_tool.py': `
class BaseTool:
    def __init__(self, config, tool_schema):
        self.config, self.tool_schema = config, tool_schema
`,
  'tools/schemas.py': `
class ToolResponse:
    def __init__(self, text=None):
        self.text = text
`,
  'tools/function_tool.py': `
TOOLS = {}
def function_tool(function):
    assert set(function.__annotations__) == {'code', 'return'} and 'Args:' in function.__doc__
    TOOLS[function.__name__] = function
    return function
`,
};

test('a file for verl 0.8 is a function tool, and the class that recipes still import', async () => {
  const server = await answering((response, body) => {
    if (body.code === 'broken') response.end(SANDBOX_ERROR);
    else response.end(finished(`${body.code} ${body.memory_limit_MB ?? '-'} ${body.run_timeout}`));
  });
  onTestFinished(() => server.close());
  const module = await pythonModule([server.url], {}, 'verl-tool');
  onTestFinished(() => module.remove());
  for (const [path, text] of Object.entries(VERL)) {
    mkdirSync(join(module.folder, 'verl/tools'), { recursive: true });
    writeFileSync(join(module.folder, 'verl', path), text);
  }
  const script = `
import asyncio
sandbox.DEFAULT_PATIENCE = 0
sandbox.run.__kwdefaults__['patience'] = 0
from verl.tools.function_tool import TOOLS
from verl.tools.sandbox_fusion_tools import SandboxFusionTool
class Retool(SandboxFusionTool):
    async def execute(self, instance_id, parameters, **kwargs):
        code = parameters['code'] + '!'
        return await self.execution_pool.execute.remote(
            self.execute_code, instance_id, code, self.default_timeout, self.default_language), None, None
def told(tool):
    return asyncio.run(tool({'memory_limit_mb': 64, 'default_timeout': 5}, None).execute('1', {'code': 'x'}))[0].text
show([TOOLS['code_interpreter']('x'), TOOLS['code_interpreter']('broken'), told(SandboxFusionTool), told(Retool)])`;
  expect(await module.python(script)).toEqual([
    'x - 30',
    'The sandbox failed, not your program. Try again.',
    'x 64 5',
    'x! 64 5',
  ]);
});

test('a name with verl selects the tool by its ending: Python from 0.8 on, YAML before', () => {
  expect(['verl.yaml', 'verl-tool.py', 'sandbox.py'].map(formatForFile)).toEqual([
    'verl',
    'verl-tool',
    'python',
  ]);
});
