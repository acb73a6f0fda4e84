import { LibpodError } from '../errors.ts'
import type { PushOptions } from './images.ts'
import type { ImageRooms } from './rooms.ts'

/** How layers go to a registry when nobody says: as containers.conf has it; other places take them as they are. */
export function configuredCompression(
  { options }: Pick<ImageRooms, 'options'>,
  transport: string,
): Pick<PushOptions, 'compression' | 'compressionLevel'> {
  if (transport !== 'docker') return {}
  const { compressionFormat: format, compressionLevel } = options
  return {
    ...(format && { compression: compressionNamed(format, 'compression_format') }),
    ...(compressionLevel !== undefined && { compressionLevel }),
  }
}

/** In which compressions the images of a list go there as well, when nobody says. */
export const addedCompressions = ({ options }: Pick<ImageRooms, 'options'>): readonly Compression[] =>
  (options.addCompression ?? []).map(format => compressionNamed(format, 'add_compression'))

type Compression = 'gzip' | 'zstd' | 'zstd:chunked'

function compressionNamed(format: string, field: string): Compression {
  if (format === 'gzip' || format === 'zstd' || format === 'zstd:chunked') return format
  throw new LibpodError('CONFIG_INVALID', `${field}: cannot find compressor for ${JSON.stringify(format)}`, {
    subject: format,
  })
}
