

# ---------------------------------------------------------------------------------------------------- verl's tools

import sys
import types

from verl.tools.base_tool import BaseTool
from verl.tools.function_tool import function_tool
from verl.tools.schemas import ToolResponse


def _observation(result: Result) -> str:
    """What the model reads: its output, or why there is none."""
    if result.infra:
        return "The sandbox failed, not your program. Try again."
    if result.timed_out:
        return result.stdout + result.stderr + "\nThe program ran longer than its time limit."
    return result.stdout + result.stderr or "(no output)"


@function_tool
def code_interpreter(code: str) -> str:
    """Runs a Python program and returns what it printed.

    Args:
        code: The whole program. Only what it prints is returned.
    """
    return _observation(run(code, timeout=30))


class SandboxFusionTool(BaseTool):
    """The class that verl had until 0.7, with what recipes use of it; `sandbox_fusion_url` and rate limits mean nothing here."""

    def __init__(self, config, tool_schema):
        super().__init__(config, tool_schema)
        self.default_timeout = config.get("default_timeout", 30)
        self.default_language = config.get("default_language", "python")
        self.memory_limit_mb = config.get("memory_limit_mb", 1024)
        # Recipes call it as `await self.execution_pool.execute.remote(self.execute_code, ...)`, as an actor of Ray.
        self.execution_pool = types.SimpleNamespace(execute=types.SimpleNamespace(remote=_in_thread))

    async def execute(self, instance_id, parameters, **kwargs):
        code = parameters.get("code", "")
        timeout = parameters.get("timeout", self.default_timeout)
        language = parameters.get("language", self.default_language)
        return await _in_thread(self.execute_code, instance_id, str(code), timeout, language), None, None

    def execute_code(self, instance_id, code, timeout=30, language="python"):
        result = run(code, language, timeout=timeout, memory_limit_mb=self.memory_limit_mb)
        return ToolResponse(text=_observation(result))


if "verl.tools.sandbox_fusion_tools" not in sys.modules:
    _module = types.ModuleType("verl.tools.sandbox_fusion_tools")
    _module.SandboxFusionTool = SandboxFusionTool
    sys.modules[_module.__name__] = _module
