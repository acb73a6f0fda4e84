import { conmonVersion, type LogDriver, type LogTarget } from '@libpod/conmon'
import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { goesAtEnd } from './goes-at-end.ts'

type TargetRooms = Pick<Rooms, 'options' | 'config' | 'containers'>

/** Where conmon puts what the container says. @throws LibpodError SPEC_INVALID for labels that this conmon cannot set, or a tag that is no template */
export async function logTarget(rooms: TargetRooms, record: ContainerRecord): Promise<LogTarget> {
  const { logDriver, logPath, spec } = record.config
  const { maxSize = 0, tag = '', labels = {} } = spec.log ?? {}
  const sizeMax = maxSize > 0 ? maxSize : rooms.config.containers.logSizeMax
  const unsynced = goesAtEnd(record.config) && spec.log?.path === undefined
  return {
    // conmon does not ask whether what it passes on is a terminal.
    driver: logDriver === 'passthrough-tty' ? 'passthrough' : (logDriver as LogDriver),
    path: logPath,
    ...(sizeMax > 0 ? { sizeMax } : {}),
    ...(unsynced ? { unsynced } : {}),
    ...(tag ? { tag: await filled(rooms, record, tag) } : {}),
    ...(Object.keys(labels).length > 0 ? { labels: await known(rooms, labels) } : {}),
  }
}

/** A tag may name what `inspect` tells: `{{.Name}}` (podman-run(1), --log-opt). */
async function filled({ containers }: TargetRooms, { id, name }: ContainerRecord, tag: string): Promise<string> {
  if (!tag.includes('{{')) return tag
  const [{ parseTemplate, TemplateError }, inspected] = await Promise.all([
    import('@libpod/go-template'),
    containers.inspect(id),
  ])
  try {
    return parseTemplate(tag, { name: 'container' }).render({ ...inspected, ID: inspected.Id })
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw new LibpodError('SPEC_INVALID', `template parsing error ${tag}: ${error.message}`, {
      subject: name,
      cause: error,
    })
  }
}

const firstWithLabels = '2.1.10'

async function known({ options }: TargetRooms, labels: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const version = await conmonVersion(options.conmon)
  if (version.localeCompare(firstWithLabels, 'en', { numeric: true }) < 0)
    throw new LibpodError(
      'SPEC_INVALID',
      `--log-opt label needs conmon ${firstWithLabels}, and ${options.conmon} is ${version}`,
      { subject: options.conmon },
    )
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`)
}
