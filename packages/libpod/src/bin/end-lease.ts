import { existsSync } from 'node:fs'
import type { EngineOptions } from '../engine.ts'
import { Engine } from '../open-engine.ts'

// Started by the watcher of a lease, with the options of the engine whose owner is gone.
const options = JSON.parse(process.argv[2] ?? '{}') as EngineOptions
// A store that was removed meanwhile is not to be made anew.
if (options.root !== undefined && existsSync(options.root)) {
  await using engine = await Engine.open(options)
  await engine.containers.removeAbandoned()
}
