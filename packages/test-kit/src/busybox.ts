import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from './programs.ts'

/** Debian's package busybox-static; the plain package `busybox` would need libraries that a container lacks. */
const busybox = '/bin/busybox'
const directories = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'run', 'sys', 'tmp', 'usr/bin', 'var/tmp']
const files = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/usr/sbin:/bin/false\nguest:x:1000:1000::/home:/bin/sh\n',
  'etc/group': 'root:x:0:\ndaemon:x:1:\nguest:x:1000:\nextra:x:1001:guest\n',
  'etc/os-release': 'ID=busybox-test\nPRETTY_NAME="Busybox for tests"\n',
}

/** A small root file system, without any download: a static busybox, its applets as links, accounts root and guest (1000). */
export async function busyboxRootfs(directory: string): Promise<string> {
  for (const name of directories) await mkdir(join(directory, name), { recursive: true })
  await copyFile(busybox, join(directory, 'bin/busybox'))
  const applets = (await output(busybox, ['--list'])).trim().split('\n')
  for (const applet of applets) if (applet !== 'busybox') await symlink('busybox', join(directory, 'bin', applet))
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  return directory
}

/** The same as a tar archive, owned by root. */
export async function busyboxTar(directory: string): Promise<string> {
  const rootfs = await busyboxRootfs(join(directory, 'busybox-rootfs'))
  const archive = join(directory, 'busybox.tar')
  await output('tar', [
    '-C',
    rootfs,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--sort=name',
    '--mtime=@1500000000',
    '-cf',
    archive,
    '.',
  ])
  return archive
}
