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
  create(name: string, data: Uint8Array, options?: SecretCreateOptions): Promise<string>
  list(filters?: Readonly<Record<string, readonly string[]>>): Promise<readonly SecretRecord[]>
  inspect(nameOrId: string): Promise<SecretRecord>
  read(nameOrId: string): Promise<Buffer>
  exists(nameOrId: string): Promise<boolean>
  remove(nameOrId: string): Promise<string>
}
