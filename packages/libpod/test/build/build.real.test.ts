import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { mountsBelow, output, processesAbout, removeDirectory } from '@libpod/test-kit'
import test from 'ava'
import { BuildError, type BuildEvent } from '../../src/index.ts'
import { openTestEngine, printed } from '../containers/engine.ts'
import { build, contextOf, fromBusybox } from './building.ts'

const temporary = mkdtempSync(join(tmpdir(), 'libpod-b-'))
process.env.TMPDIR = temporary
test.after('nothing of Buildah’s is left', t => {
  t.deepEqual(
    readdirSync(temporary).filter(name => !name.startsWith('buildah-cache')),
    [],
  )
})
test.after.always(() => removeDirectory(temporary))

test('steps, arguments, files of the context, a secret and a volume make an image that runs', async t => {
  const engine = await openTestEngine(t, 'build')
  const context = await contextOf(
    t,
    [
      fromBusybox,
      'ARG who=nobody',
      'COPY note /note',
      'RUN echo "$who" >/who',
      'RUN --mount=type=secret,id=word cat /run/secrets/word >/told',
      'RUN cat /given/note >/seen',
      'LABEL a=b',
    ],
    { note: 'in the context\n', word: 'hush' },
  )
  const { id, stdout } = await build(engine, {
    context,
    tags: ['localhost/built:1', 'localhost/other'],
    args: { who: 'me and you' },
    secrets: [`id=word,src=${join(context, 'word')}`],
    volumes: [`${context}:/given:ro`],
    labels: { c: 'd=e' },
  })
  t.regex(stdout, /STEP 1\/8: FROM localhost\/busybox:latest\n/)
  t.regex(stdout, new RegExp(`\\n${id}\\n$`), 'the last line is the id')
  const found = await engine.images.lookup('localhost/other:latest')
  t.is(found.id, id)
  t.like(found.config.labels, { a: 'b', c: 'd=e' })
  t.is(
    await printed(engine, 'cat /who /note /told /seen', { image: id }),
    'me and you\nin the context\nhushin the context',
  )
  const kept = await engine.images.list({ which: 'all' })
  t.true(kept.length > 3, 'a layer for each step')
})

test('what RUN --mount=type=cache keeps is there for the next build, of any image, until it is pruned', async t => {
  const engine = await openTestEngine(t, 'cache')
  const step = (word: string) =>
    `RUN --mount=type=cache,id=${word},target=/kept echo ${word} >>/kept/words; cat /kept/words >/n`
  const mark = `m${randomUUID()}`
  const build = async (from: string) => {
    const context = await contextOf(t, [from, step(mark)])
    const { id } = await engine.images.build({ context, noCache: 'yes' })
    return await printed(engine, 'wc -l </n', { image: id })
  }
  t.is(await build(fromBusybox), '1')
  t.is(await build(`${fromBusybox} AS other`), '2')
  await engine.images.prune({ buildCache: 'yes' })
  t.is(await build(fromBusybox), '1')
})

test('a target, a file from standard input, no layers: what is not wanted is not built', async t => {
  const engine = await openTestEngine(t, 'target')
  const input = Readable.from([`${fromBusybox} AS one\nRUN echo 1 >/n\n${fromBusybox} AS two\nRUN false\n`])
  const { id } = await engine.images.build({ files: ['-'], target: 'one', layers: 'no' }, { input })
  t.is(await printed(engine, 'cat /n', { image: id }), '1')
  t.is((await engine.images.list({ which: 'all' })).length, 2)
})

test('a file that is a pipe is read once and built', async t => {
  const engine = await openTestEngine(t, 'pipe')
  const context = await contextOf(t, ['FROM none'])
  const pipe = join(context, 'pipe')
  await output('mkfifo', [pipe])
  const written = writeFile(pipe, `${fromBusybox}\nRUN echo piped >/n\n`)
  const { id } = await engine.images.build({ context, files: [pipe] })
  await written
  t.is(await printed(engine, 'cat /n', { image: id }), 'piped')
})

test('a VOLUME whose brackets are no JSON is a place all the same, below the root', async t => {
  const engine = await openTestEngine(t, 'volume')
  const context = await contextOf(t, [fromBusybox, "VOLUME ['/etc/foo', '/etc/bar']"])
  const { id } = await engine.images.build({ context })
  t.is(await printed(engine, 'ls -d "/[/etc/foo," "/etc/bar]"', { image: id }), '/[/etc/foo,\n/etc/bar]')
})

