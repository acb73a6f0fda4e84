import { subscribe } from 'node:diagnostics_channel'
import { logLine, type Terminal } from './terminal.ts'

const chatty = ['trace', 'debug', 'info'] as const

/** A level at which something is said about an ordinary run. */
export type Chatty = (typeof chatty)[number]

export const isChatty = (level: string): level is Chatty => chatty.some(one => one === level)

/** Channels of the packages below and the level of what they tell. */
const channels: Readonly<Record<string, Chatty>> = {
  'libpod.image.request': 'debug',
  'libpod.image.parts': 'debug',
  'libpod.image.pull': 'debug',
  'libpod.storage.lock': 'trace',
}

/** Writes a line of the log when its level is talkative enough. */
export type Say = (level: Chatty, message: string) => void

/** Says on standard error what runs, and what the packages publish while it does, down to a level. */
export function startLog(
  level: Chatty,
  { path, line, io }: { path: string; line: readonly string[]; io: Terminal },
): Say {
  const say: Say = (at, message) => {
    if (chatty.indexOf(at) >= chatty.indexOf(level)) io.err(logLine(at, message))
  }
  say('info', `podman filtering at log level ${level}`)
  say('debug', `Called ${path.split(' ').slice(1).join(' ')} (podman ${line.join(' ')})`)
  say('trace', `Node ${process.version}, process ${process.pid}, user ${process.getuid?.() ?? 'unknown'}`)
  for (const [name, at] of Object.entries(channels))
    subscribe(name, message => say(at, typeof message === 'string' ? message : `${name}: ${JSON.stringify(message)}`))
  return say
}
