import { join } from 'node:path'
import { busyboxTar, output, peerPodman, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { type ImageRoom, imageRoom } from './rooms.ts'

/** Two images, the second with a layer of its own under several names. */
async function twoImages(
  t: Parameters<typeof imageRoom>[0],
): Promise<ImageRoom & { readonly ids: readonly [string, string] }> {
  const room = await imageRoom(t)
  const directory = await tempDir(t, 'tar')
  const first = await room.images.import(await busyboxTar(directory), {
    name: 'example.com/one:1',
    changes: ['CMD ["/bin/sh"]'],
  })
  const small = join(directory, 'small.tar')
  await output('tar', ['-C', directory, '-cf', small, '--no-recursion', 'busybox-rootfs'])
  const second = await room.images.import(small, { name: 'example.com/two:2', changes: ['LABEL a=b'] })
  await room.images.tag('example.com/two:2', ['example.com/two:again'])
  return { ...room, ids: [first, second] }
}

for (const format of ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir'] as const) {
  test(`an image goes through ${format} and back, and into Podman`, async t => {
    const { images, directory, ids } = await twoImages(t)
    const path = join(directory, 'saved')
    await images.save(['example.com/one:1'], { format, output: path })
    const podman = await peerPodman(t)
    await podman.output(['load', '-i', path])
    const theirs = JSON.parse(await podman.output(['images', '--format', 'json'])) as {
      readonly Id: string
      readonly Names?: string[]
    }[]
    t.deepEqual(
      theirs.map(({ Id }) => Id),
      [ids[0]],
    )
    const other = await imageRoom(t)
    const loaded = await other.images.load(path)
    const named = format === 'docker-dir' ? [] : ['example.com/one:1']
    t.deepEqual(loaded, named.length > 0 ? named : [`sha256:${ids[0]}`])
    t.deepEqual(
      (await other.images.list()).map(({ id, names }) => ({ id, names })),
      [{ id: ids[0], names: named }],
    )
    t.deepEqual((await other.images.lookup(ids[0])).config, (await images.lookup(ids[0])).config)
  })
}

test('several images share one docker archive', async t => {
  const { images, directory, ids } = await twoImages(t)
  const path = join(directory, 'both.tar')
  await images.save(['one:1', 'two:2', 'two:again'], { format: 'docker-archive', output: path })
  const other = await imageRoom(t)
  t.deepEqual([...(await other.images.load(path))].sort(), [
    'example.com/one:1',
    'example.com/two:2',
    'example.com/two:again',
  ])
  t.deepEqual((await other.images.list()).map(({ id }) => id).sort(), [...ids].sort())
  await t.throwsAsync(images.save(['one:1', 'two:2'], { format: 'oci-archive', output: path }), {
    code: 'SPEC_INVALID',
  })
})

test('what Podman saves is loaded', async t => {
  const podman = await peerPodman(t)
  const directory = await tempDir(t, 'theirs')
  await podman.output(['import', await busyboxTar(directory), 'example.com/theirs:1'])
  const id = (await podman.output(['images', '-q', '--no-trunc'])).trim().replace('sha256:', '')
  for (const format of ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir']) {
    const path = join(directory, format)
    await podman.output(['save', '--format', format, '-o', path, 'example.com/theirs:1'])
    const { images } = await imageRoom(t)
    await images.load(path)
    t.deepEqual(
      (await images.list()).map(image => image.id),
      [id],
      format,
    )
  }
})

test('a file that is no image says so', async t => {
  const { images, directory } = await imageRoom(t)
  const path = join(directory, 'text')
  await output('sh', ['-c', `echo hello > ${path}`])
  await t.throwsAsync(images.load(path), {
    code: 'IMAGE_INVALID',
    message: /payload does not match any of the supported image formats/,
  })
})
