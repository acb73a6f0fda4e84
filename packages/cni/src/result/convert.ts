import { CniError } from '../errors.ts'
import { isText, type JsonObject, parseObject } from '../json.ts'
import { atLeast, type CniVersion, isSupported } from '../version.ts'
import { invalid } from './fields.ts'
import type { Result } from './result.ts'
import * as v02 from './v02.ts'
import * as v04 from './v04.ts'
import * as v10 from './v10.ts'
import * as v11 from './v11.ts'

/**
 * A result of any version. One that does not say its version has that of the configuration it was made for.
 * @throws CniError PLUGIN_OUTPUT_INVALID, VERSION_INCOMPATIBLE
 */
export function parseResult(bytes: Uint8Array | string, configVersion: CniVersion): Result {
  const file = parseObject(bytes)
  if (!file) throw invalid('it is not a JSON object')
  return readResult(file, configVersion)
}

/** {@link parseResult} of a value that is JSON already. */
export function readResult(file: JsonObject, configVersion: CniVersion): Result {
  const said = file.cniVersion ?? ''
  const version = said === '' ? configVersion : said
  if (!isText(version) || !isSupported(version)) {
    throw new CniError('VERSION_INCOMPATIBLE', `a result has the unknown CNI version ${JSON.stringify(version)}`)
  }
  const body = (atLeast(version, '0.3.0') ? v11 : v02).read(file)
  for (const ip of body.ips) {
    if (ip.interface !== undefined && !(ip.interface in body.interfaces)) {
      throw invalid(`address ${ip.address} is of interface ${ip.interface}, which is not there`)
    }
  }
  return { cniVersion: configVersion, ...body }
}

/**
 * A result as JSON of one version; what the version has no field for is dropped.
 * @throws CniError RESULT_NOT_CONVERTIBLE
 */
export function writeResult(result: Result, version: CniVersion): JsonObject {
  return { cniVersion: version, ...writerOf(version).write(result) }
}

function writerOf(version: CniVersion): { write(result: Omit<Result, 'cniVersion'>): JsonObject } {
  if (atLeast(version, '1.1.0')) return v11
  if (atLeast(version, '1.0.0')) return v10
  return atLeast(version, '0.3.0') ? v04 : v02
}
