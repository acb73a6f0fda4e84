import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findExecutable } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import type { Dialect } from './argv.ts'

/** Where Buildah is, by the search path of the caller. @throws LibpodError BUILDER_UNAVAILABLE */
export function findBuildah(searchPath = '/usr/local/bin:/usr/bin:/bin'): string {
  const found = findExecutable('buildah', searchPath.split(':'))
  if (found !== undefined) return found
  const hint = 'install the package buildah of your distribution, and netavark where that is Debian 13 or newer'
  const message = `images are built by Buildah, and no program "buildah" is in the PATH: ${hint}`
  throw new LibpodError('BUILDER_UNAVAILABLE', message, { subject: 'buildah', hint })
}

/** Options that Buildah learnt after 1.28, the oldest version that knows all others. */
const newer = /^--(?:sbom(?:-.*)?|compat-volumes|created-annotation|cw|group-add|inherit-annotations|inherit-labels|layer-label|no-hostname|rewrite-timestamp|source-date-epoch|unsetannotation|unsetlabel)$/ // biome-ignore format: one list

/**
 * Refuses what the installed version does not know, before anything is built. Versions are only asked about themselves when
 * something newer is wanted. @throws LibpodError UNSUPPORTED
 */
export async function checkOptions(buildah: string, argv: readonly string[]): Promise<void> {
  const asked = argv.flatMap(word => (newer.test(nameOf(word)) ? [nameOf(word)] : []))
  if (asked.length === 0) return
  const help = await said(buildah, ['build', '--help'])
  const unknown = asked.find(name => !new RegExp(`(^|\\s)${name}\\s`, 'm').test(help))
  if (unknown === undefined) return
  const message = `${unknown}: Buildah ${await versionOf(buildah)} does not know this option: a newer one is needed`
  throw new LibpodError('UNSUPPORTED', message, { subject: unknown, hint: 'install a newer Buildah' })
}

/** Such as `1.28.2`. */
export async function versionOf(buildah: string): Promise<string> {
  return /\d[\w.+-]*/.exec(await said(buildah, ['--version']))?.[0] ?? 'of no version'
}

const nameOf = (word: string): string => word.split('=', 1)[0] ?? ''

/** How the installed version says it; asked only where versions differ. */
export async function dialectOf(buildah: string, pull: string | undefined): Promise<Dialect> {
  if (pull !== 'newer') return { pullNewer: 'newer' }
  const help = await said(buildah, ['build', '--help'])
  return { pullNewer: /^\s*newer:/m.test(help) ? 'newer' : 'true' }
}

async function said(buildah: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(buildah, args, { encoding: 'utf8' })
  return stdout
}
