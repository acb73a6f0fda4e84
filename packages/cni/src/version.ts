import { CniError } from './errors.ts'

/** Versions of the CNI specification that this package speaks, oldest first. */
export const supportedVersions = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const
export type CniVersion = (typeof supportedVersions)[number]

/** Negative, zero or positive as `a` is older, equal or newer than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  const at = [0, 1, 2].find(place => (left[place] ?? 0) !== (right[place] ?? 0)) ?? 0
  return (left[at] ?? 0) - (right[at] ?? 0)
}

export const atLeast = (version: string, minimum: CniVersion): boolean => compareVersions(version, minimum) >= 0

export const isSupported = (version: string): version is CniVersion => {
  return (supportedVersions as readonly string[]).includes(version)
}

/**
 * The newest version that both the configuration and this package speak. `cniVersion` absent means 0.1.0.
 * @throws CniError VERSION_INCOMPATIBLE
 */
export function chooseVersion(cniVersion: string | undefined, cniVersions: readonly string[] = []): CniVersion {
  const offered = cniVersion === undefined && cniVersions.length === 0 ? ['0.1.0'] : [...cniVersions]
  if (cniVersion !== undefined) offered.push(cniVersion)
  const best = offered.filter(isSupported).sort(compareVersions).at(-1)
  if (best !== undefined) return best
  const newest = supportedVersions.at(-1)
  throw new CniError('VERSION_INCOMPATIBLE', `CNI version ${offered.join(', ')} is not supported; up to ${newest} is`, {
    subject: offered.join(', '),
  })
}
