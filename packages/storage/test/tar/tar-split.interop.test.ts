import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { type AppliedLayer, checkStore } from '../../src/index.ts'
import { entryBytes, evilTar } from '../support/evil-tar.ts'
import { recordImage, sha256 } from '../support/image.ts'
import { addLayer, collect } from '../support/layers.ts'
import { tempStore } from '../support/temp-store.ts'
import { zoo } from '../support/zoo.ts'

type Maker = (source: { readonly root: string; readonly tar: string }) => void

const gnuTar =
  (...flags: string[]): Maker =>
  ({ root, tar }) =>
    void execFileSync('tar', ['-C', root, ...flags, '-cf', tar, '.'], { stdio: ['ignore', 'ignore', 'ignore'] })

/** What the format cannot say is left out of it. */
const tolerant =
  (make: Maker): Maker =>
  source => {
    try {
      make(source)
    } catch {
      // tar(1) ends with 2 when a name did not fit, and has written the rest.
    }
  }

const python =
  (format: string): Maker =>
  ({ root, tar }) =>
    void execFileSync('python3', ['-c', pythonScript, root, tar, format])

const pythonScript = `import os, sys, tarfile
root, path, form = sys.argv[1:]
with tarfile.open(path, 'w', format=getattr(tarfile, form), encoding='utf-8', errors='surrogateescape') as tar:
    for name in sorted(os.listdir(root)):
        if form == 'USTAR_FORMAT' and (len(name) > 99 or name in ('large', 'long-link')): continue
        try: tar.add(os.path.join(root, name), name)
        except ValueError: pass
`

const bytes =
  (make: () => Buffer): Maker =>
  ({ tar }) =>
    fs.writeFileSync(tar, make())

const file = (name: string, data: string) => ({ name, data })

/** An archive of each kind that a layer may be. */
const makers: Readonly<Record<string, Maker>> = {
  'GNU tar, v7': tolerant(gnuTar('--format=v7')),
  'GNU tar, ustar': tolerant(gnuTar('--format=ustar')),
  'GNU tar, old GNU': gnuTar('--format=oldgnu'),
  'GNU tar, GNU': gnuTar('--format=gnu'),
  'GNU tar, PAX with attributes': gnuTar('--format=pax', '--xattrs', '--xattrs-include=*'),
  'GNU tar, PAX with every time': gnuTar('--format=pax', '--pax-option=exthdr.name=%d/x/%f,globexthdr.name=g'),
  'GNU tar, sparse': gnuTar('--format=gnu', '-S'),
  'GNU tar, sparse 0.0': gnuTar('--format=pax', '-S', '--sparse-version=0.0'),
  'GNU tar, sparse 0.1': gnuTar('--format=pax', '-S', '--sparse-version=0.1'),
  'GNU tar, sparse 1.0': gnuTar('--format=pax', '-S', '--sparse-version=1.0'),
  'GNU tar, one block at a time': gnuTar('--format=gnu', '-b', '1'),
  'Python, GNU': python('GNU_FORMAT'),
  'Python, PAX': python('PAX_FORMAT'),
  'Python, ustar': python('USTAR_FORMAT'),
  'git’s global header': bytes(() =>
    evilTar([
      { name: 'pax_global_header', type: 'g', data: '52 comment=0123456789012345678901234567890123456789\n' },
      file('a', 'x'),
    ]),
  ),
  'without an end': bytes(() => evilTar([file('a', 'x'), file('b', 'y'.repeat(600))], 'open')),
  'with one block of zeros at the end': bytes(() =>
    Buffer.concat([evilTar([file('a', 'x')], 'open'), Buffer.alloc(512)]),
  ),
  'with something after the end': bytes(() => Buffer.concat([evilTar([file('a', 'x')]), Buffer.alloc(3000, 'rest')])),
  'with padding that is not zero': bytes(() => {
    const tar = evilTar([file('a', 'x')])
    return Buffer.from(tar.fill('?', 520, 1024))
  }),
  'with names of any bytes': bytes(() =>
    evilTar(
      [Buffer.from([0xff]), Buffer.from([0xfe, 0x2f, 0xe9]), Buffer.from('é')].map(name => ({ name, data: name })),
    ),
  ),
  'with empty files and directories only': bytes(() =>
    evilTar([{ name: 'd/', type: '5' }, file('d/a', ''), file('b', '')]),
  ),
  'with whiteouts': bytes(() => evilTar([file('d/.wh.a', ''), file('d/.wh..wh..opq', ''), file('.wh..wh.plnk', '')])),
  empty: bytes(() => Buffer.alloc(1024)),
  'with a size in base 256': bytes(() => {
    const header = entryBytes({ name: 'a', size: 5 })
    header.fill(0, 124, 136).writeUInt8(0x80, 124)
    header.writeUInt32BE(5, 132)
    header.fill(0x20, 148, 156)
    const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    return Buffer.concat([header, Buffer.alloc(512, 'hello'.padEnd(512, '\0')), Buffer.alloc(1024)])
  }),
}

test('every kind of archive comes back with its DiffID, from us and from the real tools', async t => {
  const { store, options, directory } = await tempStore(t)
  const work = await tempDir(t, 'kinds')
  const root = join(work, 'zoo')
  fs.mkdirSync(root)
  zoo(root)
  const holes = fs.openSync(join(root, 'holes'), 'w')
  fs.writeSync(holes, 'begins', 0)
  fs.writeSync(holes, 'ends', 5_000_000)
  fs.closeSync(holes)
  const layers: AppliedLayer[] = []
  let top: string | undefined
  for (const [name, make] of Object.entries(makers)) {
    const tar = join(work, 'made.tar')
    make({ root, tar })
    const digest = `sha256:${createHash('sha256').update(fs.readFileSync(tar)).digest('hex')}`
    const added = await addLayer(store, { path: tar }, top)
    t.is(added.applied.diffId as string, digest, name)
    t.is(sha256(await collect(store.layers.diff(added.layer.id))) as string, digest, name)
    layers.push(added.applied)
    top = added.layer.id
    fs.rmSync(tar)
  }
  await recordImage(store, { name: 'localhost/kinds:latest', layers, top: top ?? '' })
  // Skopeo puts each layer together again by our record, and compares its digest.
  const place = `[overlay@${options.graphRoot}+${options.runRoot}]`
  const copied = join(directory, 'copied')
  const flags = ['--insecure-policy', 'copy', '--quiet', '--preserve-digests']
  await output('skopeo', [...flags, `containers-storage:${place}localhost/kinds:latest`, `dir:${copied}`], {
    timeout: 170_000,
  })
  for (const { diffId } of layers) t.true(fs.existsSync(join(copied, diffId.slice(7))))
  t.deepEqual(await checkStore(store), [])
})

test('a file of nine gibibytes, nearly all of it holes, comes back with its DiffID', async t => {
  const { store, directory } = await tempStore(t)
  const root = join(directory, 'source')
  fs.mkdirSync(root)
  const fd = fs.openSync(join(root, 'huge'), 'w')
  fs.writeSync(fd, 'the end', 9 * 2 ** 30)
  fs.closeSync(fd)
  const tar = join(directory, 'huge.tar')
  execFileSync('tar', ['-C', root, '-S', '--format=pax', '-cf', tar, '.'])
  const { layer, applied } = await addLayer(store, { path: tar })
  t.is(sha256(await collect(store.layers.diff(layer.id))), applied.diffId)
  t.is((await store.layers.get(layer.id))?.diffId, applied.diffId)
})
