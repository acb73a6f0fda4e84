import { join } from 'node:path'
import type { DriverName, StoreOptions } from '../config/options.ts'
import { StorageError } from '../errors.ts'
import { inUserNamespace } from '../host.ts'

/** What every driver is told. */
export interface DriverSettings {
  readonly home: string
  readonly runHome: string
  readonly otherHomes: readonly string[]
  /** Where image layers are kept: a home of its own with a separate image store. */
  readonly imageHome: string
  readonly userNamespace: 'yes' | 'no'
  /** The driver's own options without its name: `mountopt` → `nodev`. */
  readonly options: ReadonlyMap<string, string>
}

export function driverSettings(name: DriverName, options: StoreOptions): DriverSettings {
  return {
    home: join(options.graphRoot, name),
    runHome: join(options.runRoot, name),
    imageHome: join(options.imageStore ?? options.graphRoot, name),
    otherHomes: options.additionalImageStores.map(root => join(root, name)),
    userNamespace: inUserNamespace(),
    options: ownOptions(name, options.driverOptions),
  }
}

/** `overlay.mountopt=nodev` and `.mountopt=nodev` both count for overlay; so does the legacy `overlay2.`. @throws StorageError OPTION_INVALID */
export function ownOptions(name: DriverName, all: readonly string[]): ReadonlyMap<string, string> {
  const own = new Map<string, string>()
  for (const each of all) {
    if (!each.includes('='))
      throw new StorageError('OPTION_INVALID', `unable to parse key/value option: ${each}`, { subject: each })
    const [, driver, key, value] = /^(?:([a-z0-9]*)\.)?([A-Za-z_-]+)=(.*)$/s.exec(each) ?? []
    if (key === undefined || value === undefined) continue
    if (!driver || driver === name || (driver === 'overlay2' && name === 'overlay')) own.set(key, value)
  }
  return own
}
