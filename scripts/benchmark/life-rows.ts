import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Finished, finish, type Side } from './measure.ts'
import { inTurn, type Row, removeAll, smallImage } from './rows.ts'

const crowd = 50
const files = 20_000
const logBytes = 100_000_000

const start = (side: Side, ...words: readonly string[]): Promise<Finished> =>
  finish(side, ['run', '--detach', '--network', 'none', smallImage, ...words])

/** One command after the other, as one piece of work. */
async function inOrder(side: Side, ...lines: readonly (readonly string[])[]): Promise<Finished> {
  let milliseconds = 0
  for (const line of lines) milliseconds += (await finish(side, line)).milliseconds
  return { milliseconds, peak: 0 }
}

/** What a container holds in a directory of many small files. */
function manyFiles(directory: string): string {
  for (let number = 0; number < files; number++) {
    const folder = join(directory, `d${number % 100}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `f${number}`), `file ${number}\n`)
  }
  return directory
}

/** The lives of containers after their start. */
export const lifeRows: readonly Row[] = [
  {
    ...{ name: `\`stop\` and \`rm\` of ${crowd} running containers`, goal: 0.6, rounds: 2 },
    prepareRound: side => inTurn(crowd, 2, () => start(side, 'sleep', '600')),
    work: side => inOrder(side, ['stop', '--all', '--time', '0'], ['rm', '--all']),
    finish: removeAll,
  },
  {
    ...{ name: `\`rm -af\` of ${crowd} stopped containers`, goal: 0.5, rounds: 2 },
    prepareRound: side => inTurn(crowd, 2, () => finish(side, ['run', '--network', 'none', smallImage, 'true'])),
    work: side => finish(side, ['rm', '--all', '--force']),
    finish: removeAll,
  },
  {
    ...{ name: `\`logs\` of ${logBytes / 1e6} MB`, goal: 1, rounds: 5, memory: 'yes' as const },
    prepare: side =>
      finish(side, [
        ...['run', '--name', 'talker', '--network', 'none', '--attach', 'stderr', smallImage],
        ...['sh', '-c', `yes ${'a line of a program that says a lot '.repeat(4)} | head -c ${logBytes}`],
      ]),
    work: side => finish(side, ['logs', 'talker'], 'yes'),
    finish: removeAll,
  },
  {
    ...{
      name: `\`cp\` of ${files.toLocaleString('en')} files into a container`,
      goal: 0.6,
      rounds: 3,
      memory: 'yes' as const,
    },
    prepare: (side, { directory }) => {
      manyFiles(join(directory, `files-${side.name}`))
      return finish(side, ['create', '--name', 'target', '--network', 'none', smallImage, 'true'])
    },
    work: (side, { directory }, round) =>
      finish(side, ['cp', join(directory, `files-${side.name}`), `target:/copy${round}`], 'yes'),
    finish: removeAll,
  },
]
