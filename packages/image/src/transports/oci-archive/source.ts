import { openArchive } from '../../tar/open.ts'
import type { LayoutName } from '../oci/layout-name.ts'
import { openLayout } from '../oci/source.ts'
import type { ImageSource } from '../transport.ts'

/** Opens an image of a layout in a tar; nothing is unpacked. */
export async function openSource(name: LayoutName): Promise<ImageSource> {
  const archive = await openArchive(name.path)
  return openLayout(archive.files, name, () => Promise.resolve(archive[Symbol.asyncDispose]()))
}