test('several platforms become a list with a name, and its id is the result', async t => {
  const engine = await openTestEngine(t, 'platforms')
  const context = await contextOf(t, ['FROM scratch', 'COPY Containerfile /'])
  const { id, stdout } = await build(engine, {
    context,
    platforms: ['linux/amd64', 'linux/arm64'],
    manifest: 'localhost/both',
  })
  t.is(stdout.match(/^[0-9a-f]{64}$/gm)?.length, 2)
  const list = await engine.manifests.inspect('localhost/both')
  t.regex(JSON.stringify(list), /arm64/)
  t.is((await engine.images.list({ names: ['localhost/both'] }))[0]?.id, id)
})

test('a step that fails ends the build with its status, and leaves no working container', async t => {
  const engine = await openTestEngine(t, 'failing')
  const context = await contextOf(t, [fromBusybox, 'RUN exit 7'])
  const error = await t.throwsAsync(engine.images.build({ context }), { instanceOf: BuildError, code: 'BUILD_FAILED' })
  t.is((error as BuildError).exitCode, 7)
  t.regex(error.message, /RUN exit 7.*exit status 7/)
  t.deepEqual(await engine.containers.list({ which: 'all', external: 'yes' }), [])
})

for (const [name, line] of [
  ['while a step runs', 'RUN while :; do sleep 1; done # MARK'],
  ['while it reads what never comes', 'COPY pipe /pipe'],
] as const)
  test(`a build that is stopped ${name} leaves nothing`, async t => {
    const engine = await openTestEngine(t, 'stopped')
    const mark = `step-${randomUUID()}`
    const context = await contextOf(t, [fromBusybox, line.replace('MARK', mark)])
    await output('mkfifo', [join(context, 'pipe')])
    const other = await contextOf(t, [fromBusybox, `RUN while :; do sleep 1; done # ${mark}`])
    const [stop, stopOther] = [new AbortController(), new AbortController()]
    const going = (signal: AbortController) => (event: BuildEvent) => {
      if (Buffer.from(event.bytes).includes('STEP 2/2')) signal.abort(new Error('enough'))
    }
    const started = Promise.withResolvers<void>()
    const unrelated = engine.images.build(
      { context: other, layers: 'no' },
      {
        signal: stopOther.signal,
        onProgress: ({ bytes }) => Buffer.from(bytes).includes('STEP 2/2') && started.resolve(),
      },
    )
    await started.promise
    const call = { signal: stop.signal, onProgress: going(stop) }
    await t.throwsAsync(engine.images.build({ context, layers: 'no' }, call), { message: 'enough' })
    t.is((await engine.containers.list({ which: 'all', external: 'yes' })).length, 1, 'the other build goes on')
    stopOther.abort(new Error('and this'))
    await t.throwsAsync(unrelated, { message: 'and this' })
    t.deepEqual(await processesAbout(mark), [])
    t.deepEqual(await engine.containers.list({ which: 'all', external: 'yes' }), [])
    const mounts = await mountsBelow(engine.options.root)
    t.deepEqual(
      mounts.filter(mount => mount.endsWith('/merged')),
      [],
    )
  })

test('steps in a user namespace run, whose root is led to their files', async t => {
  const engine = await openTestEngine(t, 'mapped')
  for (const directory of [temporary, dirname(engine.options.root)]) chmodSync(directory, 0o711)
  const context = await contextOf(t, [fromBusybox, 'RUN cat /proc/self/uid_map >/map; echo done >/word'])
  const idMaps = { uidMap: ['0:100000:65536'], gidMap: ['0:100000:65536'] }
  const { id } = await engine.images.build({ context, ...idMaps })
  t.is(await printed(engine, 'cat /word; tr -s " " </map', { image: id }), 'done\n 0 100000 65536')
})

test('steps have no inheritable capabilities, and only those that were asked for', async t => {
  const engine = await openTestEngine(t, 'capabilities')
  const context = await contextOf(t, [fromBusybox, 'RUN grep Cap /proc/self/status'])
  const { stdout } = await build(engine, { context, capDrop: ['all'], capAdd: ['CAP_NET_RAW'] })
  t.regex(stdout, /^CapInh:\t0{16}$/m)
  t.regex(stdout, /^CapEff:\t0{12}2000$/m)
})
