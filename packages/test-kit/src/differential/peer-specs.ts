import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { peerPodman } from '../peer-podman.ts'
import { output, plainEnvironment } from '../programs.ts'
import type { Teardown } from '../temp-dir.ts'
import { anonymous } from './anonymous.ts'

/** Flags of `create`, the image and the command. */
export interface SpecCase {
  readonly flags: readonly string[]
  /** Absent: {@link specImage}. */
  readonly image?: string
  readonly command?: readonly string[]
}

/** What a case ends in: config.json, or the last words of a refusal. */
export type SpecOutcome = { readonly spec: string } | { readonly refusal: string }

export interface PeerSpecs {
  /** A root file system, packed, for whoever imports the same. */
  readonly rootfs: string
  /** A runtime that refuses everything: the spec is written before it is asked. */
  readonly runtime: string
  specsOf(cases: readonly SpecCase[]): Promise<readonly SpecOutcome[]>
}

export const specImage = 'localhost/differential:1'
const atOnce = 3

/** The installed Podman, asked for many specs: the containers are made a few at a time, initialized by one call, and never run. */
export async function peerSpecs(
  t: Teardown,
  images: Readonly<Record<string, readonly string[]>> = {},
): Promise<PeerSpecs> {
  const peer = await peerPodman(t, { driver: 'vfs' })
  const directory = join(peer.graphRoot, '..')
  const rootfs = await packRootfs(directory)
  const runtime = await refusingRuntime(directory)
  // With the host's own configuration: defaults are a part of what is compared.
  const podman = (...args: readonly string[]) => peer.run(['--runtime', runtime, ...args], { env: plainEnvironment })
  for (const [name, changes] of Object.entries({ [specImage]: [], ...images }))
    await peer.output(['import', '--quiet', ...changes.flatMap(change => ['--change', change]), rootfs, name])
  const create = async ({ flags, image = specImage, command = ['sleep', '1'] }: SpecCase): Promise<Made> => {
    const { code, stdout, stderr } = await podman('create', ...flags, image, ...command)
    return code === 0 ? { id: stdout.trim() } : { refusal: stderr.trim().split('\n').at(-1) ?? '' }
  }
  const read = async (made: Made): Promise<SpecOutcome> => {
    if ('refusal' in made) return made
    const data = join(peer.graphRoot, 'vfs-containers', made.id, 'userdata')
    const text = await readFile(join(data, 'config.json'), 'utf8').catch(() => undefined)
    if (text === undefined) return { refusal: (await podman('container', 'init', made.id)).stderr.trim() }
    return { spec: anonymous(text, { id: made.id, graphRoot: peer.graphRoot, runRoot: peer.runRoot, driver: 'vfs' }) }
  }
  return {
    rootfs,
    runtime,
    async specsOf(cases) {
      const made: Made[] = []
      for (let at = 0; at < cases.length; at += atOnce)
        made.push(...(await Promise.all(cases.slice(at, at + atOnce).map(create))))
      const ids = made.flatMap(one => ('id' in one ? [one.id] : []))
      await podman('container', 'init', ...ids)
      const outcomes = await Promise.all(made.map(read))
      await podman('rm', '--all', '--force', '--time', '0')
      return outcomes
    },
  }
}

type Made = { readonly id: string } | { readonly refusal: string }

async function refusingRuntime(directory: string): Promise<string> {
  const path = join(directory, 'runc')
  await writeFile(path, '#!/bin/sh\nexit 1\n')
  await chmod(path, 0o755)
  return path
}

async function packRootfs(directory: string): Promise<string> {
  const fs = join(directory, 'fs')
  for (const name of ['bin', 'etc', 'tmp', 'home/app']) await mkdir(join(fs, name), { recursive: true })
  for (const name of ['sh', 'sleep', 'cat', 'id']) await symlink('busybox', join(fs, 'bin', name))
  await writeFile(join(fs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n')
  await writeFile(join(fs, 'etc/group'), 'root:x:0:\ntty:x:5:\napp:x:1000:\nextra:x:2000:app\n')
  const tar = join(directory, 'fs.tar')
  await output('tar', ['-C', fs, '--owner=0', '--group=0', '-cf', tar, '.'])
  return tar
}
