import { type CapabilityRequest, capabilityNames, mergeCapabilities, RuntimeToolsError } from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'

/** The label by which an image, or the caller, says that no other capabilities are needed. */
const label = 'io.containers.capabilities'

export interface Required {
  readonly request: CapabilityRequest
  /** What the label names and the container may not have: then the label does not count. */
  readonly refused: readonly string[]
}

/**
 * What a container may do at most when its label names all that it needs: never more than it might do without the label.
 * Pure. @throws LibpodError SPEC_INVALID for names that are none
 */
export function requiredCapabilities(labels: Readonly<Record<string, string>>, request: CapabilityRequest): Required {
  const text = Object.hasOwn(labels, label) ? labels[label] : undefined
  if (text === undefined) return { request, refused: [] }
  const required = text === '' ? [] : named(text)
  const allowed = new Set(mergeCapabilities(request, capabilityNames))
  const refused = required.filter(name => !allowed.has(name))
  if (refused.length > 0) return { request, refused }
  const add = mergeCapabilities({ defaults: [], add: request.add ?? [] }, capabilityNames)
  return { request: { defaults: required, add: add.filter(name => required.includes(name)) }, refused }
}

function named(text: string): readonly string[] {
  try {
    return mergeCapabilities({ defaults: [], add: text.split(',') }, capabilityNames)
  } catch (cause) {
    if (!(cause instanceof RuntimeToolsError)) throw cause
    throw new LibpodError(
      'SPEC_INVALID',
      `capabilities requested by user or image are not valid: "": ${cause.message}`,
      { subject: text, cause },
    )
  }
}
