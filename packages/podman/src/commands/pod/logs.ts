import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { logOptions, logViewFlags } from '../../options/log-view.ts'
import { latestPod } from '../../options/pod-selection.ts'
import { latestFlag } from '../../options/selection.ts'
import { printLogs } from '../../print/container-log.ts'

export const command = defineCommand({
  summary: 'Fetch logs for pod with one or more containers',
  description: 'Prints what the containers of a pod wrote to their standard output and error.',
  usage: '[options] POD',
  examples: [
    '{} podID',
    '{} -c ctrname podName',
    '{} --tail 2 mywebserver',
    '{} --follow=true --since 10m podID',
    '{} mywebserver',
  ],
  flags: {
    ...logViewFlags,
    container: string('Filter logs by container name or id which belongs to pod', { short: 'c' }),
    latest: latestFlag,
  },
  args: anyArguments,
  async run({ flags, args: [pod, ...more] }, io, engine) {
    if (more.length > 0) throw new UsageError('requires exactly 1 arg')
    if (flags.latest && pod !== undefined) throw new UsageError('--latest and pods cannot be used together')
    if (!flags.latest && pod === undefined) throw new UsageError('specify at least one pod name or ID to log')
    const options = { ...logOptions(flags, io), ...defined({ container: flags.container || undefined }) }
    const opened = await engine()
    await printLogs(await opened.pods.logs(pod ?? (await latestPod(opened)), options), flags, io)
    return 0
  },
})
