import type { HealthSpec } from '../spec/health.ts'
import type { KubeContainer, KubeProbe } from './objects.ts'
import { invalid } from './read.ts'

const second = 1e9

/** The health check that the probes of a container ask for; readiness means nothing without a service. @throws LibpodError KUBE_INVALID */
export function healthOf(container: KubeContainer, restarts: 'yes' | 'no'): HealthSpec | undefined {
  const live = probeOf(container, 'livenessProbe')
  const startup = probeOf(container, 'startupProbe')
  if (!live && !startup) return undefined
  const { startPeriod: _, ...started } = startup ?? {}
  const onFailure = restarts === 'yes' ? { onFailure: 'restart' as const } : {}
  return {
    // One that is only waited for is well afterwards.
    ...(live ?? { ...startup, test: ['CMD-SHELL', 'exit', '0'] }),
    // Kubernetes looks for the first time after the delay.
    ...(live?.startPeriod && { startPeriodRuns: 'none' as const }),
    ...(startup && { startup: { ...started, ...successesOf(container) } }),
    ...onFailure,
  }
}

type Check = Required<Pick<HealthSpec, 'test' | 'interval' | 'timeout' | 'startPeriod' | 'retries'>>

function probeOf(container: KubeContainer, which: 'livenessProbe' | 'startupProbe'): Check | undefined {
  const probe = container[which]
  const test = probe && testOf(probe, container, which)
  if (!probe || !test) return undefined
  if ((probe.initialDelaySeconds ?? 0) < 0)
    throw invalid(`${which}.initialDelaySeconds`, 'must be 0 seconds or greater')
  const atLeastOne = (value: number | undefined, usual: number): number => (value && value > 0 ? value : usual)
  return {
    test,
    interval: atLeastOne(probe.periodSeconds, 10) * second,
    timeout: atLeastOne(probe.timeoutSeconds, 1) * second,
    startPeriod: (probe.initialDelaySeconds ?? 0) * second,
    retries: atLeastOne(probe.failureThreshold, 3),
  }
}

function successesOf({ startupProbe }: KubeContainer): { readonly successes?: number } {
  const { successThreshold } = startupProbe ?? {}
  return successThreshold ? { successes: successThreshold } : {}
}

/** With the programs of the container itself; what they end with is 1 or 0, by its shell. */
function testOf(
  { exec, httpGet, tcpSocket }: KubeProbe,
  container: KubeContainer,
  which: string,
): string[] | undefined {
  if (exec) return exec.command?.length ? ['CMD', ...exec.command] : undefined
  if (httpGet) {
    const { scheme = 'HTTP', host = 'localhost', path = '/' } = httpGet
    const port = portOf(httpGet.port, container, `${which}.httpGet.port`)
    const from = path.startsWith('/') ? path : `/${path}`
    return byShell('curl', '-f', `${scheme.toLowerCase()}://${host}:${port}${from}`)
  }
  if (!tcpSocket) return undefined
  const port = portOf(tcpSocket.port, container, `${which}.tcpSocket.port`)
  return byShell('nc', '-z', '-v', tcpSocket.host ?? 'localhost', String(port))
}

/** Word by word, as Podman has it. */
const byShell = (...command: readonly string[]): string[] => ['CMD-SHELL', ...command, '||', 'exit', '1']

function portOf(port: string | undefined, { ports = [] }: KubeContainer, at: string): number {
  const number = /^\d+$/.test(port ?? '') ? Number(port) : ports.find(({ name }) => name === port)?.containerPort
  if (number === undefined) throw invalid(at, `unknown port: ${port ?? ''}`)
  return number
}
