import { access, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ImageError } from '../errors.ts'
import { fileProblem } from '../files/problem.ts'
import type { AccessOptions } from '../transports/transport.ts'
import { parsePolicy } from './parse-policy.ts'
import type { Policy } from './policy.ts'

/** The files a policy is read from: the named one only, else the user's, else the system's. */
export function policyPaths(path?: string, env: NonNullable<AccessOptions['env']> = process.env): readonly string[] {
  if (path !== undefined && path !== '') return [path]
  return [join(env.HOME ?? homedir(), '.config/containers/policy.json'), '/etc/containers/policy.json']
}

/** The one file of {@link policyPaths} that counts: the first that is there, or where one would have to be made. */
export async function findPolicyFile(path?: string, env?: AccessOptions['env']): Promise<string> {
  const paths = policyPaths(path, env)
  for (const candidate of paths) {
    if (
      await access(candidate).then(
        () => true,
        () => false,
      )
    )
      return candidate
  }
  return paths.at(-1) ?? '/etc/containers/policy.json'
}

/**
 * Loads policy.json. There is no built-in one: without a file nothing is trusted.
 * @throws ImageError POLICY_MISSING, POLICY_INVALID
 */
export async function loadPolicy(path?: string, env?: AccessOptions['env']): Promise<Policy> {
  for (const candidate of policyPaths(path, env)) {
    const bytes = await readFile(candidate).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' && path === undefined) return undefined
      throw new ImageError('POLICY_MISSING', fileProblem(error), { cause: error })
    })
    if (bytes !== undefined) return named(candidate, bytes)
  }
  throw new ImageError('POLICY_MISSING', 'open /etc/containers/policy.json: no such file or directory', {
    hint: 'write a containers-policy.json(5) file, or name one with --signature-policy',
  })
}

function named(path: string, bytes: Uint8Array): Policy {
  try {
    return parsePolicy(bytes)
  } catch (cause) {
    throw new ImageError('POLICY_INVALID', `invalid policy in ${JSON.stringify(path)}: ${(cause as Error).message}`, {
      cause,
    })
  }
}
