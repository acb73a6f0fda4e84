import * as fs from 'node:fs'
import { join } from 'node:path'
import { lsetxattr, lutimesNs, makedev, mkfifo, mknod, S_IFBLK, S_IFCHR } from '@libpod/syscall'

/** One of everything a file system can hold. */
export function zoo(root: string): void {
  const at = (name: string) => join(root, name)
  fs.mkdirSync(at('dir/deep'), { recursive: true })
  fs.writeFileSync(at('dir/file'), 'hello')
  fs.writeFileSync(at('empty'), '')
  fs.writeFileSync(at('block-sized'), Buffer.alloc(1024, 7))
  fs.writeFileSync(at('large'), Buffer.alloc(3_000_001, 'abc'))
  fs.linkSync(at('dir/file'), at('hard'))
  fs.symlinkSync('/absolute/target', at('absolute-link'))
  fs.symlinkSync('dir/file', at('link'))
  fs.writeFileSync(at('setuid'), '#!/bin/sh')
  fs.chownSync(at('setuid'), 1000, 2000)
  fs.chmodSync(at('setuid'), 0o6755)
  fs.chmodSync(at('dir'), 0o1777)
  fs.mkdirSync(at('shared'))
  fs.chownSync(at('shared'), 0, 50)
  fs.chmodSync(at('shared'), 0o2777)
  fs.writeFileSync(at('shared/of-root'), 'not of the group')
  fs.chownSync(at('shared/of-root'), 0, 0)
  for (const mode of [0o666, 0o777, 0o200, 0]) {
    fs.writeFileSync(at(`mode-${mode}`), 'whatever the umask')
    fs.chmodSync(at(`mode-${mode}`), mode)
  }
  mkfifo(at('fifo'), 0o640)
  mknod(at('null'), S_IFCHR | 0o666, makedev(1, 3))
  mknod(at('disk'), S_IFBLK | 0o660, makedev(8, 17))
  fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe, 0x41])]), 'bytes')
  fs.writeFileSync(at('ünï-cödé'), 'text')
  fs.mkdirSync(at(`${'n'.repeat(120)}/${'m'.repeat(200)}`), { recursive: true })
  fs.writeFileSync(at(`${'n'.repeat(120)}/${'m'.repeat(200)}/leaf`), 'deep')
  fs.symlinkSync('t'.repeat(300), at('long-link'))
  lsetxattr(at('dir/file'), 'user.comment', Buffer.from([0, 10, 61, 255]))
  lsetxattr(at('setuid'), 'security.capability', Buffer.from('0100000200040000000000000000000000000000', 'hex'))
  lutimesNs(at('empty'), 0n, 1_234_567_890_123_456_789n)
  lutimesNs(at('large'), 0n, -86_400_000_000_000n)
  lutimesNs(at('link'), 0n, 1_000_000_000_000_000_000n)
}
