import * as generated from './validators.generated.ts'

/** A place in a document, and what is wrong there. */
export interface ShapeProblem {
  /** JSON pointer. */
  readonly path: string
  readonly message: string
}

interface Validator {
  (value: unknown): boolean
  errors?: readonly { readonly instancePath: string; readonly message?: string; readonly params: object }[] | null
}

const validators = generated as unknown as { readonly checkSpec: Validator; readonly checkCdi: Validator }

/** Where a value is not shaped like `config.json`. */
export const checkSpec = (value: unknown): readonly ShapeProblem[] => problemsOf(validators.checkSpec, value)

/** Where a value is not shaped like a file of the Container Device Interface. */
export const checkCdi = (value: unknown): readonly ShapeProblem[] => problemsOf(validators.checkCdi, value)

function problemsOf(validator: Validator, value: unknown): readonly ShapeProblem[] {
  if (validator(value)) return []
  return (validator.errors ?? []).map(({ instancePath, message = 'is wrong', params }) => {
    const allowed = 'allowedValues' in params ? `: ${(params.allowedValues as readonly unknown[]).join(', ')}` : ''
    return { path: instancePath, message: `${message}${allowed}` }
  })
}
