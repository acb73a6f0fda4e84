import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { output, startRegistry, tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  copyImage,
  createDockerArchive,
  deleteImage,
  detectFormat,
  digestOf,
  formatDockerReference,
  insecureAcceptAnything,
  isImageError,
  listHeldImages,
  parseDockerReference,
  parseImageName,
  readImage,
  readManifest,
  tarballReference,
} from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess } from '../support/registry.ts'

// Places that hold several images, images that are only tars, and names with a digest.

const policy = insecureAcceptAnything
const image = (seed: string) => randomImage({ seed, layers: 1 })
const configDigest = async (name: string) => digestOf((await readImage(parseImageName(name))).config)
const inspect = async (name: string) =>
  (JSON.parse(await output('skopeo', ['inspect', '--config', name])) as { config: { Labels: { seed: string } } }).config
    .Labels.seed

test('a docker archive of several images: by name, by number, and as skopeo sees it', async t => {
  const path = join(await tempDir(t, 'several'), 'all.tar')
  await using archive = await createDockerArchive(path)
  const names = { a: ['localhost/a:1', 'localhost/a:2'], b: ['localhost/b:1'] }
  for (const [seed, tags] of Object.entries(names))
    await copyImage(image(seed), archive.reference(tags.map(tag => parseDockerReference(tag))), { policy })
  await archive.finish()
  t.deepEqual(
    (await listHeldImages('docker-archive', path)).map(one => one.names),
    [names.a, names.b],
  )
  const [a, b] = [digestOf((await readImage(image('a'))).config), digestOf((await readImage(image('b'))).config)]
  for (const [at, wanted] of [
    ['localhost/a:1', a],
    ['localhost/a:2', a],
    ['localhost/b:1', b],
    ['@0', a],
    ['@1', b],
  ] as const) {
    t.is(await configDigest(`docker-archive:${path}:${at}`), wanted)
    t.is(await inspect(`docker-archive:${path}:${at}`), wanted === a ? 'a' : 'b')
  }
  const refused = {
    '': /choose an image/,
    ':localhost/c:1': /Tag "localhost\/c:1" not found/,
    ':@2': /Invalid source index @2, only 2 manifest items available/,
  }
  for (const [at, message] of Object.entries(refused)) {
    const error = await t.throwsAsync(readManifest(parseImageName(`docker-archive:${path}${at}`)), { message })
    t.true(isImageError(error, 'IMAGE_UNKNOWN'))
  }
  await t.throwsAsync(copyImage(image('c'), parseImageName(`docker-archive:${path}:@0`), { policy }), {
    code: 'DESTINATION_REFUSED',
  })
})

test('a layout of several images: names move, numbers count, and what is deleted takes only its own blobs along', async t => {
  const layout = join(await tempDir(t, 'layout'), 'layout')
  for (const [seed, name] of [
    ['a', 'one'],
    ['b', 'two'],
    ['b', 'one'],
  ] as const)
    await copyImage(image(seed), parseImageName(`oci:${layout}:${name}`), { policy })
  t.deepEqual(
    (await listHeldImages('oci', layout)).map(({ names }) => names),
    [[], ['two'], ['one']],
  )
  for (const [at, seed] of [
    ['one', 'b'],
    ['two', 'b'],
    ['@0', 'a'],
    ['@1', 'b'],
  ] as const)
    t.is(await configDigest(`oci:${layout}:${at}`), digestOf((await readImage(image(seed))).config))
  t.is(await inspect(`oci:${layout}:one`), 'b')
  await t.throwsAsync(readManifest(parseImageName(`oci:${layout}`)), {
    message: /more than one image in oci, choose an image/,
  })
  await t.throwsAsync(readManifest(parseImageName(`oci:${layout}:three`)), {
    message: /no descriptor found for reference "three"/,
  })
  await deleteImage(parseImageName(`oci:${layout}:two`))
  t.is(await inspect(`oci:${layout}:one`), 'b')
  await deleteImage(parseImageName(`oci:${layout}:@0`))
  t.deepEqual(await listHeldImages('oci', layout).then(all => all.map(({ names }) => names)), [['one']])
  t.is(await inspect(`oci:${layout}`), 'b')
})

