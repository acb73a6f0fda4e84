import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostCanary, output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { openTestEngine } from '../containers/engine.ts'

async function* bytes(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

/** An archive by GNU tar of what `make` puts into a directory; without its end, so that another can follow. */
async function archive(directory: string, names: readonly string[], make: (at: string) => void): Promise<Buffer> {
  mkdirSync(directory)
  make(directory)
  await output('tar', ['-C', directory, '-cf', `${directory}.tar`, ...names])
  const tar = readFileSync(`${directory}.tar`)
  const length = tar.findLastIndex(byte => byte !== 0) + 1
  return tar.subarray(0, Math.ceil(length / 512) * 512)
}

test('what is imported into a volume stays in it, whatever links archive or volume hold (CVE-2025-11395, CVE-2025-45582)', async t => {
  const engine = await openTestEngine(t, 'volume-import')
  const directory = await tempDir(t, 'outside')
  const canary = await hostCanary(directory)
  const through = await archive(join(directory, 'through'), ['out/canary', 'out/new'], at => {
    mkdirSync(join(at, 'out'))
    for (const name of ['canary', 'new']) writeFileSync(join(at, 'out', name), 'evil')
  })
  const end = Buffer.alloc(1024)
  for (const [index, target] of [directory, `../../../../../../../../../..${directory}`].entries()) {
    const link = await archive(join(directory, `link${index}`), ['out'], at => symlinkSync(target, join(at, 'out')))
    const { name } = await engine.volumes.create({})
    await engine.volumes.import(name, bytes(link, through, end)).catch(() => {})
    await engine.volumes.import(name, bytes(link, end)).catch(() => {})
    await engine.volumes.import(name, bytes(through, end)).catch(() => {})
    t.true(await canary.isUnharmed(), target)
    t.false(readdirSync(directory).includes('new'), target)
  }
})

test('while a file of a volume is swapped for a link, an export holds the one or the other (CVE-2023-0778)', async t => {
  const engine = await openTestEngine(t, 'volume-export')
  const directory = await tempDir(t, 'outside')
  const secret = 'the host’s own secret'
  writeFileSync(join(directory, 'secret'), secret)
  const { name, mountPoint } = await engine.volumes.create({})
  const [file, spare] = [join(mountPoint, 'f'), join(mountPoint, 'spare')]
  writeFileSync(file, 'own')
  const script = `while :; do ln -s "$1" "$3"; mv -T "$3" "$2"; echo own > "$3"; mv -T "$3" "$2"; done`
  const swapper = spawn('sh', ['-c', script, 'sh', join(directory, 'secret'), file, spare])
  const gone = once(swapper, 'exit')
  t.teardown(async () => {
    swapper.kill('SIGKILL')
    await gone
  })
  const seen = { files: 0, links: 0 }
  for (let round = 0; round < 2000 && (round < 200 || seen.files === 0 || seen.links === 0); round++) {
    const tar = Buffer.concat(await Array.fromAsync(engine.volumes.export(name)).catch(() => []))
    t.false(tar.includes(secret), `round ${round}`)
    const type = tar.length > 512 ? String.fromCharCode(tar[156] ?? 0) : ''
    if (type === '0') seen.files++
    if (type === '2') seen.links++
  }
  t.true(seen.files > 0 && seen.links > 0, JSON.stringify(seen))
  t.true(lstatSync(mountPoint).isDirectory())
})
