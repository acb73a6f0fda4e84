import { join } from 'node:path'
import type { ResolvedOptions } from '../engine.ts'

/** Where the files of one container are (interop E2); the store makes both directories. */
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
    spec: join(bundle, 'config.json'),
    pidFile: join(run, 'pidfile'),
    monitorPidFile: join(run, 'conmon.pid'),
    runtimeLog: join(run, 'oci-log'),
    attachSocket: join(bundle, 'attach'),
    shm: join(bundle, 'shm'),
    overlays: join(bundle, 'overlay'),
    exitDir: join(tmpDir, 'exits'),
    persistDir: join(tmpDir, 'persist', id),
    lock: join(tmpDir, 'locks', id),
  }
}