test('archives in gzip and zstd, and members that are links, are read as they are meant', async t => {
  const directory = await tempDir(t, 'packed')
  const plain = join(directory, 'plain.tar')
  for (const transport of ['docker-archive', 'oci-archive'] as const) {
    await copyImage(image('packed'), parseImageName(`${transport}:${plain}`), { policy })
    const bytes = await readFile(plain)
    for (const [ending, packed] of [
      ['gz', gzipSync(bytes)],
      ['zst', zstdCompressSync(bytes)],
    ] as const) {
      const path = join(directory, `${transport}.${ending}`)
      await writeFile(path, packed)
      t.is(await detectFormat(path), transport)
      t.is(
        (await readManifest(parseImageName(`${transport}:${path}`))).digest,
        (await readManifest(parseImageName(`${transport}:${plain}`))).digest,
      )
    }
  }
  // As `docker save` of old: each layer in a directory of its own, the second one a link to the first.
  const unpacked = join(directory, 'unpacked')
  await mkdir(unpacked)
  const old = join(directory, 'old.tar')
  await copyImage(image('packed'), parseImageName(`docker-archive:${old}`), { policy })
  execFileSync('tar', ['-xf', old, '-C', unpacked])
  const [item] = JSON.parse(await readFile(join(unpacked, 'manifest.json'), 'utf8')) as [{ Layers: string[] }]
  const [layer = ''] = item.Layers
  const contents = JSON.stringify([{ ...item, Layers: ['deep/layer.tar'] }])
  await writeFile(join(unpacked, 'manifest.json'), contents)
  execFileSync('sh', ['-c', `mkdir deep && ln -s ../${layer} deep/layer.tar && tar -cf ../linked.tar *`], {
    cwd: unpacked,
  })
  const { layers } = await readImage(parseImageName(`docker-archive:${directory}/linked.tar`))
  t.is(String(layers[0]?.digest), `sha256:${layer.replace('.tar', '')}`)
  for (const target of ['/etc/hostname', '../../../../../../../../etc/hostname', 'layer.tar']) {
    execFileSync('sh', ['-c', `ln -sf ${target} deep/layer.tar && tar -cf ../hostile.tar *`], { cwd: unpacked })
    await t.throwsAsync(readImage(parseImageName(`docker-archive:${directory}/hostile.tar`)), {
      code: 'ARCHIVE_INVALID',
    })
  }
})

test("tars as images: plain and compressed layers, standard input, a config of one's own, the same to skopeo", async t => {
  const directory = await tempDir(t, 'tarball')
  execFileSync('sh', ['-c', 'echo one > a; tar -cf a.tar a; echo two > b; tar -cf b.tar b'], { cwd: directory })
  const [a, b] = [await readFile(join(directory, 'a.tar')), await readFile(join(directory, 'b.tar'))]
  const packed = join(directory, 'b.tar.gz')
  await writeFile(packed, gzipSync(b))
  const name = `tarball:${directory}/a.tar:${packed}`
  const { config, layers } = await readImage(parseImageName(name))
  const { rootfs } = JSON.parse(Buffer.from(config).toString()) as { rootfs: { diff_ids: string[] } }
  t.deepEqual(rootfs.diff_ids, [digestOf(a), digestOf(b)] as string[])
  t.deepEqual(
    layers.map(({ mediaType }) => mediaType.split('.').at(-1)),
    ['tar', 'tar+gzip'],
  )
  const said = JSON.parse(await output('skopeo', ['inspect', '--raw', '--config', name])) as { rootfs: object }
  t.deepEqual(said.rootfs, { type: 'layers', diff_ids: rootfs.diff_ids })
  const own = tarballReference([`${directory}/a.tar`], {
    config: { config: { Cmd: ['/x'] }, os: 'plan9' },
    created: '2026-01-01T00:00:00Z',
  })
  const first = await readManifest(own)
  t.is(first.digest, (await readManifest(own)).digest)
  await copyImage(own, parseImageName(`oci:${directory}/own:1`), { policy })
  t.is(
    (JSON.parse(await output('skopeo', ['inspect', '--raw', '--config', `oci:${directory}/own:1`])) as { os: string })
      .os,
    'plan9',
  )
  await t.throwsAsync(readManifest(parseImageName(`tarball:${directory}/none`)), { code: 'SOURCE_UNREADABLE' })
  await t.throwsAsync(copyImage(own, parseImageName(name), { policy }), { code: 'COPY_UNSUPPORTED' })
})

test("an image by its digest, pushed without a tag, and by a digest that is another's", async t => {
  const { host } = await startRegistry(t)
  const access = await plainAccess(await tempDir(t, 'digest'))
  const to = parseImageName(`docker://${host}/app@@unknown-digest@@`)
  const { digest } = await copyImage(image('untagged'), to, { policy, destination: access })
  const byDigest = parseImageName(`docker://${host}/app@${digest}`)
  t.is((await readManifest(byDigest, { access })).digest, digest)
  t.is(byDigest.dockerReference && formatDockerReference(byDigest.dockerReference), `${host}/app@${digest}`)
  await copyImage(image('untagged'), byDigest, { policy, destination: access })
  const other = copyImage(image('another'), byDigest, { policy, destination: access })
  await t.throwsAsync(other, { code: 'DIGEST_MISMATCH' })
  await t.throwsAsync(readManifest(to, { access }), { code: 'COPY_UNSUPPORTED' })
})
