import { copyFileSync, realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Mount } from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'
import { kindInRoot, linkInRoot, type Root } from './in-root.ts'

const zoneinfo = (): string => process.env.TZDIR || '/usr/share/zoneinfo'

/** The file of a zone on the host; `local` is the host's own. @throws LibpodError SPEC_INVALID */
export function zoneFile(zone: string): string {
  const path = zone === 'local' ? realpathSync('/etc/localtime') : resolve(zoneinfo(), zone)
  const info = statSync(path, { throwIfNoEntry: false })
  if (info?.isFile()) return path
  const reason = info ? 'invalid timezone: is a directory' : `finding timezone: stat ${path}: no such file or directory`
  throw new LibpodError('SPEC_INVALID', reason, { subject: zone })
}

/**
 * Makes /etc/localtime of a container say its zone: a link to the container's own zone file where it has that (localtime(5)), else a
 * copy of the host's, mounted. @throws LibpodError SPEC_INVALID
 */
export function setTimezone(root: Root, zone: string, runDirectory: string): readonly Mount[] {
  const path = zoneFile(zone)
  if (kindInRoot(root.fd, path) === 'other') {
    linkInRoot(root.fd, '/etc/localtime', { target: `..${path}`, over: 'replace' })
    return []
  }
  const source = join(runDirectory, 'localtime')
  copyFileSync(path, source)
  return [{ destination: '/etc/localtime', type: 'bind', source, options: ['bind', 'rprivate'] }]
}
