import { spawn } from 'node:child_process'
import { ImageError } from '../errors.ts'

const passedOn = [
  'PATH',
  'HOME',
  'GNUPGHOME',
  'GPG_TTY',
  'GPG_AGENT_INFO',
  'DISPLAY',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'TERM',
]

/**
 * Runs `gpg` on bytes and returns its output; a passphrase reaches it through a pipe of its own.
 * @throws ImageError SIGNING_FAILED with what gpg said
 */
export function runGpg(args: readonly string[], input: Uint8Array, passphrase?: string): Promise<Uint8Array> {
  const env = Object.fromEntries(
    passedOn.map(name => [name, process.env[name]]).filter(([, value]) => value !== undefined),
  )
  return new Promise((resolve, reject) => {
    const secret = passphrase === undefined ? [] : ['--pinentry-mode', 'loopback', '--passphrase-fd', '3']
    const child = spawn('gpg', ['--batch', '--yes', ...secret, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env,
    })
    const output: Buffer[] = []
    const said: Buffer[] = []
    child.on('error', cause => reject(failed(`running gpg: ${cause.message}`, cause)))
    child.stdin.on('error', () => undefined)
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    child.on('close', code => {
      if (code === 0) resolve(Buffer.concat(output))
      else reject(failed(`gpg failed: ${inOneLine(said).slice(-500)}`))
    })
    const channel = child.stdio[3]
    channel?.on('error', () => undefined)
    if (channel !== null && channel !== undefined && 'end' in channel) channel.end(passphrase ?? '')
    child.stdin.end(input)
  })
}

const failed = (why: string, cause?: unknown): ImageError =>
  new ImageError('SIGNING_FAILED', why, cause === undefined ? {} : { cause })

const inOneLine = (said: readonly Buffer[]): string =>
  Buffer.concat(said).toString('utf8').trim().split('\n').join('; ')
