import { LibpodError } from '../errors.ts'

/** What the `o` option of a local volume says beside what mount(8) is to be told. */
export interface VolumeOptions {
  readonly type: string
  readonly device: string
  /** For mount(8). */
  readonly mountOptions: readonly string[]
  readonly uid?: number
  readonly gid?: number
  /** What its files may take; a tmpfs looks to that itself. */
  readonly quota?: { readonly size?: number; readonly inodes?: number }
  readonly copy: 'yes' | 'no'
}

const invalid = (message: string): LibpodError => new LibpodError('SPEC_INVALID', message)

/** Reads the options of the `local` driver (podman-volume-create(1)). @throws LibpodError SPEC_INVALID */
export function readVolumeOptions(options: Readonly<Record<string, string>>): VolumeOptions {
  for (const key of Object.keys(options)) {
    if (!['type', 'device', 'o', 'copy', 'nocopy', 'size', 'uid', 'gid'].includes(key.toLowerCase())) {
      throw invalid(`invalid mount option ${key} for driver 'local': invalid argument`)
    }
  }
  const words = (options.o ?? '').split(',').filter(word => word !== '')
  const own = words.filter(word => /^(uid|gid|size|inodes|noquota|nocopy|copy|timeout)(=|$)/.test(word))
  const optionOf = (key: string): string | undefined =>
    own.find(word => word.startsWith(`${key}=`))?.slice(key.length + 1)
  const type = options.type ?? ''
  const isTmpfs = type === 'tmpfs'
  const [uid, gid] = [id('uid', optionOf('uid')), id('gid', optionOf('gid'))]
  const quota = isTmpfs ? {} : { ...amount('size', optionOf('size')), ...amount('inodes', optionOf('inodes')) }
  // A tmpfs is told its own owner and size; a directory has an owner only.
  const kept = isTmpfs
    ? words.filter(word => !/^(nocopy|copy|noquota|timeout)(=|$)/.test(word))
    : words.filter(word => !own.includes(word))
  return {
    type,
    device: options.device ?? '',
    mountOptions: kept,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    ...(Object.keys(quota).length > 0 && { quota }),
    copy: words.includes('nocopy') ? 'no' : 'yes',
  }
}

function id(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,10}$/.test(text) && Number(text) <= 0xffffffff) return Number(text)
  throw invalid(
    `cannot convert ${key.toUpperCase()} ${text} to integer: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
  )
}

function amount(key: 'size' | 'inodes', text: string | undefined): { readonly [key: string]: number } {
  if (text === undefined) return {}
  if (key === 'size') return { size: bytes(text) }
  if (/^\d{1,15}$/.test(text)) return { inodes: Number(text) }
  const reason = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`
  throw invalid(`cannot convert inodes ${text} to integer: ${reason}`)
}

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

function bytes(text: string): number {
  const [, number, unit = ''] = /^(\d+)\s*([bkmgt]?)(?:i?b)?$/i.exec(text) ?? []
  const factor = units[unit.toLowerCase()]
  if (number === undefined || factor === undefined)
    throw invalid(`cannot convert size ${text} to integer: invalid size: '${text}'`)
  return Number(number) * factor
}

/** Whether using the volume means mounting something over its directory. */
export const needsMount = ({ type, device, mountOptions }: VolumeOptions): boolean =>
  type !== '' || device !== '' || mountOptions.length > 0
