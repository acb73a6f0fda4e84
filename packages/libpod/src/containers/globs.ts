import { existsSync, globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LibpodError } from '../errors.ts'
import type { RequestedMount } from '../spec/mount.ts'

type Glob = Extract<RequestedMount, { kind: 'glob' }>
type Bind = Extract<RequestedMount, { kind: 'bind' }>

/** The binds that a pattern of host paths means now, each at its own path or in the destination. @throws LibpodError SPEC_INVALID */
export function expandGlob({ source: pattern, destination, options }: Glob): readonly Bind[] {
  const sources = globSync(pattern).sort()
  if (sources.length === 0)
    throw new LibpodError('SPEC_INVALID', `no file paths matching glob ${JSON.stringify(pattern)}`, {
      subject: pattern,
    })
  return sources.map(source => ({
    kind: 'bind',
    source,
    destination: destination ? join(destination, basename(source)) : source,
    options,
  }))
}

/** @throws LibpodError SPEC_INVALID when something that is to be bound is not there */
export function checkSources(mounts: readonly RequestedMount[]): void {
  for (const mount of mounts)
    if (mount.kind === 'bind' && !existsSync(mount.source))
      throw new LibpodError('SPEC_INVALID', `statfs ${mount.source}: no such file or directory`, {
        subject: mount.source,
      })
}

/** Patterns are looked at once, when the container is made. @throws LibpodError SPEC_INVALID */
export function withoutGlobs(mounts: readonly RequestedMount[]): readonly RequestedMount[] {
  const all = mounts.flatMap((mount): readonly RequestedMount[] =>
    mount.kind === 'glob' ? expandGlob(mount) : [mount],
  )
  const seen = new Set<string>()
  for (const { destination } of all) {
    if (seen.has(destination))
      throw new LibpodError('SPEC_INVALID', `${destination}: duplicate mount destination`, { subject: destination })
    seen.add(destination)
  }
  return all
}
