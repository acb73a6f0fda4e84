import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  composeImage,
  composeIndex,
  copyImage,
  insecureAcceptAnything,
  inspectImage,
  isImageError,
  parseImageName,
  readImage,
  readManifest,
} from '../../src/index.ts'

const policy = insecureAcceptAnything
const long = `${'deep/'.repeat(40)}file`
const files = [
  { path: 'etc', directory: true, mode: 0o750 },
  { path: 'etc/motd', content: 'hello\n', uid: 1000, gid: 3_000_000, mtime: 1_700_000_000 },
  { path: 'bin/tool', content: '#!/bin/sh\n', mode: 0o4755 },
  { path: long, content: 'far away' },
  { path: 'link', link: `/${long}` },
] as const

test('a layer made in code unpacks with GNU tar to what was asked for', async t => {
  const directory = await tempDir(t, 'compose')
  await copyImage(composeImage({ layers: [files], compression: 'none' }), parseImageName(`dir:${directory}/image`), {
    policy,
  })
  const { layers } = await readImage(parseImageName(`dir:${directory}/image`))
  const root = join(directory, 'root')
  await mkdir(root)
  const tar = join(directory, 'image', layers[0]?.digest.slice(7) ?? '')
  execFileSync('tar', ['--numeric-owner', '-xpf', tar, '-C', root])
  const stat = async (path: string) => (await output('stat', ['-c', '%a %u %g %Y %s', join(root, path)])).trim()
  t.is(await stat('etc/motd'), '644 1000 3000000 1700000000 6')
  t.is(await stat('bin/tool'), '4755 0 0 0 10')
  t.regex(await stat('etc'), /^750 /)
  t.is(await output('cat', [join(root, long)]), 'far away')
  t.is((await output('readlink', [join(root, 'link')])).trim(), `/${long}`)
})

test('the same image made twice has the same digest, another date another', async t => {
  const digest = async (created?: string) =>
    (await readManifest(composeImage({ layers: [files], ...(created !== undefined && { created }) }))).digest
  t.is(await digest(), await digest())
  t.not(await digest(), await digest('2026-01-01T00:00:00Z'))
})

test('files on top of a base that lies in a layout: its layers are kept to the byte, its config is extended', async t => {
  const directory = await tempDir(t, 'base')
  const base = parseImageName(`oci:${directory}/base:1`)
  const settings = { Env: ['A=1'], Labels: { ['__proto__']: 'x', constructor: 'y' } }
  await copyImage(composeImage({ layers: [files], config: settings }), base, { policy })
  const image = composeImage({ base, layers: [[{ path: 'new', content: 'x' }]], config: { Cmd: ['/new'] } })
  const to = parseImageName(`oci-archive:${directory}/image.tar:1`)
  await copyImage(image, to, { policy })
  const [before, after] = [await readImage(base), await readImage(to)]
  t.deepEqual(
    after.layers.slice(0, -1).map(({ digest }) => digest),
    before.layers.map(({ digest }) => digest),
  )
  const config = JSON.parse(Buffer.from(after.config).toString()) as {
    config: Record<string, unknown>
    history: unknown[]
  }
  t.deepEqual(config.config.Env, ['A=1'])
  t.deepEqual(config.config.Cmd, ['/new'])
  t.is(config.history.length, 2)
  // Labels named like parts of every object are labels and nothing else.
  t.is(({} as Record<string, unknown>).x, undefined)
  t.deepEqual(Object.keys((await inspectImage(base)).labels).sort(), ['__proto__', 'constructor'])
  const said = JSON.parse(await output('skopeo', ['inspect', `oci-archive:${directory}/image.tar:1`])) as {
    Layers: string[]
  }
  t.deepEqual(
    said.Layers,
    after.layers.map(({ digest }) => digest as string),
  )
})

for (const path of ['', '/', '../x', 'a/../../x', 'a//b', 'a\0b', 'x'.repeat(5000)]) {
  test(`the path ${JSON.stringify(path.slice(0, 20))} is refused`, async t => {
    const image = composeImage({ layers: [[{ path, content: '' }]] })
    t.true(isImageError(await t.throwsAsync(readManifest(image)), 'ARCHIVE_INVALID'))
  })
}

test('an index over images of two platforms, one of them of a registry to come, is chosen from by platform', async t => {
  const directory = await tempDir(t, 'index')
  const platforms = [
    { os: 'linux', architecture: 'arm', variant: 'v6' },
    { os: 'linux', architecture: 'arm', variant: 'v7' },
  ]
  const index = composeIndex(
    platforms.map(platform => ({
      platform,
      image: composeImage({ platform, layers: [[{ path: 'v', content: platform.variant }]] }),
    })),
  )
  const to = parseImageName(`oci:${directory}/index:1`)
  await copyImage(index, to, { policy, images: 'all' })
  for (const [wanted, found] of [
    ['v8', 'v7'],
    ['v7', 'v7'],
    ['v6', 'v6'],
  ] as const) {
    const choice = { os: 'linux', architecture: 'arm', variant: wanted }
    t.is((await inspectImage(to, { platform: choice })).variant, found)
  }
  const missing = { os: 'linux', architecture: 'arm', variant: 'v5' }
  await t.throwsAsync(readImage(to, { platform: missing }), { code: 'PLATFORM_UNAVAILABLE' })
  await writeFile(join(directory, 'index/index.json'), '{')
  await t.throwsAsync(readManifest(to), { code: 'MANIFEST_INVALID' })
})
