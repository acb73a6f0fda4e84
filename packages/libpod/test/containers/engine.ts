import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { busyboxTar, type Teardown, tempDir } from '@libpod/test-kit'
import type { ExecutionContext } from 'ava'
import { type ContainerSpec, Engine, type EngineOptions } from '../../src/index.ts'

export const image = 'localhost/busybox:latest'

/** An engine with a store of its own and a busybox image in it; gone, with all its containers, after the test. */
export async function openTestEngine(t: Teardown, name: string, more: EngineOptions = {}): Promise<Engine> {
  const directory = await tempDir(t, name)
  const at = (part: string): string => join(directory, part)
  const places = { root: at('root'), runRoot: at('run'), tmpDir: at('tmp'), networkConfigDir: at('networks') }
  const engine = await Engine.open({ ...places, eventsBackend: 'file', ...more })
  t.teardown(async () => {
    for (const { id } of await engine.containers.list({ which: 'all' }))
      await engine.containers.remove(id, { running: 'kill', timeout: 0, dependents: 'remove' })
    await engine[Symbol.asyncDispose]()
  })
  await engine.images.import(await busyboxTar(directory), { name: image, changes: ['ENV PATH=/bin'] })
  return engine
}

/** Without a network, running until it is stopped. */
export const sleeper = {
  image,
  process: { command: ['sleep', '1000'], stopTimeout: 0 },
  network: { mode: { kind: 'none' } },
} as const

export const network = { mode: { kind: 'none' } } as const

/** A variable of this process for the time of one test. */
export function setVariable(t: ExecutionContext, name: string, value: string): void {
  const before = process.env[name]
  process.env[name] = value
  t.teardown(() => {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  })
}

/** What a shell script prints in a container made so. */
export async function printed(engine: Engine, script: string, spec: ContainerSpec = {}): Promise<string> {
  const process = { ...spec.process, command: ['sh', '-c', script] }
  await using container = await engine.containers.run({ image, network, ...spec, process })
  const [out, error, code] = await Promise.all([text(container.stdout), text(container.stderr), container.exited])
  if (code !== 0) throw new Error(`ended with ${code}: ${error}`)
  return out.trim()
}
