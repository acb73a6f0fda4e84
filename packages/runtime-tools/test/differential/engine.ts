import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readSpec, type Spec } from '../../src/index.ts'

const run = promisify(execFile)

/** A podman, real or ours, with roots of its own and one small image. */
export interface EngineUnderTest extends AsyncDisposable {
  readonly directory: string
  /** The config.json that these flags of `create` end in, with paths and ids replaced by words. */
  specOf(flags: readonly string[], command?: readonly string[]): Promise<Spec>
}

export const image = 'localhost/differential:1'

/** Real podman 4.3.1, or any program with the same command line. */
export async function openPodman(program: readonly string[]): Promise<EngineUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'spec-diff-'))
  const [file = '', ...first] = program
  const roots = ['root', 'runroot', 'tmpdir'].flatMap(name => [`--${name}`, join(directory, name)])
  const fixed = [
    '--storage-driver',
    'vfs',
    '--runtime',
    'runc',
    '--cgroup-manager',
    'cgroupfs',
    '--events-backend',
    'none',
  ]
  // A cgroup of its own, so that nothing stays behind.
  const parent = directory.replace(/.*\//, '/')
  const podman = (...args: readonly string[]) =>
    run(file, [...first, ...roots, ...fixed, ...args], { maxBuffer: 1 << 26 })
  // The store is shared: what Podman imports, every engine under test can run.
  await run('podman', [...roots, ...fixed, 'import', await makeRootfs(directory), image])
  return {
    directory,
    async specOf(flags, command = ['sleep', '1']) {
      const { stdout } = await podman('create', '--cgroup-parent', parent, ...flags, image, ...command)
      const id = stdout.trim().split('\n').at(-1) ?? ''
      // The runtime may refuse what this host cannot do; the spec is written before it is asked.
      await podman('container', 'init', id).catch(() => {})
      const text = await readConfig(directory, id)
      await podman('rm', '-f', id).catch(() => {})
      return readSpec(anonymous(text.replaceAll(`"${parent}/`, '"/PARENT/'), { directory, id }))
    },
    async [Symbol.asyncDispose]() {
      await podman('rm', '--all', '--force', '--time', '0').catch(() => {})
      await removeCgroups(parent)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const readConfig = (directory: string, id: string) => {
  return readFile(join(directory, 'root', 'vfs-containers', id, 'userdata', 'config.json'), 'utf8')
}

function anonymous(text: string, { directory, id }: { readonly directory: string; readonly id: string }): string {
  return text
    .replaceAll(join(directory, 'root', 'vfs-containers', id, 'userdata'), 'DATA')
    .replaceAll(join(directory, 'runroot', 'vfs-containers', id, 'userdata'), 'RUN')
    .replace(new RegExp(`${join(directory, 'root', 'vfs', 'dir')}/[0-9a-f]{64}`, 'g'), 'ROOT')
    .replaceAll(directory, 'DIR')
    .replaceAll(id, 'ID')
    .replaceAll(id.slice(0, 32), 'ID32')
    .replaceAll(id.slice(0, 12), 'ID12')
    .replace(/\/volumes\/[0-9a-f]{64}\//g, '/volumes/ANONYMOUS/')
}

async function makeRootfs(directory: string): Promise<string> {
  const fs = join(directory, 'fs')
  for (const name of ['bin', 'etc', 'tmp', 'home/app']) await mkdir(join(fs, name), { recursive: true })
  await run('cp', ['/bin/busybox', join(fs, 'bin/busybox')])
  for (const name of ['sh', 'sleep', 'cat', 'id']) await symlink('busybox', join(fs, 'bin', name))
  await writeFile(join(fs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n')
  await writeFile(join(fs, 'etc/group'), 'root:x:0:\ntty:x:5:\napp:x:1000:\nextra:x:2000:app\n')
  const tar = join(directory, 'fs.tar')
  await run('tar', ['-C', fs, '-cf', tar, '.'])
  return tar
}

/** Empty directories of this name in every hierarchy. */
async function removeCgroups(parent: string): Promise<void> {
  const root = '/sys/fs/cgroup'
  for (const hierarchy of ['', ...(await readdir(root))]) {
    await run('find', [join(root, hierarchy, parent), '-depth', '-type', 'd', '-delete']).catch(() => {})
  }
}
