import { checkLogin, getCredentials, ImageError, setCredentials } from '@libpod/image'
import { askLine, askSecret, readInput } from '../ask.ts'
import { atMost } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { ExitStatus } from '../exit-codes.ts'
import { thisCaller } from '../options/container.ts'
import { credentialFile, credentialKey } from '../options/credentials.ts'
import { tlsVerifyFlag, tlsVerifyOf } from '../options/registry.ts'
import type { Terminal } from '../terminal.ts'

export const command = defineCommand({
  summary: 'Log in to a container registry',
  description: 'Checks a username and password with a registry and keeps them in the authentication file.',
  usage: '[options] [REGISTRY]',
  examples: ['{} quay.io', '{} --username ... --password ... quay.io', '{} --authfile dir/auth.json quay.io'],
  userNamespace: 'none',
  flags: {
    ...credentialFile.flags,
    'cert-dir': string('use certificates at the specified path to access the registry'),
    'get-login': bool('return the current login user for the registry'),
    password: string('password for registry', { short: 'p' }),
    'password-stdin': bool('take the password from stdin'),
    secret: string('Retrieve password from a podman secret'),
    'tls-verify': tlsVerifyFlag,
    username: string('username for registry', { short: 'u' }),
    verbose: bool('write more detailed information to stdout', { short: 'v' }),
  },
  args: atMost(1),
  async run({ flags, args: [name] }, io, engine) {
    const access = {
      ...credentialFile.toSpec(flags, thisCaller()),
      ...defined({ certDir: flags['cert-dir'], tlsVerify: tlsVerifyOf(flags['tls-verify']) }),
    }
    const key = await credentialKey(name)
    const stored = await getCredentials(key, access)
    if (flags['get-login']) {
      if (!stored) throw new ExitStatus(125, `not logged into ${key}`)
      io.out(`${stored.username}\n`)
      return 0
    }
    if (flags['password-stdin'] && flags.password !== undefined)
      throw new UsageError("can't specify both --password-stdin and --password")
    if (flags['password-stdin'] && flags.username === undefined)
      throw new UsageError('must provide --username with --password-stdin')
    const host = key.split('/', 1)[0] ?? key
    const call = { signal: io.interrupted }
    if (stored && flags.username === undefined && flags.password === undefined && flags.secret === undefined) {
      io.out(`Authenticating with existing credentials for ${key}\n`)
      const works = await checkLogin(host, stored, access, call).then(() => true, refused)
      if (works) {
        io.out(`Existing credentials are valid. Already logged in to ${key}\n`)
        return 0
      }
      io.out('Existing credentials are invalid, please enter valid username and password\n')
    }
    const secret = flags.secret === undefined ? undefined : String(await (await engine()).secrets.read(flags.secret))
    // A secret without a user is one of the user's name.
    const username = flags.username ?? flags.secret
    const credentials = await ask(io, { ...flags, username, secret, known: stored?.username })
    await checkLogin(host, credentials, access, call)
    const where = await setCredentials(key, credentials, access)
    if (flags.verbose) io.out(`Used:  ${where}\n`)
    io.out('Login Succeeded!\n')
    return 0
  },
})

/** Credentials that the registry refuses; any other trouble is an error. */
function refused(error: unknown): false {
  if (error instanceof ImageError && error.code === 'UNAUTHORIZED') return false
  throw error
}

interface Given {
  readonly username: string | undefined
  readonly password: string | undefined
  readonly secret: string | undefined
  readonly 'password-stdin': boolean
  /** Offered when no name is typed. */
  readonly known: string | undefined
}

async function ask(io: Terminal, given: Given): Promise<{ readonly username: string; readonly password: string }> {
  const prompt = given.known ? `Username (${given.known}): ` : 'Username: '
  const username = given.username ?? ((await askLine(prompt, io)) || given.known)
  if (!username) throw new UsageError('error getting username and password: username cannot be empty')
  const password =
    given.secret ??
    given.password ??
    (given['password-stdin'] ? (await readInput()).replace(/\r?\n$/, '') : await askSecret('Password: ', io))
  if (!password) throw new UsageError('error getting username and password: password cannot be empty')
  return { username, password }
}
