import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'

/**
 * Runs a script of these tests in a user and a mount namespace of its own, where root is root and other ids are shifted.
 * Needs root. What it prints.
 */
export async function inUserNamespace(script: string, args: readonly string[]): Promise<string> {
  const node = [process.execPath, '--conditions=development', '--disable-warning=ExperimentalWarning', script, ...args]
  // The ids are mapped from outside before anything is done within.
  const child = spawn('unshare', ['--user', '--mount', 'sh', '-c', 'echo up; read go; exec "$@"', 'sh', ...node], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), exited.then(() => Promise.reject(new Error('unshare failed')))])
  for (const kind of ['uid', 'gid']) writeFileSync(`/proc/${child.pid}/${kind}_map`, '0 0 1\n1 100000 65535\n')
  const printed = Array.fromAsync(child.stdout)
  child.stdin.end('go\n')
  const [code] = await exited
  if (code !== 0) throw new Error(`${script} ended with ${code}`)
  return Buffer.concat(await printed).toString()
}
