import type { ContainerChange } from '@libpod/libpod'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { list, string } from '../cli/flag.ts'
import { thisCaller } from '../options/container.ts'
import { readVariables } from '../options/environment.ts'
import { health } from '../options/health.ts'
import { limits } from '../options/resources.ts'
import { parseRestart } from '../options/restart.ts'
import { parseRlimits } from '../options/rlimits.ts'
import { latestFlag, selectOne } from '../options/selection.ts'

export const command = defineCommand({
  summary: 'Update an existing container',
  description:
    'Changes limits, restart policy, health check and environment of a container that exists; environment and ulimits from its next start.',
  usage: '[options] CONTAINER',
  examples: ['{} --cpus=5 foobar_container'],
  flags: {
    ...limits.flags,
    ...health.flags,
    env: list('Set environment variables in container', { short: 'e' }),
    latest: latestFlag,
    restart: string(
      'Restart policy to apply when a container exits ("always"|"no"|"never"|"on-failure"|"unless-stopped")',
    ),
    ulimit: list('Ulimit options'),
    unsetenv: list('Unset environment default variables in container'),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const caller = thisCaller()
    const env = readVariables([], flags.env, caller)
    const change: ContainerChange = {
      ...some('resources', limits.toSpec(flags, caller)),
      ...some('health', health.toSpec(flags, caller)),
      ...(flags.restart === undefined ? {} : { restart: parseRestart(flags.restart) }),
      ...(flags.ulimit.length > 0 ? { rlimits: parseRlimits(flags.ulimit) } : {}),
      ...some('env', { ...some('set', env), ...(flags.unsetenv.length > 0 ? { unset: flags.unsetenv } : {}) }),
    }
    const opened = await engine()
    const name = await selectOne(args, flags.latest, {
      engine: opened,
      verb: 'update',
      problem: 'you must provide at least one name or id',
    })
    await opened.containers.update(name, change)
    io.out(`${await opened.containers.resolve(name)}\n`)
    return 0
  },
})

const some = <K extends string, P extends object>(name: K, part: P) =>
  (Object.keys(part).length > 0 ? { [name]: part } : {}) as { [N in K]?: P }
