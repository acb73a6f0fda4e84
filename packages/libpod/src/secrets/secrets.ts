import type { Call } from '../spec/call.ts'
export interface SecretRecord {
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly driverOptions: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly createdAt: string
  readonly updatedAt: string
}

export interface SecretCreateOptions {
  readonly driver?: string
  readonly driverOptions?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly onNameConflict?: 'refuse' | 'replace' | 'ignore'
}

/** Secrets in Podman's own file format. Rejects with SECRET_UNKNOWN, NAME_IN_USE, SECRET_INVALID. */
export interface Secrets {
  create(name: string, data: Uint8Array, options?: SecretCreateOptions, call?: Call): Promise<string>
  list(filters?: Readonly<Record<string, readonly string[]>>, call?: Call): Promise<readonly SecretRecord[]>
  inspect(nameOrId: string, call?: Call): Promise<SecretRecord>
  read(nameOrId: string, call?: Call): Promise<Buffer>
  exists(nameOrId: string, call?: Call): Promise<boolean>
  remove(nameOrId: string, call?: Call): Promise<string>
}
