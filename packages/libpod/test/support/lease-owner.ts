import { Engine } from '../../src/index.ts'
import { sleeper } from '../containers/engine.ts'

// Runs a container that is to live no longer than this process, says its id, and waits to be killed.
const [directory = '', lease] = process.argv.slice(2)
const at = (part: string): string => `${directory}/${part}`
const engine = await Engine.open({ root: at('root'), runRoot: at('run'), tmpDir: at('tmp'), eventsBackend: 'file' })
const container = await engine.containers.run({
  ...sleeper,
  restart: { name: 'always' },
  onExit: 'keep',
  ...(lease ? { lease: 'this-process' } : {}),
})
process.stdout.write(`${container.id}\n`)
setInterval(() => {}, 1 << 30)
