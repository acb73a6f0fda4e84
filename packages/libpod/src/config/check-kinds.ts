import { type Kind, keys } from './keys.ts'
import { isTable, type Table } from './merge.ts'

/** The first thing of one file that is not what containers.conf(5) has there, in words; undefined when there is none. Pure. */
export function wrongKind(document: Table): string | undefined {
  for (const [section, kinds] of Object.entries(keys)) {
    const table = document[section]
    if (table === undefined) continue
    if (!isTable(table)) return `${section} must be a table, not ${nameOf(table)}`
    const wrong = Object.entries(kinds).flatMap(([key, kind]) => wrongAt(`${section}.${key}`, table[key], kind))[0]
    if (wrong !== undefined) return wrong
  }
  return wrongPool(document)
}

/** What is no table where one belongs says nothing: so Podman has it for tables of any names. */
function wrongAt(path: string, value: unknown, kind: Kind): readonly string[] {
  if (value === undefined) return []
  if (kind === 'tables')
    return entries(value).flatMap(([name, item]) =>
      entries(item).flatMap(([key, text]) =>
        ['uri', 'identity'].includes(key) ? wrongAt(`${path}.${name}.${key}`, text, 'text') : [],
      ),
    )
  if (kind === 'texts') return entries(value).flatMap(([name, item]) => wrongAt(`${path}.${name}`, item, 'text'))
  if (kind === 'lists') return entries(value).flatMap(([name, item]) => wrongAt(`${path}.${name}`, item, 'list'))
  if (kind === 'list' && Array.isArray(value)) {
    const wrong = value.find(item => !isItem(item))
    return wrong === undefined ? [] : [`${path} must be a list of texts and holds ${nameOf(wrong)}`]
  }
  return holds[kind](value) ? [] : [`${path} must be ${articles[kind]}, not ${nameOf(value)}`]
}

const entries = (value: unknown): readonly [string, unknown][] => (isTable(value) ? Object.entries(value) : [])

/** `{append=true}` stands among the texts. */
const isItem = (item: unknown): boolean =>
  typeof item === 'string' ||
  (isTable(item) && Object.entries(item).every(([key, value]) => key === 'append' && typeof value === 'boolean'))

const holds = {
  text: (value: unknown) => typeof value === 'string',
  flag: (value: unknown) => typeof value === 'boolean',
  integer: (value: unknown) => Number.isInteger(value),
  list: (_value: unknown) => false,
}

const articles = { text: 'a text', flag: 'true or false', integer: 'an integer', list: 'a list of texts' }

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return isTable(value) ? 'a table' : JSON.stringify(value)
}

function wrongPool({ network }: Table): string | undefined {
  const pools = isTable(network) ? network.default_subnet_pools : undefined
  if (pools === undefined) return undefined
  if (!Array.isArray(pools) || !pools.every(isTable)) return 'network.default_subnet_pools must be a list of tables'
  return pools.flatMap(({ base, size }) => [
    ...wrongAt('network.default_subnet_pools.base', base, 'text'),
    ...wrongAt('network.default_subnet_pools.size', size, 'integer'),
  ])[0]
}
