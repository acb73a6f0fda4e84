import * as fs from 'node:fs'
import { join } from 'node:path'
import { lsetxattr, lutimesNs, makedev, mkfifo, mknod, S_IFCHR } from '@libpod/syscall'
import { output, peerPodman, plainEnvironment } from '@libpod/test-kit'
import test from 'ava'
import { packTree } from '../src/index.ts'
import { entryLines } from './support/entries.ts'
import { addImage } from './support/image.ts'
import { tempStore } from './support/temp-store.ts'

/** Everything a container may do to its files, as seen from where its root is mounted. */
function live(root: string): void {
  const at = (name: string) => join(root, name)
  fs.writeFileSync(at('new'), 'new')
  fs.appendFileSync(at('etc/passwd'), 'more\n')
  fs.rmSync(at('etc/os-release'))
  fs.chmodSync(at('etc/group'), 0o600)
  fs.chownSync(at('etc/added'), 1000, 1001)
  fs.mkdirSync(at('made/deep/er'), { recursive: true })
  fs.writeFileSync(at('made/deep/er/file'), 'x'.repeat(3000))
  fs.rmSync(at('home'), { recursive: true })
  fs.mkdirSync(at('home'))
  fs.writeFileSync(at('home/again'), '')
  fs.rmSync(at('var'), { recursive: true })
  fs.rmSync(at('bin/ls'))
  fs.symlinkSync('/bin/busybox', at('bin/ls'))
  fs.rmSync(at('bin/cat'))
  fs.mkdirSync(at('bin/cat'))
  fs.linkSync(at('new'), at('made/linked'))
  mkfifo(at('made/fifo'), 0o640)
  mknod(at('made/null'), S_IFCHR | 0o666, makedev(1, 3))
  fs.writeFileSync(at('made/setuid'), '')
  fs.chownSync(at('made/setuid'), 0, 5)
  fs.chmodSync(at('made/setuid'), 0o6755)
  fs.chmodSync(at('tmp'), 0o1777)
  fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/made/`), Buffer.from([0xc3, 0xa9])]), 'utf-8')
  fs.mkdirSync(at(`made/${'n'.repeat(120)}`))
  fs.writeFileSync(at(`made/${'n'.repeat(120)}/${'m'.repeat(150)}`), 'long')
  lsetxattr(at('made/setuid'), 'security.capability', Buffer.from('0100000200040000000000000000000000000000', 'hex'))
  lsetxattr(at('new'), 'user.comment', Buffer.from('said'))
  lutimesNs(at('made/deep'), 0n, 1_000_000_000_000_000_000n)
  lutimesNs(at('made/fifo'), 0n, 1_234_567_890_123_456_789n)
}

for (const driver of ['overlay', 'vfs'] as const) {
  test(`${driver}: changes, diff and export of a container are those of Podman and Buildah, entry by entry`, async t => {
    const { store, directory, options } = await tempStore(t, { driver })
    await addImage(store, directory, 'localhost/lived:latest')
    const peer = await peerPodman(t, { ...options, driver })
    await peer.output(['create', '--name', 'c1', '--network', 'none', 'localhost/lived', 'true'])
    live(await store.containers.mount('c1'))
    const layer = (await store.containers.get('c1'))?.layer ?? ''

    const letters = { added: 'A', modified: 'C', deleted: 'D' } as const
    const ours = await Array.fromAsync(store.layers.changes(layer), ({ kind, path }) => `${letters[kind]} ${path}`)
    t.deepEqual(ours.sort(), (await peer.output(['diff', 'c1'])).trim().split('\n').sort())

    const diff = await entryLines(store.layers.diff(layer))
    t.true(diff.length > 20)
    const committed = async (name: string) => (await store.images.get(`localhost/${name}:latest`))?.layer ?? ''
    await peer.output(['commit', '--quiet', 'c1', 'localhost/committed'])
    t.deepEqual(diff, await entryLines(store.layers.diff(await committed('committed'))))

    const root = await store.containers.mount('c1')
    await peer.output(['export', '--output', join(directory, 'exported.tar'), 'c1'])
    const exported = fs.createReadStream(join(directory, 'exported.tar'))
    t.deepEqual(await entryLines(packTree(root)), await entryLines(exported))
    await store.containers.unmount('c1', 'force')

    const globals = ['--root', options.graphRoot, '--runroot', options.runRoot, '--storage-driver', driver]
    const buildah = (...args: string[]) => output('buildah', [...globals, ...args], { env: plainEnvironment })
    const working = (await buildah('from', 'localhost/lived')).trim()
    live((await buildah('mount', working)).trim())
    await buildah('commit', '--quiet', working, 'localhost/built')
    const built = (await store.containers.get(working))?.layer ?? ''
    const theirs = await entryLines(store.layers.diff(await committed('built')))
    t.deepEqual(await entryLines(store.layers.diff(built)), theirs)
    await buildah('umount', working)
    await buildah('rm', working)
  })
}
