import type { Rooms } from '../rooms.ts'
import type { Containers } from './containers.ts'

/** The containers of an engine; each verb is loaded when it is first used. */
export function createContainers(rooms: Rooms): Containers {
  return {
    create: async (spec, call) => (await import('./create.ts')).createContainer(rooms, spec, call),
    init: async (name, call) => (await import('./start.ts')).initContainer(rooms, name, call),
    start: async (name, call) => (await import('./start.ts')).startContainer(rooms, name, call),
    startAttached: async (name, options) => (await import('./attach.ts')).startAttached(rooms, name, options),
    run: async (spec, options) => (await import('./run.ts')).runContainer(rooms, spec, options),
    attach: async (name, options) => (await import('./attach.ts')).attachContainer(rooms, name, options),
    stop: async (name, options) => (await import('./stop.ts')).stopContainer(rooms, name, options),
    kill: async (name, signal) => (await import('./stop.ts')).killContainer(rooms, name, signal),
    restart: async (name, options) => (await import('./life.ts')).restartContainer(rooms, name, options),
    pause: async name => (await import('./life.ts')).pauseContainer(rooms, name),
    unpause: async name => (await import('./life.ts')).unpauseContainer(rooms, name),
    update: async (name, change) => (await import('./update.ts')).updateContainer(rooms, name, change),
    rename: async (name, newName) => (await import('./life.ts')).renameContainer(rooms, name, newName),
    wait: async (name, conditions, options) =>
      (await import('./wait.ts')).waitContainer(rooms, name, conditions, options),
    remove: async (name, options) => (await import('./remove.ts')).removeContainer(rooms, name, options),
    checkpoint: async (name, options) => (await import('./checkpoint.ts')).checkpointContainer(rooms, name, options),
    restore: async (name, options) => (await import('./checkpoint.ts')).restoreContainer(rooms, name, options),
    prune: async filters => (await import('./remove.ts')).pruneContainers(rooms, filters),
    removeAbandoned: async () => (await import('./lease.ts')).removeAbandoned(rooms),
    cleanup: async (name, options) =>
      options?.execSession
        ? (await import('./exec.ts')).cleanupExec(rooms, name, options.execSession)
        : (await import('./cleanup.ts')).cleanupContainer(rooms, name, options),
    exec: async (name, spec, call) => (await import('./exec.ts')).execContainer(rooms, name, spec, call),
    execDetached: async (name, spec, call) => (await import('./exec.ts')).execDetached(rooms, name, spec, call),
    logs: async function* (name, options) {
      yield* (await import('./logs.ts')).containerLogs(rooms, name, options)
    },
    mount: async name => (await import('./disk.ts')).mountContainer(rooms, name),
    unmount: async (name, how) => (await import('./disk.ts')).unmountContainer(rooms, name, how),
    mounts: async () => (await import('./disk.ts')).mountedContainers(rooms),
    copyOut: async (name, path, call) => (await import('./copy.ts')).copyOut(rooms, name, path, call),
    copyIn: async (name, path, tar, options) =>
      (await import('./copy.ts')).copyIn(rooms, name, path, { tar, ...options }),
    stat: async (name, path) => (await import('./copy.ts')).statInContainer(rooms, name, path),
    entries: async (name, path) => (await import('./entries.ts')).entriesInContainer(rooms, name, path),
    commit: async (name, options) => (await import('./commit.ts')).commitContainer(rooms, name, options),
    changes: async (name, call) => (await import('./disk.ts')).containerChanges(rooms, name, call),
    export: async function* (name, call) {
      yield* (await import('./disk.ts')).exportContainer(rooms, name, call)
    },
    list: async options => (await import('./list.ts')).listContainers(rooms, options),
    inspect: async (name, options) => (await import('./inspect.ts')).inspectContainer(rooms, name, options),
    top: async (name, descriptors) => (await import('./top.ts')).containerTop(rooms, name, descriptors),
    stats: async names => (await import('./stats.ts')).containerStats(rooms, names),
    runHealthCheck: async (name, call) => (await import('./health.ts')).runHealthCheck(rooms, name, call),
    spec: async name => (await import('./spec-of.ts')).specOfContainer(rooms, name),
    generateSpec: async (name, options) =>
      (await import('../specgen/generate.ts')).generateContainer(rooms, name, options),
    ports: async name =>
      (await import('./joined.ts')).networkOwner(rooms, rooms.state.containers.find(name)).config.ports,
    resolve: async name => rooms.state.containers.find(name).id,
    exists: async (name, which) => (await import('./exists.ts')).containerExists(rooms, name, which),
  }
}
