import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Teardown, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { mayMixPlatforms } from '../../src/build/platform-cache.ts'
import { checkOptions, dialectOf, findBuildah } from '../../src/build/program.ts'

/** Answers as a version of Buildah does that has these options. */
async function buildahWith(t: Teardown, options: string): Promise<string> {
  const program = join(await tempDir(t, 'buildah'), 'buildah')
  const answers = `--version) echo 'buildah version 1.28.2 (image-spec 1.1.0-rc2)';; *) printf '%s\\n' '${options}';;`
  await writeFile(program, `#!/bin/sh\ncase "$1" in ${answers} esac\n`, { mode: 0o755 })
  return program
}

test('what an older version does not know is named', async t => {
  const older = await buildahWith(t, '      --inherit  x')
  await t.throwsAsync(checkOptions(older, ['build', '--inherit-labels=false']), {
    code: 'UNSUPPORTED',
    message: '--inherit-labels: Buildah 1.28.2 does not know this option: a newer one is needed',
  })
  const fitting = await buildahWith(t, '      --inherit-labels  x')
  await t.notThrowsAsync(checkOptions(fitting, ['build', '--inherit-labels=false']))
})

test('steps from scratch that were kept are not used for another platform where versions mix them up', async t => {
  const program = await buildahWith(t, '')
  const directory = await tempDir(t, 'files')
  const file = async (name: string, text: string) => {
    await writeFile(join(directory, name), text)
    return join(directory, name)
  }
  const scratch = await file('scratch', 'ARG x\nfrom --platform=$TARGETPLATFORM Scratch AS s\nCOPY . /\n')
  const image = await file('image', '# FROM scratch\nFROM example.com/scratch\nRUN echo FROM scratch\n')
  t.true(await mayMixPlatforms(program, { platforms: ['linux/arm64'] }, [scratch]))
  t.true(await mayMixPlatforms(program, { architecture: 'arm64' }, ['https://example.com/Containerfile']))
  t.false(await mayMixPlatforms(program, { platforms: ['linux/arm64'] }, [image]))
  t.false(await mayMixPlatforms('/nonexistent', {}, [scratch]))
})

test('a version is not asked when nothing newer is wanted', async t => {
  await t.notThrowsAsync(checkOptions('/nonexistent', ['build', '--layers=true', '--label=--cw=1']))
  t.deepEqual(await dialectOf('/nonexistent', 'always'), { pullNewer: 'newer' })
})

test('newer images are asked for as the version has it', async t => {
  t.deepEqual(await dialectOf(await buildahWith(t, '      --pull string  if newer'), 'newer'), { pullNewer: 'true' })
  t.deepEqual(await dialectOf(await buildahWith(t, 'newer:   only pull'), 'newer'), { pullNewer: 'newer' })
})

test('the program is the first of the search path that can be executed', async t => {
  const program = await buildahWith(t, '')
  const empty = await tempDir(t, 'empty')
  t.is(findBuildah(`${empty}:relative:${join(program, '..')}`), program)
  t.throws(() => findBuildah(empty), { code: 'BUILDER_UNAVAILABLE', message: /install the package buildah/ })
})
