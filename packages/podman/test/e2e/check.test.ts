import { appendFileSync, chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startRegistry, type Teardown } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCli, openCliWithBusybox } from './cli.ts'

interface StoredLayer {
  readonly id: string
  readonly parent?: string
  readonly 'compressed-diff-digest'?: string
}

const layersOf = (cli: Cli): readonly StoredLayer[] =>
  JSON.parse(readFileSync(join(cli.root, 'overlay-layers/layers.json'), 'utf8'))

const diffOf = (cli: Cli, id: string): string => join(cli.root, 'overlay', id, 'diff')

function flipped(whole: Buffer): Buffer {
  const bytes = Buffer.from(whole)
  bytes.writeUInt8(bytes.readUInt8(99) ^ 1, 99)
  return bytes
}

interface CountedRegistry {
  readonly host: string
  /** Digest of each blob served since the last call, with its bytes. */
  blobs(): ReadonlyMap<string, number>
}

/** What passes a registry, counted. */
async function counted(t: Teardown, host: string): Promise<CountedRegistry> {
  const seen = new Map<string, number>()
  const server = createServer((asked, answer) => {
    const digest = /\/blobs\/(sha256:[0-9a-f]{64})$/.exec(asked.url ?? '')?.[1]
    const passed = request(`http://${host}${asked.url}`, { method: asked.method, headers: asked.headers }, reply => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.on('data', (chunk: Buffer) => {
        if (digest !== undefined) seen.set(digest, (seen.get(digest) ?? 0) + chunk.length)
      })
      reply.pipe(answer)
    })
    asked.pipe(passed)
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  const blobs = (): ReadonlyMap<string, number> => {
    const since = new Map(seen)
    seen.clear()
    return since
  }
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, blobs }
}

/** An image of three layers in a registry that counts, pulled. */
async function pulled(t: Teardown) {
  const cli = await openCliWithBusybox(t, 'check')
  const registry = await startRegistry(t)
  const proxy = await counted(t, registry.host)
  const name = `${proxy.host}/layers:1`
  for (const step of ['one', 'two']) {
    await cli.ok(
      'run',
      '--network',
      'none',
      '--name',
      step,
      step === 'one' ? busybox : 'localhost/one',
      'touch',
      `/${step}`,
    )
    await cli.ok('commit', '--quiet', step, `localhost/${step}`)
  }
  await cli.ok('push', '--quiet', '--tls-verify=false', 'localhost/two', name)
  const reader = await openCli(t, 'check')
  await reader.ok('pull', '--quiet', '--tls-verify=false', name)
  proxy.blobs()
  return { cli: reader, name, proxy }
}

test('system check: nothing to say of a whole store; options as Podman has them', async t => {
  const cli = await openCliWithBusybox(t, 'check')
  for (const args of [[], ['--quick'], ['-q'], ['--repair'], ['--repair', '--force'], ['--max', '1h']])
    t.is(await cli.ok('system', 'check', ...args), '')
  const { code, stderr } = await cli.run(['system', 'check', 'word'])
  t.is(code, 125)
  t.regex(stderr, /`podman system check` takes no arguments/)
  t.is((await cli.run(['system', 'check', '--max', 'soon'])).code, 125)
})

test('system check: a lost layer is told of, and pulling again fetches that one alone', async t => {
  const { cli, name, proxy } = await pulled(t)
  const layers = layersOf(cli)
  t.is(layers.length, 3)
  const middle = layers.find(each => each.parent !== undefined && layers.some(other => other.parent === each.id))
  rmSync(join(cli.root, 'overlay', middle?.id ?? ''), { recursive: true })
  for (const option of ['--quick', '--max=24h']) {
    const { code, stdout, stderr } = await cli.run(['system', 'check', option])
    t.is(code, 125)
    t.regex(stdout, new RegExp(`^Damaged layer ${middle?.id}:\n1 error occurred:\n\t\\* layer ${middle?.id}: .*\n`))
    t.regex(stderr, /^Error: damage detected in local storage\n$/)
  }
  await cli.ok('pull', '--quiet', '--tls-verify=false', name)
  const fetched = [...proxy.blobs().keys()].filter(each =>
    layers.some(layer => layer['compressed-diff-digest'] === each),
  )
  t.deepEqual(fetched, [middle?.['compressed-diff-digest'] ?? ''])
  t.is(await cli.ok('system', 'check'), '')
  t.is(await cli.ok('run', '--rm', '--network', 'none', name, 'ls', '/one', '/two'), '/one\n/two')
})

