import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blockDevice } from '../host/block-device.ts'
import { changedHealth } from '../plan/health.ts'
import { planResources } from '../plan/resources.ts'
import { runtimeOf } from '../runtimes/of-container.ts'
import type { ProcessSpec } from '../spec/process.ts'
import type { ResourceSpec } from '../spec/resources.ts'
import type { ContainerConfig, ContainerRecord } from '../state/container.ts'
import type { ContainerChange } from './containers.ts'
import { subjectOf } from './create.ts'
import { checkDestination } from './health-log.ts'
import { renewHealthTimer } from './health-timer.ts'
import { isRunning } from './liveness.ts'
import { withContainer } from './lock.ts'
import { containerPaths } from './paths.ts'
import type { StartRooms } from './start.ts'

/** Changes a container's limits (at once when it runs), restart policy and health check; environment and rlimits from its next start. */
export async function updateContainer(rooms: StartRooms, name: string, change: ContainerChange): Promise<void> {
  const { id } = rooms.state.containers.find(name)
  await withContainer(rooms, id, async record => {
    if (change.health) checkDestination(change.health)
    const config = changed(record.config, change)
    if (change.resources && isRunning(rooms, record)) await applyLive(rooms, record, change.resources)
    rooms.state.containers.setConfig(id, config)
    if (change.health && isRunning(rooms, record)) renewHealthTimer(rooms, { ...record, config })
    await rooms.events.write({ type: 'container', status: 'update', ...subjectOf(record) })
  })
}

function changed(
  config: ContainerConfig,
  { resources, restart, health, env, rlimits }: ContainerChange,
): ContainerConfig {
  return {
    ...config,
    spec: {
      ...config.spec,
      ...(resources ? { resources: mergeResources(config.spec.resources ?? {}, resources) } : {}),
      ...(restart ? { restart } : {}),
      process: {
        ...config.spec.process,
        ...(rlimits ? { rlimits } : {}),
        ...(env ? changeWishes(config.spec.process ?? {}, env) : {}),
      },
    },
    ...(health ? { healthcheck: changedHealth(config.healthcheck, health) } : {}),
    ...(env ? { env: changeEnv(config.env, env) } : {}),
  }
}

/** A group of limits keeps those that the change says nothing of. */
export function mergeResources(old: ResourceSpec, change: ResourceSpec): ResourceSpec {
  return {
    ...old,
    ...change,
    ...(change.memory ? { memory: { ...old.memory, ...change.memory } } : {}),
    ...(change.cpu ? { cpu: { ...old.cpu, ...change.cpu } } : {}),
    ...(change.blockIo ? { blockIo: { ...old.blockIo, ...change.blockIo } } : {}),
  }
}

/** So that another container made like this one has it as well. */
function changeWishes(
  { env = {}, unsetEnv = [] }: ProcessSpec,
  { set = {}, unset = [] }: NonNullable<ContainerChange['env']>,
): Pick<ProcessSpec, 'env' | 'unsetEnv'> {
  const kept = Object.entries(env).filter(([key]) => !unset.includes(key))
  const gone = (names: readonly string[]) => [...names, ...unset].filter(key => !Object.hasOwn(set, key))
  return {
    env: { ...Object.fromEntries(kept), ...set },
    unsetEnv: unsetEnv === 'all' ? unsetEnv : gone(unsetEnv),
  }
}

export function changeEnv(
  env: readonly string[],
  { set = {}, unset = [] }: NonNullable<ContainerChange['env']>,
): readonly string[] {
  const kept = env.filter(line => {
    const key = line.slice(0, line.indexOf('='))
    return !unset.includes(key) && !Object.hasOwn(set, key)
  })
  return [...kept, ...Object.entries(set).map(([key, value]) => `${key}=${value}`)]
}

async function applyLive(rooms: StartRooms, record: ContainerRecord, resources: ResourceSpec): Promise<void> {
  const { id } = record
  const file = join(containerPaths(rooms.options, id).run, 'resources.json')
  const limits = planResources(resources, { pidsLimit: 0 }, blockDevice)
  writeFileSync(file, JSON.stringify(limits), { mode: 0o600 })
  try {
    await runtimeOf(rooms, record).update(id, file)
  } finally {
    rmSync(file, { force: true })
  }
}
