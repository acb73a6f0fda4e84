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
    ...(format && { compression: compressionNamed(format) }),
    ...(compressionLevel !== undefined && { compressionLevel }),
  }
}

function compressionNamed(format: string): 'gzip' | 'zstd' | 'zstd:chunked' {
  if (format === 'gzip' || format === 'zstd' || format === 'zstd:chunked') return format
  throw new LibpodError('CONFIG_INVALID', `compression_format: cannot find compressor for ${JSON.stringify(format)}`, {
    subject: format,
  })
}
