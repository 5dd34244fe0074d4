const PROXY = /^(?:https?|all|no)_proxy$/i;

/** The proxy variables that are set; what stands before `@` in a URL is a user's name and password. */
export function proxiesIn(env: NodeJS.ProcessEnv): Map<string, string> {
  return new Map(
    Object.entries(env).flatMap(([name, value]): [string, string][] =>
      value && PROXY.test(name) ? [[name, value.replace(/^(\w+:\/\/)?.*@/s, '$1')]] : [],
    ),
  );
}
