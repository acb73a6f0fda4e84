import { join } from 'node:path'
import type { ResolvedOptions } from '../engine.ts'

/** Where the files of one container are, as Podman's are; the store makes both directories. */
export interface ContainerPaths {
  /** The OCI bundle, kept until removal. */
  readonly bundle: string
  /** Gone at boot. */
  readonly run: string
  readonly spec: string
  readonly pidFile: string
  readonly monitorPidFile: string
  readonly runtimeLog: string
  readonly attachSocket: string
  readonly shm: string
  /** What containers write over `:O` mounts. */
  readonly overlays: string
  readonly exitDir: string
  readonly persistDir: string
  readonly lock: string
}

export function containerPaths(
  { root, runRoot, tmpDir, graphDriver }: Pick<ResolvedOptions, 'root' | 'runRoot' | 'tmpDir' | 'graphDriver'>,
  id: string,
): ContainerPaths {
  const bundle = join(root, `${graphDriver}-containers`, id, 'userdata')
  const run = join(runRoot, `${graphDriver}-containers`, id, 'userdata')
  return {
    bundle,
    run,
    spec: `${bundle}/config.json`,
    pidFile: `${run}/pidfile`,
    monitorPidFile: `${run}/conmon.pid`,
    runtimeLog: `${run}/oci-log`,
    attachSocket: `${bundle}/attach`,
    shm: `${bundle}/shm`,
    overlays: `${bundle}/overlay`,
    exitDir: `${tmpDir}/exits`,
    persistDir: `${tmpDir}/persist/${id}`,
    lock: `${tmpDir}/locks/${id}`,
  }
}
