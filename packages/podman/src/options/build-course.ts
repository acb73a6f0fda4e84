import type { BuildCourse, BuildSpec } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, choice, int, list, string, strings } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { yesNo } from '../cli/values.ts'
import { type Caller, optionGroup } from './group.ts'
import { someOf } from './process.ts'
import { registry } from './registry.ts'

/** What is kept and used again, what is pulled, and how the build goes about it. */
export const buildCourse = optionGroup({
  flags: {
    ...registry.flags,
    'cache-from': list('remote repository list to utilise as potential cache source.'),
    'cache-to': list('remote repository list to utilise as potential cache destination.'),
    'cache-ttl': string('only consider cache images under specified duration.'),
    'decryption-key': strings('key needed to decrypt the image'),
    'disable-content-trust': bool('this is a Docker specific option and is a NOOP'),
    'force-rm': choice('always remove intermediate containers after a build, even if the build is unsuccessful.', {
      shown: 'true',
    }),
    jobs: int('how many stages to run in parallel', { shown: '1' }),
    layers: choice('use intermediate layers during build. Use BUILDAH_LAYERS environment variable to override.', {
      shown: 'true',
    }),
    load: bool('buildx --load', { hidden: 'yes' }),
    'log-rusage': bool('log resource usage at each build step', { hidden: 'yes' }),
    logfile: string('log to `file` instead of stdout/stderr'),
    logsplit: bool('split logfile to different files for each platform'),
    'no-cache': bool(
      'do not use existing cached images for the container build. Build from the start with a new set of cached layers.',
    ),
    progress: string('buildx --progress', { hidden: 'yes' }),
    pull: string('Pull image policy ("always"|"missing"|"never"|"newer")', { bareValue: 'always', shown: '"missing"' }),
    'pull-always': bool('pull the image even if the named image is present in store', { hidden: 'yes' }),
    'pull-never': bool('do not pull the image, use the image present in store if available', { hidden: 'yes' }),
    quiet: bool('refrain from announcing build instructions and image read/write progress', { short: 'q' }),
    rm: choice('remove intermediate containers after a successful build', { shown: 'true' }),
    'skip-unused-stages': choice('skips stages in multi-stage builds which do not affect the final target', {
      shown: 'true',
    }),
    squash: bool('squash all image layers into a single layer'),
    'squash-all': bool('Squash all layers into a single layer'),
  },
  toSpec(values, caller): BuildCourse & Omit<BuildSpec, 'context'> {
    if (values.squash && values['squash-all']) throw new UsageError('cannot specify --squash-all with --squash')
    const { retryDelayMs, authFile: _usual, ...access } = registry.toSpec({ ...values, 'decryption-key': [] }, caller)
    return {
      ...access,
      ...defined({
        // The usual file is Buildah's to find, which it may also not find.
        authFile: values.authfile || undefined,
        // A Go duration, which Buildah takes as it is.
        retryDelay: retryDelayMs === undefined ? undefined : values['retry-delay'],
        decryptionKeys: someOf(values['decryption-key']),
        layers: yesNo(values.layers) ?? (values['squash-all'] ? undefined : layersOf(caller.env)),
        noCache: values['no-cache'] ? ('yes' as const) : undefined,
        cacheFrom: someOf(values['cache-from']),
        cacheTo: someOf(values['cache-to']),
        cacheTtl: values['cache-ttl'],
        squash: values.squash ? ('new-layers' as const) : values['squash-all'] ? ('all' as const) : undefined,
        skipUnusedStages: yesNo(values['skip-unused-stages']),
        jobs: values.jobs,
        pull: pullOf(values),
        removeContainers: yesNo(values.rm),
        alwaysRemoveContainers: yesNo(values['force-rm']),
        quiet: values.quiet ? ('yes' as const) : undefined,
        logFile: values.logfile || undefined,
        logSplit: values.logsplit ? ('yes' as const) : undefined,
        logRusage: values['log-rusage'] ? ('yes' as const) : undefined,
      }),
    }
  },
})

/** Steps are kept unless the environment says no (podman-build(1), --layers). */
const layersOf = ({ BUILDAH_LAYERS: text = '' }: Caller['env']): 'no' | undefined =>
  /^(false|0)$/i.test(text) ? 'no' : undefined

const pullWords: Readonly<Record<string, NonNullable<BuildCourse['pull']>>> = {
  always: 'always',
  true: 'always',
  missing: 'missing',
  ifmissing: 'missing',
  notpresent: 'missing',
  false: 'never',
  never: 'never',
  newer: 'newer',
  ifnewer: 'newer',
}

interface PullValues {
  readonly pull: string | undefined
  readonly 'pull-always': boolean
  readonly 'pull-never': boolean
}

function pullOf({ pull, 'pull-always': always, 'pull-never': never }: PullValues): BuildCourse['pull'] {
  if ([pull !== undefined, always, never].filter(Boolean).length > 1)
    throw new UsageError("can only set one of 'pull' or 'pull-always' or 'pull-never'")
  if (always || never) return always ? 'always' : 'never'
  if (pull === undefined) return undefined
  const word = pull.trim().toLowerCase()
  const found = Object.hasOwn(pullWords, word) ? pullWords[word] : undefined
  if (found === undefined) throw new UsageError(`unrecognized pull policy ${JSON.stringify(pull)}`)
  return found
}
