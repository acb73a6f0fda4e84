import { LibpodError } from '../errors.ts'
import type { KubeConfigMap, KubeContainer, KubeEnvVar, KubeSecret, KubeTemplate } from './objects.ts'
import { parseQuantity } from './quantity.ts'

/** What values of a container are taken from. */
export interface Sources {
  readonly configMaps: ReadonlyMap<string, KubeConfigMap>
  readonly secrets: ReadonlyMap<string, KubeSecret>
}

/** Whose environment is asked about. */
export interface Subject {
  readonly container: KubeContainer
  readonly metadata: NonNullable<KubeTemplate['metadata']>
  readonly podId: string
  readonly host: HostSize
}

/** What a container without limits may use: bytes, and processors. */
export interface HostSize {
  readonly memory: number
  readonly cpu: number
}

const missing = (problem: string, subject: string): LibpodError => new LibpodError('KUBE_INVALID', problem, { subject })

/** The environment of a container: what whole sources have, and over it what is said one by one. @throws LibpodError KUBE_INVALID */
export function environmentOf(subject: Subject, sources: Sources): Readonly<Record<string, string>> {
  const whole = (subject.container.envFrom ?? []).flatMap(from => wholeSource(from, sources))
  const single = (subject.container.env ?? []).flatMap(variable => {
    if (!variable.name) throw missing('the name of an environment variable is empty', subject.container.name ?? '')
    const value = resolve({ ...variable, name: variable.name }, subject, sources)
    return value === undefined ? [] : [[variable.name, value] as const]
  })
  return Object.fromEntries([...whole, ...single])
}

type EnvFrom = NonNullable<KubeContainer['envFrom']>[number]

function wholeSource(
  { prefix = '', configMapRef, secretRef }: EnvFrom,
  sources: Sources,
): (readonly [string, string])[] {
  const found = configMapRef ? sources.configMaps.get(configMapRef.name ?? '') : undefined
  if (configMapRef && !found && !configMapRef.optional)
    throw missing(`configmap ${configMapRef.name ?? ''} not found`, configMapRef.name ?? '')
  const secret = secretRef ? sources.secrets.get(secretRef.name ?? '') : undefined
  if (secretRef && !secret && !secretRef.optional)
    throw missing(`no secret with name or id "${secretRef.name ?? ''}": no such secret`, secretRef.name ?? '')
  const pairs = [...Object.entries(found?.data ?? {}), ...(secret ? secretTexts(secret) : [])]
  return pairs.map(([key, value]) => [`${prefix}${key}`, value] as const)
}

const secretTexts = (secret: KubeSecret): [string, string][] =>
  [...secretContents(secret)].map(([key, bytes]) => [key, Buffer.from(bytes).toString('utf8')])

/** The values of a secret, decoded. */
export function secretContents({ data = {}, stringData = {} }: KubeSecret): ReadonlyMap<string, Uint8Array> {
  return new Map([
    ...Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const),
    ...Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value)] as const),
  ])
}

type Named = KubeEnvVar & { readonly name: string }

function resolve({ name, value, valueFrom }: Named, subject: Subject, sources: Sources): string | undefined {
  if (!valueFrom) return value ?? ''
  const { configMapKeyRef: ofMap, secretKeyRef: ofSecret, fieldRef, resourceFieldRef } = valueFrom
  if (ofMap) {
    const map = sources.configMaps.get(ofMap.name ?? '')
    const found = map?.data?.[ofMap.key ?? '']
    if (found !== undefined || ofMap.optional) return found
    const problem = map ? `key ${ofMap.key} not found in configmap ${ofMap.name}` : `configmap ${ofMap.name} not found`
    throw missing(`cannot set env ${name}: ${problem}`, name)
  }
  if (ofSecret) {
    const secret = sources.secrets.get(ofSecret.name ?? '')
    const found = secret && secretContents(secret).get(ofSecret.key ?? '')
    if (found !== undefined) return Buffer.from(found).toString('utf8')
    if (ofSecret.optional) return undefined
    const problem = secret
      ? `secret ${ofSecret.name} has not ${ofSecret.key} key`
      : `no secret with name or id "${ofSecret.name}": no such secret`
    throw missing(`cannot set env ${name}: ${problem}`, name)
  }
  if (fieldRef) return fieldOf(name, fieldRef.fieldPath ?? '', subject)
  if (resourceFieldRef) return resourceOf(name, resourceFieldRef, subject)
  return ''
}

function fieldOf(name: string, path: string, { metadata, podId }: Subject): string {
  const [, map, key = ''] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? []
  if (map === 'labels') return metadata.labels?.[key] ?? ''
  if (map === 'annotations') return metadata.annotations?.[key] ?? ''
  if (path === 'metadata.name') return metadata.name ?? ''
  if (path === 'metadata.uid') return podId
  throw unsupported(name, `fieldPath ${path}`)
}

type ResourceRef = NonNullable<NonNullable<KubeEnvVar['valueFrom']>['resourceFieldRef']>

const unsupported = (name: string, what: string): LibpodError =>
  missing(`can not set env ${name}. Reason: ${what} is either not valid or not supported`, name)

const divisors = { memory: /^1([kMGTPE]|[KMGTPE]i)?$/, cpu: /^1m?$/ }

/** In units of the divisor, rounded up. */
function resourceOf(
  name: string,
  { resource = '', divisor: asked = '0' }: ResourceRef,
  { container, host }: Subject,
): string {
  const [, list, what] = /^(limits|requests)\.(memory|cpu)$/.exec(resource) ?? []
  if ((list !== 'limits' && list !== 'requests') || (what !== 'memory' && what !== 'cpu'))
    throw unsupported(name, `resource ${resource}`)
  const divisor = asked === '0' ? '1' : asked
  if (!divisors[what].test(divisor))
    throw missing(`can not set env ${name}. Reason: divisor value ${divisor} is not valid`, name)
  const said = (from: 'limits' | 'requests'): number =>
    parseQuantity(container.resources?.[from]?.[what] ?? '0', `resources.${from}.${what}`)
  // What is not limited is the host's, and what is not asked for is as much as the limit.
  const amount = (list === 'requests' && said('requests')) || said('limits') || host[what]
  return String(Math.ceil(Number((amount / parseQuantity(divisor, `${name}.divisor`)).toPrecision(12))))
}

/** `$(NAME)` becomes the value of NAME, if there is one; `$$(NAME)` is `$(NAME)`. */
export function expand(word: string, environment: Readonly<Record<string, string>>): string {
  return word.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    whole === '$$' ? '$' : name !== undefined && Object.hasOwn(environment, name) ? (environment[name] ?? '') : whole,
  )
}
