import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Teardown, tempDir } from '@libpod/test-kit'
import type { BuildEvent, BuildSpec, Engine } from '../../src/index.ts'
import { image } from '../containers/engine.ts'

export const fromBusybox = `FROM ${image}`

/** A directory with a Containerfile of these lines, and further files. */
export async function contextOf(t: Teardown, lines: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const context = await tempDir(t, 'build')
  await writeFile(join(context, 'Containerfile'), `${lines.join('\n')}\n`)
  for (const [name, text] of Object.entries(files)) await writeFile(join(context, name), text)
  return context
}

/** Builds and keeps what was said. */
export async function build(engine: Engine, spec: BuildSpec) {
  const said = { stdout: '', stderr: '' }
  const onProgress = ({ stream, bytes }: BuildEvent) => {
    said[stream] += Buffer.from(bytes).toString()
  }
  const built = await engine.images.build(spec, { onProgress })
  return { ...built, ...said }
}
