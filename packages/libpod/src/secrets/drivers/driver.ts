/** Where the bytes of secrets are kept; the records are elsewhere. */
export interface SecretDriver {
  store(id: string, data: Uint8Array): Promise<void>
  lookup(id: string): Promise<Buffer>
  remove(id: string): Promise<void>
  /** What the record remembers of the driver, defaults included. */
  readonly options: Readonly<Record<string, string>>
}
