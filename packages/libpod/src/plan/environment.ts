import type { ProcessSpec } from '../spec/process.ts'

export interface EnvironmentSources {
  /** `K=V`, of containers.conf. */
  readonly defaults: readonly string[]
  /** `K=V`, of the image; anything else there is dropped. */
  readonly image: readonly string[]
  readonly process: ProcessSpec
  /** The engine's own environment, of which only proxy settings are taken unless the configuration says all. */
  readonly host: Readonly<Record<string, string | undefined>>
  readonly takeHost: 'proxies' | 'all'
}

const proxies = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy']

/**
 * The environment of a container's process, later sources over earlier ones: containers.conf, image, `--env-merge`, what the host
 * has, the caller's (podman-run(1), ENVIRONMENT). What is unset is so of the first three. TERM, HOME and HOSTNAME are filled in at
 * the start, when they are known.
 */
export function environment({ defaults, image, process, host, takeHost }: EnvironmentSources): readonly string[] {
  const variables = new Map<string, string>([['container', 'podman']])
  const settings = process.httpProxy === 'none' ? [] : proxies.flatMap(one => [one, one.toUpperCase()])
  const ofHost = Object.entries(host).filter(([name]) => takeHost === 'all' || settings.includes(name))
  put(variables, defaults)
  put(variables, image)
  for (const [name, value] of Object.entries(process.envMerge ?? {})) variables.set(name, expand(value, variables))
  unset(variables, process.unsetEnv)
  for (const [name, value] of ofHost) if (value) variables.set(name, value)
  for (const [name, value] of Object.entries(process.env ?? {})) variables.set(name, value)
  return [...variables].map(([name, value]) => `${name}=${value}`)
}

function put(variables: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const at = line.indexOf('=')
    if (at > 0) variables.set(line.slice(0, at), line.slice(at + 1))
  }
}

function unset(variables: Map<string, string>, names: ProcessSpec['unsetEnv']): void {
  if (names === 'all') variables.clear()
  else for (const name of names ?? []) variables.delete(name)
}

/** `${NAME}` and `$NAME` of the environment so far, for `--env-merge`. */
const expand = (text: string, variables: ReadonlyMap<string, string>): string =>
  text.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (_whole, braced?: string, bare?: string) => variables.get(braced ?? bare ?? '') ?? '',
  )
