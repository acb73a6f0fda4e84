/** Every code that this package raises, each with one sentence. */
export const errorCodes = {
  ARGUMENT_INVALID: 'a container id, interface name or argument is malformed',
  CACHE_INVALID: 'a file of the attachment cache cannot be understood',
  CHECK_UNSUPPORTED: 'the configuration is too old for CHECK',
  CONFIG_INVALID: 'a network configuration is malformed',
  DECODING_FAILED: 'the plugin could not decode its input',
  ENVIRONMENT_INVALID: 'the plugin was given a wrong environment variable',
  FIELD_UNSUPPORTED: 'the plugin does not know a field of the configuration',
  IO_FAILED: 'the plugin failed to read or write',
  NETNS_INVALID: 'the plugin cannot use the network namespace',
  NETWORK_CONFIG_REFUSED: 'the plugin refuses the network configuration',
  NETWORK_UNKNOWN: 'no network has this name',
  PLUGIN_FAILED: 'the plugin failed',
  PLUGIN_MISSING: 'no plugin has this name in the plugin directories',
  PLUGIN_NOT_READY: 'the plugin cannot serve ADD now',
  PLUGIN_NOT_READY_LIMITED: 'the plugin cannot serve ADD now, and existing containers have limited connectivity',
  PLUGIN_OUTPUT_INVALID: 'the plugin answered with something that is no result',
  RESULT_NOT_CONVERTIBLE: 'the result cannot be written in this version',
  TRY_AGAIN: 'the plugin asks to try again later',
  UNKNOWN_CONTAINER: 'the plugin does not know the container',
  VERSION_INCOMPATIBLE: 'the plugin does not speak the version of the configuration',
} as const

export type CniErrorCode = keyof typeof errorCodes

/** Numbers of the CNI specification, section "Error"; the rest, 100 and above, belongs to each plugin. */
const byNumber: Readonly<Record<number, CniErrorCode>> = {
  1: 'VERSION_INCOMPATIBLE',
  2: 'FIELD_UNSUPPORTED',
  3: 'UNKNOWN_CONTAINER',
  4: 'ENVIRONMENT_INVALID',
  5: 'IO_FAILED',
  6: 'DECODING_FAILED',
  7: 'NETWORK_CONFIG_REFUSED',
  8: 'NETNS_INVALID',
  11: 'TRY_AGAIN',
  50: 'PLUGIN_NOT_READY',
  51: 'PLUGIN_NOT_READY_LIMITED',
}

export const codeOfNumber = (number: number): CniErrorCode => byNumber[number] ?? 'PLUGIN_FAILED'

export interface CniErrorOptions {
  readonly subject?: string | undefined
  readonly cause?: unknown
  readonly number?: number | undefined
  readonly details?: string | undefined
}

/** An error of this package or of a plugin. */
export class CniError extends Error {
  readonly code: CniErrorCode
  /** The network, plugin, file or argument concerned. */
  readonly subject: string | undefined
  /** The plugin's own code, when it gave one. */
  readonly number: number | undefined
  /** The plugin's longer text, when it gave one. */
  readonly details: string | undefined
  constructor(code: CniErrorCode, message: string, options: CniErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'CniError'
    this.code = code
    this.subject = options.subject
    this.number = options.number
    this.details = options.details
  }
}
