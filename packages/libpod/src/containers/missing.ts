import { statSync } from 'node:fs'
import { isCdiName, readDevices } from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'
import { blockDevice } from '../host/block-device.ts'
import type { ContainerSpec } from '../spec/container.ts'

/** Refuses a container that asks for directories, devices, namespaces, profiles or limits of devices that the host does not have. @throws LibpodError SPEC_INVALID */
export async function refuseMissing({ rootfs, mounts, security, resources, network }: ContainerSpec): Promise<void> {
  if (rootfs) needs(rootfs.path, 'running container create option: faccessat')
  for (const [space, mode] of Object.entries({ ...security?.namespaces, network: network?.mode }))
    if (mode?.kind === 'path') needs(mode.path, `cannot find specified ${spoken(space)} namespace path: stat`)
  const profile = security?.seccomp
  if (profile && profile !== 'unconfined') needs(profile, 'opening seccomp profile failed: open')
  if (security?.privileged !== 'yes') await needsAppArmor(security?.apparmor)
  for (const mount of mounts?.mounts ?? []) {
    if (mount.kind === 'bind') needs(mount.source, 'statfs')
    if (mount.kind === 'overlay' && mount.source.startsWith('/')) needs(mount.source, 'statfs')
  }
  for (const { hostPath } of security?.devices ?? []) if (!isCdiName(hostPath)) await needsDevice(hostPath)
  const { readBps = [], writeBps = [], readIops = [], writeIops = [], weightDevices = [] } = resources?.blockIo ?? {}
  for (const { path } of [...readBps, ...writeBps, ...readIops, ...writeIops]) blockDevice(path)
  for (const { path } of weightDevices) weighed(path)
}

/** A profile that nobody enforces would be a promise not kept. */
async function needsAppArmor(profile: string | undefined): Promise<void> {
  if (!profile || profile === 'unconfined' || (await import('../system/host-figures.ts')).appArmor()) return
  const text = `apparmor profile ${JSON.stringify(profile)} specified, but Apparmor is not enabled on this system`
  throw new LibpodError('SPEC_INVALID', text, { subject: profile })
}

function weighed(path: string): void {
  try {
    blockDevice(path)
  } catch (cause) {
    throw new LibpodError('SPEC_INVALID', `bad --blkio-weight-device: ${(cause as Error).message}`, {
      subject: path,
      cause,
    })
  }
}

const spoken = (space: string): string => (['pid', 'ipc', 'uts'].includes(space) ? space.toUpperCase() : space)

function needs(path: string, doing: string): void {
  if (statSync(path, { throwIfNoEntry: false })) return
  throw new LibpodError('SPEC_INVALID', `${doing} ${path}: no such file or directory`, { subject: path })
}

async function needsDevice(path: string): Promise<void> {
  needs(path, 'stat')
  await readDevices(path).catch(cause => {
    throw new LibpodError('SPEC_INVALID', `getting device info ${path}: ${cause.message}`, { subject: path, cause })
  })
}
