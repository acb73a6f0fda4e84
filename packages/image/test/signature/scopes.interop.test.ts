import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainEnvironment, run, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { copyImage, insecureAcceptAnything, isImageError, parseImageName, parsePolicy } from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'

const digest = `sha256:${'a'.repeat(64)}`
const cases: readonly (readonly [string, string])[] = [
  ['dir', ''],
  ['dir', '/'],
  ['dir', '/a'],
  ['dir', '/a/'],
  ['dir', '/a//b'],
  ['dir', '/a/../b'],
  ['dir', 'a'],
  ['oci', '/'],
  ['oci', '/a'],
  ['oci', '/a:tag'],
  ['oci', '/a:'],
  ['oci', '/a:has blanks'],
  ['oci', '/a/./b:tag'],
  ['oci', 'a:tag'],
  ['oci-archive', '/a.tar'],
  ['oci-archive', 'a.tar'],
  ['docker-archive', ''],
  ['docker-archive', '/a.tar'],
  ['docker-daemon', 'example.com/a:1'],
  ['docker-daemon', digest],
  ['tarball', '/a'],
  ['docker', 'example.com'],
  ['docker', '*.example.com'],
  ['docker', 'anything at all'],
  ['containers-storage', '[/root]'],
  ['containers-storage', '[overlay@/root]'],
  ['containers-storage', '[overlay@/root+/run]'],
  ['containers-storage', '[overlay@root]'],
  ['containers-storage', '[overlay@]'],
  ['containers-storage', '[@/root]'],
  ['containers-storage', '[]'],
  ['containers-storage', '[/root'],
  ['containers-storage', 'example.com/a:1'],
  ['containers-storage', '[/root]example.com/a:1'],
  ['containers-storage', `[/root]@${'a'.repeat(64)}`],
  ['containers-storage', '[/root]@aaaaaaaaaaaa'],
  ['containers-storage', `[/root]example.com/a:1@${'a'.repeat(64)}`],
  ['containers-storage', `[/root]example.com/a@${digest}`],
  ['containers-storage', `[/root]example.com/a@${digest}@${'a'.repeat(64)}`],
  ['containers-storage', `[/root]example.com/a@${'a'.repeat(64)}@${digest}`],
  ['containers-storage', `[/root]example.com/a@${digest}@${'a'.repeat(64)}@x`],
  ['nobody-knows', 'whatever'],
]

for (const [transport, scope] of cases) {
  test(`policy.json with the scope ${JSON.stringify(scope)} of ${transport}: taken or refused as skopeo does`, async t => {
    const directory = await tempDir(t)
    const accept = [{ type: 'insecureAcceptAnything' }]
    const policy = JSON.stringify({ default: accept, transports: { [transport]: { [scope]: accept } } })
    await writeFile(join(directory, 'policy.json'), policy)
    await mkdir(join(directory, 'to'))
    await copyImage(randomImage({ seed: 'scope', layers: 0 }), parseImageName(`oci:${directory}/image:x`), {
      policy: insecureAcceptAnything,
    })
    const args = [
      '--policy',
      join(directory, 'policy.json'),
      'copy',
      '-q',
      `oci:${directory}/image:x`,
      `dir:${directory}/to`,
    ]
    const { code, stderr } = await run('skopeo', args, { env: plainEnvironment })
    t.true(code === 0 || /policy/i.test(stderr), stderr)
    const read = () => parsePolicy(policy)
    if (code === 0) return void t.notThrows(read)
    t.true(isImageError(t.throws(read), 'POLICY_INVALID'), stderr)
  })
}
