import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'

test('the example of the README runs as printed', t => {
  const code = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(import.meta.dirname, '../README.md'), 'utf8'))?.[1] ?? ''
  const file = join(import.meta.dirname, `readme-example-${process.pid}.ts`)
  writeFileSync(file, code)
  t.teardown(() => rmSync(file, { force: true }))
  t.is(
    execFileSync(process.execPath, ['--conditions=development', file], {
      env: { ...process.env, FORCE_COLOR: '0' },
    }).toString(),
    'podman version 5.8.2\n',
  )
})

test('the commands of the README do what they say', t => {
  const text = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const commands = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block).join('')
  const directory = mkdtempSync(join(tmpdir(), 'podman-readme-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const bundle = join(import.meta.dirname, '../dist/podman.js')
  const where = `--root ${directory}/root --runroot ${directory}/run --tmpdir ${directory}/tmp --events-backend file`
  const start = `podman() { '${process.execPath}' --disable-warning=ExperimentalWarning '${bundle}' ${where} "$@"; }`
  // The policy that the first command makes is the user's own.
  const home = `mkdir -p .config/containers; echo '{"default":[{"type":"reject"}]}' > .config/containers/policy.json`
  const said = execFileSync('sh', ['-ec', `${start}\n${home}\n${commands}`], {
    cwd: directory,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: directory },
  }).toString()
  t.regex(said, /^all +default +reject/m)
  t.regex(said, /^repository +registry\.example\.com\/team +sigstoreSigned +N\/A/m)
  t.regex(said, /^registry\.example\.com\/team\/greeting 6B$/m)
  t.is(said.match(/^[0-9a-f]{64}$/gm)?.length, 4)
  t.regex(said, /^Volumes:\ndata\n[\s\S]*^Volumes removed:\ndata$/m)
  t.regex(said, /^command: \S*podman.js images --noheading localhost\/team\/hello:1$/m)
})
