import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { plainEnvironment, run } from './programs.ts'
import { type Teardown, tempDir } from './temp-dir.ts'

/** systemd's journal in a mount namespace of its own. */
export interface PrivateJournal {
  /** What to put before a command that shall see it. */
  readonly enter: readonly string[]
}

// The kernel's messages are none of a test's.
const script = `
set -e
mount -t tmpfs tmpfs /run/systemd
mount -t tmpfs tmpfs /run/log
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal
printf '[Journal]\\nStorage=volatile\\nReadKMsg=no\\nRuntimeMaxUse=32M\\nRateLimitBurst=0\\n' >/run/systemd/journald.conf.d/test.conf
exec /lib/systemd/systemd-journald
`

/** Starts systemd-journald, without systemd, beside the host's own if there is one. Gone after the test. */
export async function privateJournal(t: Teardown): Promise<PrivateJournal> {
  const directory = await tempDir(t, 'journal')
  await run('mkdir', ['-p', '/run/systemd', '/run/log'])
  const args = ['--mount', '--propagation', 'private', '--', 'sh', '-c', script]
  const daemon = spawn('unshare', args, { cwd: directory, env: plainEnvironment, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  daemon.stderr.setEncoding('utf8').on('data', piece => {
    complaint += piece
  })
  const left = new Promise<void>(resolve => void daemon.on('exit', () => resolve()).on('error', () => resolve()))
  t.teardown(async () => {
    daemon.kill()
    await left
  })
  const enter = ['nsenter', `--mount=/proc/${daemon.pid}/ns/mnt`, '--']
  const listening = (): boolean => {
    const own = readFileSync(`/proc/${daemon.pid}/comm`, 'utf8').startsWith('systemd-journal')
    return own && existsSync(`/proc/${daemon.pid}/root/run/systemd/journal/socket`)
  }
  while (daemon.exitCode === null && daemon.pid) {
    if (listening()) return { enter }
    await delay(50)
  }
  throw new Error(`systemd-journald does not run here: ${complaint}`)
}
