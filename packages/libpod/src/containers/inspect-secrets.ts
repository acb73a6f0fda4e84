import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'

/** The secrets that are files in an inspected container; those that are variables are not told of. */
export async function inspectSecrets(
  { secrets }: Pick<Rooms, 'secrets'>,
  { config }: ContainerRecord,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const files = (config.spec.secrets ?? []).flatMap(({ source, as }) => (as.kind === 'env' ? [] : [{ source, as }]))
  return Promise.all(
    files.map(async ({ source, as: { uid = 0, gid = 0, mode = 0o444 } }) => {
      const secret = await secrets.inspect(source).catch(() => undefined)
      return { Name: source, ID: secret?.id ?? '', UID: uid, GID: gid, Mode: mode }
    }),
  )
}
