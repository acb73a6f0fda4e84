import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ResolvedOptions } from '../engine.ts'
import { LibpodError } from '../errors.ts'

/** Starts a systemd unit anew and waits until that is done (systemctl(1)). @throws LibpodError UNSUPPORTED, UNIT_FAILED */
export async function restartUnit(
  { rootless }: Pick<ResolvedOptions, 'rootless'>,
  unit: string,
  signal?: AbortSignal,
): Promise<void> {
  const args = [...(rootless === 'yes' ? ['--user'] : []), 'restart', '--', unit]
  try {
    await promisify(execFile)('systemctl', args, { encoding: 'utf8', ...(signal && { signal }) })
  } catch (cause) {
    signal?.throwIfAborted()
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new LibpodError('UNSUPPORTED', 'units are restarted with systemctl, which is not installed', { cause })
    const words = (cause as { readonly stderr?: string }).stderr?.trim()
    throw new LibpodError(
      'UNIT_FAILED',
      `error restarting systemd unit ${JSON.stringify(unit)}: ${words || String(cause)}`,
      { subject: unit, cause },
    )
  }
}
