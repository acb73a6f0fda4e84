import { type ChildProcess, spawn } from 'node:child_process'
import { readdir, readlink, stat, writeFile } from 'node:fs/promises'
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { type AccessOptions, copyImage, insecureAcceptAnything, parseImageName } from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess, startRegistry } from '../support/registry.ts'

const policy = insecureAcceptAnything
const layerSize = 3_000_000

interface Counted {
  readonly host: string
  bytes: number
  /** So many bytes pass, then the layers stand still until it is more. */
  limit: number
}

/** A registry behind a slow line that counts what passes. */
async function slowRegistry(t: ExecutionContext, directory: string): Promise<Counted> {
  const registry = await startRegistry(join(directory, 'registry'))
  const counted = { host: '', bytes: 0, limit: Number.POSITIVE_INFINITY }
  const server = createServer((message, response) => {
    const { method, url: path, headers } = message
    const out = forward({ host: '127.0.0.1', port: registry.port, method, path, headers }, answer => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      const isLayer = Number(answer.headers['content-length']) > 100_000
      const goOn = (): void => {
        if (isLayer && counted.bytes >= counted.limit && !answer.destroyed) setTimeout(goOn, 5)
        else answer.resume()
      }
      answer.on('data', (chunk: Buffer) => {
        counted.bytes += chunk.length
        answer.pause()
        response.write(chunk, () => setTimeout(goOn, isLayer ? 5 : 0))
      })
      answer.on('end', () => response.end())
      response.on('close', () => answer.destroy())
    })
    out.on('error', () => response.destroy())
    message.pipe(out)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await registry[Symbol.asyncDispose]()
  })
  counted.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const destination = await plainAccess(join(directory, 'push'))
  const to = parseImageName(`docker://127.0.0.1:${registry.port}/big:1`)
  await copyImage(randomImage({ seed: 'big', layers: 2, layerSize }), to, { policy, destination })
  return counted
}

const pull = (host: string, target: string, source: AccessOptions, signal?: AbortSignal) =>
  copyImage(parseImageName(`docker://${host}/big:1`), parseImageName(`dir:${target}`), {
    policy,
    source,
    ...(signal && { signal }),
  })

interface Elsewhere {
  readonly child: ChildProcess
  /** Lets it begin. */
  go(): void
}

