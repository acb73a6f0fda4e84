import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { layerTar } from '../../src/compose/layer.ts'
import {
  copyImage,
  digestOf,
  insecureAcceptAnything,
  parseImageName,
  readImage,
  readImageConfig,
} from '../../src/index.ts'

const policy = insecureAcceptAnything

test('a schema 1 image becomes a schema 2 one', async t => {
  const directory = await tempDir(t, 'schema1')
  const tar = layerTar([{ path: 'hello', content: 'world' }])
  const layer = gzipSync(tar)
  const empty = gzipSync(Buffer.alloc(1024))
  const blobs = [layer, empty]
  const v1 = [
    {
      id: 'b',
      parent: 'a',
      created: '2020-01-01T00:00:00Z',
      os: 'linux',
      architecture: 'amd64',
      config: { Cmd: ['x'] },
      throwaway: true,
      container_config: { Cmd: ['CMD x'] },
    },
    { id: 'a', created: '2019-01-01T00:00:00Z', container_config: { Cmd: ['ADD', 'hello'] } },
  ]
  const manifest = {
    schemaVersion: 1,
    name: 'app',
    tag: '1',
    architecture: 'amd64',
    fsLayers: [{ blobSum: digestOf(empty) }, { blobSum: digestOf(layer) }],
    history: v1.map(document => ({ v1Compatibility: JSON.stringify(document) })),
  }
  await writeFile(join(directory, 'version'), 'Directory Transport Version: 1.1\n')
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest))
  for (const blob of blobs) await writeFile(join(directory, digestOf(blob).slice(7)), blob)
  const to = parseImageName(`oci:${join(directory, 'oci')}:x`)
  await copyImage(parseImageName(`dir:${directory}`), to, { policy })
  const { config, layers } = await readImage(to)
  t.deepEqual([...readImageConfig(config).diffIds], [digestOf(tar)])
  t.deepEqual(
    layers.map(({ digest }) => digest),
    [digestOf(layer)],
  )
  const parsed = JSON.parse(Buffer.from(config).toString()) as { config: object; history: object[]; id?: string }
  t.deepEqual(parsed.config, { Cmd: ['x'] })
  t.is(parsed.id, undefined)
  t.deepEqual(parsed.history, [
    { created: '2019-01-01T00:00:00Z', created_by: 'ADD hello' },
    { created: '2020-01-01T00:00:00Z', created_by: 'CMD x', empty_layer: true },
  ])
  await output('skopeo', [
    '--insecure-policy',
    'copy',
    '-q',
    `oci:${join(directory, 'oci')}:x`,
    `dir:${join(directory, 'theirs')}`,
  ])
  t.true((await readdir(join(directory, 'theirs'))).includes(digestOf(layer).slice(7)))
})
