import type { SystemRooms } from './rooms.ts'
import type { System } from './system.ts'
import { engineVersion } from './version.ts'

/** The engine as a whole; each verb is loaded when it is first used. */
export function createSystem(rooms: SystemRooms): System {
  return {
    version: engineVersion,
    info: async () => (await import('./info.ts')).systemInfo(rooms),
    diskUsage: async call => (await import('./disk-usage.ts')).diskUsage(rooms, call),
    reset: async call => (await import('./reset.ts')).resetSystem(rooms, call),
    check: async options => (await import('./check.ts')).checkSystem(rooms, options),
    migrate: async options => (await import('./migrate.ts')).migrateSystem(rooms, options),
    autoUpdate: async options => (await import('../auto-update/run.ts')).autoUpdate(rooms, options),
    // Locks have names instead of numbers.
    renumber: async () => void rooms.state.database,
  }
}