test('system check: a changed file is seen unless --quick; --repair drops the image, and pulling brings it back', async t => {
  const { cli, name, proxy } = await pulled(t)
  const base = layersOf(cli).find(each => each.parent === undefined)
  appendFileSync(join(diffOf(cli, base?.id ?? ''), 'bin/busybox'), 'x')
  t.is(await cli.ok('system', 'check', '--quick'), '')
  const told = await cli.run(['system', 'check'])
  t.is(told.code, 125)
  t.regex(told.stdout, new RegExp(`layer ${base?.id}: .*checksum failed`))
  const image = await cli.ok('images', '--quiet', '--no-trunc')
  const repaired = await cli.run(['system', 'check', '--repair'])
  t.is(repaired.code, 0, repaired.stderr)
  t.regex(repaired.stdout, new RegExp(`Deleted damaged image: ${image.replace('sha256:', '')}\n$`))
  t.is(await cli.ok('images', '--quiet'), '')
  await cli.ok('pull', '--quiet', '--tls-verify=false', name)
  t.true([...proxy.blobs().values()].every(bytes => bytes > 0))
  t.is(await cli.ok('system', 'check'), '')
})

test('system check: a changed mode is seen, and --repair puts it right without removing the image', async t => {
  const cli = await openCliWithBusybox(t, 'check')
  const [base] = layersOf(cli)
  const file = join(diffOf(cli, base?.id ?? ''), 'bin/busybox')
  const { mode } = statSync(file)
  chmodSync(file, 0o700)
  const told = await cli.run(['system', 'check'])
  t.is(told.code, 125)
  t.regex(
    told.stdout,
    new RegExp(`^Damaged layer ${base?.id}:\n.*layer ${base?.id}: "bin/busybox" has mode 0700 `, 's'),
  )
  const repaired = await cli.run(['system', 'check', '--repair'])
  t.is(repaired.code, 0, repaired.stderr)
  t.notRegex(repaired.stdout, /Deleted/)
  t.is(statSync(file).mode, mode)
  t.is(await cli.ok('system', 'check'), '')
})

test('system check: records that cannot be read are told of by their file', async t => {
  const cli = await openCliWithBusybox(t, 'check')
  const file = join(cli.root, 'overlay-images/images.json')
  writeFileSync(file, '[{"id":')
  const { code, stdout } = await cli.run(['system', 'check'])
  t.is(code, 125)
  t.true(stdout.startsWith(`Damaged records file ${file}:\n1 error occurred:\n`), stdout)
})

test('system check: damaged items of an image are told of, and pulling brings them back without a layer', async t => {
  const { cli, name, proxy } = await pulled(t)
  const id = (await cli.ok('images', '--quiet', '--no-trunc')).replace('sha256:', '')
  const items = join(cli.root, 'overlay-images', id)
  const digests = layersOf(cli).map(layer => layer['compressed-diff-digest'])
  for (const item of readdirSync(items)) {
    const file = join(items, item)
    const whole = readFileSync(file)
    if (whole.length === 0) continue
    for (const damage of ['flipped', 'gone', 'cut'] as const) {
      if (damage === 'gone') rmSync(file)
      else writeFileSync(file, damage === 'cut' ? whole.subarray(0, 9) : flipped(whole))
      const { code, stdout } = await cli.run(['system', 'check', '--quick'])
      t.is(code, 125, `${item} ${damage}`)
      const what = damage === 'gone' ? 'is missing' : 'has incorrect'
      t.regex(stdout, new RegExp(`^Damaged image ${id}:(.*\n)*.*image data item ${what}`))
      await cli.ok('pull', '--quiet', '--tls-verify=false', name)
      t.is(await cli.ok('system', 'check', '--quick'), '', `${item} ${damage}`)
    }
  }
  t.deepEqual(
    [...proxy.blobs().keys()].filter(each => digests.includes(each)),
    [],
  )
  t.is(await cli.ok('run', '--rm', '--network', 'none', name, 'ls', '/one'), '/one')
})

test('system check: an image that a container uses goes with --force only, and its container with it', async t => {
  const cli = await openCliWithBusybox(t, 'check')
  const container = await cli.ok('create', '--network', 'none', busybox)
  const [layer] = layersOf(cli)
  appendFileSync(join(diffOf(cli, layer?.id ?? ''), 'bin/busybox'), 'x')
  const kept = await cli.run(['system', 'check', '--repair'])
  t.is(kept.code, 125)
  t.regex(kept.stderr, /damage in local storage still present after repair attempt/)
  t.is(await cli.ok('ps', '--all', '--quiet', '--no-trunc'), container)
  const gone = await cli.run(['system', 'check', '--repair', '--force'])
  t.is(gone.code, 0, gone.stderr)
  t.regex(gone.stdout, new RegExp(`Deleted damaged container: ${container}`))
  t.is(await cli.ok('ps', '--all', '--quiet'), '')
  t.is(await cli.ok('images', '--quiet'), '')
  t.is(await cli.ok('system', 'check'), '')
})

