import { existsSync } from 'node:fs'
import { join } from 'node:path'

const named = 'unix:path='

/** Where a plain user's own systemd listens; undefined when none does. */
export function userBus({ DBUS_SESSION_BUS_ADDRESS: told, XDG_RUNTIME_DIR }: NodeJS.ProcessEnv): string | undefined {
  if (told && (!told.startsWith(named) || existsSync(pathOf(told)))) return told
  const usual = XDG_RUNTIME_DIR ? join(XDG_RUNTIME_DIR, 'bus') : ''
  return usual !== '' && existsSync(usual) ? named + usual : undefined
}

const pathOf = (address: string): string => address.slice(named.length).split(/[,;]/, 1)[0] ?? ''

/** What a runtime needs to ask for a control group: of root's environment nothing. */
export function busVariables(rootless: 'yes' | 'no'): Readonly<Record<string, string>> {
  const bus = rootless === 'yes' ? userBus(process.env) : undefined
  return bus === undefined ? {} : { DBUS_SESSION_BUS_ADDRESS: bus }
}
