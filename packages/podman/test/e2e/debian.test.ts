import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from '@libpod/test-kit'
import test from 'ava'
import { openCli } from './cli.ts'

const image = 'localhost/debian:test'

test('a Debian root file system behaves: apt, useradd, setuid, hard links, capabilities', async t => {
  t.timeout(600_000)
  const cli = await openCli(t, 'debian')
  const rootfs = join(cli.directory, 'rootfs')
  const archive = join(cli.directory, 'debian.tar')
  await output('debootstrap', ['--variant=minbase', '--include=libcap2-bin', await codename(), rootfs], {
    timeout: 540_000,
    env: { ...process.env, LC_ALL: 'C' } as Record<string, string>,
  })
  await output('ln', [join(rootfs, 'etc/debian_version'), join(rootfs, 'etc/hard-link')])
  await output('cp', [join(rootfs, 'bin/cat'), join(rootfs, 'usr/local/bin/reader')])
  await output('setcap', ['cap_dac_read_search=ep', join(rootfs, 'usr/local/bin/reader')])
  await output('tar', ['-C', rootfs, '--xattrs', '--xattrs-include=*', '--numeric-owner', '-cf', archive, '.'], {
    timeout: 300_000,
  })
  await cli.ok('import', '--quiet', archive, image)
  const say = (...args: string[]): Promise<string> => cli.ok('run', '--rm', '--network', 'none', image, ...args)
  t.regex(await say('apt-get', '--version'), /^apt \d/)
  t.regex(
    await say('sh', '-c', 'useradd -m someone && id someone && su someone -c "id -un"'),
    /uid=1000\(someone\)[\s\S]*\nsomeone$/,
  )
  t.regex(await say('stat', '-c', '%a %u', '/usr/bin/passwd'), /^4755 0$/)
  t.is(
    await say('sh', '-c', 'stat -c %h /etc/hard-link; stat -c %i /etc/debian_version /etc/hard-link | uniq | wc -l'),
    '2\n1',
  )
  t.regex(await say('getcap', '/usr/local/bin/reader'), /cap_dac_read_search[=+]ep/)
  t.regex(await say('cat', '/etc/os-release'), /ID=debian/)
})

/** The release of the host: its archive is the one that is surely reached. */
async function codename(): Promise<string> {
  return /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'stable'
}
