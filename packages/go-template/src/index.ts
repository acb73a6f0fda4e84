export { TemplateError, type TemplateErrorCode } from './errors.ts'
export type { ArgumentType, Functions, TypedFunction } from './functions.ts'
export { type ParseOptions, parseTemplate, type Template } from './template.ts'
export { named, printedAs, show } from './value.ts'
