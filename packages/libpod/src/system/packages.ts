import { execFile } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
const nobodyKnows = 'Unknown'
/** dpkg-query's own placeholders. */
const format = `--showformat=${['Package', 'Version', 'Architecture'].map(field => `$\{${field}}`).join('_')}`

/** The distribution's package that a program came with, as the package manager writes it; `Unknown` when none does. */
export async function packageOf(path: string): Promise<string> {
  const real = await realpath(path).catch(() => path)
  for (const query of [debian, rpm]) {
    const found = await query(real).catch(() => undefined)
    if (found) return found
  }
  return nobodyKnows
}

async function debian(path: string): Promise<string | undefined> {
  // Merged /usr: the package may have registered the file under the other name.
  const names = [path, path.replace(/^\/usr\/(s?bin|lib)/, '/$1')]
  const { stdout } = await run('dpkg-query', ['--search', '--', ...new Set(names)], { env }).catch(
    (error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  )
  const name = /^([a-z0-9][a-z0-9+.-]*(?::[a-z0-9]+)?)(?:,|: )/m.exec(stdout)?.[1]
  if (name === undefined) return undefined
  const shown = await run('dpkg-query', ['--show', format, '--', name], {
    env,
  })
  return shown.stdout.trim()
}

async function rpm(path: string): Promise<string | undefined> {
  const { stdout } = await run('rpm', ['-q', '-f', '--', path], { env })
  return stdout.trim() || undefined
}

/** What a program answers to `--version`; '' when it does not. */
export async function versionOf(path: string): Promise<string> {
  const answer = await run(path, ['--version'], { env, timeout: 5000 }).catch(() => ({ stdout: '' }))
  return answer.stdout.trim()
}
