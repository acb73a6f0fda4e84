import type { SecretUse } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { UsageError } from '../cli/usage-error.ts'

const problem = (why: string) => new UsageError(`${why}: parsing secret`)

/** `name[,type=mount|env][,target=…][,uid=…][,gid=…][,mode=octal]` of `--secret`. Throws UsageError. */
export function parseSecret(text: string): SecretUse {
  const fields = new Map<string, string>()
  for (const [index, field] of text.split(',').entries()) {
    const equals = field.indexOf('=')
    if (equals < 0 && index === 0) fields.set('source', field)
    else if (equals < 0) throw problem(`option ${field.trim()} must be in form option=value`)
    else fields.set(field.slice(0, equals), field.slice(equals + 1))
  }
  const source = fields.get('source')
  if (!source) throw problem('no source found')
  const unknown = [...fields].find(([key]) => !['source', 'type', 'target', 'uid', 'gid', 'mode'].includes(key))
  if (unknown !== undefined) throw problem(`option ${unknown.join('=').trim()} invalid`)
  return { source, as: useOf(fields) }
}

function useOf(fields: ReadonlyMap<string, string>): SecretUse['as'] {
  const type = fields.get('type') ?? 'mount'
  const target = fields.get('target') || undefined
  const place = defined({
    uid: numberOf(fields, 'uid', 10),
    gid: numberOf(fields, 'gid', 10),
    mode: numberOf(fields, 'mode', 8),
  })
  if (type === 'mount') return { kind: 'mount', ...place, ...defined({ target }) }
  if (type !== 'env') throw problem(`type ${type} is invalid`)
  if (Object.keys(place).length > 0) throw problem('UID, GID, Mode options cannot be set with secret type env')
  return { kind: 'env', ...defined({ target }) }
}

function numberOf(fields: ReadonlyMap<string, string>, key: string, base: 8 | 10): number | undefined {
  const text = fields.get(key)
  if (text === undefined) return undefined
  if (!(base === 8 ? /^[0-7]+$/ : /^\d+$/).test(text))
    throw problem(`${key === 'mode' ? key : key.toUpperCase()} ${text} invalid`)
  return Number.parseInt(text, base)
}
