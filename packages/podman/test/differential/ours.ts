import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Engine } from '@libpod/libpod'
import { anonymous, type SpecCase, type SpecOutcome, specImage, type Teardown, tempDir } from '@libpod/test-kit'
import { parseFlags } from '../../src/cli/parse.ts'
import { containerFlags, containerSpec, thisCaller } from '../../src/options/container.ts'

/** Our engine with a store of its own, asked for specs as {@link peerSpecs} is; flags go the way that they go in the program. */
export async function ourSpecs(
  t: Teardown,
  with_: {
    readonly rootfs: string
    readonly runtime: string
    readonly images: Readonly<Record<string, readonly string[]>>
  },
): Promise<(cases: readonly SpecCase[]) => Promise<readonly SpecOutcome[]>> {
  const directory = await tempDir(t, 'ours')
  const [graphRoot, runRoot] = [join(directory, 'root'), join(directory, 'run')]
  const engine = await Engine.open({
    ...{ root: graphRoot, runRoot, tmpDir: join(directory, 'tmp'), eventsBackend: 'none', storageDriver: 'vfs' },
    ...{ cgroupManager: 'cgroupfs', runtime: with_.runtime },
  })
  t.teardown(async () => {
    await engine[Symbol.asyncDispose]()
  })
  for (const [name, changes] of Object.entries({ [specImage]: [], ...with_.images }))
    await engine.images.import(with_.rootfs, { name, changes })
  const outcome = async ({ flags, image = specImage, command = ['sleep', '1'] }: SpecCase): Promise<SpecOutcome> => {
    const { values, args } = parseFlags([...flags, image, ...command], containerFlags, { flagsStand: 'before' })
    const { id } = await engine.containers.create(containerSpec(values, args, thisCaller()))
    // It is refused by the runtime, after the spec was written.
    const refusal = await engine.containers.init(id).then(
      () => '',
      (error: Error) => error.message,
    )
    const data = join(graphRoot, 'vfs-containers', id, 'userdata')
    const text = await readFile(join(data, 'config.json'), 'utf8').catch(() => undefined)
    await engine.containers.remove(id, { running: 'kill', timeout: 0, volumes: 'remove-anonymous' })
    return text === undefined ? { refusal } : { spec: anonymous(text, { id, graphRoot, runRoot, driver: 'vfs' }) }
  }
  return async cases => {
    const outcomes: SpecOutcome[] = []
    for (const one of cases) outcomes.push(await outcome(one).catch((error: Error) => ({ refusal: error.message })))
    return outcomes
  }
}
