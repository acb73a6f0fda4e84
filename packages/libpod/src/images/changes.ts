import { posix } from 'node:path'
import { LibpodError } from '../errors.ts'
import { parseSignal } from '../plan/signals.ts'

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
  USER: (value, config, change) => ({ ...config, User: given(value, change, 'must provide a value to USER') }),
  EXPOSE: (value, config, change) => ({
    ...config,
    ExposedPorts: { ...config.ExposedPorts, ...asSet([port(value, change)]) },
  }),
  ENV: (value, config, change) => ({ ...config, Env: [...(config.Env ?? []), variable(value, change)] }),
  ENTRYPOINT: (value, config) => ({ ...config, Entrypoint: jsonList(value) ?? shell(value, []) }),
  CMD: (value, config) => ({ ...config, Cmd: jsonList(value) ?? shell(value, ['/bin/sh', '-c']) }),
  VOLUME: (value, config, change) => ({
    ...config,
    Volumes: { ...config.Volumes, ...asSet(volumesOf(value, change)) },
  }),
  WORKDIR: (value, config, change) => ({
    ...config,
    WorkingDir: posix.join(config.WorkingDir ?? '', given(value, change, 'must provide a non-empty WORKDIR')),
  }),
  LABEL: (value, config, change) => ({ ...config, Labels: { ...config.Labels, ...label(value, change) } }),
  STOPSIGNAL: (value, config, change) => ({ ...config, StopSignal: signal(value, change) }),
  ONBUILD: (value, config, change) => ({
    ...config,
    OnBuild: [...(config.OnBuild ?? []), given(value, change, 'ONBUILD must be given an argument')],
  }),
}

/**
 * What Dockerfile instructions (`CMD ["a"]`, `ENV a=b`, `ENV=a=b`) say of a config, in order. Podman reads them so, and not as
 * builders do: one variable or label a line, its value to the line's end.
 * @throws LibpodError SPEC_INVALID
 */
export function readChanges(changes: readonly string[]): ConfigChanges {
  return changes.reduce<ConfigChanges>((result, change) => {
    const { key, value } = splitChange(change)
    const instruction = Object.hasOwn(instructions, key) ? instructions[key] : undefined
    if (!instruction) throw invalid(change, `invalid instruction ${key}`)
    return instruction(value, result, change)
  }, {})
}

/** A config with changes over it: variables, ports, volumes and labels are added, everything else is replaced. */
export function withChanges(config: ConfigChanges, changes: ConfigChanges): ConfigChanges {
  const { Env, ExposedPorts, Volumes, Labels, ...rest } = changes
  return {
    ...config,
    ...rest,
    ...(Env ? { Env: mergeEnv(config.Env ?? [], Env) } : {}),
    ...(ExposedPorts ? { ExposedPorts: { ...config.ExposedPorts, ...ExposedPorts } } : {}),
    ...(Volumes ? { Volumes: { ...config.Volumes, ...Volumes } } : {}),
    ...(Labels ? { Labels: { ...config.Labels, ...Labels } } : {}),
  }
}

/** At the first blank, or at the first `=` where there is none. */
function splitChange(change: string): { readonly key: string; readonly value: string } {
  const at = change.includes(' ') ? change.indexOf(' ') : change.indexOf('=')
  if (at < 0) throw invalid(change, 'must be formatted as KEY VALUE')
  return { key: change.slice(0, at).trim().toUpperCase(), value: change.slice(at + 1).trim() }
}

const invalid = (change: string, why: string): LibpodError =>
  new LibpodError('SPEC_INVALID', `invalid change ${JSON.stringify(change)} - ${why}`)

function given(value: string, change: string, why: string): string {
  if (value === '') throw invalid(change, why)
  return value
}

function port(value: string, change: string): string {
  const [number = '', protocol = 'tcp', ...more] = value.split('/')
  if (more.length > 0) throw invalid(change, 'EXPOSE port must be formatted as PORT[/PROTO]')
  if (!/^[+-]?\d+$/.test(number))
    throw invalid(
      change,
      `EXPOSE port must be an integer: strconv.Atoi: parsing ${JSON.stringify(number)}: invalid syntax`,
    )
  if (Number(number) > 65535 || Number(number) <= 0) throw invalid(change, 'EXPOSE port must be a valid port number')
  if (!['tcp', 'udp'].includes(protocol.toLowerCase())) throw invalid(change, 'EXPOSE protocol must be TCP or UDP')
  return `${Number(number)}/${protocol.toLowerCase()}`
}

/** Without a `=` the whole is the name. */
function variable(value: string, change: string): string {
  const [name = '', text = ''] = value.split(/=(.*)/s, 2)
  if (name === '') throw invalid(change, 'ENV must have at least one argument')
  return `${unquoted(name)}=${unquoted(text)}`
}

function label(value: string, change: string): Readonly<Record<string, string>> {
  const [name = '', text] = value.split(/=(.*)/s, 2)
  if (text === undefined) throw invalid(change, 'LABEL must be formatted key=value')
  return { [given(unquoted(name), change, 'LABEL must have a non-empty key')]: unquoted(text) }
}

const unquoted = (text: string): string =>
  text.startsWith('"') && text.endsWith('"') ? text.slice(1).replace(/"$/, '') : text

function signal(value: string, change: string): string {
  try {
    return String(parseSignal(value))
  } catch (cause) {
    throw invalid(change, `KILLSIGNAL must be given a valid signal: ${(cause as Error).message}`)
  }
}

/** What is no JSON list is a shell's; of nothing at all there is only what stands before it. */
const shell = (value: string, bare: readonly string[]): readonly string[] =>
  value === '' ? bare : ['/bin/sh', '-c', value]

function jsonList(value: string): readonly string[] | undefined {
  if (!value.startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(value)
    return Array.isArray(list) && list.every(each => typeof each === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

function volumesOf(value: string, change: string): readonly string[] {
  const list = jsonList(value) ?? value.split(' ')
  if (list.length === 0) throw invalid(change, 'must provide at least one argument to VOLUME')
  return list.map(path => given(path, change, 'VOLUME paths must not be empty'))
}

const asSet = (keys: readonly string[]): Record<string, object> => Object.fromEntries(keys.map(key => [key, {}]))

function mergeEnv(env: readonly string[], added: readonly string[]): readonly string[] {
  const all = new Map([...env, ...added].map(each => [each.split('=', 1)[0] ?? '', each]))
  return [...all.values()]
}
