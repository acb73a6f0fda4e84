import { spawn } from 'node:child_process'
import { LibpodError } from '../../errors.ts'
import type { SecretDriver } from './driver.ts'

const verbs = ['list', 'lookup', 'store', 'delete'] as const

/** Commands of the user's own, one per verb, which get the id in SECRET_ID (podman-secret-create(1)). */
export function shellDriver(options: Readonly<Record<string, string>>): SecretDriver {
  const missing = verbs.filter(verb => !options[verb])
  if (missing.length > 0) throw new LibpodError('SPEC_INVALID', `missing config value: ${missing.join(', ')}`)
  const call = (verb: (typeof verbs)[number], id: string, input?: Uint8Array): Promise<Buffer> =>
    runShell(options[verb] ?? '', id, input)
  return {
    options,
    store: async (id, data) => void (await call('store', id, data)),
    lookup: id => call('lookup', id),
    remove: async id => void (await call('delete', id)),
  }
}

/** The command line is the user's own configuration, made for a shell; nothing of an image or a name gets into it. */
function runShell(command: string, id: string, input: Uint8Array | undefined): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const child = spawn('/bin/sh', ['-c', command], {
    env: { ...process.env, SECRET_ID: id },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const output: Buffer[] = []
  child.stdout.on('data', (piece: Buffer) => output.push(piece))
  child.on('error', reject)
  child.on('close', code => {
    if (code === 0) resolve(Buffer.concat(output))
    else
      reject(new LibpodError('SECRET_UNKNOWN', `secret driver command ended with ${code}: ${command}`, { subject: id }))
  })
  child.stdin.on('error', () => {}) // the command may leave without reading
  child.stdin.end(input)
  return promise
}
