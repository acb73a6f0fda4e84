import { ImageError } from '../errors.ts'
import { shapeProblem } from '../schema/shape.ts'
import type { Credentials } from '../transports/transport.ts'

const nothing = 'credentials not found in native keychain'
const maximumReply = 1024 * 1024
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'LANG']
const alsoPassedOn =
  /^(?:DBUS_|GPG_|GNUPG|PASSWORD_STORE_|AWS_|GOOGLE_|CLOUDSDK_|AZURE_|DISPLAY$|WAYLAND_DISPLAY$|GPG_TTY$)/

export type HelperVerb = 'get' | 'store' | 'erase' | 'list'

/**
 * Asks `docker-credential-<name>` (docker-credential-helpers protocol). `undefined`: it knows nothing.
 * @throws ImageError CREDENTIALS_INVALID
 */
export async function runHelper(name: string, verb: HelperVerb, input: string): Promise<string | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new ImageError('CREDENTIALS_INVALID', `invalid credential helper name ${JSON.stringify(name)}`)
  }
  const { code, output } = await run(`docker-credential-${name}`, verb, input)
  if (code === 0) return output
  if (output.trim() === nothing) return undefined
  throw new ImageError('CREDENTIALS_INVALID', `credential helper ${name} failed to ${verb}: exit status ${code}`)
}

async function run(program: string, verb: HelperVerb, input: string): Promise<{ code: number; output: string }> {
  const { spawn } = await import('node:child_process')
  return new Promise((resolve, reject) => {
    const child = spawn(program, [verb], { stdio: ['pipe', 'pipe', 'ignore'], env: environment() })
    const chunks: Buffer[] = []
    let size = 0
    child.on('error', cause =>
      reject(new ImageError('CREDENTIALS_INVALID', `running ${program}: ${cause.message}`, { cause })),
    )
    child.stdin.on('error', () => undefined)
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maximumReply) child.kill('SIGKILL')
      else chunks.push(chunk)
    })
    child.on('close', code => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }))
    child.stdin.end(input)
  })
}

/** A helper gets what it needs to find its keychain and nothing else. */
function environment(): Record<string, string | undefined> {
  const names = Object.keys(process.env).filter(name => passedOn.includes(name) || alsoPassedOn.test(name))
  return Object.fromEntries(names.map(name => [name, process.env[name]]))
}

/** @throws ImageError CREDENTIALS_INVALID */
export async function getFromHelper(name: string, server: string): Promise<Credentials | undefined> {
  const output = await runHelper(name, 'get', server)
  if (output === undefined) return undefined
  const reply = parse(output, name)
  if (shapeProblem('isHelperCredentials', reply) !== undefined) throw notJson(name)
  const { Username: username, Secret: secret } = reply as { readonly Username: string; readonly Secret: string }
  if (username === '<token>') return { username: '', password: '', identityToken: secret }
  return username === '' && secret === '' ? undefined : { username, password: secret }
}

/** Servers a helper knows, with their user names. */
export async function listHelper(name: string): Promise<ReadonlyMap<string, string>> {
  const output = await runHelper(name, 'list', 'unused')
  const reply = parse(output ?? '{}', name)
  if (shapeProblem('isStringMap', reply) !== undefined) throw notJson(name)
  return new Map(Object.entries(reply as Readonly<Record<string, string>>))
}

function parse(output: string, name: string): Record<string, unknown> {
  try {
    const reply: unknown = JSON.parse(output)
    if (typeof reply === 'object' && reply !== null) return { ...reply }
  } catch {}
  throw notJson(name)
}

const notJson = (name: string): ImageError =>
  new ImageError('CREDENTIALS_INVALID', `credential helper ${name} did not answer as the protocol says`)
