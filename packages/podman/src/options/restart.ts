import type { RestartPolicy } from '@libpod/libpod'
import { UsageError } from '../cli/usage-error.ts'

/** `no`, `never`, `always`, `unless-stopped`, `on-failure[:count]`. Throws UsageError. */
export function parseRestart(text: string): RestartPolicy {
  const [name = '', count, ...more] = text.split(':')
  if (more.length > 0) throw new UsageError(`invalid restart policy ${JSON.stringify(text)}`)
  if (count !== undefined && name !== 'on-failure')
    throw new UsageError('restart policy retries can only be specified with on-failure restart policy')
  if (name === 'on-failure') return { name, ...(count === undefined ? {} : { maxRetries: parseRetries(count) }) }
  if (name === 'always' || name === 'unless-stopped' || name === 'no') return { name }
  if (name === 'never' || name === '') return { name: 'no' }
  throw new UsageError(`${JSON.stringify(text)} is not a valid restart policy: invalid argument`)
}

function parseRetries(text: string): number {
  if (!/^\d+$/.test(text))
    throw new UsageError(
      `parsing restart policy retry count: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  return Number(text)
}
