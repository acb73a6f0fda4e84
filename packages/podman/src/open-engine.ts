import type { Engine, EngineOptions } from '@libpod/libpod'
import { engineOptions, type Globals } from './global-flags.ts'

/** How to start this very program again: the interpreter, its flags and the script. */
export type Self = readonly string[]

export interface EngineOpener {
  /** Opens on the first call; later calls give the same engine. */
  readonly engine: () => Promise<Engine>
  close(): Promise<void>
}

/** An engine made of the global options, opened when a command first asks for it; `warn` hears of its configuration. */
export function engineOpener(globals: Globals, self: Self, warn = (_message: string): void => {}): EngineOpener {
  let opened: Promise<Engine> | undefined
  const open = async () => {
    const { Engine } = await import('@libpod/libpod')
    const { NOTIFY_SOCKET: notifySocket } = process.env
    const options: EngineOptions = {
      ...engineOptions(globals.values, globals.given),
      cleanupCommand: self,
      ...(notifySocket ? { notifySocket } : {}),
    }
    const engine = await Engine.open(options)
    engine.options.warnings.forEach(warn)
    return engine
  }
  return {
    engine: () => (opened ??= open()),
    close: async () => {
      const engine = await opened?.catch(() => undefined)
      await engine?.[Symbol.asyncDispose]()
    },
  }
}
