import { readdir, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Behaviour, hostileServer, type SeenRequest, tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  copyImage,
  digestOf,
  insecureAcceptAnything,
  listTags,
  parseDockerReference,
  parseImageName,
} from '../../../src/index.ts'
import { randomImage } from '../../../src/testing/index.ts'
import { plainAccess } from '../../support/registry.ts'
import { but, type ServedImage, servedImage } from '../../support/served-image.ts'

const pulls = 100
/** Faults of one request in a row are at most the tries that follow the first. */
const mostInARow = 3

type Fault = (request: SeenRequest, response: ServerResponse, blob: Buffer) => unknown

const middle = (bytes: Buffer): number => Math.floor(bytes.length / 2)
const begin = (response: ServerResponse, bytes: Buffer, end: () => void): void => {
  response.writeHead(200, { 'content-length': bytes.length })
  response.write(bytes.subarray(0, middle(bytes)), end)
}

/** What can go wrong with any request. */
const anywhere: readonly Fault[] = [
  (_, response) => response.destroy(),
  (_, response) => response.writeHead(429, { 'retry-after': '0' }).end(),
  (_, response) => response.writeHead(429, { 'retry-after': new Date().toUTCString() }).end(),
  (_, response) => response.writeHead(503).end('busy'),
  (_, response) => response.writeHead(500).end(),
  (_, response, bytes) => begin(response, bytes, () => response.destroy()),
]

const partial = (response: ServerResponse, range: string, bytes: Buffer): unknown =>
  response.writeHead(206, { 'content-range': range, 'content-length': bytes.length }).end(bytes)

/** What servers make of a range, beside the right thing. */
const ofRanges: readonly Fault[] = [
  (_, response, bytes) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes),
  (_, response, bytes) => partial(response, `bytes 0-${bytes.length - 1}/${bytes.length}`, bytes),
  (_, response) => response.writeHead(416).end(),
  (_, response, bytes) => partial(response, 'bytes everything', bytes),
  ({ headers }, response, bytes) => {
    const from = Number(/[0-9]+/.exec(headers.range ?? '')?.[0])
    return partial(response, `bytes ${from}-${bytes.length - 1}/${bytes.length}`, Buffer.alloc(bytes.length - from))
  },
  ({ headers }, response, bytes) => {
    const from = Number(/[0-9]+/.exec(headers.range ?? '')?.[0])
    return partial(response, `bytes ${from}-${bytes.length}/${bytes.length + 1}`, bytes.subarray(from))
  },
]

/** Slow: the bytes come in many small pieces. */
const slowly: Fault = async (_, response, bytes) => {
  response.writeHead(200, { 'content-length': bytes.length })
  for (let at = 0; at < bytes.length; at += 400) {
    response.write(bytes.subarray(at, at + 400))
    await sleep(1)
  }
  response.end()
}

/** The same faults in every run: a generator with a fixed beginning (Numerical Recipes' constants). */
function dice(): (sides: number) => number {
  let state = 20261126
  return sides => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

function flaky(image: ServedImage, count: { faults: number }): Behaviour {
  const roll = dice()
  const inARow = new Map<string, number>()
  return but(async (request, response) => {
    const { path, headers } = request
    const bytes = image.blobs.get(path.split('/').at(-1) ?? '') ?? image.manifest
    const isBlob = path.includes('/blobs/')
    const before = inARow.get(path) ?? 0
    if (isBlob && headers.range === undefined && roll(12) === 0) return slowly(request, response, bytes)
    if (before >= mostInARow || roll(5) > 1) return void inARow.set(path, 0)
    inARow.set(path, before + 1)
    count.faults++
    const faults = headers.range === undefined ? anywhere : [...anywhere, ...ofRanges, ...ofRanges]
    return faults[roll(faults.length)]?.(request, response, bytes)
  }, image.serve)
}

for (const kept of ['nowhere', 'in a directory'] as const) {
  test(`a registry that fails all the time: ${pulls} pulls, unfinished blobs kept ${kept}, and every one is right`, async t => {
    const image = await servedImage(randomImage({ seed: 'flaky', layers: 2, layerSize: 300_000 }))
    const count = { faults: 0 }
    const server = await hostileServer(t, flaky(image, count))
    const directory = await tempDir(t, 'flaky')
    const base = await plainAccess(join(directory, 'access'), { retryDelay: 1 })
    const partialDir = join(directory, 'partial')
    const source = kept === 'nowhere' ? base : { ...base, partialDir }
    const files = [...image.blobs.keys()].map(digest => digest.slice(7))
    for (let pull = 0; pull < pulls; pull++) {
      const target = join(directory, `image-${pull}`)
      const { digest } = await copyImage(
        parseImageName(`docker://${server.host}/team/app:1`),
        parseImageName(`dir:${target}`),
        { policy: insecureAcceptAnything, source },
      )
      t.is(digest, digestOf(image.manifest))
      t.deepEqual((await readdir(target)).sort(), ['manifest.json', 'version', ...files].sort())
      await rm(target, { recursive: true })
    }
    t.true(count.faults > pulls, `${count.faults} faults`)
    if (kept !== 'nowhere') t.deepEqual(await readdir(partialDir), [])
  })
}

test('a registry that fails while it lists is asked again', async t => {
  let requests = 0
  const server = await hostileServer(t, ({ path }, response) => {
    if (path === '/v2/') return response.end('{}')
    if (requests++ % 2 === 0) return begin(response, Buffer.from('{"tags":["a"'), () => response.destroy())
    return response.end('{"tags":["a","b"]}')
  })
  const access = await plainAccess(await tempDir(t), { retryDelay: 1 })
  t.deepEqual(await listTags(parseDockerReference(`${server.host}/team/app`), access), ['a', 'b'])
})

for (const [what, fault] of [
  ['429', (response: ServerResponse) => response.writeHead(429, { 'retry-after': '0' }).end()],
  ['503', (response: ServerResponse) => response.writeHead(503).end()],
  ['a broken connection', (response: ServerResponse) => response.destroy()],
] as const) {
  test(`${what} from a token server is waited for`, async t => {
    let refusals = 0
    const image = await servedImage(randomImage({ seed: 'token' }))
    const server = await hostileServer(
      t,
      but(({ path, headers }, response) => {
        if (path.startsWith('/token')) return refusals++ < 2 ? fault(response) : response.end('{"token":"abc"}')
        const realm = `Bearer realm="http://${headers.host}/token"`
        if (headers.authorization !== 'Bearer abc') return response.writeHead(401, { 'www-authenticate': realm }).end()
        return undefined
      }, image.serve),
    )
    const directory = await tempDir(t)
    const source = await plainAccess(directory, { retryDelay: 1 })
    await copyImage(parseImageName(`docker://${server.host}/a:1`), parseImageName(`dir:${directory}/image`), {
      policy: insecureAcceptAnything,
      source,
    })
    t.is(refusals, 3)
  })
}

test('a registry that never comes back is given up, and says which', async t => {
  const server = await hostileServer(t, (_, response) => response.writeHead(503).end())
  const access = await plainAccess(await tempDir(t), { retryDelay: 1 })
  const error = await t.throwsAsync(listTags(parseDockerReference(`${server.host}/team/app`), access), {
    code: 'REGISTRY_UNREACHABLE',
  })
  t.true(error?.message.includes(server.host))
  t.is(server.seen.length, 4)
})
