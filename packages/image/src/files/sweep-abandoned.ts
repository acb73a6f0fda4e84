import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lives } from './lives.ts'

/** A writer of another machine, whose number says nothing here, would have written within this many milliseconds. */
const patience = 60_000

/** Removes temporary files in a directory whose writers were killed: their names tell the process. */
export async function sweepAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const writer = /^\.tmp-(\d+)-\d+$/.exec(name)?.[1]
    if (writer === undefined || lives(Number(writer))) continue
    const path = join(directory, name)
    const written = await stat(path).then(({ mtimeMs }) => mtimeMs, gone)
    if (written !== undefined && Date.now() - written > patience) await rm(path, { force: true })
  }
}

const gone = (): undefined => undefined
