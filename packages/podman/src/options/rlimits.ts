import type { Rlimit } from '@libpod/libpod'
import { UsageError } from '../cli/usage-error.ts'

const types =
  'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' ')

/** `nofile=1024:2048`, `nofile=-1`, `host`. Throws UsageError. */
export function parseRlimits(texts: readonly string[]): readonly Rlimit[] {
  if (texts.includes('host')) {
    if (texts.length > 1) throw new UsageError('ulimit can use host only on its own')
    return [{ type: 'host', soft: 0, hard: 0 }]
  }
  return texts.map(parseRlimit)
}

function parseRlimit(text: string): Rlimit {
  const refuse = (why: string) =>
    new UsageError(`ulimit option ${JSON.stringify(text)} requires name=SOFT:HARD, failed to be parsed: ${why}`)
  const [name = '', value, ...more] = text.split('=')
  if (value === undefined || more.length > 0) throw refuse(`invalid ulimit argument: ${text}`)
  const type = name.toLowerCase().replace(/^rlimit_/, '')
  if (!types.includes(type)) throw refuse(`invalid ulimit type: ${name}`)
  const parts = value.split(':')
  if (parts.length > 2)
    throw refuse(`too many limit value arguments - ${value}, can only have up to two, \`soft[:hard]\``)
  const [soft = 0, hard = soft] = parts.map(part => parseLimit(part, refuse))
  if (hard !== -1 && (soft === -1 || soft > hard))
    throw refuse(
      `ulimit soft limit must be less than or equal to hard limit: soft: ${soft}${soft === -1 ? ' (unlimited)' : ''}, hard: ${hard}`,
    )
  return { type, soft, hard }
}

function parseLimit(text: string, refuse: (why: string) => UsageError): number {
  if (!/^-?\d+$/.test(text)) throw refuse(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}
