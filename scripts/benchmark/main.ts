/** Both sides take turns at every row; the table shows medians and their ratio. See scripts/bench. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { busyboxTar, output, run, startRegistry, tempDir } from '@libpod/test-kit'
import { lifeRows } from './life-rows.ts'
import { makeLayout, makeTree } from './material.ts'
import { finish, median, type Side } from './measure.ts'
import { residents } from './residents.ts'
import { type Material, make, type Row, rows, smallImage } from './rows.ts'
import { bridges, makeSide, runtime } from './sides.ts'

const { values, positionals } = parseArgs({ options: { rounds: { type: 'string' } }, allowPositionals: true })
const wanted = [...rows, ...lifeRows].filter(
  ({ name }) => positionals.length === 0 || positionals.some(word => name.includes(word)),
)

const cleanups: (() => Promise<void>)[] = []
const t = { teardown: (cleanup: () => Promise<void>) => void cleanups.push(cleanup) }

async function makeMaterial(directory: string, stores: string): Promise<Material> {
  mkdirSync(directory)
  const material = {
    directory,
    stores,
    smallTar: await busyboxTar(directory),
    bigTar: join(directory, 'big.tar'),
    bigArchive: join(directory, 'big-archive.tar'),
    bigImage: '',
  }
  if (!wanted.some(row => row.memory && !lifeRows.includes(row))) return material
  console.error('making an image of 350 MB')
  const tree = makeTree(join(directory, 'tree'))
  await output('tar', ['-C', tree, '--owner=0', '--group=0', '-cf', material.bigTar, '.'], { timeout: 240_000 })
  const layout = await makeLayout(tree, join(directory, 'layout'))
  const registry = await startRegistry(t)
  const bigImage = `${registry.host}/big:bench`
  const copy = (...args: readonly string[]) =>
    output('skopeo', ['--insecure-policy', '--tmpdir', directory, 'copy', ...args], { timeout: 240_000 })
  await copy('--dest-tls-verify=false', '--preserve-digests', `oci:${layout}`, `docker://${bigImage}`)
  await copy(`oci:${layout}`, `docker-archive:${material.bigArchive}:localhost/big:bench`)
  return { ...material, bigImage }
}

/**
 * A file system that nothing was removed from before: some, without a journal, look long for inodes that were not just freed.
 * Direct I/O, for a disk takes pages as they are, where a loop device would have a processor copy each into the cache of the file below.
 */
async function freshFilesystem(directory: string): Promise<string> {
  const [image, mountpoint] = [join(directory, 'disk'), join(directory, 'fs')]
  await output('truncate', ['--size', '16G', image])
  await output('mkfs.ext4', ['-q', '-F', image])
  mkdirSync(mountpoint)
  const device = (await output('losetup', ['--find', '--show', '--direct-io=on', image])).trim()
  try {
    await output('mount', [device, mountpoint])
  } finally {
    await output('losetup', ['--detach', device]) // once nothing is mounted from it
  }
  return mountpoint
}

interface Result {
  readonly row: Row
  readonly ours: number
  readonly other: number
  readonly peaks: readonly number[]
}

/** Rounds that only warm caches: a command of ours learns from three. */
const warming = 3

async function measure(row: Row, sides: readonly Side[], material: Material): Promise<Result> {
  const times: Record<'ours' | 'other', number[]> = { ours: [], other: [] }
  const peaks: number[] = []
  const node: Side = { name: 'podman', argv: [process.execPath], env: sides[0]?.env ?? {} }
  for (const side of sides) await row.prepare?.(side, material)
  for (let round = -warming; round < Number(values.rounds ?? row.rounds); round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const isNode = row.against === 'node' && side.name === 'podman'
      if (!isNode) await row.prepareRound?.(side, material)
      await output('sync', ['--file-system', material.stores]) // what one side left to be written is not the other's
      const { milliseconds, peak } = isNode ? await finish(node, ['-e', '0']) : await row.work(side, material, round)
      if (!isNode) await row.restore?.(side, material)
      if (round < 0) continue
      times[side.name === 'ours' ? 'ours' : 'other'].push(milliseconds)
      if (side.name === 'ours') peaks.push(peak)
    }
  }
  for (const side of sides) await row.finish?.(side)
  return { row, ours: median(times.ours), other: median(times.other), peaks }
}

const shown = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`

function line({ row, ours, other, peaks }: Result): string {
  const ratio = ours / other
  const peak = Math.max(...peaks)
  const memory = row.memory && peak > 0 ? `${Math.round(peak / 1024)} MB` : ''
  return `| ${row.name} | ${shown(other)} | ${shown(ours)} | ${ratio.toFixed(2)} | ≤ ${row.goal} | ${ratio <= row.goal ? 'yes' : 'no'} | ${memory} |`
}

let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (interrupted = true))

try {
  const directory = await tempDir(t, 'bench')
  const stores = await freshFilesystem(directory)
  const material = await makeMaterial(join(directory, 'material'), stores)
  const sides = [makeSide('ours', stores), makeSide('podman', stores)]
  for (const side of sides) await make(side, material.smallTar, smallImage)
  console.log(
    `Podman ${(await output('podman', ['--version'])).trim().split(' ').at(-1)}, ${(await output(runtime, ['--version'])).split('\n')[0]}, Node ${process.version}\n`,
  )
  console.log(
    '| Work | Podman (or whom it names) | ours | ratio | goal | reached | our peak memory |\n|---|--:|--:|--:|--:|---|--:|',
  )
  for (const row of wanted) {
    if (interrupted) break
    const result = await measure(row, sides, material).catch(error => error as Error)
    console.log(
      result instanceof Error
        ? `| ${row.name} | | | | ≤ ${row.goal} | failed: ${result.message.replaceAll(/[\n|]/g, ' ')} | |`
        : line(result),
    )
  }
  if (interrupted) for (const side of sides) await finish(side, ['rm', '--all', '--force'])
  else if (positionals.length === 0 || positionals.includes('residents')) console.log(`\n${await residents(sides)}`)
} finally {
  for (const bridge of Object.values(bridges)) await run('ip', ['link', 'delete', bridge])
  for (const cleanup of cleanups.toReversed()) await cleanup()
}
