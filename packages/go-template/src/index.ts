export { TemplateError, type TemplateErrorCode } from './errors.ts'
export type { Functions } from './functions.ts'
export { type ParseOptions, parseTemplate, type Template } from './template.ts'
export { show } from './value.ts'
