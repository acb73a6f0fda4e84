import { bool, string, strings } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'

export type StreamName = 'stdin' | 'stdout' | 'stderr'

export const detachKeysFlag = string(
  'Override the key sequence for detaching a container. Format is a single character `[a-Z]` or a comma separated sequence of ctrl-<value>, where <value> is one of: a-z, @, ^, [, \\, ] or _',
  { shown: '"ctrl-p,ctrl-q"' },
)
export const sigProxyFlag = bool('Proxy received signals to the process', { default: true })
export const attachFlag = strings('Attach to STDIN, STDOUT or STDERR', { short: 'a' })

/** The streams that `--attach` names, or those that go without saying. Throws UsageError. */
export function streamsOf(names: readonly string[], interactive: boolean): ReadonlySet<StreamName> {
  if (names.length === 0) return new Set<StreamName>(interactive ? ['stdin', 'stdout', 'stderr'] : ['stdout', 'stderr'])
  return new Set(names.map(streamOf))
}

function streamOf(text: string): StreamName {
  const name = text.toLowerCase()
  if (name === 'stdin' || name === 'stdout' || name === 'stderr') return name
  throw new UsageError(
    `invalid stream ${JSON.stringify(text)} for --attach - must be one of stdin, stdout, or stderr: invalid argument`,
  )
}
