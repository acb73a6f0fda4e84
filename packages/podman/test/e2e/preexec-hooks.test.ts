import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { openCli } from './cli.ts'

test('hooks are asked about each command where the host allows any, and nowhere else', async t => {
  const cli = await openCli(t, 'preexec')
  const own = await tempDir(t, 'hooks')
  const asked = join(cli.directory, 'asked')
  const hook = (directory: string, name: string, text: string, mode = 0o755) =>
    writeFile(join(directory, name), `#!/bin/sh\n${text}\n`, { mode })
  await hook(own, '1-log', `echo "$@" >>${asked}`)
  await hook(own, '2-judge', 'case "$*" in "podman pull foobar") exit 42 ;; *version*) kill -9 $$ ;; esac')
  await hook(own, '3-no-program', 'exit 1', 0o644)
  const env = { ...process.env, PODMAN_PREEXEC_HOOKS_DIR: own }
  const argv = cli.argv.slice(0, -cli.globals.length)
  // The host's own directory is another one for these commands alone.
  const inHost = (setUp: string, ...line: readonly string[]) => {
    const script = `mount -t tmpfs none /etc/containers; ${setUp}; exec "$@"`
    return run('unshare', ['-m', 'sh', '-ec', script, 'sh', ...argv, ...line], { env })
  }
  const allowed = 'touch /etc/containers/podman_preexec_hooks.txt'
  const refused = await inHost(allowed, 'pull', 'foobar')
  t.is(refused.code, 42, refused.stderr)
  t.is((await inHost(allowed, 'version')).code, 127 + 9)
  const globals = [...cli.globals, 'volume', 'ls', '--quiet']
  const letThrough = await inHost(allowed, ...globals)
  t.is(letThrough.code, 0, letThrough.stderr)
  const hosts =
    'mkdir /etc/containers/pre-exec-hooks; printf "#!/bin/sh\\nexit 7\\n" >/etc/containers/pre-exec-hooks/x; chmod +x /etc/containers/pre-exec-hooks/x'
  t.is((await inHost(`${allowed}; ${hosts}`, ...globals)).code, 7)
  t.is((await inHost(hosts, ...globals)).code, 0)
  const { stdout } = await run('cat', [asked])
  t.is(stdout, `podman pull foobar\npodman version\npodman ${globals.join(' ')}\n`)
  const pretended = 'export _CONTAINERS_USERNS_CONFIGURED=done _CONTAINERS_ROOTLESS_UID=1000'
  t.is((await inHost(`${allowed}; ${pretended}`, 'pull', 'foobar')).code, 42, 'root has not been asked before')
})
