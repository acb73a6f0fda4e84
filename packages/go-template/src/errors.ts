/** Every code of this package, each with one sentence. */
export const errorCodes = {
  SYNTAX: 'the text is no template',
  EXECUTION: 'the data does not fit the template',
} as const

export type TemplateErrorCode = keyof typeof errorCodes

/** What is wrong with a template, in the words of text/template. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  readonly code: TemplateErrorCode

  constructor(code: TemplateErrorCode, message: string, options?: ErrorOptions) {
    super(`template: ${message}`, options)
    this.code = code
  }
}

export const syntaxError = (message: string): TemplateError => new TemplateError('SYNTAX', message)
export const executionError = (message: string): TemplateError => new TemplateError('EXECUTION', message)
