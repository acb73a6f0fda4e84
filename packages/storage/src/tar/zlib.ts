/** Node's zlib, loaded when it is used first: that takes a thread 3 ms, and where there is ISA-L few need it. */
export const zlib = (): typeof import('node:zlib') => process.getBuiltinModule('node:zlib')
