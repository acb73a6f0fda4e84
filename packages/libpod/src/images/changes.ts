import { LibpodError } from '../errors.ts'

/** The members of an image config that `--change` may set (OCI image-spec, config.md). */
export interface ConfigChanges {
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Volumes?: Readonly<Record<string, object>>
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
  readonly StopSignal?: string
  readonly OnBuild?: readonly string[]
}

type Instruction = (value: string, config: ConfigChanges, change: string) => ConfigChanges

const instructions: Readonly<Record<string, Instruction>> = {
  USER: (value, config) => ({ ...config, User: value.trim() }),
  EXPOSE: (value, config) => ({
    ...config,
    ExposedPorts: {
      ...config.ExposedPorts,
      ...asSet(words(value).map(port => (port.includes('/') ? port : `${port}/tcp`))),
    },
  }),
  ENV: (value, config, change) => ({ ...config, Env: mergeEnv(config.Env ?? [], pairs(value, change)) }),
  ENTRYPOINT: (value, config) => ({ ...config, Entrypoint: commandOf(value) }),
  CMD: (value, config) => ({ ...config, Cmd: commandOf(value) }),
  VOLUME: (value, config, change) => ({
    ...config,
    Volumes: { ...config.Volumes, ...asSet(volumesOf(value, change)) },
  }),
  WORKDIR: (value, config) => ({ ...config, WorkingDir: value.trim() }),
  LABEL: (value, config, change) => ({
    ...config,
    Labels: { ...config.Labels, ...Object.fromEntries(pairs(value, change)) },
  }),
  STOPSIGNAL: (value, config) => ({ ...config, StopSignal: value.trim() }),
  ONBUILD: (value, config) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), value.trim()] }),
}

/**
 * Applies Dockerfile instructions (`CMD ["a"]`, `ENV a=b`, `ENV=a=b`) to a config, in order.
 * @throws LibpodError SPEC_INVALID
 */
export function applyChanges(changes: readonly string[], config: ConfigChanges = {}): ConfigChanges {
  return changes.reduce((result, change) => {
    const { key, value } = splitChange(change)
    const instruction = Object.hasOwn(instructions, key) ? instructions[key] : undefined
    if (!instruction) throw invalid(change, `invalid instruction ${key}`)
    return instruction(value, result, change)
  }, config)
}

function splitChange(change: string): { readonly key: string; readonly value: string } {
  const match = /^\s*([A-Za-z]+)(?:\s+|=)([\s\S]*)$/.exec(change)
  if (!match || match[2] === '') throw invalid(change, 'must be formatted as KEY VALUE')
  return { key: (match[1] ?? '').toUpperCase(), value: match[2] ?? '' }
}

const invalid = (change: string, why: string): LibpodError =>
  new LibpodError('SPEC_INVALID', `invalid change ${JSON.stringify(change)} - ${why}`)

/** A JSON list as it stands; anything else is a shell's. */
function commandOf(value: string): readonly string[] {
  return jsonList(value) ?? ['/bin/sh', '-c', value.trim()]
}

function jsonList(value: string): readonly string[] | undefined {
  if (!value.trim().startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(value)
    return Array.isArray(list) && list.every(each => typeof each === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

function volumesOf(value: string, change: string): readonly string[] {
  const list = jsonList(value) ?? words(value)
  if (list.length > 0) return list
  throw invalid(change, 'VOLUME requires at least one argument')
}

const asSet = (keys: readonly string[]): Record<string, object> => Object.fromEntries(keys.map(key => [key, {}]))

/** `a=b c="d e"`, or the old form `a the rest`. */
function pairs(value: string, change: string): readonly (readonly [string, string])[] {
  const all = words(value)
  const [first = ''] = all
  if (first.includes('=')) {
    return all.map(word => {
      const at = word.indexOf('=')
      if (at < 1) throw invalid(change, 'must be formatted as KEY=VALUE')
      return [word.slice(0, at), word.slice(at + 1)] as const
    })
  }
  if (first === '') throw invalid(change, 'must be formatted as KEY VALUE')
  return [[first, value.trim().slice(first.length).trim()]]
}

/** Words split at blanks; quotes keep blanks, a backslash keeps the next character. */
function words(text: string): readonly string[] {
  const found = text.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/gs) ?? []
  return found.map(word =>
    word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_, double?: string, single?: string, escaped?: string) =>
      double !== undefined ? double.replace(/\\(.)/gs, '$1') : (single ?? escaped ?? ''),
    ),
  )
}

function mergeEnv(env: readonly string[], added: readonly (readonly [string, string])[]): readonly string[] {
  const all = new Map(env.map(each => [each.split('=', 1)[0] ?? '', each]))
  for (const [key, value] of added) all.set(key, `${key}=${value}`)
  return [...all.values()]
}
