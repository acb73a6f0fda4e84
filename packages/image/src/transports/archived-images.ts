import { directoryFiles } from '../files/directory.ts'
import { openArchive } from '../tar/open.ts'
import { readContents } from './docker-archive/contents.ts'
import { archiveReference } from './docker-archive/reference.ts'
import { layoutIndexAt, refName } from './oci/layout.ts'
import { ociReference } from './oci/reference.ts'
import { parseImageName } from './table.ts'
import type { Reference } from './transport.ts'

/** One image that an archive or layout holds, and the names it has there. */
export interface HeldImage {
  readonly reference: Reference
  readonly names: readonly string[]
}

/** Everything in an archive or layout, in its order; `format` as in an image name's transport. */
export async function listHeldImages(
  format: 'docker-archive' | 'oci-archive' | 'oci',
  path: string,
): Promise<readonly HeldImage[]> {
  if (format === 'oci')
    return layoutImages(await layoutIndexAt(path, directoryFiles(path)), index => ociReference({ path, index }))
  await using archive = await openArchive(path)
  if (format === 'oci-archive') {
    return layoutImages(await layoutIndexAt(path, archive.files), index =>
      parseImageName(`oci-archive:${path}:@${index}`),
    )
  }
  const images = await readContents(archive.files)
  return images.map(({ tags }, index) => ({ reference: archiveReference({ path, index }), names: tags }))
}

function layoutImages(
  { manifests }: Awaited<ReturnType<typeof layoutIndexAt>>,
  reference: (index: number) => Reference,
): readonly HeldImage[] {
  return manifests.map(({ annotations }, index) => {
    const name = annotations?.['io.containerd.image.name'] ?? annotations?.[refName]
    return { reference: reference(index), names: name === undefined ? [] : [name] }
  })
}

/** What kind of archive or directory a path holds, by looking; undefined when it is none. */
export async function detectFormat(
  path: string,
): Promise<'docker-archive' | 'oci-archive' | 'oci' | 'dir' | undefined> {
  const { stat } = await import('node:fs/promises')
  if ((await stat(path)).isDirectory()) {
    const files = directoryFiles(path)
    if ((await files.find('oci-layout')) !== undefined) return 'oci'
    return (await files.find('manifest.json')) === undefined ? undefined : 'dir'
  }
  await using archive = await openArchive(path)
  if ((await archive.files.find('manifest.json')) !== undefined) return 'docker-archive'
  return (await archive.files.find('oci-layout')) === undefined ? undefined : 'oci-archive'
}
