import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { busyboxRootfs } from './busybox.ts'

export interface BundleOptions {
  readonly args: readonly string[]
  readonly env?: readonly string[]
  readonly terminal?: boolean
  /** `linux.resources` of the runtime specification. */
  readonly resources?: object
  /** Made anew within the bundle unless given. */
  readonly rootfs?: string
}

/** An OCI bundle of busybox with a minimal config.json that runc runs anywhere; no network, own namespaces. */
export async function busyboxBundle(directory: string, options: BundleOptions): Promise<string> {
  await mkdir(directory, { recursive: true })
  const rootfs = options.rootfs ?? (await busyboxRootfs(join(directory, 'rootfs')))
  await writeFile(join(directory, 'config.json'), JSON.stringify(bundleConfig(rootfs, options)))
  return directory
}

const capabilities = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
]

function bundleConfig(rootfs: string, { args, env = [], terminal = false, resources = {} }: BundleOptions): object {
  return {
    ociVersion: '1.0.2',
    process: {
      ...{ terminal, args, cwd: '/', user: { uid: 0, gid: 0 }, env: ['PATH=/bin', 'TERM=xterm', ...env] },
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    root: { path: rootfs },
    hostname: 'bundle',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
      },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
    ],
    linux: { namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map(type => ({ type })), resources },
  }
}
