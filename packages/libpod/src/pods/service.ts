import { LibpodError } from '../errors.ts'
import type { Pods } from './pods.ts'

const unsupported = async (): Promise<never> => {
  throw new LibpodError('UNSUPPORTED', 'pods are not supported by this build', {
    hint: 'run the containers on a common network',
  })
}

/** Pods are not there yet: none exists, and making one is refused. */
export function createPods(): Pods {
  return {
    list: async () => [],
    exists: async () => false,
    create: unsupported,
    start: unsupported,
    stop: unsupported,
    kill: unsupported,
    remove: unsupported,
    inspect: unsupported,
  }
}
