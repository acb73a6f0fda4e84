import { accessSync, constants, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { parseBool } from '../cli/values.ts'
import { ExitStatus, engineFailed } from '../exit-codes.ts'
import { runInstead } from '../run-instead.ts'
import { severalErrors } from '../several-errors.ts'

export const command = defineCommand({
  summary: 'Run compose workloads via an external provider such as docker-compose or podman-compose',
  description: `Runs the first compose provider that is installed, with all options and arguments as they are. It finds this program,
with the same global options, as podman in its PATH; DOCKER_HOST names the usual socket, where this engine does not serve.
$PODMAN_COMPOSE_PROVIDER or compose_providers in containers.conf choose the provider.`,
  usage: '[OPTION...] [COMMAND [ARG...]]',
  examples: ['{} -f nginx.yaml up --detach', '{} ps'],
  userNamespace: 'none',
  flags: {},
  args: anyArguments,
  flagsStand: 'nowhere',
  async run({ args }, io, engine) {
    const { options } = await engine()
    const provider = io.env.PODMAN_COMPOSE_PROVIDER ?? installed(options.composeProviders, io.env)
    if (tells(io.env.PODMAN_COMPOSE_WARNING_LOGS, options.composeWarning)) io.err(notice(provider))
    const directory = mkdtempSync(join(tmpdir(), 'podman-compose-'))
    try {
      placeItself(join(directory, 'podman'), process.argv.slice(2, process.argv.length - args.length - 1))
      const words = args.length > 0 ? args : ['--help']
      const status = await runInstead([provider, ...words], {
        ...io.env,
        PATH: [directory, io.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter),
        DOCKER_HOST: io.env.DOCKER_HOST ?? usualSocket(options.rootless, io.env),
        DOCKER_BUILDKIT: '0',
      })
      if (status !== 0) throw new ExitStatus(status, `executing ${provider} ${words.join(' ')}: exit status ${status}`)
      return 0
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
})

type Environment = Readonly<Record<string, string | undefined>>

/** The first that there is. @throws ExitStatus */
function installed(providers: readonly string[], env: Environment): string {
  const paths = providers.map(each => each.replace(/\$\{?(\w+)\}?/g, (_, name: string) => env[name] ?? ''))
  const found = findFirst(paths, env.PATH)
  if (found !== undefined) return found
  if (paths.length === 0)
    throw new ExitStatus(
      engineFailed,
      'no compose provider specified, please refer to `man podman-compose` for details',
    )
  const reasons = paths.map(path => {
    const reason = path.includes('/') ? 'no such file or directory' : 'executable file not found in $PATH'
    return `exec: ${JSON.stringify(path)}: ${reason}`
  })
  throw new ExitStatus(engineFailed, `looking up compose provider failed\n${severalErrors(reasons)}`)
}

/** A name is looked for in the search path. */
const findFirst = (programs: readonly string[], searchPath = ''): string | undefined =>
  programs
    .flatMap(each => (each.includes('/') ? [each] : searchPath.split(delimiter).map(folder => join(folder, each))))
    .find(isExecutable)

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** A word that is neither yes nor no means yes. */
function tells(word: string | undefined, configured: 'yes' | 'no'): boolean {
  if (word === undefined || word === '') return configured === 'yes'
  try {
    return parseBool(word)
  } catch {
    return true
  }
}

const notice = (provider: string): string =>
  `\u001b[4m>>>> Executing external compose provider ${JSON.stringify(provider)}. Please see podman-compose(1) for how to disable this message. <<<<\n\n\u001b[0m`

/** A program `podman` that is this one. */
function placeItself(path: string, globals: readonly string[]): void {
  const words = [process.execPath, ...process.execArgv, process.argv[1] ?? '', ...globals]
  const quoted = words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  writeFileSync(path, `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o700 })
}

const usualSocket = (rootless: 'yes' | 'no', { XDG_RUNTIME_DIR = '/run' }: Environment): string =>
  `unix://${rootless === 'yes' ? XDG_RUNTIME_DIR : '/run'}/podman/podman.sock`
