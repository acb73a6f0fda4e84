import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultCacheDir } from '@libpod/cni'
import { findExecutable } from '@libpod/syscall'
import { runProgram } from '../../../host/run-program.ts'
import { objectOf, textOf } from '../../../images/document.ts'
import type { KnownNetwork } from '../../load.ts'
import type { CniSettings } from './index.ts'

export async function forgetNetwork(
  { record, list }: KnownNetwork,
  { cacheDir = defaultCacheDir, launcher = [] }: Pick<CniSettings, 'cacheDir' | 'launcher'>,
): Promise<void> {
  if (record.driver === 'bridge') await removeLink(record.interface, launcher)
  const ipam = objectOf(list.plugins[0]?.ipam)
  if (ipam.type !== 'host-local') return
  // Addresses that host-local still remembers would be missing from a later network of the name.
  const directory = textOf(ipam.dataDir) || join(cacheDir, 'networks')
  await rm(join(directory, record.name), { recursive: true, force: true })
}

const places = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']

/** A bridge that was never made, or that something else has taken away, is no failure. */
async function removeLink(name: string, launcher: readonly string[]): Promise<void> {
  const ip = findExecutable('ip', places)
  if (ip === undefined || !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/.test(name)) return
  const [program = ip, ...args] = [...launcher, ip, 'link', 'delete', 'dev', name, 'type', 'bridge']
  await runProgram(program, { args, env: { PATH: places.join(':') } })
}