/** The same in a process of its own, that waits for the word to begin. */
async function pullElsewhere(host: string, target: string, access: AccessOptions): Promise<Elsewhere> {
  const script = `${target}.ts`
  const index = new URL('../../src/index.ts', import.meta.url).href
  await writeFile(
    script,
    `
    const { copyImage, parseImageName, insecureAcceptAnything } = await import(${JSON.stringify(index)})
    process.stdout.write('ready')
    await new Promise(resolve => process.stdin.once('data', resolve))
    process.stdin.destroy()
    await copyImage(parseImageName('docker://${host}/big:1'), parseImageName('dir:${target}'),
      { policy: insecureAcceptAnything, source: ${JSON.stringify(access)} })`,
  )
  const child = spawn(process.execPath, ['--conditions=development', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  await new Promise(resolve => child.stdout.once('data', resolve))
  return { child, go: () => void child.stdin.end('go') }
}

/** Bytes that have arrived on disk; what the registry has sent may still be on its way. */
async function kept(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => [])
  const sizes = names.map(name =>
    stat(join(directory, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Waits until half of what there is has come, and no more will. */
async function halfWay(partialDir: string): Promise<void> {
  while ((await kept(partialDir)) < layerSize) await sleep(5)
}

/** Waits until a process has so many files that blobs come into: from then on it gets what others fetch. */
async function shares(pid: number | undefined, partialDir: string, files: number): Promise<void> {
  const open = async (): Promise<number> => {
    const fds = await readdir(`/proc/${pid}/fd`)
    const paths = await Promise.all(fds.map(fd => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
    return paths.filter(path => path.startsWith(`${partialDir}/`) && path.endsWith('.partial')).length
  }
  while ((await open()) < files) await sleep(5)
}

const all = Number.POSITIVE_INFINITY
const ended = ({ child }: Elsewhere): Promise<number | null> => new Promise(resolve => child.on('exit', resolve))

test('a pull that was stopped half-way goes on where it stopped', async t => {
  const directory = await tempDir(t, 'resume')
  const registry = await slowRegistry(t, directory)
  const access = await plainAccess(join(directory, 'pull'), { partialDir: join(directory, 'partial') })
  const stop = new AbortController()
  registry.bytes = 0
  registry.limit = layerSize * 1.2
  const first = pull(registry.host, join(directory, 'a'), access, stop.signal)
  await halfWay(join(directory, 'partial'))
  stop.abort(new Error('stopped'))
  await t.throwsAsync(first, { message: 'stopped' })
  registry.bytes = 0
  registry.limit = all
  await pull(registry.host, join(directory, 'b'), access)
  t.true(registry.bytes < 2 * layerSize * 0.6, `${registry.bytes} bytes were fetched again`)
  t.deepEqual(await readdir(join(directory, 'partial')), [])
})

test('a pull that was killed half-way goes on in the next process', async t => {
  const directory = await tempDir(t, 'killed')
  const registry = await slowRegistry(t, directory)
  const access = await plainAccess(join(directory, 'pull'), { partialDir: join(directory, 'partial') })
  const killed = await pullElsewhere(registry.host, join(directory, 'a'), access)
  registry.bytes = 0
  registry.limit = layerSize * 1.2
  killed.go()
  await halfWay(join(directory, 'partial'))
  const end = ended(killed)
  killed.child.kill('SIGKILL')
  await end
  registry.bytes = 0
  registry.limit = all
  await pull(registry.host, join(directory, 'b'), access)
  t.true(registry.bytes < 2 * layerSize * 0.6, `${registry.bytes} bytes were fetched again`)
  t.deepEqual(await readdir(join(directory, 'partial')), [])
})

test('two pulls at once move the bytes once', async t => {
  const directory = await tempDir(t, 'shared')
  const registry = await slowRegistry(t, directory)
  const access = await plainAccess(join(directory, 'pull'), { partialDir: join(directory, 'partial') })
  registry.bytes = 0
  registry.limit = layerSize
  const pulls = ['a', 'b', 'c'].map(name => pull(registry.host, join(directory, name), access))
  await shares(process.pid, join(directory, 'partial'), 2 * pulls.length)
  registry.limit = all
  await Promise.all(pulls)
  t.true(registry.bytes < 2 * layerSize * 1.1, `${registry.bytes} bytes`)
  t.deepEqual((await readdir(join(directory, 'a'))).sort(), (await readdir(join(directory, 'c'))).sort())
})

test('two processes at once move the bytes once', async t => {
  const directory = await tempDir(t, 'processes')
  const registry = await slowRegistry(t, directory)
  const partialDir = join(directory, 'partial')
  const access = await plainAccess(join(directory, 'pull'), { partialDir })
  const pulls = await Promise.all(['a', 'b'].map(name => pullElsewhere(registry.host, join(directory, name), access)))
  registry.bytes = 0
  registry.limit = layerSize
  const ends = pulls.map(ended)
  for (const pull of pulls) pull.go()
  for (const { child } of pulls) await shares(child.pid, partialDir, 2)
  registry.limit = all
  t.deepEqual(await Promise.all(ends), [0, 0])
  t.true(registry.bytes < 2 * layerSize * 1.1, `${registry.bytes} bytes`)
  t.deepEqual(await readdir(partialDir), [])
  t.deepEqual((await readdir(join(directory, 'a'))).sort(), (await readdir(join(directory, 'b'))).sort())
})

test('when the process that fetches is killed, one of those that wait goes on', async t => {
  const directory = await tempDir(t, 'orphans')
  const registry = await slowRegistry(t, directory)
  const partialDir = join(directory, 'partial')
  const access = await plainAccess(join(directory, 'pull'), { partialDir })
  registry.bytes = 0
  const names = ['first', 'a', 'b']
  const pulls = await Promise.all(names.map(name => pullElsewhere(registry.host, join(directory, name), access)))
  const [first, ...others] = pulls
  const ends = others.map(ended)
  registry.limit = layerSize * 1.2
  first?.go()
  await halfWay(partialDir)
  for (const other of others) other.go()
  for (const { child } of others) await shares(child.pid, partialDir, 2)
  first?.child.kill('SIGKILL')
  registry.limit = all
  t.deepEqual(await Promise.all(ends), [0, 0])
  // What was under way to the dead one is lost; nothing else comes twice.
  t.true(registry.bytes < 2 * layerSize * 1.5, `${registry.bytes} bytes`)
  t.deepEqual(await readdir(partialDir), [])
  t.is((await readdir(join(directory, 'a'))).length, 5)
})

test('a partial file with wrong bytes does not spoil the next pull', async t => {
  const directory = await tempDir(t, 'spoilt')
  const registry = await slowRegistry(t, directory)
  const partialDir = join(directory, 'partial')
  const access = await plainAccess(join(directory, 'pull'), { partialDir })
  const stop = new AbortController()
  registry.bytes = 0
  registry.limit = layerSize * 1.2
  const first = pull(registry.host, join(directory, 'a'), access, stop.signal)
  await halfWay(join(directory, 'partial'))
  stop.abort(new Error('stopped'))
  await t.throwsAsync(first)
  registry.limit = all
  for (const name of await readdir(partialDir)) await writeFile(join(partialDir, name), 'wrong', { flag: 'r+' })
  await t.notThrowsAsync(pull(registry.host, join(directory, 'b'), access))
  t.deepEqual(await readdir(partialDir), [])
})
