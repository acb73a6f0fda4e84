/** 64 hex digits. */
export type ContainerId = string & { readonly __brand: 'libpod.ContainerId' }
