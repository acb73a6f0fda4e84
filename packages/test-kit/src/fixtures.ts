import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { busyboxTar } from './busybox.ts'
import { output, plainEnvironment } from './programs.ts'

/** Images that other tools make: Docker schema 2 and OCI, every compression, and an index of linux/amd64 and linux/arm64. */
export const fixtureNames = ['v2s2-gzip', 'oci-gzip', 'oci-zstd', 'oci-plain', 'index'] as const
export type FixtureName = (typeof fixtureNames)[number]

/** An image of this name within a registry. */
export const fixtureImage = (host: string, name: FixtureName): string => `${host}/busybox:${name}`

/**
 * Pushes all fixtures, two layers each, made by buildah and skopeo: busybox, and `/etc/second-layer` with the architecture's name.
 * The directory is for the makers' own use.
 */
export async function pushFixtures(directory: string, host: string): Promise<void> {
  const kitchen = await openKitchen(directory, host)
  for (const architecture of ['amd64', 'arm64']) await kitchen.build(architecture)
  await kitchen.buildah('manifest', 'create', 'both', made('amd64'), made('arm64'))
  const [plain, zstd] = [`dir:${join(directory, 'plain')}`, `oci:${join(directory, 'zstd')}`]
  await kitchen.buildah('push', '--disable-compression', '--format', 'oci', made('amd64'), plain)
  await kitchen.skopeo('copy', '--dest-compress', '--dest-compress-format', 'zstd', plain, zstd)
  await kitchen.push('v2s2-gzip', '--format', 'v2s2', made('amd64'))
  await kitchen.push('oci-gzip', '--format', 'oci', made('amd64'))
  // Digests kept, or skopeo puts the compressed blobs that it knows of in their place.
  await kitchen.copy('oci-plain', plain)
  await kitchen.copy('oci-zstd', zstd)
  await kitchen.buildah(
    'manifest',
    'push',
    '--all',
    '--tls-verify=false',
    '--format',
    'oci',
    'both',
    `docker://${fixtureImage(host, 'index')}`,
  )
}

const made = (architecture: string): string => `localhost/made:${architecture}`

interface Kitchen {
  buildah(command: string, ...args: readonly string[]): Promise<string>
  skopeo(command: string, ...args: readonly string[]): Promise<string>
  /** Makes `localhost/made:<architecture>` of two layers. */
  build(architecture: string): Promise<void>
  push(name: FixtureName, ...args: readonly string[]): Promise<void>
  copy(name: FixtureName, from: string): Promise<void>
}

async function openKitchen(directory: string, host: string): Promise<Kitchen> {
  await mkdir(directory, { recursive: true })
  const archive = await busyboxTar(directory)
  const policyFile = join(directory, 'policy.json')
  await writeFile(policyFile, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }))
  const store = ['--root', join(directory, 'root'), '--runroot', join(directory, 'runroot'), '--storage-driver', 'vfs']
  const env = { ...plainEnvironment, BUILDAH_ISOLATION: 'chroot', TMPDIR: directory }
  const buildah = async (command: string, ...args: readonly string[]): Promise<string> => {
    const trust = command === 'push' || command === 'commit' ? ['--signature-policy', policyFile] : []
    return (await output('buildah', [...store, command, ...trust, ...args], { env })).trim()
  }
  const skopeo = (command: string, ...args: readonly string[]): Promise<string> =>
    output('skopeo', ['--policy', policyFile, '--tmpdir', directory, command, ...args])
  const layer = async (from: string, source: string, target: string): Promise<string> => {
    const container = await buildah('from', '--pull-never', from)
    await buildah('add', container, source, target)
    return container
  }
  const build = async (architecture: string): Promise<void> => {
    const first = await layer('scratch', archive, '/')
    const settings = [
      '--arch',
      architecture,
      '--os',
      'linux',
      '--cmd',
      '["/bin/sh"]',
      '--env',
      'PATH=/bin',
      '--label',
      'kind=fixture',
    ]
    await buildah('config', ...settings, first)
    await buildah('commit', '--rm', first, `localhost/base:${architecture}`)
    await writeFile(join(directory, 'second-layer'), `${architecture}\n`)
    const second = await layer(`localhost/base:${architecture}`, join(directory, 'second-layer'), '/etc/second-layer')
    await buildah('commit', '--rm', second, made(architecture))
  }
  const push = async (name: FixtureName, ...args: readonly string[]): Promise<void> => {
    await buildah('push', '--tls-verify=false', ...args, `docker://${fixtureImage(host, name)}`)
  }
  const copy = async (name: FixtureName, from: string): Promise<void> => {
    await skopeo('copy', '--preserve-digests', '--dest-tls-verify=false', from, `docker://${fixtureImage(host, name)}`)
  }
  return { buildah, skopeo, build, push, copy }
}
