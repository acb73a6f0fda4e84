import type { ProcessSpec } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, int, string, strings, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { optionGroup } from './group.ts'
import { parseRlimits } from './rlimits.ts'

type ProcessPart = Omit<ProcessSpec, 'env' | 'unsetEnv' | 'envMerge' | 'httpProxy' | 'command'>

/** The process of the container: what runs, as whom, where. */
export const process = optionGroup({
  flags: {
    entrypoint: string('Overwrite the default ENTRYPOINT of the image'),
    'group-add': strings(
      "Add additional groups to the primary container process. 'keep-groups' allows container processes to use supplementary groups.",
    ),
    'group-entry': string('Entry to write to /etc/group'),
    hostname: string('Set container hostname', { short: 'h' }),
    hostuser: strings('Host user account to add to /etc/passwd within container'),
    interactive: bool('Make STDIN available to the contained process', { short: 'i' }),
    'oom-score-adj': int("Tune the host's OOM preferences (-1000 to 1000)"),
    passwd: bool('add entries to /etc/passwd and /etc/group', { default: true }),
    'passwd-entry': string('Entry to write to /etc/passwd'),
    personality: string('Configure execution domain using personality (e.g., LINUX/LINUX32)'),
    'stop-signal': string('Signal to stop a container. Default is SIGTERM'),
    'stop-timeout': uint('Timeout (in seconds) that containers stopped by user command have to exit.', { shown: '10' }),
    tty: bool('Allocate a pseudo-TTY for container', { short: 't' }),
    tz: string('Set timezone in container'),
    ulimit: strings('Ulimit options'),
    umask: string('Set umask in container'),
    user: string('Username or UID (format: <name|uid>[:<group|gid>])', { short: 'u' }),
    workdir: string('Working directory inside the container', { short: 'w' }),
  },
  toSpec(values): ProcessPart {
    return defined({
      entrypoint: values.entrypoint === undefined ? undefined : parseEntrypoint(values.entrypoint),
      workdir: values.workdir === undefined ? undefined : checkWorkdir(values.workdir),
      user: values.user || undefined,
      supplementaryGroups: someOf(groups(values['group-add'])),
      terminal: values.tty ? ('tty' as const) : undefined,
      stdin: values.interactive ? ('open' as const) : undefined,
      hostname: values.hostname || undefined,
      umask: values.umask === undefined ? undefined : parseUmask(values.umask),
      timezone: values.tz || undefined,
      stopSignal: values['stop-signal'] || undefined,
      stopTimeout: values['stop-timeout'],
      rlimits: someOf(parseRlimits(values.ulimit)),
      oomScoreAdj: values['oom-score-adj'] === undefined ? undefined : checkOomScore(values['oom-score-adj']),
      personality: values.personality || undefined,
      passwdEntry: values['passwd-entry'],
      groupEntry: values['group-entry'],
      hostUsers: someOf(values.hostuser),
      passwd: values.passwd ? undefined : ('leave' as const),
    })
  },
})

export const someOf = <T>(items: readonly T[]): readonly T[] | undefined => (items.length > 0 ? items : undefined)

/** A JSON array of strings, or one word; the empty text clears the image's entrypoint. */
export function parseEntrypoint(text: string): readonly string[] {
  if (text === '') return []
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value
  } catch {
    // not JSON: a word
  }
  return [text]
}

function checkWorkdir(path: string): string {
  if (!path.startsWith('/'))
    throw new UsageError(`the working directory ${JSON.stringify(path)} is invalid, it needs to be an absolute path`)
  return path
}

function groups(names: readonly string[]): readonly string[] {
  if (names.includes('keep-groups') && names.length > 1)
    throw new UsageError("the '--group-add keep-groups' option is not allowed with any other --group-add options")
  return names
}

function parseUmask(text: string): number {
  if (!/^[0-7]{1,4}$/.test(text)) throw new UsageError(`invalid umask string ${text}: invalid argument`)
  return Number.parseInt(text, 8)
}

function checkOomScore(score: number): number {
  if (score < -1000 || score > 1000)
    throw new UsageError(`invalid --oom-score-adj ${score}: must be between -1000 and 1000`)
  return score
}
