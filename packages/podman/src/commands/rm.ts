import type { Engine } from '@libpod/libpod'
import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, seconds } from '../cli/flag.ts'
import { each } from '../each.ts'
import { codeOf, ExitStatus } from '../exit-codes.ts'
import { allFlag, cidfileFlag, filterFlag, latestFlag, select } from '../options/selection.ts'

/** 1: there is none; 2: it runs or is paused. */
const statuses: Readonly<Record<string, number>> = { CONTAINER_UNKNOWN: 1, CONTAINER_RUNNING: 2, CONTAINER_STATE: 2 }

/** Nothing goes when one of several names is nobody's; containers of other tools, which only the store knows, go too. Throws ExitStatus. */
async function refuseUnknown(names: readonly string[], { containers }: Engine): Promise<void> {
  for (const name of names)
    if (!(await containers.exists(name, 'external')))
      await containers.resolve(name).catch((error: unknown) => {
        if (codeOf(error) !== 'CONTAINER_UNKNOWN') throw error
        throw new ExitStatus(1, `no container with ID or name ${JSON.stringify(name)} found: no such container`)
      })
}

export const command = defineCommand({
  summary: 'Remove one or more containers',
  description: 'Removes containers from the host. A running one is removed only with --force; images stay.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} ctrID', '{} mywebserver myflaskserver 860a4b23', '{} --force --all', '{} -f ctrID'],
  flags: {
    all: allFlag('Remove all containers'),
    cidfile: cidfileFlag,
    depend: bool('Remove container and all containers that depend on the selected container'),
    filter: filterFlag,
    force: bool('Force removal of a running or unusable container', { short: 'f' }),
    ignore: bool('Ignore errors when a specified container is missing', { short: 'i' }),
    latest: latestFlag,
    time: seconds('Seconds to wait for stop before killing the container', { short: 't', shown: '10' }),
    volumes: bool('Remove anonymous volumes associated with the container', { short: 'v' }),
  },
  args: anyArguments,
  async run({ flags, args, given }, io, engine) {
    const opened = await engine()
    const lenient = flags.ignore || flags.force
    const names = await select({ ...flags, args }, engine, {
      missingFile: flags.ignore ? 'ignore' : 'refuse',
      unknown: 'leave',
      noneStatus: 1,
    })
    if (!lenient && !flags.all) await refuseUnknown(names, opened)
    const forced = flags.force || flags.depend || given.has('time')
    const remove = (dependents: 'remove' | 'refuse') => async (name: string) => {
      const { alsoRemoved } = await opened.containers.remove(name, {
        running: forced ? 'kill' : 'refuse',
        volumes: flags.volumes ? 'remove-anonymous' : 'keep',
        dependents,
        ...defined({ timeout: flags.time }),
        onWarning: io.warn,
      })
      return [...alsoRemoved, name].join('\n')
    }
    const needed: string[] = []
    const unlessNeeded = (name: string) =>
      remove('refuse')(name).catch((error: unknown) => {
        if (codeOf(error) !== 'CONTAINER_IN_USE') throw error
        needed.push(name)
        return undefined
      })
    const missing = (error: unknown) => codeOf(error) === 'CONTAINER_UNKNOWN' && (lenient || flags.all)
    const statusOf = (error: unknown) => statuses[codeOf(error) ?? ''] ?? 125
    // What waits for the store's records is written together: the more at once, the fewer syncs.
    const all = flags.all && !flags.depend
    const verb = all ? unlessNeeded : remove(flags.depend ? 'remove' : 'refuse')
    const status = await each(names, verb, io, { forgive: missing, statusOf, atOnce: 64 })
    // What others need, such as a pod's infra container, goes when they have gone, and the pod with it.
    return (await each(needed, remove('remove'), io, { forgive: missing, statusOf, atOnce: 1 })) || status
  },
})
