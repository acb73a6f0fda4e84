import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { createSecrets } from '../../src/secrets/service.ts'

async function place(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'libpod-secrets-'))
  t.teardown(() => rm(directory, { recursive: true }))
  return join(directory, 'secrets')
}

test('a secret is kept, found by name, id and prefix, and read back', async t => {
  const secrets = createSecrets(await place(t))
  const id = await secrets.create('token', Buffer.from('hidden'), { labels: { team: 'a' } })
  t.regex(id, /^[0-9a-f]{25}$/)
  for (const key of ['token', id, id.slice(0, 6)]) t.is((await secrets.inspect(key)).id, id)
  t.is((await secrets.read('token')).toString(), 'hidden')
  t.deepEqual(
    (await secrets.list({ label: ['team=a'] })).map(({ name }) => name),
    ['token'],
  )
  t.deepEqual(await secrets.list({ name: ['other'] }), [])
})

test('what becomes of secrets is told, and options of a driver are kept', async t => {
  const told: string[] = []
  const write = async ({ type, status, id }: { type: string; status: string; id?: string }): Promise<void> => {
    told.push(`${type} ${status} ${id}`)
  }
  const secrets = createSecrets(await place(t), { write })
  const id = await secrets.create('token', Buffer.from('hidden'), { driverOptions: { mine: 'yes' } })
  t.like((await secrets.inspect(id)).driverOptions, { mine: 'yes' })
  await secrets.remove('token')
  t.deepEqual(told, [`secret create ${id}`, `secret remove ${id}`])
})

test('the files are those of containers/common, for the owner alone', async t => {
  const directory = await place(t)
  const secrets = createSecrets(directory)
  const id = await secrets.create('token', Buffer.from('hidden'))
  const records = JSON.parse(await readFile(join(directory, 'secrets.json'), 'utf8'))
  t.like(records, { nameToID: { token: id }, idToName: { [id]: 'token' } })
  t.like(records.secrets[id], { name: 'token', driver: 'file', driverOptions: { path: join(directory, 'filedriver') } })
  t.deepEqual(JSON.parse(await readFile(join(directory, 'filedriver', 'secretsdata.json'), 'utf8')), {
    [id]: 'aGlkZGVu',
  })
  for (const name of ['secrets.json', 'filedriver/secretsdata.json'])
    t.is((await stat(join(directory, name))).mode & 0o777, 0o600)
})

test('a second of the same name is refused, replaced or ignored, as asked', async t => {
  const secrets = createSecrets(await place(t))
  const first = await secrets.create('token', Buffer.from('1'))
  await t.throwsAsync(secrets.create('token', Buffer.from('2')), { code: 'NAME_IN_USE' })
  t.is(await secrets.create('token', Buffer.from('2'), { onNameConflict: 'ignore' }), first)
  await secrets.create('token', Buffer.from('3'), { onNameConflict: 'replace' })
  t.is((await secrets.read('token')).toString(), '3')
  t.is((await secrets.list()).length, 1)
})

test('empty and oversized data and bad names are refused', async t => {
  const secrets = createSecrets(await place(t))
  await t.throwsAsync(secrets.create('token', Buffer.alloc(0)), { code: 'SECRET_INVALID' })
  await t.throwsAsync(secrets.create('token', Buffer.alloc(512_000)), { code: 'SECRET_INVALID' })
  for (const name of ['', 'a/b', 'a=b', 'a,b', 'a\0b', 'x'.repeat(254)])
    await t.throwsAsync(secrets.create(name, Buffer.from('x')), { code: 'NAME_INVALID' })
  t.deepEqual(await secrets.list(), [])
})

test('a name like a member of every object is only a name', async t => {
  const secrets = createSecrets(await place(t))
  await secrets.create('__proto__', Buffer.from('x'))
  t.is((await secrets.read('__proto__')).toString(), 'x')
  t.is(await secrets.exists('constructor'), false)
  await t.throwsAsync(secrets.create('y', Buffer.from('x'), { driver: 'constructor' }), { code: 'SPEC_INVALID' })
})

test('removing takes record and data away', async t => {
  const directory = await place(t)
  const secrets = createSecrets(directory)
  const id = await secrets.create('token', Buffer.from('x'))
  t.is(await secrets.remove('token'), id)
  t.is(await secrets.exists('token'), false)
  t.is(await readFile(join(directory, 'filedriver', 'secretsdata.json'), 'utf8'), '{}')
  await t.throwsAsync(secrets.remove('token'), { code: 'SECRET_UNKNOWN' })
})

test('the shell driver runs the commands it was given, with the id in the environment', async t => {
  const directory = await place(t)
  const secrets = createSecrets(directory)
  const kept = join(directory, '..', 'kept-')
  const driverOptions = {
    list: 'true',
    store: `cat >${kept}$SECRET_ID`,
    lookup: `cat ${kept}$SECRET_ID`,
    delete: `rm ${kept}$SECRET_ID`,
  }
  const id = await secrets.create('token', Buffer.from('by shell'), { driver: 'shell', driverOptions })
  t.is(await readFile(`${kept}${id}`, 'utf8'), 'by shell')
  t.is((await secrets.read('token')).toString(), 'by shell')
  await secrets.remove('token')
  await t.throwsAsync(stat(`${kept}${id}`), { code: 'ENOENT' })
})
