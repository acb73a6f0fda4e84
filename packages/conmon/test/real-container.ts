import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BundleOptions, busyboxBundle, output, plainEnvironment, type Teardown, tempDir } from '@libpod/test-kit'
import { type ExecJob, findConmon, type MonitorJob, startMonitor } from '../src/index.ts'

/** runc runs wherever these tests run as root; crun wants cgroup controllers that not every host mounts. */
const runtime = '/usr/sbin/runc'
const quiet = { NO_COLOR: '1' }

/** A bundle, the directories of a container and the words that a runtime is called with. */
export interface RealContainer {
  readonly directory: string
  readonly bundle: string
  readonly job: MonitorJob
  /** Runs the OCI runtime: `start`, `kill`, … */
  runtime(command: string, ...args: readonly string[]): Promise<string>
  exec(args: readonly string[], overrides?: Partial<ExecJob>): Promise<ExecJob>
}

export async function realContainer(
  t: Teardown,
  options: BundleOptions & { readonly job?: Partial<MonitorJob> },
): Promise<RealContainer> {
  const directory = await tempDir(t, 'conmon')
  const bundle = await busyboxBundle(join(directory, 'bundle'), options)
  for (const name of ['exits', 'persist']) await mkdir(join(directory, name))
  const containerId = `t${directory.split('-').at(-1)}`
  const ociLog = join(directory, 'oci-log')
  const runtimeRoot = ['--root', join(directory, 'runc')]
  const job: MonitorJob = {
    ...{ conmon: findConmon(), containerId, name: 'real', runtime, bundle, ociLog },
    runtimeArgs: [...runtimeRoot, '--log-format=json', '--log', ociLog],
    pidFile: join(directory, 'pidfile'),
    conmonPidFile: join(directory, 'conmon.pid'),
    exitDir: join(directory, 'exits'),
    persistDir: join(directory, 'persist'),
    log: { driver: 'k8s-file', path: join(bundle, 'ctr.log') },
    ...{ terminal: options.terminal ?? false, stdin: false, env: { ...plainEnvironment, ...quiet } },
    ...options.job,
  }
  const callRuntime = (command: string, ...args: readonly string[]): Promise<string> =>
    output(runtime, [...runtimeRoot, command, ...args, containerId])
  // Registered last, run first: the runtime knows what belongs to the container.
  t.teardown(async () => void (await callRuntime('delete', '--force').catch(() => {})))
  return { directory, bundle, job, runtime: callRuntime, exec: (args, overrides) => execJob(job, args, overrides) }
}

/** The job's container, running. */
export async function started(
  container: RealContainer,
): Promise<{ readonly monitorPid: number; readonly pid: number }> {
  const monitor = await startMonitor(container.job)
  await container.runtime('start')
  return monitor
}

let sessions = 0
async function execJob(job: MonitorJob, args: readonly string[], overrides: Partial<ExecJob> = {}): Promise<ExecJob> {
  const sessionId = `session${++sessions}`
  const bundle = join(job.bundle, sessionId)
  await mkdir(join(bundle, 'exit'), { recursive: true })
  const processFile = join(bundle, 'process.json')
  const terminal = overrides.terminal ?? false
  await writeFile(
    processFile,
    JSON.stringify({ terminal, args, cwd: '/', user: { uid: 0, gid: 0 }, env: ['PATH=/bin'] }),
  )
  return {
    ...{ conmon: job.conmon, containerId: job.containerId, name: job.name, runtime: job.runtime, env: job.env },
    ...(job.runtimeArgs && { runtimeArgs: job.runtimeArgs }),
    ...(job.ociLog && { ociLog: job.ociLog }),
    ...{ sessionId, bundle, processFile, terminal, stdin: false, log: { driver: 'none' } },
    ...{ pidFile: join(bundle, 'pid'), conmonPidFile: join(bundle, 'conmon.pid'), exitDir: join(bundle, 'exit') },
    ...overrides,
  }
}
