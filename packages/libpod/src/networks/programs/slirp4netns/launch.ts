import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fstatSync, readSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { LibpodError } from '../../../errors.ts'

export interface SlirpLaunch {
  readonly program: string
  readonly args: readonly string[]
  /** Takes what it says. */
  readonly log: number
  /** Reads the end when whoever it works for is gone. */
  readonly lifeline?: number
}

/** Resolves when the interface is up; it goes on by itself. @throws LibpodError NETWORK_FAILED with its last words */
export async function launchSlirp({ program, args, log, lifeline }: SlirpLaunch): Promise<ChildProcess> {
  // Its sandbox takes everything down that is mounted: without a mount namespace of its own, and one that tells nothing back,
  // the pins of all network namespaces would go too.
  const apart = ['--mount', '--propagation', 'slave', '--', program]
  const child = spawn('unshare', [...apart, ...args], {
    detached: true,
    stdio: ['ignore', log, log, 'pipe', lifeline ?? 'ignore'],
  })
  try {
    await ready(child, log)
    return child
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    child.unref()
    for (const stream of child.stdio) stream?.destroy()
  }
}

/** The byte that it writes when the interface is up, or its last words. */
async function ready(child: ChildProcess, log: number): Promise<void> {
  const told = once(child.stdio[3] as Readable, 'data').then(() => 'ready' as const)
  told.catch(() => {}) // it ends without a word
  const left = once(child, 'exit').then(() => 'left' as const)
  if ((await Promise.race([told, left])) === 'ready') return
  throw new LibpodError('NETWORK_FAILED', `slirp4netns failed: ${lastWords(log)}`)
}

function lastWords(log: number): string {
  const { size } = fstatSync(log)
  const words = Buffer.alloc(Math.min(size, 4096))
  readSync(log, words, 0, words.length, size - words.length)
  return words.toString().trim()
}
