import type { ProcessSpec } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, list } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { type Caller, optionGroup } from './group.ts'
import { pairLines, parseAssignments } from './pairs.ts'

type EnvironmentPart = Pick<ProcessSpec, 'env' | 'unsetEnv' | 'envMerge' | 'httpProxy'>

/** The environment of the container's process. */
export const environment = optionGroup({
  flags: {
    env: list('Set environment variables in container', { short: 'e' }),
    'env-file': list('Read in a file of environment variables'),
    'env-host': bool('Use all current host environment variables in container'),
    'env-merge': list('Preprocess environment variables from image before injecting them into the container'),
    'http-proxy': bool('Set proxy environment variables in the container based on the host proxy vars', {
      default: true,
    }),
    unsetenv: list('Unset environment default variables in container'),
    'unsetenv-all': bool('Unset all default environment variables in container'),
  },
  toSpec(values, caller): EnvironmentPart {
    const env = {
      ...(values['env-host'] ? hostVariables(caller.env) : {}),
      ...readVariables(values['env-file'], values.env, caller),
    }
    return defined({
      env: Object.keys(env).length > 0 ? env : undefined,
      unsetEnv: values['unsetenv-all'] ? ('all' as const) : values.unsetenv.length > 0 ? values.unsetenv : undefined,
      envMerge:
        values['env-merge'].length > 0
          ? parseAssignments(values['env-merge'], text => `invalid --env-merge ${JSON.stringify(text)}: use NAME=VALUE`)
          : undefined,
      httpProxy: values['http-proxy'] ? undefined : ('none' as const),
    })
  },
})

/** The variables of files, then those of options; later ones win. */
export function readVariables(
  files: readonly string[],
  texts: readonly string[],
  caller: Caller,
): Record<string, string> {
  const lines = files.flatMap(file => pairLines(caller.readText(file)))
  return Object.assign({}, ...[...lines, ...texts].map(text => parseVariable(text, caller.env)))
}

/** `K=V`; `K` is the caller's own value, if any; `PREFIX*` are all of the caller's that begin so. */
function parseVariable(text: string, host: Caller['env']): Record<string, string> {
  const equals = text.indexOf('=')
  if (equals === 0) throw new UsageError(`invalid environment variable: ${JSON.stringify(text)}`)
  if (equals > 0) return { [text.slice(0, equals)]: text.slice(equals + 1) }
  const value = host[text]
  if (!text.endsWith('*')) return value === undefined ? {} : { [text]: value }
  const prefix = text.slice(0, -1)
  return Object.fromEntries(Object.entries(hostVariables(host)).filter(([name]) => name.startsWith(prefix)))
}

const hostVariables = (env: Caller['env']): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined))
