import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

test('a volume of the driver image has the files of one, and keeps what is written over them', async t => {
  const cli = await openCliWithBusybox(t, 'image-volume')
  const create = ['volume', 'create', '--driver', 'image']
  for (const [options, message] of [
    [[], 'must provide an image name when creating a volume with the image driver: invalid argument'],
    [['--opt', `image=${busybox}`, '--opt', 'o=ro'], "invalid mount option o for driver 'image': invalid argument"],
    [['--opt', 'image=none'], 'looking up image none to create volume failed: none: image not known'],
  ] as const) {
    const { code, stderr } = await cli.run([...create, ...options, 'v'])
    t.deepEqual([code, stderr], [125, `Error: ${message}\n`])
  }
  t.is(await cli.ok('volume', 'ls', '--quiet'), '')
  await cli.ok('create', '--name', 'older', busybox)
  t.is(await cli.ok(...create, '--opt', `image=${busybox}`, 'v'), 'v')
  const [driver, image, storage = ''] = (
    await cli.ok('volume', 'inspect', '--format', '{{.Driver}} {{.Options.image}} {{.StorageID}}', 'v')
  ).split(' ')
  t.deepEqual([driver, image], ['image', busybox])
  t.regex(storage, /^[\da-f]{64}$/)
  t.regex(await cli.ok('ps', '--all', '--external', '--no-trunc', '--format', '{{.ID}}'), new RegExp(storage))
  const run = ['run', '--rm', '--network', 'none', '--volume', 'v:/v', busybox]
  await cli.ok(...run, '/v/bin/sh', '-c', 'echo kept > /v/new')
  t.is(await cli.ok(...run, 'cat', '/v/new'), 'kept')
  t.is(await cli.ok('volume', 'inspect', '--format', '{{.MountCount}}', 'v'), '0')
  const place = await cli.ok('volume', 'mount', 'v')
  t.true(existsSync(join(place, 'new')))
  await cli.ok('volume', 'unmount', 'v')
  t.false(existsSync(join(place, 'new')))
  for (const remove of [
    ['rm', '--force', storage],
    ['rm', '--force', 'v+volume'],
    ['rmi', '--force', busybox],
  ]) {
    const { code, stderr } = await cli.run(remove)
    t.is(code, 125, remove.join(' '))
    t.regex(
      stderr,
      /refusing to remove "\S+" as it exists in libpod as an image-backed volume v: container already exists/,
    )
  }
  t.is((await cli.run(['container', 'exists', 'older'])).code, 0, 'nothing is gone before rmi refuses')
  await cli.ok('rm', 'older')
  t.not((await cli.run(['rmi', busybox])).code, 0)
  await cli.ok('image', 'prune', '--all', '--external', '--force')
  t.is(await cli.ok(...run, 'cat', '/v/new'), 'kept')
  await cli.ok('volume', 'rm', 'v')
  t.is(await cli.ok('ps', '--all', '--external', '--quiet'), '')
  await cli.ok(...create, '--opt', `image=${busybox}`, 'v')
  t.not((await cli.run([...run, 'cat', '/v/new'])).code, 0, 'a new one has nothing of the old')
  await cli.ok('volume', 'prune', '--force')
  t.is(await cli.ok('ps', '--all', '--external', '--quiet'), '')
})

test('a claim may ask for an image, and a volume of one becomes such a claim', async t => {
  const cli = await openCliWithBusybox(t, 'image-claim')
  t.teardown(() => cli.run(['pod', 'rm', '--all', '--force', '--time', '0']))
  const annotations = { 'volume.podman.io/driver': 'image', 'volume.podman.io/image': busybox }
  const file = join(cli.directory, 'kube.yaml')
  const mounts = ['claim', 'image'].map(name => ({ name, mountPath: `/${name}` }))
  const documents = [
    { kind: 'PersistentVolumeClaim', metadata: { name: 'mine', annotations } },
    {
      kind: 'Pod',
      metadata: { name: 'pod' },
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'c',
            image: busybox,
            command: ['sh', '-c', 'touch /claim/x && ls /image/bin/sh && ! touch /image/x'],
            volumeMounts: [...mounts, { name: 'image', mountPath: '/part', subPath: 'bin' }],
          },
        ],
        volumes: [
          { name: 'claim', persistentVolumeClaim: { claimName: 'mine' } },
          { name: 'image', image: { reference: busybox, pullPolicy: 'Never' } },
        ],
      },
    },
  ]
  await writeFile(file, documents.map(each => JSON.stringify(each)).join('\n---\n'))
  await cli.ok('kube', 'play', '--network', 'none', file)
  t.is(await cli.ok('wait', 'pod-c'), '0')
  const generated = await cli.ok('kube', 'generate', 'mine')
  t.regex(generated, /volume\.podman\.io\/driver: image\n/)
  t.regex(generated, new RegExp(`volume\\.podman\\.io/image: ${busybox}\n`))
  await cli.ok('kube', 'down', '--force', file)
  t.is(await cli.ok('ps', '--all', '--external', '--quiet'), '')
  t.is(await cli.ok('volume', 'ls', '--quiet'), '')
})
