/** Where this server differs on purpose, or the recording machine did: docs/compatibility.md says why. */
export const DIFFERS: Readonly<Record<string, string>> = {
  ...named('not part of this server', [
    ...['list_datasets', 'get_prompts_unknown_dataset', 'get_prompts_mbpp_limit1', 'list_ids_mbpp'],
    ...['get_prompt_by_id_mbpp_11', 'submit_mbpp_11', 'submit_mbpp_11_wrong', 'submit_mbpp_missing_id'],
    ...['submit_missing_config', 'get_metrics_mbpp_empty', 'get_metrics_function_mbpp', 'openapi_paths'],
    ...['run_jupyter_basic', 'run_jupyter_bad_kernel'],
  ]),
  ...named('a language whose tools were missing', ['typescript_no_tool', 'julia_no_tool', 'pytest_pass']),
  ...named('a tool that was broken', ['go_hello', 'rust_hello']),
  ...named('a language that test:languages brings', ['php_hello', 'lua_hello']),
  ...named('memory is limited by use', ['python_memory_limited']),
  ...named('output arrives whole', ['output_1MB']),
};

function named(why: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, why]));
}
