import { randomBytes } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { matchesLabel, pattern } from '../filters/values.ts'
import { timestamp } from '../timestamp.ts'
import { SecretDatabase } from './database.ts'
import type { SecretDriver } from './drivers/driver.ts'
import { fileDriver } from './drivers/file.ts'
import { shellDriver } from './drivers/shell.ts'
import type { SecretCreateOptions, SecretRecord, Secrets } from './secrets.ts'

const largest = 512_000
const drivers = { file: fileDriver, shell: shellDriver }

/** Secrets below one directory (`<graph root>/secrets`), in the files that Podman uses; what becomes of them is told. */
export function createSecrets(directory: string, events?: Pick<Events, 'write'>): Secrets {
  const database = new SecretDatabase(directory)
  const find = async (nameOrId: string): Promise<SecretRecord> => lookUp(await database.all(), nameOrId)
  return {
    create: async (name, data, options) => {
      const id = await create({ database, directory }, { name, data, options: options ?? {} })
      await events?.write({ type: 'secret', status: 'create', id })
      return id
    },
    list: async filters => (await database.all()).filter(secretFilter(filters ?? {})),
    inspect: find,
    read: async nameOrId => {
      const record = await find(nameOrId)
      return driverOf(record.driver, record.driverOptions, directory).lookup(record.id)
    },
    exists: async nameOrId => (await database.all()).some(record => matches(record, nameOrId)),
    remove: async nameOrId => {
      const id = await database.change(async records => {
        const record = lookUp([...records.values()], nameOrId)
        await driverOf(record.driver, record.driverOptions, directory).remove(record.id)
        records.delete(record.id)
        return record.id
      })
      await events?.write({ type: 'secret', status: 'remove', id })
      return id
    },
  }
}

interface Place {
  readonly database: SecretDatabase
  readonly directory: string
}

interface NewSecret {
  readonly name: string
  readonly data: Uint8Array
  readonly options: SecretCreateOptions
}

async function create({ database, directory }: Place, { name, data, options }: NewSecret): Promise<string> {
  checkName(name)
  if (data.length === 0 || data.length >= largest) {
    throw new LibpodError('SECRET_INVALID', 'secret data must be larger than 0 and less than 512000 bytes', {
      subject: name,
    })
  }
  const driver = driverOf(options.driver ?? 'file', options.driverOptions ?? {}, directory)
  return database.change(async records => {
    const old = [...records.values()].find(record => record.name === name)
    if (old && options.onNameConflict === 'ignore') return old.id
    if (old && options.onNameConflict !== 'replace')
      throw new LibpodError('NAME_IN_USE', `${name}: secret name in use`, { subject: name })
    if (old) {
      await driverOf(old.driver, old.driverOptions, directory).remove(old.id)
      records.delete(old.id)
    }
    const id = freshId(records)
    await driver.store(id, data)
    const now = timestamp()
    records.set(id, {
      name,
      id,
      labels: options.labels ?? {},
      createdAt: now,
      updatedAt: now,
      driver: options.driver ?? 'file',
      driverOptions: { ...options.driverOptions, ...driver.options },
    })
    return id
  })
}

/** 25 hex digits, told apart from every other id by their first 12. */
function freshId(records: ReadonlyMap<string, SecretRecord>): string {
  for (;;) {
    const id = randomBytes(13).toString('hex').slice(0, 25)
    if (![...records.keys()].some(other => other.startsWith(id.slice(0, 12)))) return id
  }
}

function checkName(name: string): void {
  if (/^[^,/=\0]{1,253}$/.test(name)) return
  throw new LibpodError(
    'NAME_INVALID',
    `secret name "${name}" can not include '=', '/', ',', or the NULL ('\\0') and be between 1 and 253 characters`,
    { subject: name },
  )
}

function driverOf(name: string, options: Readonly<Record<string, string>>, directory: string): SecretDriver {
  const make = Object.hasOwn(drivers, name) ? drivers[name as keyof typeof drivers] : undefined
  if (!make)
    throw new LibpodError('SPEC_INVALID', `invalid driver: ${name}`, {
      hint: `use one of ${Object.keys(drivers).join(', ')}`,
    })
  return make(options, directory)
}

const matches = (record: SecretRecord, nameOrId: string): boolean => record.name === nameOrId || record.id === nameOrId

function lookUp(records: readonly SecretRecord[], nameOrId: string): SecretRecord {
  const exact = records.find(record => matches(record, nameOrId))
  const prefixed = nameOrId === '' ? [] : records.filter(record => record.id.startsWith(nameOrId))
  if (!exact && prefixed.length > 1)
    throw new LibpodError('NAME_AMBIGUOUS', `more than one result secret with prefix ${nameOrId}`, {
      subject: nameOrId,
    })
  const found = exact ?? prefixed[0]
  if (!found)
    throw new LibpodError('SECRET_UNKNOWN', `no secret with name or id "${nameOrId}": no such secret`, {
      subject: nameOrId,
    })
  return found
}

/** podman-secret-ls(1): `name` and `id` (expressions), and `label`. */
function secretFilter(filters: Readonly<Record<string, readonly string[]>>): (record: SecretRecord) => boolean {
  const tests: Readonly<Record<string, (record: SecretRecord, value: string) => boolean>> = {
    name: (record, value) => pattern(value).test(record.name),
    id: (record, value) => pattern(value).test(record.id),
    label: (record, value) => matchesLabel(value, record.labels),
  }
  const groups = Object.entries(filters).map(([key, values]) => {
    const test = Object.hasOwn(tests, key) ? tests[key] : undefined
    if (!test) throw new LibpodError('SPEC_INVALID', `invalid filter "${key}"`)
    return (record: SecretRecord): boolean => values.some(value => test(record, value))
  })
  return record => groups.every(holds => holds(record))
}
