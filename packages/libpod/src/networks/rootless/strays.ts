import { readlinkSync, statSync } from 'node:fs'
import { endAll, wordsOf } from '../../host/strays.ts'
import { isPinned } from '../netns.ts'
import type { RootlessPlaces } from './places.ts'

/**
 * Ends plugins that are at work in the namespace by order of an engine that is no more, and the servers that plugins started; not
 * what the user runs there.
 */
export function endPlugins({ netns }: Pick<RootlessPlaces, 'netns'>): void {
  if (!isPinned(netns)) return
  const namespace = `net:[${statSync(netns).ino}]`
  endAll(pid => {
    if (namespaceOf(pid) === namespace) return isPluginsWork(pid) || isServer(pid)
    return wordsOf(pid, 'cmdline').includes(`--net=${netns}`) && isPluginsWork(pid)
  })
}

const isPluginsWork = (pid: string): boolean => wordsOf(pid, 'environ').some(pair => pair.startsWith('CNI_COMMAND='))

/** The dnsname plugin's: it may be another user by now, whose environment is not told. */
const isServer = (pid: string): boolean =>
  wordsOf(pid, 'cmdline').some(word => word.startsWith('--conf-file=/run/containers/cni/dnsname/'))

function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined // It was quicker, or is not to be looked at.
  }
}
