/** `json`, and the templates that say nothing else. */
export const isJson = (format: string | undefined): boolean =>
  format !== undefined && /^\s*(?:json|\{\{\s*json\s*\.?\s*\}\})\s*$/.test(format)
