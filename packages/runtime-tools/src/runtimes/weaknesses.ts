/** A published weakness of an OCI runtime that engines cannot make up for. */
export interface Weakness {
  readonly id: string
  readonly summary: string
}

interface Entry extends Weakness {
  readonly runtime: string
  /** First version that has it; absent: the first of all. */
  readonly since?: string
  /** First good version of each line that was mended; newer lines are good too. */
  readonly fixed: readonly string[]
}

const entries: readonly Entry[] = [
  {
    id: 'CVE-2019-5736',
    runtime: 'runc',
    fixed: ['1.0.0-rc7'],
    summary: 'a container can overwrite the runtime on the host',
  },
  {
    id: 'CVE-2021-30465',
    runtime: 'runc',
    fixed: ['1.0.0-rc95'],
    summary: 'a mount destination can be swapped for a link to the host',
  },
  {
    id: 'CVE-2022-29162',
    runtime: 'runc',
    fixed: ['1.1.2'],
    summary: 'processes started with exec inherit capabilities',
  },
  {
    id: 'CVE-2024-21626',
    runtime: 'runc',
    fixed: ['1.1.12'],
    summary: 'a leaked descriptor lets a working directory be on the host',
  },
  {
    id: 'CVE-2024-45310',
    runtime: 'runc',
    fixed: ['1.1.14', '1.2.0-rc3'],
    summary: 'empty files and directories can be made on the host',
  },
  {
    id: 'CVE-2025-31133',
    runtime: 'runc',
    fixed: ['1.2.8', '1.3.3', '1.4.0-rc3'],
    summary: 'masked paths can be redirected (with CVE-2025-52565 and CVE-2025-52881)',
  },
  {
    id: 'CVE-2022-27650',
    runtime: 'crun',
    fixed: ['1.4.4'],
    summary: 'processes started with exec inherit capabilities',
  },
  {
    id: 'CVE-2026-30892',
    runtime: 'crun',
    since: '1.19',
    fixed: ['1.27'],
    summary: 'exec --user takes some numbers for root',
  },
]

/**
 * The published weaknesses of a runtime by its version, as `runc --version` gives it. A distribution that mends without
 * changing the version is judged too harshly: take it as a warning. An unknown runtime has none.
 */
export function knownWeaknesses(runtime: string, version: string): readonly Weakness[] {
  const found = entries.filter(entry => entry.runtime === runtime && !isGood(entry, parseVersion(version)))
  return found.map(({ id, summary }) => ({ id, summary }))
}

/** Major, minor, patch; and the candidate, which sorts before the release that it became. */
type Version = readonly [number, number, number, number]

function isGood({ since, fixed }: Entry, version: Version): boolean {
  if (since !== undefined && compare(version, parseVersion(since)) < 0) return true
  const lines = fixed.map(parseVersion)
  const own = lines.find(line => line[0] === version[0] && line[1] === version[1])
  if (own) return compare(version, own) >= 0
  return lines.every(line => compare(version, line) > 0)
}

function parseVersion(text: string): Version {
  const [, major, minor, patch, candidate] = /(\d+)\.(\d+)(?:\.(\d+))?(?:-rc\.?(\d+))?/.exec(text) ?? []
  return [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0), Number(candidate ?? Number.POSITIVE_INFINITY)]
}

function compare(a: Version, b: Version): number {
  const at = [0, 1, 2, 3].find(place => a[place] !== b[place])
  return at === undefined ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1
}
