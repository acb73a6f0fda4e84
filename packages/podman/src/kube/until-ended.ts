import { setTimeout } from 'node:timers/promises'
import type { Engine, KubePlayReport } from '@libpod/libpod'

const ended: ReadonlySet<string> = new Set(['Created', 'Exited', 'Stopped'])
/** A container that has ended may be started again by its restart policy. */
const pauseMs = 200

/** Until nothing of what was played runs any more, or the signal. */
export async function untilEnded({ pods }: Engine, report: KubePlayReport, signal: AbortSignal): Promise<void> {
  const played = new Set(report.pods.map(({ id }) => id))
  while (!signal.aborted) {
    const now = (await pods.list()).filter(({ id }) => played.has(id))
    const own = now.flatMap(({ containers, infraId }) => containers.filter(({ id }) => id !== infraId))
    if (own.every(({ status }) => status !== 'running') && now.every(({ status }) => ended.has(status) || idle(own)))
      return
    await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

const idle = (containers: readonly { readonly status: string }[]): boolean =>
  containers.every(({ status }) => status === 'exited' || status === 'stopped')