test('system check: a layer that nobody needs is told of, and removed, when it is older than --max', async t => {
  const cli = await openCliWithBusybox(t, 'check')
  writeFileSync(join(cli.root, 'overlay-images/images.json'), '[]')
  for (const id of readdirSync(join(cli.root, 'overlay-images')).filter(each => /^[0-9a-f]{64}$/.test(each)))
    rmSync(join(cli.root, 'overlay-images', id), { recursive: true })
  t.is(await cli.ok('system', 'check', '--repair', '--max', '1h'), '')
  const { code, stdout } = await cli.run(['system', 'check', '--max', '0'])
  t.is(code, 125)
  t.regex(stdout, /layer not referenced by any images or containers/)
  await cli.ok('system', 'check', '--max', '0', '--repair')
  t.deepEqual(layersOf(cli), [])
})

test('system check --repair: damaged records are put right, nothing is removed', async t => {
  const cli = await openCliWithBusybox(t, 'check')
  const container = await cli.ok('create', '--network', 'none', '--name', 'work', busybox, 'echo', 'whole')
  const flip = (path: string, from: RegExp): void => {
    const file = join(cli.root, path)
    const text = readFileSync(file, 'utf8')
    const changed = text.replace(from, (_, key: string, digit: string) => `${key}${digit === '0' ? '1' : '0'}`)
    t.not(changed, text)
    writeFileSync(file, changed)
  }
  const image = await cli.ok('images', '--quiet', '--no-trunc')
  flip('overlay-images/images.json', /("layer":"[0-9a-f]{10})(.)/)
  flip('overlay-containers/containers.json', /("image":"[0-9a-f]{10})(.)/)
  t.is((await cli.run(['system', 'check', '--quick'])).code, 125)
  const { code, stdout, stderr } = await cli.run(['system', 'check', '--repair', '--force'])
  t.is(code, 0, stderr)
  t.notRegex(stdout, /Deleted/)
  t.is(await cli.ok('images', '--quiet', '--no-trunc'), image)
  t.is(await cli.ok('ps', '--all', '--quiet', '--no-trunc'), container)
  t.is(await cli.ok('start', '--attach', 'work'), 'whole')
})

test('an image that lost its manifest or config: images says so and lists it, and every way to remove it works and warns', async t => {
  const cli = await openCliWithBusybox(t, 'lost')
  const archive = join(cli.directory, 'image.tar')
  await cli.ok('save', '--quiet', '-o', archive, busybox)
  const id = (await cli.ok('images', '--quiet', '--no-trunc')).replace('sha256:', '')
  const items = join(cli.root, 'overlay-images', id)
  const config = `=${Buffer.from(`sha256:${id}`).toString('base64')}`
  for (const [file, key] of [
    ['manifest', 'manifest'],
    [config, `sha256:${id}`],
  ] as const)
    for (const remove of [
      ['rmi', '-f', id],
      ['rmi', '-f', busybox],
      ['rmi', '-a'],
      ['image', 'prune', '-a', '-f'],
      ['system', 'prune', '-a', '-f'],
      ['system', 'reset', '-f'],
    ]) {
      await cli.ok('load', '--quiet', '-i', archive)
      rmSync(join(items, file))
      const lost = `locating item named "${key}" for image with ID "${id}" (consider removing the image to resolve the issue): file does not exist`
      const listed = await cli.run(['images'])
      t.deepEqual([listed.code, listed.stderr], [125, `Error: ${lost}\n`])
      t.regex(listed.stdout, /^localhost\/busybox +latest +/m)
      const { code, stderr } = await cli.run(remove)
      t.is(code, 0, stderr)
      t.true(stderr.includes('level=warning msg="Failed to determine parent of image: locating item named '), stderr)
      t.is(await cli.ok('images', '--all', '--noheading'), '', remove.join(' '))
    }
})

test('system check --repair: images whose records cannot be read are read from their items', async t => {
  const cli = await openCliWithBusybox(t, 'check-unreadable')
  const id = await cli.ok('images', '--quiet', '--no-trunc')
  const records = join(cli.root, 'overlay-images/images.json')
  writeFileSync(records, readFileSync(records).subarray(0, 100))
  t.is((await cli.run(['system', 'check'])).code, 125)
  const repaired = await cli.run(['system', 'check', '--repair'])
  t.is(repaired.code, 0, repaired.stderr)
  t.is(await cli.ok('images', '--quiet', '--no-trunc'), id)
  t.is(await cli.ok('system', 'check'), '')
})

test('images that are removed while they are listed are not told to be damaged', async t => {
  const cli = await openCliWithBusybox(t, 'meanwhile')
  const names = Array.from({ length: 12 }, (_, at) => `localhost/made:${at}`)
  await cli.ok('create', '--name', 'c', '--network', 'none', busybox)
  for (const name of names) await cli.ok('commit', '--quiet', '--change', `LABEL at=${name}`, 'c', name)
  const removed = cli.ok('rmi', ...names)
  for (let left = true; left; ) {
    const { code, stdout, stderr } = await cli.run(['images', '--noheading'])
    t.deepEqual([code, stderr], [0, ''])
    left = stdout.includes('localhost/made')
  }
  await removed
})
