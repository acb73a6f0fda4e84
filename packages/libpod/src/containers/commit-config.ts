import { LibpodError } from '../errors.ts'
import { type ConfigChanges, withChanges } from '../images/changes.ts'
import { type JsonObject, objectOf, parseDocument, textOf, textRecordOf, textsOf } from '../images/document.ts'
import type { ContainerConfig } from '../state/container.ts'

/** An image's `config`: what `--change` may set, and what only Docker's form can say. */
export interface ImageConfig extends ConfigChanges {
  readonly Healthcheck?: object
  readonly Shell?: readonly string[]
}

export interface CommitParts {
  /** `config` of the container's image. */
  readonly base: JsonObject
  readonly format: 'oci' | 'docker'
  /** Which of the container's mount points become VOLUMEs. */
  readonly volumes: 'anonymous' | 'all'
  readonly overrides: ConfigChanges
  readonly changes: ConfigChanges
}

/**
 * The config of an image made of a container: the image's own, the container's settings over it, then the `--config` file's
 * members and `--change`'s instructions. OCI's form has no ONBUILD, HEALTHCHECK and SHELL (image-spec, config.md).
 */
export function configOf(
  config: ContainerConfig,
  { base, format, volumes, overrides, changes }: CommitParts,
): ImageConfig {
  const whole = withChanges({ ...inherited(config, base, volumes), ...overrides }, changes)
  if (format === 'docker') return { ...whole, ...dockerOnly(base) }
  const { OnBuild: _, ...oci } = whole
  return oci
}

function inherited(config: ContainerConfig, base: JsonObject, which: CommitParts['volumes']): ConfigChanges {
  const exposed = (config.spec.network?.expose ?? []).map(port => (port.includes('/') ? port : `${port}/tcp`))
  const ports = [...config.ports.map(port => `${port.containerPort}/${port.protocol}`), ...exposed]
  const user = config.user || textOf(base.User)
  const signal = textOf(base.StopSignal)
  const onBuild = textsOf(base.OnBuild)
  return {
    ...(user ? { User: user } : {}),
    ...some('ExposedPorts', { ...asSet(Object.keys(objectOf(base.ExposedPorts))), ...asSet(ports) }),
    Env: environment(textsOf(base.Env), config.env),
    ...(config.entrypoint.length > 0 ? { Entrypoint: config.entrypoint } : {}),
    ...(config.command.length > 0 ? { Cmd: config.command } : {}),
    ...some('Volumes', { ...asSet(Object.keys(objectOf(base.Volumes))), ...asSet(volumePaths(config, which)) }),
    WorkingDir: config.workdir,
    ...some('Labels', { ...textRecordOf(base.Labels), ...config.labels }),
    ...(signal ? { StopSignal: signal } : {}),
    ...(onBuild.length > 0 ? { OnBuild: onBuild } : {}),
  }
}

const dockerOnly = ({ Healthcheck, Shell }: JsonObject): Pick<ImageConfig, 'Healthcheck' | 'Shell'> => ({
  ...some('Healthcheck', objectOf(Healthcheck)),
  ...(textsOf(Shell).length > 0 ? { Shell: textsOf(Shell) } : {}),
})

/** A member, unless it would be empty. */
function some<Name extends string, Value extends object>(name: Name, value: Value): { readonly [N in Name]?: Value } {
  return (Object.keys(value).length > 0 ? { [name]: value } : {}) as { readonly [N in Name]?: Value }
}

/** The container's variables, after those that only its image has. */
function environment(image: readonly string[], container: readonly string[]): readonly string[] {
  const own = new Set(container.map(nameOf))
  return [...image.filter(each => !own.has(nameOf(each))), ...container]
}

const nameOf = (variable: string): string => variable.split('=', 1)[0] ?? ''

/** Where the user mounted something; of volumes kept by name only the container's own unless all are asked for. */
function volumePaths({ volumes, spec }: ContainerConfig, which: CommitParts['volumes']): readonly string[] {
  const named = volumes.filter(({ anonymous }) => which === 'all' || anonymous === 'yes')
  const rest = which === 'all' ? (spec.mounts?.mounts ?? []) : []
  return [...named, ...rest].map(({ destination }) => destination)
}

const asSet = (keys: readonly string[]): Record<string, object> => Object.fromEntries(keys.map(key => [key, {}]))

/** What a file of `podman commit --config` says. */
export async function overridesOf(path: string | undefined): Promise<ConfigChanges> {
  if (path === undefined) return {}
  const { readFile } = await import('node:fs/promises')
  const document = parseDocument(await readFile(path))
  if (!document) throw new LibpodError('SPEC_INVALID', `${path} is not a JSON object`, { subject: path })
  return document as ConfigChanges
}
