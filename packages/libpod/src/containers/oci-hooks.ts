import {
  type Hook,
  type Hooks,
  type MatchedHooks,
  matchHooks,
  readHooks,
  runPoststopHooks,
} from '@libpod/runtime-tools'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { containerPaths } from './paths.ts'

const none: MatchedHooks = { runtime: {}, engine: { precreate: [], poststop: [] } }

/** The hooks of the hook directories that want this container (oci-hooks(5)). @throws RuntimeToolsError HOOK_INVALID */
export async function hooksFor(
  { options }: Pick<Rooms, 'options'>,
  record: ContainerRecord,
  annotations: Readonly<Record<string, string>>,
): Promise<MatchedHooks> {
  const { spec, argv, volumes } = record.config
  const definitions = await readHooks(spec.hookDirs ?? options.hooksDirs)
  if (definitions.length === 0) return none
  const mounted = (spec.mounts?.mounts?.length ?? 0) + volumes.length > 0
  return matchHooks(definitions, { annotations, command: argv[0] ?? '', hasBindMounts: mounted ? 'yes' : 'no' })
}

/** Both lists of hooks, stage by stage. */
export function joinHooks(one: Hooks, other: Hooks): Hooks | undefined {
  const joined: { -readonly [Stage in keyof Hooks]: Hooks[Stage] } = { ...one }
  for (const [stage, hooks] of Object.entries(other) as [keyof Hooks, readonly Hook[]][])
    joined[stage] = [...(joined[stage] ?? []), ...hooks]
  return Object.keys(joined).length > 0 ? joined : undefined
}

/** Runs the hooks that were matched at the start, now that the runtime has forgotten the container. Their failures change nothing. */
export async function runLastHooks(
  { options }: Pick<Rooms, 'options'>,
  { id, status, config }: ContainerRecord,
): Promise<void> {
  const hooks = status.poststopHooks ?? []
  if (hooks.length === 0) return
  const { bundle } = containerPaths(options, id)
  const annotations = config.spec.annotations ?? {}
  await runPoststopHooks(hooks, { ociVersion: '1.0.2', id, status: 'stopped', bundle, annotations })
}
