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
    if (!knownKeys.includes(key.toLowerCase())) {
      throw invalid(`invalid mount option ${key} for driver 'local': invalid argument`)
    }
  }
  const words = (options.o ?? '').split(',').filter(word => word !== '')
  const own = words.filter(word => ownWord.test(word))
  const optionOf = (key: string): string | undefined => toldOf(own, key)
  checkTimeout(optionOf('timeout'))
  const type = options.type ?? ''
  const isTmpfs = type === 'tmpfs'
  const [uid, gid] = [id('uid', optionOf('uid')), id('gid', optionOf('gid'))]
  const quota = isTmpfs ? {} : { ...amount('size', optionOf('size')), ...amount('inodes', optionOf('inodes')) }
  if (Object.keys(quota).length > 0 && optionOf('noquota') !== undefined)
    throw invalid('volume options size and inodes cannot be used without quota')
  // A tmpfs is told its own owner and size; a directory has an owner only.
  const kept = isTmpfs
    ? words.filter(word => !/^(nocopy|copy|noquota)(=|$)/i.test(word))
    : words.filter(word => !own.includes(word))
  return {
    type,
    device: options.device ?? '',
    mountOptions: kept,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    ...(Object.keys(quota).length > 0 && { quota }),
    copy: optionOf('nocopy') !== undefined ? 'no' : 'yes',
  }
}

const knownKeys = ['type', 'device', 'o', 'copy', 'nocopy', 'size', 'uid', 'gid', 'inodes', 'noquota']

const ownWord = /^(uid|gid|size|inodes|noquota|nocopy|copy|timeout)(=|$)/i

/** What the last word of this key says; '' when it says nothing. */
function toldOf(words: readonly string[], key: string): string | undefined {
  const word = words.findLast(each => each.toLowerCase().split('=', 1)[0] === key)
  return word?.slice(key.length + 1)
}

/** As `volume inspect` and other tools know them: what is told of owner and limits stands beside `o` as well. */
export function recordedOptions(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (options.o === undefined) return options
  const words = options.o.split(',')
  const { o: _, ...others } = options
  const kept = words.filter(word => !/^noquota(=|$)/i.test(word))
  const told = ['uid', 'gid', 'size', 'inodes'].flatMap(key => {
    const value = toldOf(words, key)
    return value === undefined ? [] : [[key.toUpperCase(), value]]
  })
  return {
    ...others,
    ...(kept.length > 0 && { o: kept.join(',') }),
    ...Object.fromEntries(told),
    ...(kept.length < words.length && { NOQUOTA: 'true' }),
  }
}

/** It is for plugins. */
function checkTimeout(text: string | undefined): void {
  if (text === undefined) return
  if (text === '') throw invalid('timeout option must provide a valid timeout in seconds: invalid argument')
  if (!/^[-+]?\d{1,15}$/.test(text))
    throw invalid(
      `cannot convert Timeout ${text} to an integer: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  if (Number(text) < 0) throw invalid(`volume timeout cannot be negative (got ${Number(text)})`)
  throw invalid(
    'running volume create option: Volume driver timeout can only be used with non-local volume drivers: invalid argument',
  )
}

function id(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (text === '') throw invalid(`${key} option must provide a ${key.toUpperCase()}: invalid argument`)
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

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 }

function bytes(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([bkmgtp]?)(?:i?b)?$/i.exec(text) ?? []
  const factor = units[unit.toLowerCase()]
  if (number === undefined || factor === undefined)
    throw invalid(`cannot convert size ${text} to integer: invalid size: '${text}'`)
  return Math.trunc(Number(number) * factor)
}

/** Whether using the volume means mounting something over its directory. */
export const needsMount = ({ type, device, mountOptions }: VolumeOptions): boolean =>
  type !== '' || device !== '' || mountOptions.length > 0
