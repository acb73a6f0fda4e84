import type { PushOptions } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, int, string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { optionGroup } from './group.ts'

/** How layers are compressed on their way to a registry. */
export const compression = optionGroup({
  flags: {
    'compression-format': string('compression format to use', { shown: '"gzip"' }),
    'compression-level': int('compression level to use'),
    'force-compression': bool(
      'Use the specified compression algorithm even if the destination contains a differently-compressed variant already',
    ),
  },
  toSpec(values): Pick<PushOptions, 'compression' | 'compressionLevel' | 'forceCompression'> {
    const format = values['compression-format']
    return {
      ...defined({
        compression: format ? compressionOf(format) : undefined,
        compressionLevel: values['compression-level'],
      }),
      forceCompression: values['force-compression'] ? 'yes' : 'no',
    }
  },
})

export function compressionOf(text: string): 'gzip' | 'zstd' | 'zstd:chunked' {
  if (text === 'gzip' || text === 'zstd' || text === 'zstd:chunked') return text
  throw new UsageError(`cannot find compressor for ${JSON.stringify(text)}`)
}
