import { imageRows, removeMany } from './image-rows.ts'
import { type Finished, finish, type Side } from './measure.ts'

/** What the rows work with. */
export interface Material {
  /** A directory of their own, outside the stores. */
  readonly directory: string
  /** The file system of the stores. */
  readonly stores: string
  readonly smallTar: string
  readonly bigTar: string
  readonly bigArchive: string
  /** The big image in the registry. */
  readonly bigImage: string
}

/** One line of the table. */
export interface Row {
  readonly name: string
  /** Our time by theirs; design goal. */
  readonly goal: number
  readonly rounds: number
  /** `node` compares with a bare start of Node instead of Podman. */
  readonly against?: 'podman' | 'node'
  readonly memory?: 'yes'
  prepare?(side: Side, material: Material): Promise<unknown>
  /** Before each round, unmeasured. */
  prepareRound?(side: Side, material: Material): Promise<unknown>
  work(side: Side, material: Material, round: number): Promise<Finished>
  /** After each round, unmeasured. */
  restore?(side: Side, material: Material): Promise<unknown>
  /** After all rounds. */
  finish?(side: Side): Promise<unknown>
}

export const smallImage = 'localhost/busybox:bench'
/** An import that is not measured. */
export const make = (side: Side, tar: string, name: string, message = ''): Promise<Finished> =>
  finish(side.maker ?? side, ['import', '--quiet', '--message', message, tar, name])
/** Podman records a layer before its files are on the device; ours does so when told. */
const unsynced = ({ name }: Side): readonly string[] => (name === 'ours' ? ['--storage-opt', 'overlay.sync=none'] : [])
const bigName = 'localhost/big:bench'
const removeImage = (side: Side, name: string) => finish(side.maker ?? side, ['rmi', '--force', name])
const removeBig = (side: Side) => removeImage(side, bigName)
export const removeAll = (side: Side) => finish(side, ['rm', '--all', '--force', '--time', '0'])

async function together(side: Side, args: readonly string[], count: number): Promise<Finished> {
  const begin = performance.now()
  await Promise.all([...Array(count)].map(() => finish(side, args)))
  return { milliseconds: performance.now() - begin, peak: 0 }
}

/** Acts `count` times, `width` at once. */
export async function inTurn(count: number, width: number, act: (number: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await act(next++)
  }
  await Promise.all([...Array(width)].map(worker))
}

export const rows: readonly Row[] = [
  {
    name: '`--version`, against bare `node -e 0`',
    goal: 1.3,
    rounds: 21,
    against: 'node',
    work: side => finish(side, ['--version']),
  },
  {
    name: '`ps` with none, against bare `node -e 0`',
    goal: 1.8,
    rounds: 21,
    against: 'node',
    work: side => finish(side, ['ps']),
  },
  { name: '`ps` with none', goal: 1.7, rounds: 21, work: side => finish(side, ['ps']) },
  {
    name: '`run --rm --network none IMAGE true`',
    goal: 0.65,
    rounds: 15,
    work: side => finish(side, ['run', '--rm', '--network', 'none', smallImage, 'true']),
  },
  {
    name: '`run --rm IMAGE true` on the default bridge',
    goal: 0.75,
    rounds: 11,
    work: side => finish(side, ['run', '--rm', smallImage, 'true']),
  },
  {
    name: '16 × `run --rm --network none` at once',
    goal: 0.6,
    rounds: 5,
    work: side => together(side, ['run', '--rm', '--network', 'none', smallImage, 'true'], 16),
  },
  {
    ...{ name: '`exec CTR true`', goal: 0.9, rounds: 15 },
    prepare: side => finish(side, ['run', '-d', '--name', 'target', '--network', 'none', smallImage, 'sleep', '600']),
    work: side => finish(side, ['exec', 'target', 'true']),
    finish: removeAll,
  },
  {
    ...{ name: '`import` of a 350 MB, 21,500-file tar', goal: 0.3, rounds: 3, memory: 'yes' as const },
    work: (side, { bigTar }) => finish(side, ['import', '--quiet', bigTar, bigName], 'yes'),
    restore: removeBig,
  },
  {
    ...{ name: '`load` of the same as docker-archive', goal: 0.3, rounds: 3, memory: 'yes' as const },
    work: (side, { bigArchive }) => finish(side, ['load', '--quiet', '--input', bigArchive], 'yes'),
    restore: removeBig,
  },
  {
    ...{ name: '`load`, unsynced like Podman’s', goal: 0.3, rounds: 3 },
    work: (side, { bigArchive }) => finish(side, [...unsynced(side), 'load', '--quiet', '--input', bigArchive], 'yes'),
    restore: removeBig,
  },
  {
    ...{ name: '`pull` from loopback, 8 gzip layers, 350 MB', goal: 0.4, rounds: 3, memory: 'yes' as const },
    work: (side, { bigImage }) => finish(side, ['pull', '--quiet', '--tls-verify=false', bigImage], 'yes'),
    restore: (side, { bigImage }) => removeImage(side, bigImage),
  },
  {
    ...{ name: '`pull`, unsynced like Podman’s', goal: 0.4, rounds: 3 },
    work: (side, { bigImage }) =>
      finish(side, [...unsynced(side), 'pull', '--quiet', '--tls-verify=false', bigImage], 'yes'),
    restore: (side, { bigImage }) => removeImage(side, bigImage),
  },
  {
    ...{ name: '`ps -a` with 300 containers', goal: 1, rounds: 11 },
    prepare: side => inTurn(300, 2, () => finish(side, ['create', '--network', 'none', smallImage, 'true'])),
    work: side => finish(side, ['ps', '-a']),
    finish: removeAll,
  },
  {
    ...{ name: '`images` with 100 images', goal: 1, rounds: 11 },
    prepare: (side, { smallTar }) =>
      inTurn(100, 1, number => make(side, smallTar, `localhost/many:${number}`, `number ${number}`)),
    work: side => finish(side, ['images']),
    finish: side => removeMany(side),
  },
  ...imageRows,
]
