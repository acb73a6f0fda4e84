import * as fs from 'node:fs'
import { join } from 'node:path'
import { busyboxTar, output, peerPodman, plainEnvironment, startRegistry } from '@libpod/test-kit'
import test from 'ava'
import { checkStore, repairStore } from '../src/index.ts'
import { tempStore } from './support/temp-store.ts'
import { zoo } from './support/zoo.ts'

async function zooTar(directory: string): Promise<string> {
  const [root, tar] = [join(directory, 'zoo'), join(directory, 'zoo.tar')]
  fs.mkdirSync(root)
  zoo(root)
  await output('tar', ['--format=posix', '--xattrs', '--xattrs-include=*', '-C', root, '-cf', tar, '.'])
  return tar
}

for (const driver of ['overlay', 'vfs'] as const) {
  test(`${driver}: nothing is wrong with what Podman, Buildah and Skopeo make, and mending leaves their records as they are`, async t => {
    t.timeout(300_000)
    const { store, directory, options } = await tempStore(t, { driver })
    const { graphRoot, runRoot } = options
    const peer = await peerPodman(t, { graphRoot, runRoot, driver })
    const registry = await startRegistry(t)
    await peer.output(['import', await busyboxTar(directory), 'localhost/base:1'])
    await peer.output(['import', await zooTar(directory), 'localhost/zoo:1'])
    for (const fixture of ['v2s2-gzip', 'oci-zstd', 'index'] as const)
      await peer.output(['pull', '--quiet', '--tls-verify=false', await registry.fixture(fixture)])
    const recipe = 'FROM localhost/base:1\nENV PATH=/bin\nRUN echo one >/one\nRUN rm /one\nLABEL two=2\n'
    fs.writeFileSync(join(directory, 'Containerfile'), recipe)
    const build = ['build', '--quiet', '--isolation', 'chroot', '--file', join(directory, 'Containerfile')]
    await peer.output([...build, '--layers', '--tag', 'localhost/layers:1', directory])
    await peer.output([...build, '--squash', '--format', 'docker', '--tag', 'localhost/squashed:1', directory])
    await peer.output(['create', '--name', 'plain', '--network', 'none', 'localhost/layers:1', 'true'])
    await peer.output([
      'create',
      '--name',
      'mapped',
      '--network',
      'none',
      '--uidmap',
      '0:100000:5000',
      'localhost/base:1',
      'true',
    ])
    await peer.output(['commit', '--quiet', 'plain', 'localhost/committed:1'])
    await peer.output(['manifest', 'create', 'localhost/list:1'])
    await peer.output([
      'manifest',
      'add',
      '--tls-verify=false',
      'localhost/list:1',
      `docker://${await registry.fixture('oci-gzip')}`,
    ])
    await peer.output(['tag', 'localhost/committed:1', 'localhost/other:1', 'localhost/other:2'])
    await peer.output(['untag', 'localhost/committed:1', 'localhost/other:1'])
    const globals = ['--root', graphRoot, '--runroot', runRoot, '--storage-driver', driver]
    await output('buildah', [...globals, 'from', '--name', 'working', 'localhost/squashed:1'], {
      env: plainEnvironment,
    })
    const place = `containers-storage:[${driver}@${graphRoot}+${runRoot}]`
    await output('skopeo', [
      '--insecure-policy',
      'copy',
      '--quiet',
      `${place}localhost/base:1`,
      `${place}localhost/copied:1`,
    ])
    t.true((await store.images.list()).length >= 8)
    t.deepEqual(await checkStore(store), [])

    const records = () =>
      ['layers', 'images', 'containers'].map(kind =>
        fs.readFileSync(join(graphRoot, `${driver}-${kind}/${kind}.json`), 'utf8'),
      )
    const before = records()
    const alarm = { kind: 'image-record-wrong', subject: '', detail: 'a false alarm' } as const
    t.deepEqual(await repairStore(store, [alarm]), [])
    t.deepEqual(records(), before)
  })
}
