import type { OpenNamespace } from '../networks.ts'
import { alone, keepNamespace, leaveNamespace, type RootlessSettings } from './backend.ts'
import { entering } from './namespace.ts'

/** For whoever works in the namespace without being attached to a bridge. @throws LibpodError NETWORK_FAILED */
export async function openNamespace(settings: RootlessSettings): Promise<OpenNamespace> {
  await alone(settings, () => keepNamespace(settings))
  return {
    words: entering(settings.places),
    [Symbol.asyncDispose]: () => alone(settings, () => leaveNamespace(settings)),
  }
}
