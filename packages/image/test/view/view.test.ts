import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { hostileServer, output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  composeImage,
  copyImage,
  insecureAcceptAnything,
  openImageView,
  parseImageName,
  readImageFile,
  tarballReference,
} from '../../src/index.ts'
import { plainAccess } from '../support/registry.ts'
import { servedImage } from '../support/served-image.ts'

const policy = insecureAcceptAnything
const layers = [
  [
    { path: 'usr/lib', directory: true },
    { path: 'usr/lib/os-release', content: 'NAME=old\n' },
    { path: 'usr/lib/kept', content: 'kept' },
    { path: 'lib', link: 'usr/lib' },
    { path: 'etc/os-release', link: '../usr/lib/os-release' },
    { path: 'etc/gone', content: 'x' },
    { path: 'etc/escape', link: '../../../../etc/hostname' },
    { path: 'data/a/one', content: '1' },
    { path: 'data/b', content: '2' },
    { path: 'loop', link: 'pool' },
    { path: 'pool', link: '/loop' },
    { path: 'big', content: Buffer.alloc(5 * 1024 * 1024, 7) },
    { path: 'swap', directory: true },
    { path: 'swap/file', content: 'below' },
  ],
  [
    { path: 'usr/lib/os-release', content: 'NAME=new\n' },
    { path: 'etc/.wh.gone', content: '' },
    { path: 'data/.wh..wh..opq', content: '' },
    { path: 'data/c', content: '3' },
    { path: 'twice', content: 'first' },
    { path: 'twice', content: 'second' },
    { path: 'swap', content: 'a file now' },
  ],
] as const

const image = composeImage({ layers })
const text = async (path: string) => Buffer.from(await readImageFile(image, path)).toString()

test('the topmost layer speaks, and links are followed within the image', async t => {
  t.is(await text('/usr/lib/os-release'), 'NAME=new\n')
  t.is(await text('etc/os-release'), 'NAME=new\n')
  t.is(await text('lib/kept'), 'kept')
  t.is(await text('twice'), 'second')
  t.is(await text('data/c'), '3')
  t.is(await text('swap'), 'a file now')
  t.is((await readImageFile(image, 'big')).length, 5 * 1024 * 1024)
})

for (const path of [
  'etc/gone',
  'data/b',
  'data/a/one',
  'nothing',
  'etc/escape',
  'loop',
  'usr/lib',
  'swap/file',
  '../../etc/hostname',
  '',
]) {
  test(`${JSON.stringify(path)} is not to be read`, async t => {
    const error = await t.throwsAsync(readImageFile(image, path), { code: 'FILE_UNKNOWN' })
    t.true(error?.message.includes(JSON.stringify(path)))
  })
}

test('one view serves many files and tells where they lie; a layer is fetched once for all small files', async t => {
  const served = await servedImage(image)
  const server = await hostileServer(t, served.serve)
  const access = await plainAccess(await tempDir(t, 'view'))
  await using view = await openImageView(parseImageName(`docker://${server.host}/a:1`), { access })
  const blobs = () => server.seen.filter(({ path }) => path.includes(view.image.layers[0]?.digest ?? '')).length
  t.deepEqual(await view.find('/etc/os-release'), {
    path: 'usr/lib/os-release',
    kind: 'file',
    size: 9,
    layer: served.layers[1]?.digest as never,
  })
  t.is((await view.find('usr'))?.kind, 'directory')
  t.is((await view.find('usr/lib'))?.kind, 'directory')
  t.is(await view.find('nothing'), undefined)
  t.is(blobs(), 1)
  await t.throwsAsync(view.read('big', 1000), { code: 'SIZE_EXCEEDED' })
  t.is(blobs(), 1)
})

test('a layer that is not what its digest says gives no file', async t => {
  const served = await servedImage(image)
  const wrong = gzipSync(Buffer.alloc(10240))
  const server = await hostileServer(t, ({ path, ...rest }, response) =>
    path.endsWith(served.layers[1]?.digest ?? '') ? response.end(wrong) : served.serve({ path, ...rest }, response),
  )
  const access = await plainAccess(await tempDir(t, 'view'), { retries: 0, retryDelay: 1 })
  const reference = parseImageName(`docker://${server.host}/a:1`)
  const error = await t.throwsAsync(readImageFile(reference, 'usr/lib/os-release', { access }))
  t.regex(error?.message ?? '', /sha256:/)
})

test('hard links, long names and archives as GNU tar and docker make them', async t => {
  const directory = await tempDir(t, 'gnu')
  const [root, tar] = [join(directory, 'root'), join(directory, 'layer.tar')]
  const deep = 'd/'.repeat(80)
  await mkdir(join(root, deep), { recursive: true })
  await output('sh', [
    '-c',
    `cd ${root} && printf content > ${deep}file && ln ${deep}file hard && tar -cf ${tar} ${deep}file hard`,
  ])
  const imported = tarballReference([tar])
  t.is(Buffer.from(await readImageFile(imported, 'hard')).toString(), 'content')
  t.is(Buffer.from(await readImageFile(imported, `${deep}file`)).toString(), 'content')
  const archive = parseImageName(`docker-archive:${directory}/image.tar:a:1`)
  await copyImage(imported, archive, { policy })
  t.is(Buffer.from(await readImageFile(archive, 'hard')).toString(), 'content')
})
