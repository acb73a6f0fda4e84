/** registries.conf, merged (containers-registries.conf(5)). */
export interface Registries {
  readonly unqualifiedSearch: readonly string[]
  readonly credentialHelpers: readonly string[]
  readonly shortNameMode: 'enforcing' | 'permissive' | 'disabled'
  readonly tables: readonly RegistryTable[]
  readonly aliases: ReadonlyMap<string, string>
  /** Where each alias and the search list come from, or the first file where none has such a list, for messages. */
  readonly origin: { readonly search: string; readonly aliases: ReadonlyMap<string, string> }
}

export interface RegistryTable extends Endpoint {
  /** What a name must start with: `host[:port][/path…]` or `*.domain`. */
  readonly prefix: string
  readonly blocked: 'yes' | 'no'
  readonly mirrorByDigestOnly: 'yes' | 'no'
  readonly mirrors: readonly Mirror[]
}

export interface Endpoint {
  readonly location: string
  readonly insecure: 'yes' | 'no'
}

export interface Mirror extends Endpoint {
  readonly pullFromMirror: 'all' | 'digest-only' | 'tag-only'
}
